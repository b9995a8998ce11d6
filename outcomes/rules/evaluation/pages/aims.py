"""The programme's own aims, each with the figures nearest to it, one sentence, and what cannot be known.

Made of the figures of the stored document, so that the public edition tells here what it tells elsewhere.
"""

from collections.abc import Mapping, Sequence

from outcomes.rules.evaluation.aims import (
    AimsFacts,
    Figure,
    aim_sentence,
    aims_finding,
    figures_by_id,
)
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Facts, Page, Paragraph, Table
from outcomes.rules.evaluation.quotable import list_quotable
from outcomes.rules.evaluation.quoting import NONE, how_sure, note_of, shown_as
from outcomes.rules.evaluation.words import NBSP, sentence_case

COLUMNS = (
    "aim",
    "words",
    "sentence",
    "figure",
    "label",
    "source",
    "value",
    "interval_low",
    "interval_high",
    "note",
    "unknown",
    "version",
)
ABSENT = "This report does not hold this figure."


def aims_page(facts: AimsFacts, figures: Sequence[Figure]) -> Page:
    """The aims in their order; a page that says so where nobody wrote any down."""
    by_id = figures_by_id(figures)
    heading = aims_finding(facts, by_id)
    blocks: list[Block] = []
    if not facts.aims:
        blocks.append(Paragraph("A manager enters them, and a colleague approves them.", "No aims."))
    for aim in facts.aims:
        name = f"Aim {aim.number}"
        blocks += [
            Paragraph(aim_sentence(aim, by_id), f"{name}. {aim.words}."),
            Table(
                f"{name}: its figures",
                ["", "Figure", f"How{NBSP}sure", "Note"],
                [row for identifier in aim.figures for row in _rows(identifier, by_id)],
                words_in=frozenset({2, 3}),
            ),
            Paragraph(aim.unknown, "What cannot be known."),
        ]
    if facts.aims:
        blocks += [
            Facts([("Version", facts.version), ("Where from", facts.source), ("Written by", facts.basis)]),
            Aside(
                "No figure here says that an aim was reached, or that the clinic is why: there is nobody to compare "
                "with. Read each figure on its own page, with what it does not show.",
                "Nearest, not proof.",
            ),
        ]
    return Page(key="aims", running="Aims", heading=heading, blocks=blocks)


def list_aim_rows(facts: AimsFacts, figures: Sequence[Figure]) -> list[list[object]]:
    """The page as rows of a file: one for each figure of each aim."""
    by_id = figures_by_id(figures)
    rows: list[list[object]] = []
    for aim in facts.aims:
        sentence = aim_sentence(aim, by_id)
        for identifier in aim.figures:
            for cells in _cells(identifier, by_id):
                rows.append([aim.number, aim.words, sentence, identifier, *cells, aim.unknown, facts.version])
    return rows


def _rows(identifier: str, by_id: Mapping[str, Sequence[Figure]]) -> list[list[str]]:
    found = by_id.get(identifier, ())
    if not found:
        return [[_label(identifier), NONE, "", ABSENT]]
    return [
        [sentence_case(figure["label"]), shown_as(figure), how_sure(figure), note_of(figure)]
        for figure in found
    ]


def _cells(identifier: str, by_id: Mapping[str, Sequence[Figure]]) -> list[list[object]]:
    found = by_id.get(identifier, ())
    if not found:
        return [[_label(identifier), None, None, None, None, ABSENT]]
    return [
        [
            figure["label"],
            figure["source"],
            figure["value"],
            (figure["interval"] or {}).get("low"),
            (figure["interval"] or {}).get("high"),
            figure["note"],
        ]
        for figure in found
    ]


def _label(identifier: str) -> str:
    return list_quotable().get(identifier, identifier)
