"""Use of other health services before the start and since, each source on its own."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import health_finding
from outcomes.rules.evaluation.health import SERVICES, SOURCE_WORDS, UseOfSource
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Chart, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import rate_cell
from outcomes.rules.evaluation.words import whole


def health_page(control: Control, figures: Figures, found: Found) -> Page:
    """Ambulance, A&E and hospital: events and rates of each source."""
    facts = figures.health
    heading = health_finding(facts)
    blocks: list[Block] = []
    if any(
        used.days
        for use in facts.by_source.values()
        for window in (use.pre, use.during)
        for used in window.values()
    ):
        blocks += [
            Chart("health", heading),
            Paragraph(
                "Dots: uses for each person-year that was asked about, with the 95 % interval. Open: before. Filled: "
                "since the start.",
                "How to read it.",
            ),
        ]
    blocks += [_of_source(source, use, found) for source, use in facts.by_source.items()]
    blocks.append(
        Aside(
            "Only the days that somebody asked about or looked up count as time. What people told and what a "
            "service recorded are never added. People come when things are at their worst, so part of any fall "
            "would have come anyway. Where the interval of a ratio holds 1, there may be no change at all.",
            "What it does not show.",
        )
    )
    return Page(key="health", running="Other health services", heading=heading, blocks=blocks)


def _of_source(source: Source, use: UseOfSource, found: Found) -> Table:
    return Table(
        f"Other health services, {SOURCE_WORDS[source]} (95 % intervals)",
        ["", "Before", "Since", "Before, per person-year", "Since, per person-year", "Ratio"],
        [
            [
                name,
                *(
                    whole(window[key].events) if key in window and window[key].days else "–"
                    for window in (use.pre, use.during)
                ),
                *(
                    rate_cell(found[f"health.{key}.{id}@{source}"])
                    for id in ("pre_rate", "during_rate", "rate_ratio")
                ),
            ]
            for key, name in SERVICES.items()
        ],
    )
