"""Who the people in treatment are, what they agreed to, and what was found. All hangs off the episode."""

from patients.models.assessments import Assessment
from patients.models.consents import Consent, ConsentWithdrawal
from patients.models.history import ImportRun
from patients.models.people import Episode, Incident, Person, PersonChange
from patients.models.photos import PersonPhoto
from patients.models.stages import EpisodeStage

__all__ = [
    "Assessment",
    "Consent",
    "ConsentWithdrawal",
    "Episode",
    "EpisodeStage",
    "ImportRun",
    "Incident",
    "Person",
    "PersonChange",
    "PersonPhoto",
]
