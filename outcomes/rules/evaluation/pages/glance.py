"""At a glance: eight tiles, each n of N with how sure one can be, and the cautions."""

from outcomes.rules.evaluation.disturbed import follow_up_caution
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.flow import EXIT_REASONS
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.pages.blocks import Box, Control, Found, Page, Paragraph, Tile, Tiles
from outcomes.rules.evaluation.words import (
    FEW_PEOPLE,
    NBSP,
    day,
    decimal,
    joined,
    number_range,
    of,
    people,
    percent,
    percent_range,
    plural,
    whole,
)

NONE = "–"


def glance_page(control: Control, figures: Figures, found: Found) -> Page:
    """The page that is read when only one is read."""
    return Page(
        key="glance",
        running="At a glance",
        heading="At a glance",
        blocks=[
            Paragraph(_opening(control, figures)),
            Tiles(
                [
                    _stayed(control, found["retention.snapshot"]),
                    _attended(found["attendance.pooled.month"]),
                    _urine(found["urine.negative_samples.cumulative"]),
                    _responders(found["urine.responders"]),
                    _offences(figures, found),
                    _severity(found),
                    _no_offence(found["offending.recorded.none_post"]),
                    _places(found["flow.occupancy"]),
                ]
            ),
            Box("Before you quote any of this", _cautions(figures)),
        ],
    )


def _opening(control: Control, figures: Figures) -> str:
    flow = figures.flow
    if not flow.referred:
        return f"Nobody had been referred by {day(control.as_of)}."
    parts = [
        f"{whole(flow.referred)} referred",
        f"{whole(flow.eligible)} eligible",
        f"{whole(flow.started)} started",
    ]
    if flow.started:
        parts += [
            f"{whole(flow.in_treatment)} in treatment",
            f"{whole(flow.exited)} left" + _reasons(figures),
        ]
    parts.append(f"{whole(flow.waiting)} waiting")
    return f"From opening on {day(control.period.opened_on)} to {day(control.as_of)}: {', '.join(parts)}."


def _reasons(figures: Figures) -> str:
    by_reason = figures.flow.exited_by_reason
    parts = [f"{by_reason[key]} {words}" for key, words in EXIT_REASONS.items() if by_reason.get(key)]
    return f" ({', '.join(parts)})" if parts else ""


def _missing(label: str, indicator: Indicator) -> Tile:
    return Tile(label, NONE, "cannot be computed", indicator.note or "")


def _n_of_n(indicator: Indicator) -> str:
    return of(int(indicator.numerator or 0), int(indicator.denominator or 0))


def _interval(indicator: Indicator) -> str:
    if (indicator.denominator or 0) < FEW_PEOPLE:
        return f"fewer than {FEW_PEOPLE}: no percentage"
    return f"95{NBSP}% interval {percent_range(indicator.interval)}"


def _stayed(control: Control, indicator: Indicator) -> Tile:
    label = "Stayed in treatment"
    if indicator.value is None:
        return _missing(label, indicator)
    return Tile(
        label,
        _n_of_n(indicator),
        _interval(indicator),
        f"Of those who ever started, this many were in treatment on {day(control.as_of)}.",
    )


def _attended(indicator: Indicator) -> Tile:
    label = "Sessions attended this month"
    if indicator.value is None:
        return _missing(label, indicator)
    missed = int(indicator.denominator or 0) - int(indicator.numerator or 0)
    return Tile(
        label,
        _n_of_n(indicator),
        f"{percent(indicator.value)} · {people(int(indicator.extras['people'] or 0))}",
        f"{plural(missed, 'session', 'sessions')} missed. Excused ones are not counted against anybody.",
    )


def _urine(indicator: Indicator) -> Tile:
    label = "Urine without street heroin, since opening"
    if indicator.value is None:
        return _missing(label, indicator)
    parts = []
    if not_taken := int(indicator.extras["not_taken"] or 0):
        parts.append(f"{not_taken} not taken")
    if void := int(indicator.extras["void"] or 0):
        parts.append(f"{void} void")
    if waiting := indicator.missing - not_taken - void:
        parts.append(f"{waiting} without a result")
    more = (
        f"{indicator.missing} more were due: {joined(parts)}. "
        if parts
        else "All that were due were tested. "
    )
    return Tile(
        label,
        _n_of_n(indicator),
        f"{percent(indicator.value)} of samples tested",
        more + "Samples, not people.",
    )


def _responders(indicator: Indicator) -> Tile:
    label = "Steady responders, weeks 14 to 26"
    if indicator.value is None:
        return _missing(label, indicator)
    return Tile(
        label,
        _n_of_n(indicator),
        _interval(indicator),
        "Seven or more of 13 weeks free of street heroin; a week without a sample counts as not free.",
    )


def _offences(figures: Figures, found: Found) -> Tile:
    label = "Recorded offences, per person-year"
    pre, post = found["offending.recorded.pre_rate"], found["offending.recorded.post_rate"]
    ratio = found["offending.recorded.rate_ratio"]
    if pre.value is None or post.value is None:
        return _missing(label, pre if pre.value is None else post)
    shorter = figures.followed.started - figures.followed.full_followup
    how_sure = "no ratio"
    if ratio.value is not None:
        how_sure = f"rate ratio {decimal(ratio.value, 2)} ({number_range(ratio.interval)})"
    tail = (
        f" in a follow-up that is shorter than a year for {of(shorter, figures.followed.started)}"
        if shorter
        else " in the year after"
    )
    return Tile(
        label,
        f"{decimal(pre.value)} to {decimal(post.value)}",
        how_sure,
        f"{figures.recorded.pre_total} in the year before, {figures.recorded.post_total}{tail}.",
    )


def _severity(found: Found) -> Tile:
    label = "Severity of recorded offences, middle person"
    pre, post = found["offending.severity.pre_median"], found["offending.severity.post_median"]
    if pre.value is None or post.value is None:
        return _missing(label, pre if pre.value is None else post)
    return Tile(
        label,
        f"{decimal(pre.value)} to {decimal(post.value)}",
        "medians, no interval",
        "Crime Severity Score of a person's offences, before and after the start. One shoplifting counts 13.",
    )


def _no_offence(indicator: Indicator) -> Tile:
    label = "No recorded offence since starting"
    if indicator.value is None:
        return _missing(label, indicator)
    return Tile(
        label,
        _n_of_n(indicator),
        _interval(indicator),
        "People with none recorded in up to a year after the start. Unrecorded offences are not seen.",
    )


def _places(indicator: Indicator) -> Tile:
    label = "Places in use"
    if indicator.value is None:
        return _missing(label, indicator)
    free = int(indicator.denominator or 0) - int(indicator.numerator or 0)
    sentence = f"{plural(free, 'place', 'places')} free at the data cut."
    if free < 0:
        sentence = f"{plural(-free, 'person', 'people')} more than places."
    return Tile(label, _n_of_n(indicator), f"{percent(indicator.value)} of places", sentence)


def _cautions(figures: Figures) -> list[tuple[str, str]]:
    started = figures.flow.started
    few = "Nobody has started, so there is nothing to quote yet."
    if started:
        few = f"One person more or less moves a share of those who started by {100 / started:.0f} points."
    return [
        ("Few people.", few),
        ("No comparison group.", "Others who were offered nothing, or something else, were not followed."),
        ("People come at their worst.", "Some of any fall would have happened anyway."),
        (
            "Told and recorded are kept apart.",
            "What people said and what police recorded are never added.",
        ),
        *(
            [("Days that were not as usual.", caution)]
            if (caution := follow_up_caution(figures.disturbed))
            else []
        ),
    ]
