"""Loading a table of unit costs from a file, and approving what another loaded."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import UnitCostApproval, UnitCostTable
from outcomes.queries.unit_costs import has_unit_costs, list_offence_codes
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.evaluation.unit_costs import (
    may_approve_unit_costs,
    may_load_unit_costs,
    read_unit_costs,
)


class UnitCostsRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class UnitCostsFileRefused(Exception):
    """Nothing was stored; `problems` holds every one, by line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class UnitCostsThere(Exception):
    """This file is loaded for that day already: nothing was stored."""


def load_unit_costs(*, clinic: Clinic, from_day: date, data: bytes, by: User, at: datetime) -> UnitCostTable:
    """Store every row of a file as a new table, once; it stands in no report until somebody else approves it.

    Raises UnitCostsFileRefused with every problem by line and column, UnitCostsRefused where the day is refused, and
    UnitCostsThere where this file is loaded for that day already. The trail keeps the file's fingerprint.
    """

    def work() -> UnitCostTable | Decision | Exception:
        house = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        fingerprint = sha256(data).hexdigest()
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": house.id, "sha256": fingerprint}
        today = london_date(at)
        rows, problems = read_unit_costs(data, today=today, codes=list_offence_codes())
        if problems:
            record("outcomes.unit_costs_loaded", refused=True, problems=len(problems), **trail)
            return UnitCostsFileRefused(problems)
        if UnitCostTable.objects.filter(clinic=house, sha256=fingerprint, from_day=from_day).exists():
            record("outcomes.unit_costs_loaded", refused=True, codes=["unit_costs_there"], **trail)
            return UnitCostsThere("This file is loaded for that day already.")
        decision = may_load_unit_costs(
            from_day=from_day, today=today, opened_on=house.opened_on, is_first=not has_unit_costs(house)
        )
        if not decision.is_allowed:
            record("outcomes.unit_costs_loaded", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        table = UnitCostTable.objects.create(
            clinic=house,
            from_day=from_day,
            rows=[row.to_json() for row in rows],
            sha256=fingerprint,
            loaded_at=at,
            loaded_by=by,
        )
        record("outcomes.unit_costs_loaded", thing=table, rows=len(rows), **trail)
        return table

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise UnitCostsRefused(answer)
    if isinstance(answer, Exception):
        raise answer
    return answer


def approve_unit_costs(
    *, clinic: Clinic, table: uuid.UUID, is_confirmed: bool, by: User, at: datetime
) -> UnitCostApproval:
    """Approve a table that somebody else loaded; sent again by the same, it changes nothing.

    Raises UnitCostsRefused (in the trail), and UnitCostTable.DoesNotExist for a table of another clinic.
    """

    def work() -> UnitCostApproval | Decision:
        house = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        loaded = UnitCostTable.objects.get(pk=table, clinic=house)
        stored = UnitCostApproval.objects.filter(table=loaded).first()
        if stored is not None and stored.approved_by_id == by.pk:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": house.id}
        decision = may_approve_unit_costs(
            from_day=loaded.from_day,
            today=london_date(at),
            opened_on=house.opened_on,
            is_first=not has_unit_costs(house),
            is_own=loaded.loaded_by_id == by.pk,
            is_approved=stored is not None,
            is_confirmed=is_confirmed,
        )
        if not decision.is_allowed:
            record("outcomes.unit_costs_approved", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        approval = UnitCostApproval.objects.create(table=loaded, approved_at=at, approved_by=by)
        record("outcomes.unit_costs_approved", thing=loaded, **trail)
        return approval

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise UnitCostsRefused(answer)
    return answer
