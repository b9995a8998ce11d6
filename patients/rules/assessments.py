"""The medical assessment: what it must hold before it is signed, and whether an order may rest on it.

Source: clinical rule 4 (an order states its basis).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, Level, block, note

# Unverified, our own proposal: an assessment is looked at anew after twelve weeks at the latest.
DUE_AFTER: Final = timedelta(days=84)
EARLIEST_YEAR: Final = 1940


class Answer(StrEnum):
    """An answer with a label of its own."""

    @property
    def label(self) -> str:
        """The answer as it is printed."""
        return _LABELS.get((type(self), self.value), self.value.replace("_", " "))


class OpioidRoute(Answer):
    """How street opioids are mostly taken."""

    INJECTED = "injected"
    SMOKED = "smoked"
    SNORTED = "snorted"
    SWALLOWED = "swallowed"


class Injecting(Answer):
    """Whether the person injects."""

    NOW = "now"
    BEFORE = "before"
    NEVER = "never"


class Pregnancy(Answer):
    """Whether the person is pregnant; four answers, because not asked is not no."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    NOT_KNOWN = "not_known"


class Ecg(Answer):
    """What is known of the heart's rhythm."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"
    NOT_DONE = "not_done"


class Naloxone(Answer):
    """Whether the person holds take-home naloxone."""

    HELD = "held"
    GIVEN_TODAY = "given_today"
    DECLINED = "declined"


class Option(Answer):
    """A treatment that was offered or chosen."""

    INJECTED = "injected"
    ORAL = "oral"
    RESIDENTIAL = "residential"
    DETOX = "detox"
    TALKING = "talking"
    NONE = "none"


class Capacity(Answer):
    """Whether the person can take in, weigh and say the decision about this treatment today."""

    YES = "yes"
    NO = "no"


_LABELS: dict[tuple[type, str], str] = {
    (Injecting, "now"): "injects now",
    (Injecting, "before"): "injected before, not now",
    (Injecting, "never"): "never injected",
    (Naloxone, "held"): "holds a kit",
    (Naloxone, "given_today"): "given a kit today",
    (Naloxone, "declined"): "offered, said no",
    (Option, "injected"): "injected diamorphine under supervision",
    (Option, "oral"): "methadone or buprenorphine",
    (Option, "residential"): "residential treatment",
    (Option, "detox"): "detoxification",
    (Option, "talking"): "talking therapy alone",
    (Option, "none"): "no treatment",
    (Capacity, "yes"): "yes, has capacity",
    (Capacity, "no"): "no, not today",
}


@dataclass(frozen=True, slots=True)
class AssessmentContent:
    """Everything a signed assessment says. None and empty text mean: not answered."""

    opioid_since_year: int | None
    opioid_route: str
    opioid_days_of_28: int | None
    injecting: str
    tolerance_evidence: str
    physical_health: str
    mental_health: str
    liver: str
    pregnancy: str
    alcohol: str
    benzodiazepines: str
    ecg: str
    ecg_words: str
    veins: str
    naloxone: str
    options_offered: tuple[str, ...]
    option_chosen: str
    why_in_their_words: str
    capacity: str
    due_on: date | None


# What must be answered, in the order of the page, and the sentence when it is not.
REQUIRED: Final[dict[str, str]] = {
    "opioid_since_year": "Write the year in which they began to use opioids.",
    "opioid_route": "Choose how they mostly take street opioids.",
    "opioid_days_of_28": "Write on how many of the last 28 days they used, from 0 to 28.",
    "injecting": "Choose whether they inject.",
    "tolerance_evidence": "Write what shows their tolerance: what was seen, tested or recorded.",
    "physical_health": "Write what you found of their physical health.",
    "mental_health": "Write what you found of their mental health.",
    "liver": "Write what is known of their liver.",
    "pregnancy": "Choose an answer about pregnancy. Not known is an answer.",
    "alcohol": "Write how much they drink, or that they do not.",
    "benzodiazepines": "Write which benzodiazepines they take, or none.",
    "ecg": "Choose what is known of the ECG.",
    "veins": "Write what you saw of their veins.",
    "naloxone": "Choose whether they hold naloxone.",
    "options_offered": "Tick every treatment that was offered.",
    "option_chosen": "Choose the treatment they want.",
    "why_in_their_words": "Write why they want it, in their own words.",
    "capacity": "Choose whether they have the capacity to decide about this treatment.",
    "due_on": "Write when the next assessment is due.",
}


@dataclass(frozen=True, slots=True)
class StandingAssessment:
    """The newest signed assessment of somebody's treatment, as far as an order asks."""

    number: int
    signed_by: str
    signed_at: datetime
    due_on: date
    has_capacity: bool
    is_pregnant: bool


