"""Health around treatment: which steps there are, what a line says, and what may be written down.

Hepatitis B and C and HIV, wounds, teeth, and naloxone kits. Each step is a dated line of its own. The order of the steps
and the 60 days before a kit's date are our own choice, unverified.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.support import LONGEST_LINE

PRODUCT: Final = "product W 8"
LONGEST_BATCH: Final = 20
# A kit is handed out anew this long before the date printed on it; nobody comes for a wound later than in half a year.
KIT_SOON: Final = timedelta(days=60)
FURTHEST_LOOK: Final = timedelta(days=183)


class Topic(StrEnum):
    """What a line is about."""

    HBV = "hbv"
    HCV = "hcv"
    HIV = "hiv"
    WOUND = "wound"
    DENTAL = "dental"
    KIT = "kit"

    @property
    def label(self) -> str:
        """The topic as a heading."""
        return _TOPIC_WORDS[self]


_TOPIC_WORDS: Final = {
    Topic.HBV: "Hepatitis B vaccination",
    Topic.HCV: "Hepatitis C",
    Topic.HIV: "HIV",
    Topic.WOUND: "Wounds",
    Topic.DENTAL: "Teeth",
    Topic.KIT: "Naloxone kits",
}

# The steps of each topic in their order: codes are stored, words may be improved.
STEPS: Final[dict[Topic, dict[str, str]]] = {
    Topic.HBV: {
        "offered": "Offered",
        "declined": "Declined",
        "immune": "Immune already",
        "dose_1": "Dose 1 given",
        "dose_2": "Dose 2 given",
        "dose_3": "Dose 3 given",
        "dose_4": "Dose 4 given",
        "complete": "Course complete",
    },
    Topic.HCV: {
        "offered": "Test offered",
        "declined": "Test declined",
        "antibody_negative": "Antibody test negative",
        "antibody_positive": "Antibody test positive",
        "rna_not_found": "RNA test: no virus found",
        "rna_found": "RNA test: virus found",
        "referred": "Referred for treatment",
        "treatment_started": "Treatment started",
        "treatment_completed": "Treatment completed",
        "cured": "Cured: no virus after treatment (SVR)",
        "not_cured": "Not cured: virus found after treatment",
    },
    Topic.HIV: {
        "offered": "Test offered",
        "declined": "Test declined",
        "negative": "Test negative",
        "positive": "Test positive",
        "in_care": "In care for HIV",
    },
    Topic.WOUND: {"found": "New wound", "looked_at": "Looked at again", "healed": "Healed"},
    Topic.DENTAL: {
        "need": "Needs a dentist",
        "referred": "Referred to a dentist",
        "seen": "Seen by a dentist",
    },
    Topic.KIT: {
        "trained": "Trained to use it",
        "declined": "Offered, does not want one",
        "given": "Kit given",
        "replaced": "New kit in place of an old one",
        "used": "Kit used",
        "lost": "Kit lost or taken",
    },
}
OFFERS: Final = frozenset({"offered", "declined"})
DOSES: Final = ("dose_1", "dose_2", "dose_3", "dose_4")
# A step that begins a thing of its own, and one that is about such a thing. A replaced kit is both.
BEGINS: Final = {Topic.WOUND: frozenset({"found"}), Topic.KIT: frozenset({"given", "replaced"})}
IS_ABOUT: Final = {
    Topic.WOUND: frozenset({"looked_at", "healed"}),
    Topic.KIT: frozenset({"replaced", "used", "lost"}),
}
# What comes before a step where this clinic itself takes it; one of them is enough.
AFTER: Final[dict[tuple[Topic, str], tuple[str, ...]]] = {
    (Topic.HBV, "dose_2"): ("dose_1",),
    (Topic.HBV, "dose_3"): ("dose_2",),
    (Topic.HBV, "dose_4"): ("dose_3",),
    (Topic.HBV, "complete"): ("dose_2", "dose_3", "dose_4"),
    (Topic.HCV, "referred"): ("antibody_positive", "rna_found"),
    (Topic.HCV, "treatment_started"): ("rna_found",),
    (Topic.HCV, "treatment_completed"): ("treatment_started",),
    (Topic.HCV, "cured"): ("treatment_completed",),
    (Topic.HCV, "not_cured"): ("treatment_completed",),
    (Topic.HIV, "in_care"): ("positive",),
}


class Source(StrEnum):
    """How the clinic knows it."""

    HERE = "here"
    TOLD = "told"
    RECORD = "record"

    @property
    def label(self) -> str:
        """The source in the words on the keys."""
        return _SOURCE_WORDS[self]


_SOURCE_WORDS: Final = {
    Source.HERE: "We did it here",
    Source.TOLD: "The person told us",
    Source.RECORD: "Another service’s letter or record",
}


class WoundKind(StrEnum):
    """What sort of wound it is."""

    ABSCESS = "abscess"
    ULCER = "ulcer"
    SKIN_INFECTION = "skin_infection"
    INJECTING_SITE = "injecting_site"
    INJURY = "injury"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The sort in the words on the keys."""
        return _WOUND_WORDS[self]


