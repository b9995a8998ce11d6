"""Urine samples: which day of a week is drawn, what may follow what in the chain of one sample, and what counts.

A routine opiate screen is positive on the medicine that is given here, always: it says nothing about street heroin
and is counted nowhere. Street heroin is told by a marker that the medicine does not carry.

Source: product W 5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block, note

DAYS_OF_A_WEEK: Final = 7
LONGEST_REFERENCE: Final = 20
LONGEST_REASON: Final = 200
CHAIN = "product W 5"
_REFERENCE: Final = re.compile(r"[A-Z0-9]([A-Z0-9/-]*[A-Z0-9])?")


class Assay(StrEnum):
    """What a laboratory looks for in a sample."""

    STREET_HEROIN_MARKER = "street_heroin_marker"
    GENERIC_OPIATE = "generic_opiate"
    COCAINE = "cocaine"
    BENZODIAZEPINE = "benzodiazepine"
    AMPHETAMINE = "amphetamine"

    @property
    def label(self) -> str:
        """The test in the words of the page."""
        return _ASSAY_WORDS[self]

    @property
    def caution(self) -> str:
        """What is said beside every result of the test, empty where it speaks for itself."""
        return PRESCRIBED_IS_POSITIVE if self is Assay.GENERIC_OPIATE else ""


_ASSAY_WORDS: Final = {
    Assay.STREET_HEROIN_MARKER: "Street-heroin marker",
    Assay.GENERIC_OPIATE: "Routine opiate screen",
    Assay.COCAINE: "Cocaine",
    Assay.BENZODIAZEPINE: "Benzodiazepines",
    Assay.AMPHETAMINE: "Amphetamines",
}
PRESCRIBED_IS_POSITIVE: Final = (
    "Positive on the prescribed medicine, always. It says nothing about street heroin and is not counted."
)
# What every sample of the weekly draw is tested for; a laboratory may look for more in the same sample.
DRAWN_FOR: Final = Assay.STREET_HEROIN_MARKER


class Found(StrEnum):
    """What a laboratory found."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    VOID = "void"

    @property
    def label(self) -> str:
        """The result in the words of the page."""
        return _FOUND_WORDS[self]


_FOUND_WORDS: Final = {
    Found.NEGATIVE: "Negative",
    Found.POSITIVE: "Positive",
    Found.VOID: "Could not be tested",
}


class UrineState(StrEnum):
    """How far one sample has come."""

    DUE = "due"
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    SENT = "sent"
    RESULT = "result"
    VOID = "void"

    @property
    def label(self) -> str:
        """The state in the words of the page."""
        return _STATE_WORDS[self]


_STATE_WORDS: Final = {
    UrineState.DUE: "due",
    UrineState.TAKEN: "taken",
    UrineState.NOT_TAKEN: "not taken",
    UrineState.SENT: "sent",
    UrineState.RESULT: "result is there",
    UrineState.VOID: "void",
}

# A result may be followed by one of another test of the same sample, or by a correction that names it; and the sample
# by a step that says it is void after all, when that is learnt later. Somebody who could not give one in the morning
# may give one later.
TRANSITIONS: Final[dict[UrineState, frozenset[UrineState]]] = {
    UrineState.DUE: frozenset({UrineState.TAKEN, UrineState.NOT_TAKEN}),
    UrineState.TAKEN: frozenset({UrineState.SENT, UrineState.VOID}),
    UrineState.NOT_TAKEN: frozenset({UrineState.TAKEN}),
    UrineState.SENT: frozenset({UrineState.RESULT, UrineState.VOID}),
    UrineState.RESULT: frozenset({UrineState.RESULT, UrineState.VOID}),
    UrineState.VOID: frozenset(),
}


class NotTakenBecause(StrEnum):
    """Why a sample that was due was not taken."""

    DID_NOT_COME = "did_not_come"
    DECLINED = "declined"
    COULD_NOT = "could_not"
    CUSTODY = "custody"
    HOSPITAL = "hospital"
    CLINIC_CLOSED = "clinic_closed"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in the words on the keys."""
        return _NOT_TAKEN_WORDS[self]


_NOT_TAKEN_WORDS: Final = {
    NotTakenBecause.DID_NOT_COME: "Did not come",
    NotTakenBecause.DECLINED: "Declined",
    NotTakenBecause.COULD_NOT: "Could not give one",
    NotTakenBecause.CUSTODY: "In custody",
    NotTakenBecause.HOSPITAL: "In hospital",
    NotTakenBecause.CLINIC_CLOSED: "Clinic closed",
    NotTakenBecause.OTHER: "Another reason",
}


class VoidBecause(StrEnum):
    """Why a sample that was taken counts for nothing."""

    SPILT = "spilt"
    SEAL_BROKEN = "seal_broken"
    WRONG_LABEL = "wrong_label"
    WRONG_PERSON = "wrong_person"
    DILUTED = "diluted"
    LOST = "lost"
    LAB_SPOILED = "lab_spoiled"
    CHAIN_BROKEN = "chain_broken"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in the words on the keys."""
        return _VOID_WORDS[self]


