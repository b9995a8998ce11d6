"""Attendance and dosing: the monthly chart with its limits, reasons, and the flattering figure named so."""

from outcomes.rules.evaluation.attendance import REASONS, AttendanceFacts, attendance_limits
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import MONTHS_FOR_LIMITS, attendance_finding
from outcomes.rules.evaluation.indicators import MONTHS_SHOWN, Indicator
from outcomes.rules.evaluation.pages.blocks import (
    Aside,
    Block,
    Control,
    Found,
    Page,
    Paragraph,
    Table,
    in_two_columns,
)
from outcomes.rules.evaluation.pages.month_charts import month_chart
from outcomes.rules.evaluation.words import (
    decimal,
    of,
    people,
    percent,
    plural,
    sentence_case,
    short_month,
    whole,
)


def attendance_page(control: Control, figures: Figures, found: Found) -> Page:
    """Whether people come, why not, and the usual dose."""
    facts = figures.attendance
    limits = attendance_limits(facts.months)
    heading = attendance_finding(facts.months, limits)
    offered = [month for month in facts.months if month.share is not None]
    blocks: list[Block] = [Paragraph(_opening(facts, found["attendance.pooled.month"]))]
    if offered:
        blocks += [
            *month_chart("attendance", heading, figures.disturbed, [month.month for month in facts.months]),
            Paragraph(_how_to_read(len(offered)), "How to read it."),
        ]
        blocks.append(
            in_two_columns(
                Table(
                    "Sessions by month",
                    ["Month", "Attended", "Offered", "Excused", "Share"],
                    [
                        [
                            short_month(month.month),
                            whole(month.attended),
                            whole(month.offered),
                            whole(month.excused),
                            "–" if month.share is None else percent(month.share, 1),
                        ]
                        for month in facts.months
                    ],
                )
            )
        )
    blocks += [_reasons(control, facts), Aside(_not_a_headline(found), "Not a headline:")]
    blocks.append(Paragraph(_dose(found["dosing.median_daily_mg.month"]), "Dose."))
    return Page(key="attendance", running="Attendance and dosing", heading=heading, blocks=blocks)


def _opening(facts: AttendanceFacts, month: Indicator) -> str:
    limits = attendance_limits(facts.months)
    offered = [month for month in facts.months if month.share is not None]
    if not offered:
        return month.note or ""
    if limits is None or len(offered) < MONTHS_FOR_LIMITS:
        sentence = (
            f"With {plural(len(offered), 'month', 'months')} it cannot yet be said what is ordinary "
            f"change from month to month; that takes {MONTHS_FOR_LIMITS}."
        )
    elif all(limits.low <= share <= limits.high for entry in offered if (share := entry.share) is not None):
        sentence = (
            "No month lies outside the limits that ordinary month-to-month change would give, so no "
            "single month needs an explanation of its own."
        )
    else:
        sentence = (
            "A month outside the dashed limits is more than ordinary change and deserves an explanation of its "
            "own."
        )
    if month.value is None:
        return f"{sentence} {month.note}"
    return f"{sentence} The month just ended was {percent(month.value, 1)}."


def _how_to_read(months: int) -> str:
    text = (
        "Each dot is a month: sessions attended (given, less given, or withheld) as a share of sessions "
        "offered."
    )
    if months >= MONTHS_FOR_LIMITS:
        text += (
            " Solid line: the mean. Dashed: the limits of ordinary change (mean ± 2.66 × mean moving range)."
        )
    text += " The axis does not begin at nought."
    return text if months >= MONTHS_SHOWN else f"{text} First months cover few people."


def _reasons(control: Control, facts: AttendanceFacts) -> Table:
    reasons = [
        [
            sentence_case(words),
            whole(facts.missed_by_reason.get(reason, 0)),
            whole(facts.excused_by_reason.get(reason, 0)),
        ]
        for reason, words in REASONS.items()
        if facts.missed_by_reason.get(reason) or facts.excused_by_reason.get(reason)
    ]
    total = ["All", whole(sum(facts.missed_by_reason.values())), whole(sum(facts.excused_by_reason.values()))]
    return Table(
        f"Sessions not attended in {control.month}, by reason",
        ["Reason", "Missed", "Excused"],
        [*reasons, total],
    )


def _not_a_headline(found: Found) -> str:
    retained = found["attendance.pooled.retained_30w"]
    if retained.value is None:
        return f"attendance of people who stayed 30 weeks or more. {retained.note}"
    everybody, strict = found["attendance.pooled.cumulative"], found["attendance.strict.cumulative"]
    middle = found["attendance.median_person.cumulative"]
    text = (
        f"{percent(retained.value)} ({_n_of_n(retained)}) among the "
        f"{people(int(retained.extras['people'] or 0))} who stayed 30 weeks or more."
    )
    if everybody.value is not None and strict.value is not None and middle.value is not None:
        text += (
            f" Everybody, since opening: {percent(everybody.value)} ({_n_of_n(everybody)}). Excused "
            f"sessions counted as offered: {percent(strict.value)}. The middle person's own share: "
            f"{percent(middle.value)}."
        )
    return text + " Staying and attending go together, so the first figure flatters."


def _n_of_n(indicator: Indicator) -> str:
    return of(int(indicator.numerator or 0), int(indicator.denominator or 0))


def _dose(dose: Indicator) -> str:
    if dose.value is None:
        return dose.note or ""
    return (
        f"The middle person in treatment was given {decimal(dose.value, 0)} mg a day on days with a dose "
        f"({people(int(dose.extras['people'] or 0))}). Restricted edition only."
    )
