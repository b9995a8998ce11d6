"""The Treatment Outcomes Profile as it is asked: the questions in our own words, and what an answer becomes.

Days are asked week by week, the last seven days first, and added up over the 28. What a clinic gives on prescription
is never counted as use. The words are ours and not verified against the official form.

Source: product W 4; cohort files, top.csv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS

WEEKS: Final = ("In the last 7 days", "8 to 14 days ago", "15 to 21 days ago", "22 to 28 days ago")
DAYS_OF_A_WEEK: Final = 7
HIGHEST_SCORE: Final = 20
MOST_A_DAY: Final = 200  # unverified, our own proposal: more units or spliffs a day is a slip of the finger
LONGEST_NAME: Final = 60
# Which questions stand on the form: one that was opened with others is refused. Count it up when they change.
FORM_VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its item, a name for summaries and tables, the words that are read out, and a hint."""

    item: str
    about: str
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that are asked together."""

    words: str
    questions: tuple[Question, ...]


SECTIONS: Final = (
    Section(
        "Use of drugs and alcohol in the last 28 days",
        (
            Question("alcohol_days", "Alcohol", "Did they drink alcohol?"),
            Question(
                "opiates_days",
                "Heroin and other opioids",
                "Did they use heroin or another opioid that was not prescribed for them?",
                "What they are given here, or by any prescriber, does not count.",
            ),
            Question("crack_days", "Crack", "Did they use crack?"),
            Question("cocaine_days", "Powder cocaine", "Did they use powder cocaine?"),
            Question("amphetamines_days", "Amphetamines", "Did they use amphetamines?"),
            Question("cannabis_days", "Cannabis", "Did they use cannabis?"),
            Question("tobacco_days", "Tobacco", "Did they smoke tobacco?"),
            Question(
                "other_days",
                "Another drug",
                "Did they use another drug that is a problem for them?",
                "One that was not prescribed for them and is not asked above.",
            ),
        ),
    ),
    Section(
        "Injecting in the last 28 days",
        (
            Question(
                "injecting_days",
                "Injecting",
                "Did they inject a drug that was not prescribed for them?",
                "An injection given in this clinic does not count.",
            ),
            Question(
                "shared_needle",
                "Sharing needles",
                "Did they inject with a needle or syringe that somebody else had used?",
            ),
            Question(
                "shared_works",
                "Sharing spoon, water or filter",
                "Did they inject with a spoon, water or filter that somebody else had used?",
            ),
        ),
    ),
    Section(
        "Crime in the last 28 days",
        (
            Question("shoplifting_days", "Shoplifting", "Did they steal from shops?"),
            Question("drug_selling_days", "Selling drugs", "Did they sell drugs?"),
            Question("stole_vehicle", "Theft and vehicles", "Did they steal a vehicle, or from one?"),
            Question(
                "stole_property", "Other theft or burglary", "Did they steal something else, or break in?"
            ),
            Question("defrauded", "Fraud or handling", "Did they cheat, forge, or handle what was stolen?"),
            Question("assault", "Assault or violence", "Did they assault somebody, or use violence?"),
        ),
    ),
    Section(
        "Health and daily life in the last 28 days",
        (
            Question(
                "psychological",
                "Mind and mood",
                "How was their mind and mood?",
                "Anxiety, low mood, feelings that were hard to bear. 0 is poor, 20 is good.",
            ),
            Question("paid_work_days", "Paid work", "Did they do paid work?"),
            Question("education_days", "College or school", "Were they at college or school?"),
            Question(
                "physical",
                "Body",
                "How was their physical health?",
                "Symptoms, and how much illness bothered them. 0 is poor, 20 is good.",
            ),
            Question("housing_acute", "Housing problem", "Did they have an acute housing problem?"),
            Question("eviction_risk", "Risk of eviction", "Were they at risk of losing their home?"),
            Question(
                "quality_of_life",
                "Quality of life",
                "How good was life as a whole?",
                "Enjoying life, getting on with family and friends. 0 is poor, 20 is good.",
            ),
        ),
    ),
)
# What is asked in parts, and stored besides as one answer by which forms are compared. Unverified: our own reading.
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "sharing": ("shared_needle", "shared_works"),
    "other_theft": ("stole_vehicle", "stole_property", "defrauded"),
}
# The words for such an answer where its parts were not asked: on forms of earlier records.
WHOLE: Final = {
    "sharing": Question("sharing", "Sharing", "Did they inject with anything that somebody else had used?"),
    "other_theft": Question(
        "other_theft",
        "Other theft",
        "Did they steal in another way, break in, cheat or handle what was stolen?",
    ),
}
ITEMS: Final = DAY_ITEMS + YES_NO_ITEMS + SCORE_ITEMS


def questions(*, in_parts: bool) -> tuple[Section, ...]:
    """Return the questions in their order: as they are asked here, or as forms of earlier records hold them."""
    if in_parts:
        return SECTIONS
    whole_of = {part: whole for whole, parts in PARTS.items() for part in parts}
    sections = []
    for section in SECTIONS:
        kept: dict[str, Question] = {}
        for question in section.questions:
            whole = whole_of.get(question.item)
            kept[whole or question.item] = WHOLE[whole] if whole else question
        sections.append(Section(section.words, tuple(kept.values())))
    return tuple(sections)


_TO_YOU: Final = {"they": "you", "them": "you", "their": "your"}


def to_you(words: str) -> str:
    """Return words about a person as they are said to that person, who reads the questions on a tablet."""

    def said(found: re.Match[str]) -> str:
        pronoun = _TO_YOU[found[0].lower()]
        return pronoun.capitalize() if found[0][0].isupper() else pronoun

    return re.sub(rf"\b({'|'.join(_TO_YOU)})\b", said, words, flags=re.IGNORECASE)


def any_of(*answers: bool | None) -> bool | None:
    """Return yes where one answer is yes, no where all are no, and else None: what was not answered may be a yes."""
    if True in answers:
        return True
    return None if None in answers else False


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeSaid:
    """What somebody answered on a day; an item that is None was not answered, never zero or no.

    `weeks` holds the days of each answered item of days, the last seven first; None on forms of earlier records, which
    hold only the sum and no `parts`.
    """

    on: date
    stage: str
    items: Mapping[str, Any]
    weeks: Mapping[str, tuple[int, ...]] | None
    parts: Mapping[str, bool | None]
    alcohol_units: int | None = None
    cannabis_spliffs: int | None = None
    other_drug: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no question has an answer."""
        return all(self.items[item] is None for item in ITEMS)


