"""What others published, each beside our own figure with both definitions; and published costs with their scope."""

from outcomes.rules.evaluation.benchmarks import BENCHMARKS, PUBLISHED_COSTS, Benchmark
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import NONE, how_sure_cell, money_cell, number_cell, share_cell
from outcomes.rules.evaluation.words import percent, percent_range, sentence_case

OUR_COSTS = {
    "cost.per_patient_year": "This clinic, a year of treatment: all but setting up",
    "cost.drug_per_patient_year": "This clinic, a year of treatment: diamorphine and other drugs alone",
}


def benchmarks_page(found: Found) -> Page:
    """Nothing here is a comparison of like with like, and no difference is worked out."""
    blocks: list[Block] = [
        Paragraph(
            "Each row gives what others found, how they counted it, and our figure nearest to it. They treated other "
            "people, in other years, and mostly counted otherwise: the second table says how."
        ),
        Table(
            "What others found, and how they counted",
            ["", "About whom", "Counted as", "Found", "Read in"],
            [
                [
                    row.study,
                    row.about,
                    row.counted,
                    row.result,
                    f"{row.source} ({row.standing})",
                ]
                for row in BENCHMARKS
            ],
            words_in=frozenset({1, 2, 3, 4}),
        ),
        Table(
            "Our figure nearest to each",
            ["Beside", "Ours", "Found here", "95 % range", "How it differs"],
            [_ours(row, found) for row in BENCHMARKS],
            words_in=frozenset({1, 4}),
        ),
        Table(
            "What such treatment and such offences were said to cost",
            ["What it covers", "Sum", "Read in"],
            [
                *([row.scope, row.sum, f"{row.source} ({row.standing})"] for row in PUBLISHED_COSTS),
                *([scope, money_cell(found[id]), "This report"] for id, scope in OUR_COSTS.items()),
            ],
            words_in=frozenset({2}),
        ),
        Aside(
            "Each sum covers something else and is of another year. A medicine alone, a place, a whole service and the "
            "cost of offences are never set against each other.",
            "Not one kind of money.",
        ),
    ]
    return Page(
        key="benchmarks",
        running="Beside what others published",
        heading="What others published stands beside our figures; it is no comparison",
        blocks=blocks,
    )


def _ours(row: Benchmark, found: Found) -> list[str]:
    """Our figure with its own meaning; a dash where none of ours is near."""
    if row.ours is None:
        return [row.study, "no figure of the same kind", NONE, NONE, row.differs]
    figure = found[row.ours]
    words = sentence_case(figure.label)
    if figure.unit != "proportion":
        return [row.study, words, number_cell(figure), NONE, row.differs]
    if figure.denominator is None:  # an estimate over time, not a count of people
        estimate = NONE if figure.value is None else percent(figure.value)
        return [row.study, words, estimate, percent_range(figure.interval), row.differs]
    return [row.study, words, share_cell(figure), how_sure_cell(figure), row.differs]
