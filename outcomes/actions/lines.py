"""What every line about a person has in common: kept once, put right by a line that names it, told to the trail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision
from outcomes.models import CustodyStay, HealthLine, HousingRecord, MoneyLine, Offence, ServiceUse
from patients.models import Episode, Person

Line = TypeVar("Line", CustodyStay, HealthLine, HousingRecord, MoneyLine, Offence, ServiceUse)

# What two sendings of one form may differ in.
_OF_ITS_OWN = {"id", "recorded_at", "import_run_id"}


class LineKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class LineAmended(Exception):
    """Somebody else wrote this line again first: nothing was stored."""


class NeverTreatedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


def lock_person_here(clinic: Clinic, person: uuid.UUID) -> date | None:
    """Lock the person's treatments here, so that two presses follow each other; return the date of birth.

    Raises NeverTreatedHere for somebody who was never accepted here.
    """
    treatments = list(
        Episode.objects.select_for_update(no_key=True)
        .filter(clinic=clinic, person_id=person)
        .order_by("accepted_on", "id")
    )
    if not treatments:
        raise NeverTreatedHere("This person was not accepted in this clinic.")
    return Person.objects.values_list("born_on", flat=True).get(id=person)


def keep_line(
    *,
    event: str,
    row: Line,
    person: uuid.UUID,
    decide: Callable[[], Decision],
    by: User,
    at: datetime,
    tells_why: bool = True,
    **told: Any,
) -> Line | Decision:
    """Store a line unless it is stored already, somebody was first, or the rule refuses it; the trail is told.

    Called inside the lock and in the caller's transaction. The same key with the same content from the same colleague
    returns the first row. `told` is what the trail keeps besides; `tells_why` is False where the reason of a refusal
    would tell too much. Raises LineKeyReused and LineAmended.
    """
    row.recorded_by, row.recorded_at = by, at
    lines = type(row)._base_manager
    stored = lines.filter(key=row.key).first()
    if stored is not None:
        if _content(stored) != _content(row):
            raise LineKeyReused(
                "This form was sent before with other answers. Open a new one and write it there."
            )
        return stored
    if row.amends_id is not None:
        if lines.filter(amends_id=row.amends_id).exists():
            raise LineAmended("This was corrected meanwhile. Open the newest line and go on there.")
        told |= {"amends": str(row.amends_id)}
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": row.clinic_id, "person": person} | told
    decision = decide()
    if not decision.is_allowed:
        why: dict[str, Any] = {"codes": decision.refusal_codes} if tells_why else {}
        record(event, refused=True, **why, **trail)
        return decision
    row.save(force_insert=True)
    if row.correction:
        trail |= {"correction": row.correction}
    record(event, thing=row, **trail)
    return row


def _content(row: Line) -> dict[str, Any]:
    names = (field.attname for field in row._meta.concrete_fields)
    return {name: getattr(row, name) for name in names if name not in _OF_ITS_OWN}