def outcome_said(
    *,
    on: date,
    stage: str,
    weeks: Mapping[str, tuple[int, ...] | None],
    yes_no: Mapping[str, bool | None],
    scores: Mapping[str, int | None],
    **amounts: Any,
) -> OutcomeSaid:
    """Return what was answered week by week and part by part, with the sums and the answers made of the parts."""
    parts = {part: yes_no[part] for group in PARTS.values() for part in group}
    items: dict[str, Any] = {item: _sum(weeks[item]) for item in DAY_ITEMS}
    for item in YES_NO_ITEMS:
        items[item] = any_of(*(parts[part] for part in PARTS[item])) if item in PARTS else yes_no[item]
    items |= {item: scores[item] for item in SCORE_ITEMS}
    answered = {item: boxes for item, boxes in weeks.items() if boxes is not None}
    return OutcomeSaid(on=on, stage=stage, items=items, weeks=answered, parts=parts, **amounts)


def _sum(boxes: tuple[int, ...] | None) -> int | None:
    return None if boxes is None else sum(boxes)


def answer_in_words(said: OutcomeSaid, item: str) -> str:
    """Return one answer in words, with its weeks where they were asked; what was not answered says so."""
    answer = said.parts[item] if item in said.parts else said.items[item]
    if answer is None:
        return "not answered"
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if item in SCORE_ITEMS:
        return f"{answer} of {HIGHEST_SCORE}"
    return f"{answer} {'day' if answer == 1 else 'days'}"


def more_in_words(said: OutcomeSaid, item: str) -> str:
    """Return what stands behind an answer: the weeks, the typical amount, the name of another drug."""
    boxes = (said.weeks or {}).get(item, ())
    pieces = ["weeks " + ", ".join(str(box) for box in boxes)] if any(boxes) else []
    if item == "alcohol_days" and said.alcohol_units is not None:
        pieces.append(f"{said.alcohol_units} units on a usual day")
    if item == "cannabis_days" and said.cannabis_spliffs is not None:
        pieces.append(f"{said.cannabis_spliffs} spliffs on a usual day")
    if item == "other_days" and said.other_drug:
        pieces.append(said.other_drug)
    return "; ".join(pieces)
