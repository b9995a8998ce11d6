"""Every write about what is known of the area: published counts and estimates of need."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, TypeVar

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.programme_lines import keep_programme_line
from outcomes.models import AreaFigure, NeedEstimate
from outcomes.queries.area import area_said, need_said, shares_a_day, standing_estimates
from outcomes.rules.area import AreaSaid, NeedSaid, may_record_area_figure, may_record_need
from outcomes.rules.support import Correction

Line = TypeVar("Line", AreaFigure, NeedEstimate)


class AreaRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


def record_area_figure(
    *, clinic: Clinic, said: AreaSaid, key: uuid.UUID, by: User, at: datetime
) -> AreaFigure:
    """Store one published count, once. Raises AreaRefused with every reason (in the trail), and ProgrammeKeyReused."""
    row = _area_row(clinic, said, key)

    def decide() -> Decision:
        return may_record_area_figure(
            said, today=london_date(at), is_known=shares_a_day(clinic=clinic, said=said)
        )

    return _stored(
        one_act(
            lambda: keep_programme_line(
                event="outcomes.area_figure_recorded", row=row, decide=decide, by=by, at=at
            )
        )
    )


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

    Raises what record_area_figure raises, ProgrammeAmended, and AreaFigure.DoesNotExist for one of another clinic.
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

        return keep_programme_line(event="outcomes.area_figure_amended", row=row, decide=decide, by=by, at=at)

    return _stored(one_act(work))


def record_need_estimate(
    *, clinic: Clinic, said: NeedSaid, key: uuid.UUID, by: User, at: datetime
) -> NeedEstimate:
    """Store one estimate, once. Raises AreaRefused with every reason (in the trail), and ProgrammeKeyReused."""
    row = _need_row(clinic, said, key)

    def decide() -> Decision:
        known = standing_estimates(clinic).filter(area=said.area, as_of=said.as_of)
        return may_record_need(said, today=london_date(at), is_known=known.exists())

    return _stored(
        one_act(
            lambda: keep_programme_line(
                event="outcomes.need_estimate_recorded", row=row, decide=decide, by=by, at=at
            )
        )
    )


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

        return keep_programme_line(
            event="outcomes.need_estimate_amended", row=row, decide=decide, by=by, at=at
        )

    return _stored(one_act(work))


def _stored(answer: Line | Decision) -> Line:
    if isinstance(answer, Decision):
        raise AreaRefused(answer)
    return answer


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
