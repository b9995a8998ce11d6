"""Who the people in treatment are, what they agreed to, and what was found. All hangs off the episode."""

from patients.models.around import Alert, ContactDetail, Relationship
from patients.models.assessments import Assessment
from patients.models.consents import Consent, ConsentWithdrawal
from patients.models.harm_checks import HarmCheck
from patients.models.history import ImportRun
from patients.models.leaving import LeavingPlan, ProgrammeClosing
from patients.models.openings import Disclosure, OpeningReview, RecordOpening
from patients.models.people import Episode, Incident, Person, PersonChange
from patients.models.photos import PersonPhoto
from patients.models.stages import EpisodeStage

__all__ = [
    "Alert",
    "Assessment",
    "Consent",
    "ConsentWithdrawal",
    "ContactDetail",
    "Disclosure",
    "Episode",
    "EpisodeStage",
    "HarmCheck",
    "ImportRun",
    "Incident",
    "LeavingPlan",
    "OpeningReview",
    "Person",
    "PersonChange",
    "PersonPhoto",
    "ProgrammeClosing",
    "RecordOpening",
    "Relationship",
]
