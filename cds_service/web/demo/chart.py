"""The demo EHR's memory: each patient's chart, what was shown last, and what to tell the user."""

from datetime import date
from threading import Lock
from uuid import uuid4

from cds_service.demo_clinic.chart import Chart
from cds_service.demo_clinic.coding import Resource
from cds_service.demo_clinic.roster import PATIENTS

_MOST_SUGGESTIONS = 500


class DemoCharts:
    """Charts of all demo patients in memory; several requests may use them at once.

    The clinic opens on the day of its first use. On a new day it opens again, with fresh charts,
    so that every story keeps its place in time.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._opened: date | None = None
        self._charts: dict[str, Chart] = {}
        self._suggestions: dict[str, Resource] = {}
        self._notices: dict[str, str] = {}
        self._count = 0
        self._clinician = uuid4().hex[:8]
        self._set_aside: dict[str, dict[str, tuple[str, str]]] = {}

    @property
    def user_id(self) -> str:
        """Who uses the demo EHR: after a reset somebody else, who has set nothing aside."""
        return f"Practitioner/demo-clinician-{self._clinician}"

    def chart(self, patient_id: str, today: date) -> Chart:
        """The chart as it stands. Raises KeyError for a patient the clinic does not know."""
        with self._lock:
            return self._chart(patient_id, today)

    def add(self, patient_id: str, today: date, resources: tuple[Resource, ...]) -> None:
        """Files resources into the chart, each under a new id."""
        with self._lock:
            chart = self._chart(patient_id, today)
            for resource in resources:
                self._count += 1
                id_ = f"{patient_id}-ehr-{self._count}"
                head = {"resourceType": resource["resourceType"], "id": id_}
                chart = chart.with_added(head | resource)
            self._charts[patient_id] = chart

    def reset(self) -> None:
        """Every chart as on the day the clinic opened."""
        with self._lock:
            self._charts.clear()
            self._suggestions.clear()
            self._set_aside.clear()
            self._clinician = uuid4().hex[:8]

    def set_aside(self, patient_id: str, topic: str, summary: str, reason: str) -> None:
        """Remembers that the user overrode a card, to say so where it no longer comes."""
        with self._lock:
            self._set_aside.setdefault(patient_id, {})[topic] = (summary, reason)

    def aside(self, patient_id: str) -> dict[str, tuple[str, str]]:
        """Summary and reason of each card that the user overrode, by topic."""
        with self._lock:
            return dict(self._set_aside.get(patient_id, {}))

    def remember(self, suggestions: dict[str, Resource]) -> None:
        """Keeps suggested resources by the suggestion's uuid, the newest few hundred."""
        with self._lock:
            self._suggestions |= suggestions
            for uuid in list(self._suggestions)[:-_MOST_SUGGESTIONS]:
                del self._suggestions[uuid]

    def suggestion(self, uuid: str) -> Resource | None:
        """The resource of a suggestion that was shown; None when it is no longer kept."""
        with self._lock:
            return self._suggestions.get(uuid)

    def notify(self, patient_id: str, text: str) -> None:
        """Leaves a sentence for the next time this chart is opened."""
        with self._lock:
            self._notices[patient_id] = text

    def notice(self, patient_id: str) -> str:
        """The sentence left for this chart, once; empty when there is none."""
        with self._lock:
            return self._notices.pop(patient_id, "")

    def _chart(self, patient_id: str, today: date) -> Chart:
        if self._opened != today:
            self._charts.clear()
            self._opened = today
        if patient_id not in self._charts:
            self._charts[patient_id] = PATIENTS[patient_id].chart(today)
        return self._charts[patient_id]