_VOID_WORDS: Final = {
    VoidBecause.SPILT: "Spilt or leaked",
    VoidBecause.SEAL_BROKEN: "Seal broken",
    VoidBecause.WRONG_LABEL: "Wrong label",
    VoidBecause.WRONG_PERSON: "Written for the wrong person",
    VoidBecause.DILUTED: "Diluted or not fresh",
    VoidBecause.LOST: "Lost on the way",
    VoidBecause.LAB_SPOILED: "Spoiled or mixed up in the laboratory",
    VoidBecause.CHAIN_BROKEN: "Nobody can say who had it",
    VoidBecause.OTHER: "Another reason",
}


def week_of(day: date, *, started_on: date) -> date:
    """Return the first day of the week of treatment that a day lies in, by which the week is named.

    Weeks are the stretches of seven days from a person's first start in this clinic, as the report counts them. Who
    leaves and comes back goes on in the same count, and who cannot come for a while is still in treatment: a sample
    is due in every week, and is written down as not taken with its reason.
    """
    return day - timedelta(days=(day - started_on).days % DAYS_OF_A_WEEK)


def days_to_draw_from(today: date, *, started_on: date) -> tuple[date, ...]:
    """Return the days one of which is drawn for somebody who has none in their week: today and what is left of it.

    Each is as likely as the others; which it is is drawn by the action, and told on the day itself.
    """
    left = DAYS_OF_A_WEEK - (today - week_of(today, started_on=started_on)).days
    return tuple(today + timedelta(days=ahead) for ahead in range(left))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What the rules know of one sample: the week and day drawn, how far it came, and the day it was taken."""

    week_on: date
    due_on: date
    state: UrineState
    taken_on: date | None = None

    @property
    def last_day(self) -> date:
        """The last day on which it can be taken: after it another week's day counts."""
        return self.week_on + timedelta(days=DAYS_OF_A_WEEK - 1)


def may_follow(sample: Sample, wanted: UrineState, *, today: date) -> Decision:
    """Decide whether a sample may come into a state now: its day has come, and the step before it was signed."""
    return Decision.of(
        [
            block("urine_not_due_yet", "No sample is due from this person today.", CHAIN)
            if sample.due_on > today
            else None,
            block("urine_out_of_order", _out_of_order(sample, wanted), CHAIN)
            if wanted not in TRANSITIONS[sample.state]
            else None,
        ]
    )


def _out_of_order(sample: Sample, wanted: UrineState) -> str:
    now_it_is = f"This sample is {sample.state.label}"
    if sample.state is UrineState.RESULT:
        now_it_is = "The result of this sample is there"
    return f"{now_it_is}: it cannot be written down as {_wanted_words(wanted)}. Open the page again and look."


def _wanted_words(wanted: UrineState) -> str:
    return "tested" if wanted is UrineState.RESULT else wanted.label


def may_take(
    sample: Sample,
    *,
    taken_on: date,
    reference: str,
    is_used: bool,
    was_seen: bool,
    is_sealed: bool,
    today: date,
) -> Decision:
    """Decide whether a sample may be written down as taken, with what is said of it.

    `is_used` tells whether another sample of the clinic bears the reference. A sample that nobody saw given, or that
    was not sealed, is written down all the same, and says so wherever it is shown.
    """
    return may_follow(sample, UrineState.TAKEN, today=today) | Decision.of(
        [
            block(
                "urine_taken_when",
                "A sample is taken on the day it is due, or later in the same week of treatment.",
                CHAIN,
            )
            if not sample.due_on <= taken_on <= min(today, sample.last_day)
            else None,
            _reference(reference),
            block("urine_reference_used", f"Another sample bears {reference}. Read the label again.", CHAIN)
            if is_used
            else None,
            note("urine_unseen", "Nobody saw it given: it says so wherever it is shown.", CHAIN)
            if not was_seen
            else None,
            note("urine_unsealed", "It was not sealed: it says so wherever it is shown.", CHAIN)
            if not is_sealed
            else None,
        ]
    )


def _reference(reference: str) -> Finding | None:
    if len(reference) <= LONGEST_REFERENCE and _REFERENCE.fullmatch(reference):
        return None
    message = f"Write the number of the label: at most {LONGEST_REFERENCE} capital letters, digits, - and /."
    return block("urine_reference", message, CHAIN)


def may_leave_untaken(sample: Sample, *, because: NotTakenBecause, words: str, today: date) -> Decision:
    """Decide whether a sample that was due may be written down as not taken."""
    return may_follow(sample, UrineState.NOT_TAKEN, today=today) | _said(
        because is NotTakenBecause.OTHER, words
    )


def may_send(sample: Sample, *, today: date) -> Decision:
    """Decide whether a sample may be written down as sent to the laboratory."""
    return may_follow(sample, UrineState.SENT, today=today)


def may_void(sample: Sample, *, because: VoidBecause, words: str, today: date) -> Decision:
    """Decide whether a sample may be written down as void: after a result always with a few words why."""
    must_say = because is VoidBecause.OTHER or sample.state is UrineState.RESULT
    return may_follow(sample, UrineState.VOID, today=today) | _said(must_say, words)


def _said(must_say: bool, words: str) -> Decision:
    return Decision.of(
        [
            block("urine_reason", "Write the reason in a few words.", CHAIN)
            if must_say and not words
            else None,
            block("urine_long_reason", f"Write it in at most {LONGEST_REASON} characters.", CHAIN)
            if len(words) > LONGEST_REASON
            else None,
        ]
    )