_WOUND_WORDS: Final = {
    WoundKind.ABSCESS: "Abscess",
    WoundKind.ULCER: "Ulcer",
    WoundKind.SKIN_INFECTION: "Infected skin",
    WoundKind.INJECTING_SITE: "Sore injecting site",
    WoundKind.INJURY: "Injury",
    WoundKind.OTHER: "Other",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthSaid:
    """One step as it was tapped and typed. What was left empty is empty here."""

    topic: Topic
    step: str
    on: date
    source: str
    batch: str = ""
    kind: str = ""
    site: str = ""
    size: str = ""
    care: str = ""
    review_on: date | None = None
    expires_on: date | None = None
    about: uuid.UUID | None = None

    @property
    def begins_a_thing(self) -> bool:
        """Whether a wound or a kit begins with this line."""
        return self.step in BEGINS.get(self.topic, frozenset())

    @property
    def is_about_a_thing(self) -> bool:
        """Whether the line names a wound or a kit that is there already."""
        return self.step in IS_ABOUT.get(self.topic, frozenset())


@dataclass(frozen=True, slots=True)
class Fact:
    """One step that counts, of one person and topic."""

    step: str
    on: date


@dataclass(frozen=True, slots=True)
class Thing:
    """A wound or a kit that is there: when it began, and whether its last line closed it."""

    began_on: date
    is_closed: bool


# Which questions a step answers: those it must, and those it may. Every other one is left empty.
_MUST: Final[dict[tuple[Topic, str], tuple[str, ...]]] = {
    (Topic.WOUND, "found"): ("kind", "site", "size", "care", "review_on"),
    (Topic.WOUND, "looked_at"): ("about", "size", "care", "review_on"),
    (Topic.WOUND, "healed"): ("about",),
    (Topic.KIT, "given"): ("expires_on",),
    (Topic.KIT, "replaced"): ("about", "expires_on"),
    (Topic.KIT, "used"): ("about",),
    (Topic.KIT, "lost"): ("about",),
}
_MAY: Final[dict[tuple[Topic, str], tuple[str, ...]]] = {
    (Topic.WOUND, "healed"): ("care",),
    **{(Topic.HBV, dose): ("batch",) for dose in DOSES},
}
ANSWERS: Final = ("about", "kind", "site", "size", "care", "review_on", "batch", "expires_on")
_MISSING: Final = {
    "about": "Tap which one it is about.",
    "kind": "Tap what sort of wound it is.",
    "site": "Write where on the body it is.",
    "size": "Write how big it is, in words.",
    "care": "Write what was done for it.",
    "review_on": "Write on which day somebody looks at it again.",
    "expires_on": "Write the date printed on the kit.",
    "batch": "Write the batch of the vaccine.",
}
_NOT_ASKED: Final = {
    "about": "This step is about none of them. Tap “none of them”.",
    "kind": "Only a new wound says what sort it is. Take it out.",
    "site": "Only a new wound says where it is. Take it out.",
    "size": "Only a wound that is open says how big it is. Take it out.",
    "care": "Only a wound says what was done for it. Take it out.",
    "review_on": "Only a wound that is open is looked at again. Take the day out.",
    "expires_on": "Only a kit that is handed out has a date. Take it out.",
    "batch": "Only a dose of vaccine has a batch. Take it out.",
}


def may_record_step(
    said: HealthSaid,
    *,
    today: date,
    born_on: date | None,
    facts: Iterable[Fact],
    thing: Thing | None,
    step_is_taken: bool,
) -> Decision:
    """Decide whether a line may be stored, with every reason against it.

    `facts` are the other lines of this person and topic that count, `thing` what the line is about (None: nothing, or
    unknown). `step_is_taken`: another line that counts says the same step of the same day. What was done elsewhere
    need not name what came before it.
    """
    if said.step not in STEPS[said.topic]:
        return Decision.of([block("health_step_unknown", "Tap what was done.", PRODUCT)])
    return Decision.of(
        [
            *_day(said, today, born_on),
            *_answers(said),
            *_dates(said),
            _order(said, facts),
            _about(said, thing),
            block(
                "health_step_taken",
                f"This already stands on {said.on:%-d %B %Y}. Correct that line instead.",
                PRODUCT,
            )
            if step_is_taken
            else None,
        ]
    )


def may_amend_step(first: HealthSaid, said: HealthSaid) -> Decision:
    """Decide whether a line may be written again as another: a wound or a kit stays one."""
    stays = first.topic is said.topic and (first.begins_a_thing, first.about) == (
        said.begins_a_thing,
        said.about,
    )
    message = "A correction stays with the same wound or kit. Strike this line out and write a new one."
    return Decision.of([block("health_other_thing", message, PRODUCT) if not stays else None])


def _day(said: HealthSaid, today: date, born_on: date | None) -> list[Finding | None]:
    return [
        block("health_in_future", "That day has not come yet. Write it down once it is done.", PRODUCT)
        if said.on > today
        else None,
        block("health_before_birth", "That day is before this person was born. Check the year.", PRODUCT)
        if born_on is not None and said.on < born_on
        else None,
    ]


def _answers(said: HealthSaid) -> list[Finding | None]:
    step = (said.topic, said.step)
    must, may = _MUST.get(step, ()), _MAY.get(step, ())
    if said.step in DOSES and said.source == Source.HERE:
        must = ("batch",)
    findings: list[Finding | None] = []
    for answer in ANSWERS:
        given = getattr(said, answer)
        if answer in must and not given:
            findings.append(block(f"health_{answer}_missing", _MISSING[answer], PRODUCT))
        elif given and answer not in (*must, *may):
            findings.append(block(f"health_{answer}_not_asked", _NOT_ASKED[answer], PRODUCT))
        elif isinstance(given, str) and len(given) > _longest(answer):
            message = f"Keep it to {_longest(answer)} letters."
            findings.append(block(f"health_{answer}_long", message, PRODUCT))
    return findings


def _longest(answer: str) -> int:
    return LONGEST_BATCH if answer == "batch" else LONGEST_LINE


def _dates(said: HealthSaid) -> list[Finding | None]:
    review, expires = said.review_on, said.expires_on
    return [
        block(
            "health_review_on_early", "The day to look at it again lies after the day of this line.", PRODUCT
        )
        if review is not None and review <= said.on
        else None,
        block("health_review_on_late", "Look at it again within half a year. Check the day.", PRODUCT)
        if review is not None and review - said.on > FURTHEST_LOOK
        else None,
        block(
            "health_expires_on_past",
            "That kit was past its date on the day. Hand out another one.",
            PRODUCT,
        )
        if expires is not None and expires <= said.on
        else None,
    ]


def _order(said: HealthSaid, facts: Iterable[Fact]) -> Finding | None:
    before = AFTER.get((said.topic, said.step), ())
    if not before or said.source != Source.HERE:
        return None
    if any(fact.step in before and fact.on <= said.on for fact in facts):
        return None
    words = " or ".join(f"“{STEPS[said.topic][step]}”" for step in before)
    message = f"Before it stands {words}. Write that down first, also where it was done elsewhere."
    return block("health_out_of_order", message, PRODUCT)


def _about(said: HealthSaid, thing: Thing | None) -> Finding | None:
    if not said.is_about_a_thing or said.about is None:
        return None
    if thing is None:
        return block("health_about_gone", "Tap one that stands in the list.", PRODUCT)
    if thing.is_closed:
        message = "That one is closed already: healed, used, lost or replaced. Look at its last line."
        return block("health_about_closed", message, PRODUCT)
    if said.on < thing.began_on:
        message = f"It began on {thing.began_on:%-d %B %Y}, after that day. Check the day."
        return block("health_about_later", message, PRODUCT)
    return None
