"""Costs in three separate lines: the programme, the response of public bodies, the wider cost to society."""

from outcomes.rules.evaluation.costs import CATEGORY_WORDS
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import cost_finding
from outcomes.rules.evaluation.indicators import Indicator
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
from outcomes.rules.evaluation.pages.cells import NONE, money_cell
from outcomes.rules.evaluation.words import decimal, sentence_case, whole


def costs_page(control: Control, figures: Figures, found: Found) -> Page:
    """What was spent, and what recorded offences cost by a table; the three lines are never netted."""
    facts = figures.costs
    heading = cost_finding(facts, found["cost.per_patient_year"])
    blocks: list[Block] = []
    if facts.by_category:
        spent = [
            [sentence_case(words), _spent(found[f"cost.programme.{key}"])]
            for key, words in CATEGORY_WORDS.items()
        ]
        blocks += [
            Chart("costs", heading),
            Columns(
                [
                    Table("1. The programme, by what for", ["", "Spent"], spent),
                    Table(
                        "1. The programme, by who paid",
                        ["", "Paid"],
                        [[payer, money_cell(found[f"cost.payer.{payer}"])] for payer in facts.by_payer],
                    ),
                ]
            ),
        ]
        blocks.append(
            Table(
                "1. The programme, for each year of treatment",
                ["", "Cost", "Years of treatment"],
                [
                    _for_a_year("All but setting up", found["cost.per_patient_year"]),
                    _for_a_year("Diamorphine and other drugs alone", found["cost.drug_per_patient_year"]),
                ],
            )
        )
        blocks += _for_a_place(found["cost.running_per_place_year"])
    else:
        blocks.append(Paragraph(found["cost.programme.drug"].note or "", "1. The programme."))
    blocks += [
        _crime("2. Recorded offences: response cost to public bodies", "response", found),
        _crime("3. Recorded offences: wider cost to society", "social", found),
        *(Paragraph(text, lead) for lead, text in _notes(found)),
        Aside(
            "The three are of different money and are not added or taken from each other. A cost of an offence is "
            "an average from a table: no body gets it back when an offence is not recorded.",
            "Not cash-releasing.",
        ),
    ]
    return Page(
        key="costs",
        running="Costs",
        heading=heading,
        blocks=blocks,
    )


def _spent(category: Indicator) -> str:
    """Return what was spent on a category; one that nobody entered is not £0."""
    return "not entered" if category.value is None else money_cell(category)


def _for_a_year(name: str, cost: Indicator) -> list[str]:
    return [name, money_cell(cost), NONE if cost.denominator is None else decimal(cost.denominator)]


def _for_a_place(cost: Indicator) -> list[Block]:
    """What a place costs for a year, taken or not; why not, where that is not known."""
    if cost.value is None:
        return [Paragraph(cost.note or "", "For each place and year.")]
    rows = [["All but setting up", money_cell(cost), decimal(cost.denominator or 0)]]
    blocks: list[Block] = [
        Table("1. The programme, for each place and year, taken or not", ["", "Cost", "Place-years"], rows)
    ]
    if cost.note:
        blocks.append(Paragraph(cost.note, "For each place and year."))
    return blocks


def _crime(caption: str, kind: str, found: Found) -> Table:
    pre, post = found[f"crime_cost.{kind}.pre"], found[f"crime_cost.{kind}.post"]
    return Table(
        caption,
        ["", "A year before", "Up to a year after"],
        [
            ["Sum over the offences with a unit cost", money_cell(pre), money_cell(post)],
            ["Offences without a unit cost", _not_costed(pre), _not_costed(post)],
        ],
    )


def _not_costed(indicator: Indicator) -> str:
    return whole(indicator.extras["not_costed"] or 0)


def _notes(found: Found) -> list[tuple[str, str]]:
    """What the two kinds of cost say of themselves, once where before and after say the same."""
    notes = []
    for kind, lead in (("response", "Response cost."), ("social", "Wider cost.")):
        before, after = (found[f"crime_cost.{kind}.{key}"].note or "" for key in ("pre", "post"))
        notes.append(
            (lead, before if before == after else f"A year before: {before} Up to a year after: {after}")
        )
    return notes
