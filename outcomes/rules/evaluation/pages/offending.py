"""Offending: recorded beside self-reported, before beside after, and never a sum of the two."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import Change, change_of_ratio, offending_finding, self_report_finding
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.offending import GROUPS
from outcomes.rules.evaluation.pages.blocks import (
    Aside,
    Block,
    Chart,
    Columns,
    Control,
    Found,
    Page,
    Paragraph,
    Table,
)
from outcomes.rules.evaluation.pages.cells import number_cell
from outcomes.rules.evaluation.words import (
    decimal,
    number_range,
    of,
    plural,
    sentence_case,
    share_of_people,
    whole,
)


def offending_page(control: Control, figures: Figures, found: Found) -> Page:
    """What police recorded, and on its own what people told."""
    ratio = found["offending.recorded.rate_ratio"]
    started = figures.followed.started
    heading = offending_finding(figures.recorded, ratio.value, ratio.interval, started=started)
    blocks: list[Block] = [Paragraph(_opening(figures, found))]
    if started and (figures.recorded.pre_total or figures.recorded.post_total):
        blocks += [
            Chart("offending", heading),
            Paragraph(
                (
                    "Dots: offences per person-year outside custody, with the 95 % interval. Before: the "
                    "year before each start. After: up to a year from the start, whether or not the person "
                    "stayed."
                ),
                "How to read it.",
            ),
        ]
    recorded = _numbers("Recorded by police", "recorded", found)
    if figures.self_reported.rows:
        recorded_beside_told = Columns([recorded, _numbers("Told by people", "self_reported", found)])
        blocks.append(recorded_beside_told)
    else:
        blocks.append(recorded)
    blocks += [
        _groups(found),
        Paragraph(_severity(found), "Severity."),
        Paragraph(self_report_finding(figures.self_reported, started=started), "Told by people themselves."),
    ]
    blocks.append(
        Aside(_earlier(figures, found["offending.recorded.earlier_total"]), "What it does not show.")
    )
    return Page(key="offending", running="Offending", heading=heading, blocks=blocks)


def _opening(figures: Figures, found: Found) -> str:
    ratio = found["offending.recorded.rate_ratio"]
    if ratio.value is None:
        return ratio.note or ""
    shorter = figures.followed.started - figures.followed.full_followup
    text = (
        f"Rate ratio {decimal(ratio.value, 2)}, 95 % interval {number_range(ratio.interval)}: "
        f"{plural(figures.recorded.pre_total, 'offence', 'offences')} in the year before the start, "
        f"{figures.recorded.post_total} after it."
    )
    if shorter:
        text += f" {of(shorter, figures.followed.started)} people were followed for less than a year."
    change = change_of_ratio(
        ratio.value, ratio.interval, figures.recorded.pre_total + figures.recorded.post_total
    )
    if change is Change.FELL:
        text += " People come when things are at their worst, so part of the fall would have come anyway."
    return text


def _numbers(caption: str, prefix: str, found: Found) -> Table:
    def cell(key: str, digits: int) -> str:
        value = found[f"offending.{prefix}.{key}"].value
        return "–" if value is None else decimal(value, digits)

    def rate(key: str) -> str:
        indicator = found[f"offending.{prefix}.{key}"]
        if indicator.value is None:
            return "–"
        return f"{decimal(indicator.value, 2)} ({number_range(indicator.interval)})"

    return Table(
        f"{caption}: before and after the start",
        ["Measure", "Before", "After"],
        [
            ["Offences", cell("pre_total", 0), cell("post_total", 0)],
            ["Offences a person", cell("pre_mean", 2), cell("post_mean", 2)],
            ["Per person-year outside custody (95 % interval)", rate("pre_rate"), rate("post_rate")],
            ["People with none", "–", _none(found[f"offending.{prefix}.none_post"])],
        ],
    )


def _none(indicator: Indicator) -> str:
    if indicator.value is None:
        return "–"
    return share_of_people(int(indicator.numerator or 0), int(indicator.denominator or 0))


def _groups(found: Found) -> Table:
    return Table(
        "Recorded by police, by group of offence",
        ["Group", "Before", "After"],
        [
            [
                sentence_case(group),
                *(number_cell(found[f"offending.recorded.{group}.{key}_total"]) for key in ("pre", "post")),
            ]
            for group in GROUPS
        ],
    )


def _severity(found: Found) -> str:
    pre, post = found["offending.severity.pre_median"], found["offending.severity.post_median"]
    if pre.value is None or post.value is None:
        missing = pre if pre.value is None else post
        return missing.note or ""
    return (
        f"The middle person's score of recorded offences was {decimal(pre.value)} before and "
        f"{decimal(post.value)} after the start. {pre.note}"
    )


def _earlier(figures: Figures, earlier: Indicator) -> str:
    text = (
        "Police record some of what is done, and only where somebody is found. No group without this "
        "treatment was followed, so the change is not the effect of the clinic alone."
    )
    if earlier.value:
        text += (
            f" {whole(earlier.value)} more offences are known from earlier than a year before the start: "
            "a count, without a rate or percentage, because no length of time is known for it."
        )
    return text
