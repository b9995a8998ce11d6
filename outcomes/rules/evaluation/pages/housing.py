"""Where people lived at the start, a month later and last, and their work and education."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import housing_finding
from outcomes.rules.evaluation.housing import Moment
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Chart, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import how_sure_cell, number_cell, share_cell
from outcomes.rules.evaluation.words import plural
from outcomes.rules.housing import HousingState


def housing_page(control: Control, figures: Figures, found: Found) -> Page:
    """Homes of people who started, whether or not they are still in treatment."""
    facts = figures.housing
    heading = housing_finding(facts)
    blocks: list[Block] = []
    if any(facts.recorded(moment) for moment in Moment):
        blocks = [
            Chart("housing", heading),
            Paragraph(
                "Start: the clinic's own line in force on the day of the start, or else the imported record nearest "
                "to it, within 14 days. A month later: the same for day 28. Latest: the last before the data cut. "
                "Each share is of the people recorded at that time, so the three are not of the same people.",
                "How to read it.",
            ),
            _states(found),
            _work(found),
        ]
    blocks.append(Aside(_caution(figures), "What it does not show."))
    return Page(key="housing", running="Housing and work", heading=heading, blocks=blocks)


def _states(found: Found) -> Table:
    names = {state.value: state.label for state in HousingState} | {"homeless": "Without a home, in all"}
    rows = [
        [name, *(share_cell(found[f"housing.{key}.{moment}"]) for moment in Moment)]
        for key, name in names.items()
    ]
    sure = [how_sure_cell(found[f"housing.homeless.{moment}"]) for moment in Moment]
    return Table(
        "Where people lived",
        ["", "Start", "A month later", "Latest"],
        [*rows, ["Without a home, 95 % interval", *sure]],
    )


def _work(found: Found) -> Table:
    return Table(
        "Days of work and education in the last 28, as people told",
        ["", "Start, middle person", "Latest, middle person", "Began"],
        [
            [
                name,
                number_cell(found[f"top.{item}.start"]),
                number_cell(found[f"top.{item}.latest"]),
                share_cell(found[f"top.{item}.initiated"]),
            ]
            for item, name in (("paid_work_days", "Paid work"), ("education_days", "Education"))
        ],
    )


def _caution(figures: Figures) -> str:
    text = (
        "Without a home: sleeping rough, in an emergency shelter, or with friends. Supported housing may end, and "
        "an institution is nobody's home."
    )
    facts = figures.housing
    if missing := facts.started - facts.recorded(Moment.LATEST):
        text += f" {plural(missing, 'person', 'people')} who started cannot be placed at all."
    return text
