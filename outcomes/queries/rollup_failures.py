"""Which figures of groups of clinics could not be put together yet, and which are due to be tried."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from outcomes.models import RollupFailure
from outcomes.queries.networks import NetworkRow, list_open_rollups
from outcomes.rules.evaluation.schedule import MOST_TRIES, is_put_off, next_try


@dataclass(frozen=True, slots=True)
class FailureRow:
    """An asking whose last try failed: at which clinic's part, if at one, and when the next one begins, if one does.

    `is_newest` is False where somebody asked for the same month again since.
    """

    id: uuid.UUID
    network: str
    month: date
    is_newest: bool
    code: str
    again_at: datetime | None
    tries_left: int


def list_due_rollups(*, at: datetime) -> list[tuple[uuid.UUID, list[uuid.UUID]]]:
    """Return the askings that are to be put together now, each with its clinics: open, and not put off or given up."""
    waiting = list_open_rollups()
    last = _last_failures([request for request, _ in waiting])
    return [
        (request, clinics)
        for request, clinics in waiting
        if request not in last
        or not is_put_off(tries=last[request].number, failed_at=last[request].failed_at, at=at)
    ]


def list_failures(networks: Iterable[NetworkRow]) -> tuple[FailureRow, ...]:
    """Return what of these groups is asked for, is not there and failed when it was last tried."""
    asked = [(network, rollup) for network in networks for rollup in network.rollups]
    last = _last_failures([rollup.id for _, rollup in asked if rollup.built_at is None])
    rows, seen = [], set[tuple[uuid.UUID, date]]()
    for network, rollup in asked:  # the last asking of a month comes first
        if rollup.id in last:
            failure = last[rollup.id]
            rows.append(
                FailureRow(
                    id=rollup.id,
                    network=network.name,
                    month=rollup.month,
                    is_newest=(network.id, rollup.month) not in seen,
                    code=failure.clinic.code if failure.clinic else "",
                    again_at=next_try(tries=failure.number, at=failure.failed_at),
                    tries_left=MOST_TRIES - failure.number,
                )
            )
        seen.add((network.id, rollup.month))
    return tuple(rows)


def _last_failures(requests: Collection[uuid.UUID]) -> dict[uuid.UUID, RollupFailure]:
    failures = RollupFailure.objects.filter(request__in=requests).select_related("clinic").order_by("number")
    return {failure.request_id: failure for failure in failures}
