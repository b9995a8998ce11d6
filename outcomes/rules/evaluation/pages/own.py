"""The clinic's own four questions, at the start and last, of the same people."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings_of_programme import own_finding
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.own import FAMILY, ITEM_WORDS, SHARES, SPEND, OwnFacts
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Chart, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import NONE, pounds, share_cell
from outcomes.rules.evaluation.words import MINUS, plural, sentence_case, whole


def own_page(control: Control, figures: Figures, found: Found) -> Page:
    """What people answered about spending, public injecting, used needles and their family."""
    facts = figures.own
    heading = own_finding(facts)
    blocks: list[Block] = []
    if any(facts.paired(item) for item in SHARES):
        blocks += [
            Chart("own", heading),
            Paragraph(
                "Open: at the start. Filled: in the latest answers of the same people.", "How to read it."
            ),
        ]
    if any(facts.pairs.values()):
        blocks += [_shares(facts, found), _spending(facts, found)]
    blocks.append(Aside(_caution(facts, found), "What it does not show."))
    return Page(key="own", running="The clinic's own questions", heading=heading, blocks=blocks)


def _shares(facts: OwnFacts, found: Found) -> Table:
    return Table(
        "People who do, of the same people at the start and last",
        ["", "Start", "Latest", "People more or fewer", "Not asked twice"],
        [
            [
                sentence_case(ITEM_WORDS[item]),
                *(share_cell(found[f"own.{item}.{when}"]) for when in ("start", "latest")),
                _more(found[f"own.{item}.change"]),
                whole(facts.missing(item)),
            ]
            for item in SHARES
        ],
    )


def _more(change: Indicator) -> str:
    if change.value is None:
        return NONE
    number = int(change.numerator or 0)
    return f"+{number}" if number > 0 else str(number).replace("-", MINUS)


def _spending(facts: OwnFacts, found: Found) -> Table:
    cells = [found[f"own.{SPEND}.{when}"] for when in ("start", "latest", "change")]
    return Table(
        "Pounds spent on street drugs in the last seven days, the middle person",
        ["", "People", "Start", "Latest", "Change", "Not asked twice"],
        [
            [
                "Spent in a week",
                whole(len(facts.paired(SPEND))),
                *(NONE if cell.value is None else pounds(cell.value) for cell in cells),
                whole(facts.missing(SPEND)),
            ]
        ],
    )


def _caution(facts: OwnFacts, found: Found) -> str:
    if not any(facts.pairs.values()):
        return found[f"own.{SPEND}.start"].note or ""
    text = (
        "People say this of themselves, to those who treat them. These questions are the clinic's own and are not "
        "part of the outcome form. The change is the middle of all changes and their averages, so it need not be the "
        "difference of the two. Contact with the family is asked of people who want it and for whom it is safe."
    )
    if facts.not_asking:
        text += f" {plural(facts.not_asking, 'person', 'people')} did not want it or it was not safe."
    if not facts.paired(FAMILY):
        text += " Nobody answered twice who wants it."
    return text
