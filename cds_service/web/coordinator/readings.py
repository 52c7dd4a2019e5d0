"""Pump printouts typed in by hand, and refills elsewhere confirmed: read once, used everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, Conflict, NotFound
from werkzeug.wrappers import Response as AnyResponse

from cds_service.coordination.changes import Cancel, Finish
from cds_service.coordination.kinds import Kind
from cds_service.coordination.tasks import TaskState, WorkTask
from cds_service.errors import ChangedMeanwhileError, ChangeRefusedError
from cds_service.fhir.typed_records import Typist, told_refill, typed_records
from cds_service.population.reading import PatientReading, read_patient
from cds_service.store.readings_ledger import PRINTOUT, REFILL_ELSEWHERE, KeptReading
from cds_service.therapy.cycle import refill_history
from cds_service.therapy.implants import since_implant
from cds_service.therapy.quantities import Millilitres
from cds_service.therapy.record import Alarm, TherapyRecord
from cds_service.therapy.typed_reading import Doubt, TypedReading, doubts, says_nothing
from cds_service.web.access.audit import note_access
from cds_service.web.access.person import ROLE_NAMES
from cds_service.web.access.session import current_session
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.reading_form import Read, number, read_form

_SEE_OTHER, _UNPROCESSABLE = 303, 422
LONGEST_REASON = 1000


def readings_blueprint(desk: Desk) -> Blueprint:
    """/patients/{id}/readings, its withdrawal, and /patients/{id}/refills-elsewhere/{task}."""
    blueprint = Blueprint("readings", __name__, template_folder="../templates")
    room = _Readings(desk)

    @blueprint.get("/patients/<patient_id>/readings")
    def show(patient_id: str) -> str:
        room.check_known(patient_id)
        note_access("R", "pump readings", patient_id)
        return room.page(patient_id, {"reading_id": str(uuid4())}, Read(), ())

    @blueprint.post("/patients/<patient_id>/readings")
    def keep(patient_id: str) -> AnyResponse | tuple[str, int]:
        return room.keep(patient_id)

    @blueprint.post("/patients/<patient_id>/readings/<reading_id>/withdraw")
    def withdraw(patient_id: str, reading_id: str) -> AnyResponse:
        return room.withdraw(patient_id, reading_id)

    @blueprint.post("/patients/<patient_id>/refills-elsewhere/<task_id>")
    def settle(patient_id: str, task_id: str) -> AnyResponse:
        return room.settle(patient_id, task_id)

    return blueprint


@dataclass(frozen=True, slots=True)
class _Readings:
    desk: Desk

    def check_known(self, patient_id: str) -> None:
        if self.desk.store.work.status(patient_id) is None:
            raise NotFound

    def page(
        self,
        patient_id: str,
        typed: Mapping[str, str],
        read: Read,
        found: Sequence[Doubt],
        *,
        is_record_read: bool = True,
    ) -> str:
        """The form with what was typed, and every reading before it."""
        kept = self.desk.store.work.status(patient_id)
        tasks = self.desk.store.work.tasks(patient_id)
        return render_template(
            "coordinator/readings.html",
            **self.desk.words(
                patient_id=patient_id,
                identity=kept.identity if kept else None,
                typed=typed,
                ticked=request.form.getlist("alarms"),
                faults=read.faults,
                doubts=found,
                confirm=_seal(found),
                is_record_read=is_record_read,
                alarms=list(Alarm),
                iso_day=date.fromisoformat,
                earlier=self.desk.store.readings.of_patient(patient_id),
                to_confirm=[each for each in tasks if _is_to_confirm(each)],
            ),
        )

    def keep(self, patient_id: str) -> AnyResponse | tuple[str, int]:
        self.check_known(patient_id)
        read = read_form(request.form, request.form.getlist("alarms"), self.desk.now())
        if read.reading is not None and says_nothing(read.reading):
            read.faults["form"] = "empty"
        if read.reading is None or read.faults:
            return self.page(patient_id, request.form, read, ()), _UNPROCESSABLE
        now_read = self._read(patient_id)
        found = self._doubts(read.reading, now_read)
        is_confirmed = request.form.get("confirm") == _seal(found)
        if any(doubt.is_error for doubt in found) or (found and not is_confirmed):
            is_read = now_read.assessment is not None
            shown = self.page(patient_id, request.form, read, found, is_record_read=is_read)
            return shown, _UNPROCESSABLE
        self._write(patient_id, read.reading)
        return self._shown(patient_id, "reading-kept")

    def withdraw(self, patient_id: str, reading_id: str) -> AnyResponse:
        because = request.form.get("because", "").strip()[:LONGEST_REASON]
        if not because:
            raise BadRequest("Say why the reading is withdrawn. Nothing was changed.")
        note_access("U", "pump reading withdrawn", patient_id)
        if not self.desk.store.readings.withdraw(reading_id, patient_id, because):
            raise Conflict("This reading is withdrawn already, or is not this patient's.")
        self._read_anew(patient_id)
        return self._shown(patient_id, "reading-withdrawn")

    def settle(self, patient_id: str, task_id: str) -> AnyResponse:
        """A refill that somebody told of is confirmed, with what is known of it, or rejected."""
        task = self.desk.store.work.task(task_id)
        if task is None or task.patient_id != patient_id or task.kind != Kind.CONFIRM_REFILL:
            raise NotFound
        is_confirmed = request.form.get("answer") == "confirm"
        note_access("U", "refill elsewhere", patient_id)
        if task.state.is_open:
            self._settle(task, is_confirmed)
        elif not self._is_settled_so(task, is_confirmed):
            raise Conflict("This refill was settled meanwhile. Load the page again to see how.")
        self._read_anew(patient_id)
        return self._shown(patient_id, "refill-confirmed" if is_confirmed else "refill-rejected")

    def _settle(self, task: WorkTask, is_confirmed: bool) -> None:
        """Both parts of it at once: the refill with its dates, and the task."""
        if request.form.get("version") != str(task.version):
            raise Conflict("Somebody else changed this task. Look at it again.")
        comment = request.form.get("comment", "").strip()
        now, told_refills = self.desk.now(), self.desk.store.told_refills
        try:
            if is_confirmed:
                told = self._told(task.patient_id, task)
                told_refills.confirm(task, told, Finish(self.desk.thresholds, comment), now)
            else:
                told_refills.reject(task, Cancel(comment), current_session().person.id, now)
        except (ChangedMeanwhileError, ChangeRefusedError) as refusal:
            raise Conflict(str(refusal)) from None

    def _is_settled_so(self, task: WorkTask, is_confirmed: bool) -> bool:
        """Whether the very same was kept before: the form is sent again, its answer never came."""
        if not is_confirmed:
            return task.state is TaskState.CANCELLED
        kept = self.desk.store.readings.of_patient(task.patient_id)
        if task.id not in {each.id for each in kept}:
            return False
        self._keep(self._told(task.patient_id, task))
        return True

    def _told(self, patient_id: str, task: WorkTask) -> KeptReading:
        """The refill as the form gives it. Raises BadRequest for one that cannot be."""
        on = _day(request.form.get("on", "")) or task.stated_on
        if on is None or on > self.desk.now().date():
            raise BadRequest(
                "Day of the refill: give one that does not lie in the future. Nothing was changed."
            )
        filled = request.form.get("filled", "").strip()
        try:
            volume = number(filled) if filled else None
        except ValueError:
            raise BadRequest(
                "Volume filled: found no number. Write it like 40 or 18.5. Nothing was changed."
            ) from None
        self._check_told(patient_id, on, volume)
        typist = self._typist(task.id)
        records = told_refill(on, patient_id, typist, volume)
        return KeptReading(
            task.id,
            patient_id,
            REFILL_ELSEWHERE,
            on.isoformat(),
            typist.entered_at,
            current_session().person.id,
            "",
            "",
            tuple(records),
        )

    def _check_told(self, patient_id: str, on: date, filled_ml: Decimal | None) -> None:
        """Refuses a told refill that cannot be right, by the same checks as a printout."""
        now = self.desk.now()
        noon = datetime.combine(on, time(12), now.tzinfo)
        filled = Millilitres(filled_ml) if filled_ml is not None else None
        told = TypedReading(taken_at=min(noon, now), is_refill=True, filled=filled)
        wrong = [each for each in self._doubts(told, self._read(patient_id)) if each.is_error]
        if wrong:
            raise BadRequest(
                f"This refill cannot be right: {wrong[0].found}, where {wrong[0].expected} is the "
                "limit. Nothing was changed."
            )

    def _write(self, patient_id: str, reading: TypedReading) -> None:
        note_access("C", "pump reading typed in", patient_id)
        typist = self._typist(_uuid(request.form.get("reading_id", "")))
        records = typed_records(reading, patient_id, typist)
        taken_at = reading.taken_at.isoformat(timespec="minutes")
        self._keep(
            KeptReading(
                typist.reading_id,
                patient_id,
                PRINTOUT,
                taken_at,
                typist.entered_at,
                current_session().person.id,
                "",
                "",
                tuple(records),
            )
        )
        self._read_anew(patient_id)

    def _keep(self, reading: KeptReading) -> None:
        try:
            self.desk.store.readings.keep(reading)
        except ChangeRefusedError as refusal:
            raise Conflict(str(refusal)) from None

    def _typist(self, reading_id: str) -> Typist:
        person = current_session().person
        return Typist(f"{person.name}, {ROLE_NAMES[person.role]}", self.desk.now(), reading_id)

    def _doubts(self, typed: TypedReading, found: PatientReading) -> tuple[Doubt, ...]:
        is_read = found.assessment is not None
        record = found.assessment.record if found.assessment else TherapyRecord()
        thresholds, now = self.desk.thresholds, self.desk.now()
        history = refill_history(since_implant(record), thresholds, now.date())
        known = doubts(typed, record, history, thresholds, now)
        # What no pump can hold cannot be right, whether or not there is a record to compare with.
        return known if is_read else (*known, Doubt("record", "not-read", "", "", False))

    def _read(self, patient_id: str) -> PatientReading:
        if self.desk.source is None:
            raise NotFound
        typed = self.desk.store.readings.resources(patient_id)
        now = self.desk.now()
        return read_patient(self.desk.source, patient_id, self.desk.rulebook, now, typed)

    def _read_anew(self, patient_id: str) -> None:
        """The status that follows, so that the worklist shows at once what was typed."""
        now = self.desk.now()
        self.desk.store.work.keep(self._read(patient_id).status, now.date())

    def _shown(self, patient_id: str, said: str) -> AnyResponse:
        address = url_for("readings.show", patient_id=patient_id, said=said)
        return redirect(address, _SEE_OTHER)


def _is_to_confirm(task: WorkTask) -> bool:
    return task.kind == Kind.CONFIRM_REFILL and task.state.is_open


def _seal(found: Sequence[Doubt]) -> str:
    """What a person confirms: these very differences, and no others."""
    return sha256(repr(found).encode("utf-8", "replace")).hexdigest() if found else ""


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise BadRequest("The form is not whole. Load the page again.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
