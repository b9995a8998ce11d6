"""Storing that the figures of a group of clinics could not be put together."""

from __future__ import annotations

import uuid
from datetime import datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.transactions import one_act
from outcomes.models import NetworkClinic, Rollup, RollupFailure, RollupRequest
from outcomes.rules.evaluation.schedule import is_put_off


def put_off_rollup(
    *, request: uuid.UUID, clinic: uuid.UUID | None, by: User, at: datetime
) -> RollupFailure | None:
    """Store that a try failed at a clinic's part, or, with None, at the sum; the next one begins later each time.

    A second member that fails in one try, and a job that is delivered again, store nothing more, and nothing is stored
    once the figures stand. Returns the failure that stands last, or None.
    """

    def work() -> RollupFailure | None:
        asked = RollupRequest.objects.get(pk=request)
        members = NetworkClinic.objects.filter(network=asked.network_id).values_list("clinic", flat=True)
        # Two members that fail follow each other at the group's first clinic, as those do who put it together.
        Clinic.objects.select_for_update(no_key=True).get(pk=min(members))
        last = RollupFailure.objects.filter(request=asked).order_by("-number").first()
        if Rollup.objects.filter(request=asked).exists():
            return last
        if last is not None and is_put_off(tries=last.number, failed_at=last.failed_at, at=at):
            return last
        failure = RollupFailure.objects.create(
            request=asked, number=last.number + 1 if last else 1, clinic_id=clinic, failed_at=at
        )
        record(
            "outcomes.rollup_put_off",
            by=by,
            at=at,
            clinic=clinic,
            thing=asked,
            refused=True,
            tries=failure.number,
        )
        return failure

    return one_act(work)
