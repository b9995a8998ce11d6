"""The table of what an offence costs each body, as it was in force."""

from datetime import date

from outcomes.rules.evaluation.pages.blocks import Aside, Block, Page, Paragraph, Table
from outcomes.rules.evaluation.unit_costs import BODIES, UnitCost, UnitCostsFacts
from outcomes.rules.evaluation.words import decimal, of, plural, short_day

NOT_COSTED = "not costed"
UNVERIFIED = "unverified"
COLUMNS = (
    "offence",
    "label",
    *(f"{body}_gbp" for body in BODIES),
    "price_year",
    "source",
    "verified_by",
    "verified_on",
    "version",
)


def unit_costs_page(facts: UnitCostsFacts) -> Page:
    """Every row with its price year, source and who verified it; an empty cell is never £0."""
    blocks: list[Block] = []
    if facts.rows:
        blocks = [
            Table(
                "What one offence costs each body, in pounds",
                ["", *BODIES.values()],
                [
                    [facts.label(row.offence), *(_cell(row.pence[body]) for body in BODIES)]
                    for row in facts.rows
                ],
            ),
            Table(
                "Where each price is from",
                ["", "Prices of", "Where from", "Verified"],
                [
                    [facts.label(row.offence), str(row.price_year), row.source, _verified(row)]
                    for row in facts.rows
                ],
                words_in=frozenset({2, 3}),
            ),
            Paragraph(
                f"{facts.version}, loaded by one person of the clinic and approved by another.", "Version."
            ),
            Aside(
                "A price is an average, often of another year and of all such offences. Not costed is not £0: nobody "
                "knows. Columns are of different bodies and are not added; the sums on the page on costs are of the "
                "offence table and do not use this one.",
                "Not cash-releasing.",
            ),
        ]
    else:
        blocks.append(Paragraph("A manager loads it, and a colleague approves it.", "No table."))
    return Page(
        key="unit-costs",
        running="Unit costs",
        heading=unit_costs_finding(facts),
        blocks=blocks,
    )


def unit_costs_finding(facts: UnitCostsFacts) -> str:
    """How many offences have a row, and how many of the rows a named person verified."""
    if not facts.rows:
        return "No table of unit costs by body was in force when this report was frozen"
    rows, verified = len(facts.rows), sum(row.is_verified for row in facts.rows)
    offences = plural(rows, "offence has", "offences have")
    return f"{offences} a row of unit costs; a named person verified {of(verified, rows)}"


def list_unit_cost_rows(facts: UnitCostsFacts) -> list[list[object]]:
    """The table as rows of a file: an empty cell is not costed."""
    return [
        [
            row.offence,
            facts.label(row.offence),
            *(None if pence is None else pence / 100 for pence in (row.pence[body] for body in BODIES)),
            row.price_year,
            row.source,
            row.verified_by or UNVERIFIED,
            row.verified_on or None,
            facts.version,
        ]
        for row in facts.rows
    ]


def _cell(pence: int | None) -> str:
    if pence is None:
        return NOT_COSTED
    return f"£{decimal(pence / 100, 2 if pence % 100 else 0)}"


def _verified(row: UnitCost) -> str:
    if not row.is_verified:
        return UNVERIFIED
    return f"{row.verified_by}, {short_day(date.fromisoformat(row.verified_on))}"
