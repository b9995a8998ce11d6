"""Every write about who a person is, what they agreed to, what was found, and how their treatment runs."""

from patients.actions.assessments import (
    AssessmentRefused,
    record_assessment,
)
from patients.actions.consents import (
    ConsentRefused,
    record_consent,
    withdraw_consent,
)
from patients.actions.history import (
    ImportedIncident,
    ImportedPeople,
    ImportedPerson,
    import_history,
)
from patients.actions.people import (
    ChangedMeanwhile,
    ChangeRefused,
    EpisodeRefused,
    admit_person,
    change_person,
    open_episode,
    register_person,
    start_treatment,
)
from patients.actions.photos import (
    PhotoRefused,
    add_photo,
)
from patients.actions.stages import (
    StageRefused,
    set_stage,
)

__all__ = [
    "AssessmentRefused",
    "ChangeRefused",
    "ChangedMeanwhile",
    "ConsentRefused",
    "EpisodeRefused",
    "ImportedIncident",
    "ImportedPeople",
    "ImportedPerson",
    "PhotoRefused",
    "StageRefused",
    "add_photo",
    "admit_person",
    "change_person",
    "import_history",
    "open_episode",
    "record_assessment",
    "record_consent",
    "register_person",
    "set_stage",
    "start_treatment",
    "withdraw_consent",
]
