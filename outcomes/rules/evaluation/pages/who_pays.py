"""Who pays, and who is called less: one row a public body, in its own units."""

from collections.abc import Sequence

from outcomes.rules.evaluation.offending import POST, PRE
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Facts, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import pounds
from outcomes.rules.evaluation.quoting import NONE, NOT_SHOWN
from outcomes.rules.evaluation.who_pays import BodyRow, Figure, list_bodies, who_pays_finding
from outcomes.rules.evaluation.words import decimal, sentence_case, whole

COLUMNS = (
    "body",
    "counts",
    "payers",
    "paid_gbp",
    "before",
    "years_before",
    "rate_before",
    "since",
    "years_since",
    "rate_since",
    "since_over_before",
    "interval_low",
    "interval_high",
    "note",
)
NOT_ENTERED = "none entered"


def who_pays_page(figures: Sequence[Figure]) -> Page:
    """What each body paid beside what it counts, with both periods and rates; nothing is taken from anything."""
    rows = list_bodies(figures)
    notes = [(row.title, row.why_not) for row in rows if row.why_not]
    payers = [(row.name, ", ".join(row.payers)) for row in rows if row.payers]
    blocks: list[Block] = [
        Paragraph(
            "Money paid for the programme, and beside it what the body itself counts. A year is a year of one person, "
            "so that times of different length can be read together.",
            "How to read it.",
        ),
        Table(
            "Each public body: what it paid, and its own count",
            ["", "Paid", "Before", "A year before", "Since", "A year since", "Since over before"],
            [_cells(row) for row in rows],
        ),
        Paragraph(
            f"Offences and days inside: {PRE}; {POST}. Health services: the days that somebody asked or looked up, "
            "before each start and since.",
            "Over which days.",
        ),
    ]
    if payers:
        blocks.append(Paragraph("A payer is put with a body by the words of its name.", "Who paid."))
        blocks.append(Facts(list(dict.fromkeys(payers))))
    if notes:
        blocks += [Paragraph("Where a count is missing, this is why.", "Not counted."), Facts(notes)]
    blocks.append(
        Aside(
            "What is paid and what is counted are not of one kind. Nothing is taken from anything, and no net saving "
            "is reckoned: a call, an offence or a day that does not happen gives no body its money back.",
            "Not cash-releasing.",
        )
    )
    return Page(
        key="who-pays",
        running="Who pays, who is called less",
        heading=who_pays_finding(rows),
        blocks=blocks,
    )


def list_body_rows(figures: Sequence[Figure]) -> list[list[object]]:
    """The page as rows of a file."""
    return [
        [
            row.name,
            row.words,
            "; ".join(row.payers),
            row.paid,
            *_numbers(row.before),
            *_numbers(row.since),
            row.ratio and row.ratio["value"],
            *(((row.ratio and row.ratio["interval"]) or {}).get(end) for end in ("low", "high")),
            row.why_not,
        ]
        for row in list_bodies(figures)
    ]


def _cells(row: BodyRow) -> list[str]:
    return [
        sentence_case(row.title),
        NOT_ENTERED if row.paid is None else pounds(row.paid),
        _counted(row.before),
        _rate(row.before),
        _counted(row.since),
        _rate(row.since),
        _over(row.ratio),
    ]


def _counted(figure: Figure | None) -> str:
    """The count with the years it is of; a dash of what is not there."""
    if figure is None:
        return NONE
    if figure["suppressed"]:
        return NOT_SHOWN
    if figure["numerator"] is None:
        return NONE
    count = whole(figure["numerator"])
    years = figure["denominator"]
    return count if years is None else f"{count} in {decimal(years)} years"


def _rate(figure: Figure | None) -> str:
    if figure is None:
        return NONE
    if figure["suppressed"]:
        return NOT_SHOWN
    return NONE if figure["value"] is None else decimal(figure["value"], 2)


def _over(figure: Figure | None) -> str:
    if figure is None or figure["suppressed"] or figure["value"] is None:
        return _rate(figure)
    over = decimal(figure["value"], 2)
    if not figure["interval"]:
        return over
    low, high = figure["interval"]["low"], figure["interval"]["high"]
    return f"{over} ({decimal(low, 2)} to {decimal(high, 2)})"


def _numbers(figure: Figure | None) -> list[object]:
    return [None] * 3 if figure is None else [figure[key] for key in ("numerator", "denominator", "value")]