@dataclass(frozen=True, slots=True)
class PartCompared:
    """One part of an assessment as it is printed, and what an earlier one said of it (None: the same, or no other)."""

    words: str
    value: str
    before: str | None

    @property
    def is_changed(self) -> bool:
        """Tell whether the earlier assessment said something else."""
        return self.before is not None


def compare_parts(
    parts: tuple[tuple[str, str], ...], earlier: tuple[tuple[str, str], ...] | None
) -> tuple[PartCompared, ...]:
    """Return each part of an assessment beside what an earlier one said, where that was something else."""
    said = dict(earlier or ())
    return tuple(
        PartCompared(words, value, said[words] if said.get(words, value) != value else None)
        for words, value in parts
    )


def may_sign_assessment(content: AssessmentContent, *, today: date, birth_year: int | None) -> Decision:
    """Decide whether an assessment may be signed. A finding's code is the name of the part it is about.

    Source: clinical rule 4 (the basis of a dose); the list of parts and the 84 days are unverified.
    """
    missing = [_blocked(part, words) for part, words in REQUIRED.items() if _is_empty(getattr(content, part))]
    return Decision((*missing, *_implausible(content, today=today, birth_year=birth_year)))


def may_order_rest_on(assessment: StandingAssessment | None, *, today: date) -> Decision:
    """Decide whether an order may rest on what was assessed: there is one, it is not overdue, it says yes.

    Source: clinical rule 4.
    """
    if assessment is None:
        message = "No medical assessment is signed. An order rests on one."
        return Decision((block("no_assessment", message, "clinical rule 4"),))
    return Decision.of(
        [_incapable(assessment), _overdue(assessment, today=today), _pregnant(assessment)],
    )


def _incapable(assessment: StandingAssessment) -> Finding | None:
    if assessment.has_capacity:
        return None
    message = "The assessment says that they could not decide about this treatment. Assess again."
    return Finding("no_capacity", Level.STOP, message, "clinical rule 4")


def _overdue(assessment: StandingAssessment, *, today: date) -> Finding | None:
    if today <= assessment.due_on:
        return None
    message = f"The medical assessment was due again on {assessment.due_on:%-d %B %Y}."
    return note("assessment_overdue", message, "clinical rule 4")


def _pregnant(assessment: StandingAssessment) -> Finding | None:
    if not assessment.is_pregnant:
        return None
    message = "The assessment says: pregnant. Read what it says before you sign."
    return note("pregnant", message, "clinical rule 4")


def _implausible(content: AssessmentContent, *, today: date, birth_year: int | None) -> Iterator[Finding]:
    since, days, due_on = content.opioid_since_year, content.opioid_days_of_28, content.due_on
    earliest = max(birth_year or EARLIEST_YEAR, EARLIEST_YEAR)
    if since is not None and not earliest <= since <= today.year:
        yield _blocked("opioid_since_year", f"Write a year from {earliest} to {today.year}.")
    if days is not None and not 0 <= days <= 28:
        yield _blocked("opioid_days_of_28", REQUIRED["opioid_days_of_28"])
    if content.ecg == Ecg.ABNORMAL and not content.ecg_words:
        yield _blocked("ecg_words", "Write what the ECG shows.")
    if (
        content.options_offered
        and content.option_chosen not in ("", Option.NONE)
        and content.option_chosen not in content.options_offered
    ):
        yield _blocked(
            "option_chosen", "They chose a treatment that is not ticked as offered. Tick it, or choose again."
        )
    last = today + DUE_AFTER
    if due_on is not None and not today < due_on <= last:
        yield _blocked(
            "due_on", f"Write a day after today and not later than {last:%-d %B %Y}, 84 days from now."
        )


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == ()


def _blocked(part: str, message: str) -> Finding:
    return block(part, message, "clinical rule 4")
