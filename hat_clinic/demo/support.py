"""Help around treatment for the demo's people: a handful of sessions, logged by the real action."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.core.clock import london_date
from outcomes.actions.support import Said, join_caseload, log_support_session
from outcomes.models import SupportSession
from outcomes.rules.support import SessionLogged
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class Helped:
    """One session of the demo. `in_days` is when its next step is due, counted from today."""

    name: str
    domain: str
    agency: str
    minutes: int | None
    done: tuple[str, ...]
    note: str = ""
    next_step: str = ""
    in_days: int | None = None
    is_mine: bool = True


SESSIONS = (
    Helped(
        "Danny Marsh",
        "welfare",
        "Citizens' Help (invented)",
        45,
        ("benefit_claim", "phone_call"),
        next_step="Bring two bank letters",
        in_days=7,
    ),
    Helped("Danny Marsh", "housing", "Coast Homes (invented)", 30, ("housing_application",)),
    Helped(
        "Gemma Reid",
        "housing",
        "Coast Homes (invented)",
        60,
        ("viewing", "talked"),
        note="Liked the second flat",
        next_step="Ring the landlord back",
        in_days=0,
    ),
    Helped("Jade Linton", "employment", "", 30, ("cv_written",), next_step="Read the course list", in_days=3),
    Helped(
        "Lorraine Tate", "health", "", None, ("follow_up_message",), next_step="Ask at breakfast", in_days=1
    ),
    Helped("Paulie Grant", "family", "", 15, ("talked", "family_contact"), is_mine=False),
)


def log_demo_support(*, clinic: Clinic, by: User, at: datetime) -> None:
    """Log the sessions of people who have none yet; `by` is the case worker. Run again it adds nothing."""
    today = london_date(at)
    treated = {
        episode.person.full_name: episode
        for episode in Episode.objects.filter(clinic=clinic, exited_on__isnull=True).select_related("person")
    }
    helped = set(SupportSession.objects.filter(clinic=clinic).values_list("patient_id", flat=True))
    for session in SESSIONS:
        episode = treated.get(session.name)
        if episode is None or episode.person_id in helped:
            continue
        if session.is_mine:
            join_caseload(clinic=clinic, person=episode.person_id, by=by, at=at)
        agency = Agency.objects.get_or_create(name=session.agency)[0] if session.agency else None
        said = SessionLogged(
            on=today,
            domain=session.domain,
            attended=session.minutes is not None,
            minutes=session.minutes,
            done=session.done,
            note=session.note,
            next_step=session.next_step,
            next_step_on=None if session.in_days is None else today + timedelta(days=session.in_days),
        )
        log_support_session(
            clinic=clinic,
            person=episode.person_id,
            said=Said(said, agency.id if agency else None),
            key=uuid.uuid4(),
            by=by,
            at=at,
        )
