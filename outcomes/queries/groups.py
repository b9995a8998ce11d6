"""What the form of a group needs: who can have been in it, and with whom it was held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Agency, Clinic
from hat_clinic.core.clock import london_date
from outcomes.queries.following import list_case_workers
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Everybody in treatment here, by name, the agencies and the case workers."""

    today: date
    people: tuple[tuple[str, str], ...]
    agencies: tuple[tuple[str, str], ...]
    case_workers: tuple[tuple[str, str], ...]


def get_group_page(*, clinic: Clinic, at: datetime) -> GroupPage:
    """Return what the form needs, in three queries."""
    treated = (
        Episode.objects.filter(clinic=clinic, exited_on__isnull=True)
        .select_related("person")
        .order_by("person__given_names", "person__family_name", "person__imported_ref", "person_id")
    )
    return GroupPage(
        today=london_date(at),
        people=tuple((str(episode.person_id), episode.person.full_name) for episode in treated),
        agencies=tuple((str(agency.id), agency.name) for agency in Agency.objects.order_by("name")),
        case_workers=list_case_workers(clinic=clinic, at=at),
    )
