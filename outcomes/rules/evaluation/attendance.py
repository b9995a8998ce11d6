"""Attendance and dosing: sessions attended of sessions offered, why not, and the usual daily dose.

attended = given + given less + withheld; offered = attended + missed. An excused session is not offered.

Source: Indicators 3 and 7 (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from outcomes.rules.evaluation.indicators import (
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    count,
    make,
    proportion,
)
from outcomes.rules.evaluation.statistics import Limits, xmr

MANY_FROM_ONE = "One person contributes many sessions, so the interval is too narrow."

# Words for the reasons of a missed or excused session.
REASONS = {
    "custody": "in custody",
    "hospital": "in hospital",
    "clinic_closed": "clinic closed",
    "ill": "ill",
    "intoxicated": "intoxicated",
    "declined": "declined",
    "unknown": "not known",
    "other": "other reason",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sessions:
    """Sessions of a set of people in a window. `open` sessions have no outcome recorded."""

    attended: int
    offered: int
    excused: int
    open: int
    people: int

    @property
    def missed(self) -> int:
        return self.offered - self.attended


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthOfSessions:
    """One month of the chart."""

    month: date
    attended: int
    offered: int
    excused: int

    @property
    def share(self) -> float | None:
        return self.attended / self.offered if self.offered else None


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceFacts:
    """Sessions in the month, from opening, and of people retained 30 weeks; reasons in the month by outcome.

    `median_person` is the median of each person's own share, over `people_with_offer` of `started` people;
    `median_daily_mg` the median of each person's mean daily dose, over `people_dosed` of `in_treatment`.
    `people_asked` have a session that was offered or excused.
    """

    month: Sessions
    cumulative: Sessions
    retained: Sessions
    missed_by_reason: Mapping[str, int]
    excused_by_reason: Mapping[str, int]
    median_person: float | None
    people_with_offer: int
    started: int
    median_daily_mg: float | None
    people_dosed: int
    in_treatment: int
    months: Sequence[MonthOfSessions]
    people_asked: int = 0


def _share(id: str, label: str, meaning: str, window: Window, group: Group = Group.STARTED) -> Definition:
    return Definition(
        id=f"attendance.{id}",
        label=label,
        meaning=meaning,
        group=group,
        source=Source.CLINIC_RECORD,
        window=window,
        unit="proportion",
        numerator="sessions attended: given, given less, or withheld on arrival",
        denominator="sessions offered: attended and missed",
        missing="sessions without a recorded outcome",
        method="Wilson 95 %, too narrow because one person contributes many sessions",
    )


def _reason(outcome: str, label: str) -> Definition:
    return Definition(
        id=f"attendance.{outcome}.<reason>",
        label=label,
        meaning=f"Sessions {outcome} in the month, by recorded reason. An id is absent at 0.",
        group=Group.STARTED,
        source=Source.CLINIC_RECORD,
        window=Window.MONTH,
        unit="sessions",
        numerator="sessions",
        denominator="none: a count",
        missing="never: a reason is required",
        method="count",
    )


POOLED_MONTH = _share(
    "pooled.month", "Sessions attended, this month", "Sessions attended, of sessions offered.", Window.MONTH
)
POOLED_CUMULATIVE = _share(
    "pooled.cumulative",
    "Sessions attended, since opening",
    "Sessions attended, of sessions offered, over everyone who started.",
    Window.CUMULATIVE,
)
STRICT = _share(
    "strict.cumulative",
    "Sessions attended, excused ones counted as offered",
    "Sessions attended, of sessions offered and excused.",
    Window.CUMULATIVE,
)
MEDIAN_PERSON = Definition(
    id="attendance.median_person.cumulative",
    label="The middle person's own share of sessions attended",
    meaning="Each person's own attended of offered; the median over people with an offered session.",
    group=Group.STARTED,
    source=Source.CLINIC_RECORD,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="each person's sessions attended",
    denominator="each person's sessions offered",
    missing="people who started and had no session offered",
    method="median",
)
RETAINED = _share(
    "pooled.retained_30w",
    "Sessions attended: people retained 30 weeks or more, not a headline",
    "The same for people whose treatment lasted at least 210 days. Staying and attending go together.",
    Window.CUMULATIVE,
    Group.RETAINED_30_WEEKS,
)
MISSED = _reason("missed", "Missed sessions: {}")
EXCUSED = _reason("excused", "Excused sessions: {}")
DAILY_DOSE = Definition(
    id="dosing.median_daily_mg.month",
    label="The middle person's mean daily dose",
    meaning=(
        "Of people in treatment at the data cut: each person's mean milligrams a day over days with a "
        "dose given in the month; then the median. Restricted edition only."
    ),
    group=Group.IN_TREATMENT,
    source=Source.CLINIC_RECORD,
    window=Window.MONTH,
    unit="mg",
    numerator="each person's milligrams given in the month",
    denominator="each person's days with at least one dose given",
    missing="people in treatment without a dose in the month",
    method="median",
)
DEFINITIONS = (
    POOLED_MONTH,
    POOLED_CUMULATIVE,
    STRICT,
    MEDIAN_PERSON,
    RETAINED,
    MISSED,
    EXCUSED,
    DAILY_DOSE,
)


def list_attendance_indicators(facts: AttendanceFacts, period: Period) -> list[Indicator]:
    """Every figure of attendance and dosing."""
    figures = [
        _pooled(POOLED_MONTH, facts.month, period, "No session was offered in the month."),
        _pooled(POOLED_CUMULATIVE, facts.cumulative, period, "No session had been offered by the data cut."),
        proportion(
            STRICT,
            period,
            facts.cumulative.attended,
            facts.cumulative.offered + facts.cumulative.excused,
            empty="No session had been offered or excused by the data cut.",
            missing=facts.cumulative.open,
            note=MANY_FROM_ONE,
        ),
        make(
            MEDIAN_PERSON,
            period,
            value=facts.median_person,
            missing=facts.started - facts.people_with_offer,
            note="No session had been offered by the data cut." if facts.median_person is None else None,
            extras={"people": facts.people_with_offer},
        ),
        _pooled(
            RETAINED,
            facts.retained,
            period,
            "Nobody who stayed 30 weeks had been offered a session by the data cut.",
            "People retained 30 weeks or more, not a headline. " + MANY_FROM_ONE,
        ),
    ]
    for definition, by_reason in ((MISSED, facts.missed_by_reason), (EXCUSED, facts.excused_by_reason)):
        figures += [
            count(definition, period, by_reason[reason], key=reason, words=words)
            for reason, words in REASONS.items()
            if by_reason.get(reason)
        ]
    figures.append(
        make(
            DAILY_DOSE,
            period,
            value=facts.median_daily_mg,
            missing=facts.in_treatment - facts.people_dosed,
            note=(
                "Nobody in treatment at the data cut was given a dose in the month."
                if facts.median_daily_mg is None
                else None
            ),
            extras={"people": facts.people_dosed},
        )
    )
    return figures


def attendance_limits(months: Sequence[MonthOfSessions]) -> Limits | None:
    """The limits of ordinary month-to-month change, over months with a session offered. Indicators 5."""
    return xmr([month.share for month in months if month.share is not None])


def _pooled(
    definition: Definition, sessions: Sessions, period: Period, empty: str, note: str = MANY_FROM_ONE
) -> Indicator:
    return proportion(
        definition,
        period,
        sessions.attended,
        sessions.offered,
        empty=empty,
        missing=sessions.open,
        note=note,
        extras={"people": sessions.people},
    )
