"""Every write about who a person is, what they agreed to, what was found, and how their treatment runs."""

from patients.actions.assessments import AssessmentRefused, record_assessment
from patients.actions.consents import ConsentRefused, record_consent, withdraw_consent
from patients.actions.history import ImportedIncident, ImportedPeople, ImportedPerson, import_history
from patients.actions.people import (
    EpisodeRefused,
    admit_person,
    open_episode,
    register_person,
    start_treatment,
)

__all__ = [
    "AssessmentRefused",
    "ConsentRefused",
    "EpisodeRefused",
    "ImportedIncident",
    "ImportedPeople",
    "ImportedPerson",
    "admit_person",
    "import_history",
    "open_episode",
    "record_assessment",
    "record_consent",
    "register_person",
    "start_treatment",
    "withdraw_consent",
]
