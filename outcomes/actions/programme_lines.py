"""What every line about the programme has in common: kept once, put right by a line that names it, told to the trail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision
from outcomes.models import AreaFigure, Disruption, NeedEstimate, PhaseLine

Line = TypeVar("Line", AreaFigure, Disruption, NeedEstimate, PhaseLine)

# What two sendings of one form may differ in.
_OF_ITS_OWN = {"id", "recorded_at", "import_run_id"}


class ProgrammeKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class ProgrammeAmended(Exception):
    """Somebody else corrected this line first: nothing was stored."""


def keep_programme_line(
    *, event: str, row: Line, decide: Callable[[], Decision], by: User, at: datetime, **told: Any
) -> Line | Decision:
    """Store a line unless it is stored already, somebody was first, or the rule refuses it; the trail is told.

    Called in the caller's transaction; locks the clinic's row, so that two follow each other. `told` is what the trail
    keeps besides. Raises ProgrammeKeyReused and ProgrammeAmended.
    """
    Clinic.objects.select_for_update(no_key=True).get(pk=row.clinic_id)
    row.recorded_by, row.recorded_at = by, at
    lines = type(row)._base_manager
    stored = lines.filter(key=row.key).first()
    if stored is not None:
        if _content(stored) != _content(row):
            raise ProgrammeKeyReused(
                "This form was sent before with other answers. Open a new one and write it there."
            )
        return stored
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": row.clinic_id} | told
    if row.amends_id is not None:
        if lines.filter(amends_id=row.amends_id).exists():
            raise ProgrammeAmended("This was corrected meanwhile. Open the newest line and correct that one.")
        trail |= {"amends": str(row.amends_id), "correction": row.correction}
    decision = decide()
    if not decision.is_allowed:
        record(event, refused=True, codes=decision.refusal_codes, **trail)
        return decision
    row.save(force_insert=True)
    record(event, thing=row, **trail)
    return row


def _content(row: AreaFigure | Disruption | NeedEstimate | PhaseLine) -> dict[str, Any]:
    names = (field.attname for field in row._meta.concrete_fields)
    return {name: getattr(row, name) for name in names if name not in _OF_ITS_OWN}
