"""The pages of the public edition: every figure that is shown, by subject, made of the public figures alone.

Source: Indicators 4 and 7 (evaluation).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from outcomes.rules.evaluation.aims import AimsFacts
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.justice_attack import is_exact
from outcomes.rules.evaluation.pages.aims import aims_page
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Control, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.changes import Difference, changes_page
from outcomes.rules.evaluation.pages.cover import cover_page
from outcomes.rules.evaluation.pages.methods import methods_page
from outcomes.rules.evaluation.pages.unit_costs import unit_costs_page
from outcomes.rules.evaluation.pages.who_pays import who_pays_page
from outcomes.rules.evaluation.quoting import how_sure, note_of, shown_as
from outcomes.rules.evaluation.unit_costs import UnitCostsFacts
from outcomes.rules.evaluation.words import day, of, sentence_case

SUBJECTS = {
    "flow": "Who came, who started and who left",
    "retention": "Who stays in treatment",
    "attendance": "Sessions attended",
    "urine": "Street heroin",
    "offending": "Offences",
    "custody": "Days in custody",
    "candidates": "Offences before the referral",
    "top": "Drugs, injecting and wellbeing, as people told",
    "own": "The clinic's own questions",
    "housing": "Homes",
    "health": "Use of other health services",
    "safety": "Safety",
    "cost": "What the programme cost",
    "crime_cost": "What recorded offences cost, by a table",
    "area": "The area",
    "need": "How many need it",
    "quality": "How complete the records are",
    "legacy": "Figures as the first reports printed them",
}
HOW_TO_READ = (
    "Numbers from 1 to 7 are not shown, nor what would give one away. Other counts are rounded to the nearest 5, "
    "and a percentage is that of two rounded counts. Other numbers have two figures. A nought is a nought."
)
HOW_TO_READ_JUSTICE = (
    "Offences, custody, costs, the area, the need and the totals of people are exact. Every other figure stands as in "
    "the last public issue that was signed off, rounded and as of its own day, or says that there is none."
)
CAUTION = (
    "Few people, and nobody to compare them with. People come at their worst, so part of any change would have "
    "happened anyway. What people told and what others recorded are never added."
)

NO_AIMS = AimsFacts()
NO_UNIT_COSTS = UnitCostsFacts()

Figure = Mapping[str, Any]


def list_public_pages(
    control: Control,
    figures: Sequence[Figure],
    differences: Sequence[Difference] = (),
    aims: AimsFacts = NO_AIMS,
    unit_costs: UnitCostsFacts = NO_UNIT_COSTS,
) -> list[Page]:
    """Every page of the public or the justice edition. A re-issue ends with every figure that changed."""
    known = {figure["domain"]: sentence_case(figure["domain"]) for figure in figures} | SUBJECTS
    order = [*SUBJECTS, *(domain for domain in known if domain not in SUBJECTS)]
    pages = [
        cover_page(control),
        _reading(control, figures),
        aims_page(aims, figures),
        who_pays_page(figures),
    ]
    pages += [
        _subject(control, domain, known[domain], found)
        for domain in order
        if (found := [figure for figure in figures if figure["domain"] == domain])
    ]
    pages += [unit_costs_page(unit_costs), methods_page()]
    if control.replaces:
        pages.append(changes_page(control, differences))
    return pages


def _reading(control: Control, figures: Sequence[Figure]) -> Page:
    shown = sum(not figure["suppressed"] for figure in figures)
    is_justice = control.edition == Edition.JUSTICE
    blocks: list[Block] = [
        Paragraph(HOW_TO_READ_JUSTICE, "What is exact.")
        if is_justice
        else Paragraph(HOW_TO_READ, "Small numbers."),
        Paragraph(f"{of(shown, len(figures))} figures of this issue are shown.", "How many."),
        Aside(CAUTION, "What it does not show."),
    ]
    return Page(key="reading", running="How to read it", heading="How to read these figures", blocks=blocks)


def _subject(control: Control, domain: str, heading: str, figures: Sequence[Figure]) -> Page:
    rows = [[figure["label"], shown_as(figure), _note(control, figure)] for figure in figures]
    return Page(
        key=domain.replace("_", "-"),
        running=heading,
        heading=heading,
        blocks=[Table(heading, ["", "Figure", "Note"], rows, frozenset({2}))],
    )


def _note(control: Control, figure: Figure) -> str:
    note = note_of(figure)
    if control.edition != Edition.JUSTICE or figure["suppressed"]:
        return note
    if not is_exact(figure["id"]):
        cut = date.fromisoformat(figure["window"]["to"])
        return f"Public issue, data cut {day(cut)}. {note}".strip()
    between = how_sure(figure)
    return f"{between}. {note}".strip() if between else note
