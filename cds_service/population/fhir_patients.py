"""Patients of a FHIR server, read without a user: SMART Backend Services."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cds_service.cds_hooks.queries import query
from cds_service.ehr.backend_services import BackendServices
from cds_service.ehr.reader import IN_BACKGROUND, Answer, EhrReader, Pace
from cds_service.errors import NotObtainedError
from cds_service.fhir.cohort import PATIENT_ID, cohort_of
from cds_service.fhir.decoding import Reading, Sent
from cds_service.settings import PopulationSettings

SECONDS_A_PATIENT = 10.0
SECONDS_FOR_A_COHORT = 120.0
MOST_PATIENTS = 100_000

_REQUESTS_A_PATIENT = 4
_LARGEST_FILE = 4 * 1024 * 1024
_UNAUTHORISED = "401"


class FhirPatients:
    """The patients that the site's searches, Groups or list name, each read by the usual queries.

    `queries` are templates by prefetch key, as for hooks. At most four requests run for each
    patient who is read at once.
    """

    def __init__(
        self,
        site: PopulationSettings,
        tokens: BackendServices,
        queries: Mapping[str, str],
        most_entries: int,
        pace: Pace = IN_BACKGROUND,
    ) -> None:
        self.name = site.name
        self.mrn_system = site.mrn_system
        self._site = site
        self._tokens = tokens
        self._queries = queries
        pool = ThreadPoolExecutor(site.at_once * _REQUESTS_A_PATIENT, "population")
        self._reader = EhrReader(site, pool, most_entries, pace)
        listing = replace(pace, seconds_a_call=20.0, most_pages=1000)
        self._lister = EhrReader(site, pool, MOST_PATIENTS, listing)
        self._remarks: tuple[str, ...] = ()

    def cohort(self) -> Sequence[str]:
        """The ids of all patients to look after. Raises NotObtainedError."""
        self._remarks = ()
        if self._site.cohort_file:
            return patients_listed_in(self._site.cohort_file)
        found: list[str] = []
        unclear = 0
        for asked in self._site.cohort:
            cohort = cohort_of(self._listed(asked).found)
            if cohort.lacking:
                raise NotObtainedError(
                    "cohort", f"did not say who the patients are: {cohort.lacking}"
                )
            found += cohort.patients
            unclear += cohort.unclear
        if unclear:
            self._remarks = (
                f"Of {unclear} records that name the patients it cannot be told whose they are.",
            )
        return list(dict.fromkeys(found))

    def remarks(self) -> Sequence[str]:
        """What was doubtful about the newest cohort and the rights to read, in words."""
        lacking = self._tokens.not_granted
        told = f"The EHR did not grant {', '.join(lacking)}: ask for it there."
        return (*self._remarks, told) if lacking else self._remarks

    def as_of(self) -> datetime | None:
        """None: records are read as they stand."""
        return None

    def chart(self, patient_id: str) -> Mapping[str, Sent]:
        """The ten prefetch keys. Raises NotObtainedError when none of them could be read."""
        if not PATIENT_ID.fullmatch(patient_id) or not patient_id.strip("."):
            raise NotObtainedError("400", "cannot be asked for a patient with such an id")
        asked = {key: query(text, patient_id) for key, text in self._queries.items()}
        answers = self._read(self._reader, asked, SECONDS_A_PATIENT)
        if all(answer.reading.found is None for answer in answers.values()):
            first = next(iter(answers.values()))
            raise NotObtainedError(first.status, _words(first))
        return {key: answer.reading for key, answer in answers.items()}

    def _listed(self, asked: str) -> Reading:
        answer = self._read(self._lister, {"cohort": asked}, SECONDS_FOR_A_COHORT)["cohort"]
        if answer.reading.unread:
            words = f"{_words(answer)} when it was asked who the patients are"
            raise NotObtainedError(answer.status, words)
        return answer.reading

    def _read(
        self, reader: EhrReader, asked: Mapping[str, str], seconds: float
    ) -> dict[str, Answer]:
        """The answers; what a token was too old for is asked once more with a new one."""
        token = self._tokens.token()
        answers = reader.read(self._site.fhir_server, token, asked, seconds)
        refused = [key for key, answer in answers.items() if answer.status == _UNAUTHORISED]
        if refused and token is not None:
            self._tokens.forget(token)
            again = {key: asked[key] for key in refused}
            newer = self._tokens.token()
            answers |= reader.read(self._site.fhir_server, newer, again, seconds)
        kinds = {key: text.partition("?")[0] for key, text in asked.items() if "?" in text}
        refused_kinds = self._tokens.unreadable(list(kinds.values()))
        return {
            key: _doubted(answer, kinds[key]) if kinds.get(key) in refused_kinds else answer
            for key, answer in answers.items()
        }


def patients_listed_in(file: Path) -> Sequence[str]:
    """The ids in a file, one a line; what follows a # is for people. Raises NotObtainedError."""
    try:
        text = file.read_bytes()[:_LARGEST_FILE].decode("ascii")
    except (OSError, UnicodeDecodeError):
        raise NotObtainedError("cohort-file", "has a cohort file that cannot be read") from None
    found = [line.partition("#")[0].strip() for line in text.splitlines()]
    for number, id_ in enumerate(found, start=1):
        if id_ and not PATIENT_ID.fullmatch(id_):
            raise NotObtainedError(
                "cohort-file", f"has a cohort file with something else than an id in line {number}"
            )
    return [id_ for id_ in dict.fromkeys(found) if id_]


def _doubted(answer: Answer, kind: str) -> Answer:
    """What was found, and that more may have been kept back without a word."""
    if answer.reading.unread:
        return answer
    why = f"the EHR granted no right to read every {kind} (scope)"
    return replace(answer, reading=Reading(answer.reading.found, why), status="scope")


def _words(answer: Answer) -> str:
    return answer.reading.unread.removeprefix("the EHR ")
