"""Every write about what is known of the area: published counts and estimates of need."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeVar

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import AreaFigure, NeedEstimate
from outcomes.queries.area import area_said, need_said, shares_a_day, standing_estimates
from outcomes.rules.area import AreaSaid, NeedSaid, may_record_area_figure, may_record_need
from outcomes.rules.support import Correction

Line = TypeVar("Line", AreaFigure, NeedEstimate)
Event = Literal[
    "outcomes.area_figure_recorded",
    "outcomes.area_figure_amended",
    "outcomes.need_estimate_recorded",
    "outcomes.need_estimate_amended",
]
# What two sendings of one form may differ in.
_OF_ITS_OWN = {"id", "recorded_at", "import_run_id"}


class AreaRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class AreaKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class AreaAmended(Exception):
    """Somebody else corrected this line first: nothing was stored."""


def record_area_figure(
    *, clinic: Clinic, said: AreaSaid, key: uuid.UUID, by: User, at: datetime
) -> AreaFigure:
    """Store one published count, once. Raises AreaRefused with every reason (in the trail), and AreaKeyReused."""
    row = _area_row(clinic, said, key)

    def decide() -> Decision:
        return may_record_area_figure(
            said, today=london_date(at), is_known=shares_a_day(clinic=clinic, said=said)
        )

    return _stored(one_act(lambda: _keep("outcomes.area_figure_recorded", row, decide, by=by, at=at)))


def amend_area_figure(
    *,
    clinic: Clinic,
    figure: uuid.UUID,
    said: AreaSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> AreaFigure:
    """Store a correction of a count as a new line that names it, once; one that strikes it out keeps what it said.

    Raises what record_area_figure raises, AreaAmended, and AreaFigure.DoesNotExist for one of another clinic.
    """

    def work() -> AreaFigure | Decision:
        first = AreaFigure.objects.get(id=figure, clinic=clinic)
        now_said = area_said(first) if correction.strikes else said
        row = _area_row(clinic, now_said, key, amends=first, correction=correction.value)

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            is_known = shares_a_day(clinic=clinic, said=now_said, but=figure)
            return may_record_area_figure(now_said, today=london_date(at), is_known=is_known)

        return _keep("outcomes.area_figure_amended", row, decide, by=by, at=at)

    return _stored(one_act(work))


def record_need_estimate(
    *, clinic: Clinic, said: NeedSaid, key: uuid.UUID, by: User, at: datetime
) -> NeedEstimate:
    """Store one estimate, once. Raises AreaRefused with every reason (in the trail), and AreaKeyReused."""
    row = _need_row(clinic, said, key)

    def decide() -> Decision:
        known = standing_estimates(clinic).filter(area=said.area, as_of=said.as_of)
        return may_record_need(said, today=london_date(at), is_known=known.exists())

    return _stored(one_act(lambda: _keep("outcomes.need_estimate_recorded", row, decide, by=by, at=at)))


def amend_need_estimate(
    *,
    clinic: Clinic,
    estimate: uuid.UUID,
    said: NeedSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> NeedEstimate:
    """Store a correction of an estimate as a new line that names it, once; see amend_area_figure.

    Raises NeedEstimate.DoesNotExist for one of another clinic.
    """

    def work() -> NeedEstimate | Decision:
        first = NeedEstimate.objects.get(id=estimate, clinic=clinic)
        now_said = need_said(first) if correction.strikes else said
        row = _need_row(clinic, now_said, key, amends=first, correction=correction.value)

        def decide() -> Decision:
            if correction.strikes:
                return Decision()
            known = standing_estimates(clinic).filter(area=now_said.area, as_of=now_said.as_of)
            return may_record_need(
                now_said, today=london_date(at), is_known=known.exclude(id=estimate).exists()
            )

        return _keep("outcomes.need_estimate_amended", row, decide, by=by, at=at)

    return _stored(one_act(work))


def _stored(answer: Line | Decision) -> Line:
    if isinstance(answer, Decision):
        raise AreaRefused(answer)
    return answer


def _keep(
    event: Event, row: Line, decide: Callable[[], Decision], *, by: User, at: datetime
) -> Line | Decision:
    """Store a line unless it is stored already, somebody was first, or the rule refuses it; the trail is told."""
    Clinic.objects.select_for_update(no_key=True).get(pk=row.clinic_id)
    row.recorded_by, row.recorded_at = by, at
    lines = type(row)._base_manager
    stored = lines.filter(key=row.key).first()
    if stored is not None:
        if _content(stored) != _content(row):
            raise AreaKeyReused(
                "This form was sent before with other answers. Open a new one and write it there."
            )
        return stored
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": row.clinic_id}
    if row.amends_id is not None:
        if lines.filter(amends_id=row.amends_id).exists():
            raise AreaAmended("This was corrected meanwhile. Open the newest line and correct that one.")
        trail |= {"amends": str(row.amends_id), "correction": row.correction}
    decision = decide()
    if not decision.is_allowed:
        record(event, refused=True, codes=decision.refusal_codes, **trail)
        return decision
    row.save(force_insert=True)
    record(event, thing=row, **trail)
    return row


def _content(row: AreaFigure | NeedEstimate) -> dict[str, Any]:
    names = (field.attname for field in row._meta.concrete_fields)
    return {name: getattr(row, name) for name in names if name not in _OF_ITS_OWN}


def _area_row(clinic: Clinic, said: AreaSaid, key: uuid.UUID, **more: Any) -> AreaFigure:
    return AreaFigure(
        clinic=clinic,
        area=said.area,
        from_on=said.first_on,
        to_on=said.to_on,
        measure=said.measure,
        count=said.count,
        source=said.source,
        key=key,
        **more,
    )


def _need_row(clinic: Clinic, said: NeedSaid, key: uuid.UUID, **more: Any) -> NeedEstimate:
    return NeedEstimate(
        clinic=clinic,
        as_of=said.as_of,
        area=said.area,
        people=said.people,
        method=said.method,
        source=said.source,
        key=key,
        **more,
    )
