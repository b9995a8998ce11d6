"""What people say of themselves in outcome forms: drugs, injecting, work, wellbeing, at the start and last."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import answers_finding
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Chart, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import how_sure_cell, number_cell, share_cell
from outcomes.rules.evaluation.top import ITEM_WORDS, TopFacts
from outcomes.rules.evaluation.words import of, sentence_case, whole
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS


def answers_page(control: Control, figures: Figures, found: Found) -> Page:
    """The outcome forms, of the same people at the start and last."""
    facts = figures.top
    blocks: list[Block] = [Paragraph(_opening(facts))]
    heading = answers_finding(facts)
    if any(facts.paired(item) for item in DAY_ITEMS):
        blocks.append(Chart("answers", heading))
    if any(facts.pairs.values()):
        blocks += [
            Paragraph(
                "Each row is about the people who answered it both at the start and in their latest form. "
                "Start and latest are the middle person's; the change is the middle of all changes and their "
                "averages, so it need not be the difference of the two.",
                "How to read it.",
            ),
            _days(facts, found),
            _scores(facts, found),
            _yes_or_no(facts, found),
        ]
    if facts.asked_shoplifting:
        blocks.append(_every_day(found))
    blocks.append(Aside(_caution(facts), "What it does not show."))
    return Page(
        key="answers",
        running="Drugs, injecting and wellbeing",
        heading=heading,
        blocks=blocks,
    )


def _opening(facts: TopFacts) -> str:
    if not facts.started:
        return "Nobody had started treatment by the data cut."
    return (
        f"{of(facts.with_start, facts.started)} people who started have an outcome form within 14 days of the "
        "start. Days are of the last 28 before each form; scores run from 0 to 20 and higher is better."
    )


def _words(item: str) -> str:
    return sentence_case(ITEM_WORDS[item])


def _days(facts: TopFacts, found: Found) -> Table:
    return Table(
        "Days of the last 28",
        ["", "People", "Start", "Latest", "Change", "Stopped", "Began"],
        [
            [
                _words(item),
                whole(len(facts.paired(item))),
                *(number_cell(found[f"top.{item}.{key}"]) for key in ("start", "latest", "change")),
                share_cell(found[f"top.{item}.abstinent"]),
                share_cell(found[f"top.{item}.initiated"]),
            ]
            for item in DAY_ITEMS
        ],
    )


def _scores(facts: TopFacts, found: Found) -> Table:
    return Table(
        "Scores of 0 to 20",
        ["", "People", "Start", "Latest", "Change"],
        [
            [
                _words(item),
                whole(len(facts.paired(item))),
                *(number_cell(found[f"top.{item}.{key}"]) for key in ("start", "latest", "change")),
            ]
            for item in SCORE_ITEMS
        ],
    )


def _yes_or_no(facts: TopFacts, found: Found) -> Table:
    return Table(
        "People who answered yes",
        ["", "Start", "Latest"],
        [
            [_words(item), *(share_cell(found[f"top.{item}.{key}"]) for key in ("start", "latest"))]
            for item in YES_NO_ITEMS
        ],
    )


def _every_day(found: Found) -> Table:
    daily, stopped = (found[f"top.shoplifting_days.{key}"] for key in ("daily_at_start", "daily_to_zero"))
    return Table(
        "Shoplifting on every day of the 28",
        ["", "People", "95 % interval", "Without an answer"],
        [
            ["Every day, at the start", share_cell(daily), how_sure_cell(daily), whole(daily.missing)],
            [
                "Of these, none in the latest form",
                share_cell(stopped),
                how_sure_cell(stopped),
                whole(stopped.missing),
            ],
        ],
    )


def _caution(facts: TopFacts) -> str:
    text = (
        "People say this of themselves, to those who treat them. Stopped: no day in the latest form, of those "
        "with a day at the start. Began: the other way round."
    )
    if without := facts.started - facts.compared:
        who = "1 person who started has" if without == 1 else f"{whole(without)} people who started have"
        text += f" {who} no answer both at the start and later, and cannot be compared at all."
    return text
