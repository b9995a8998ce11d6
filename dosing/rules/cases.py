"""A discrepancy case: what the difference turned out to be, who must be told by when, and when it may be closed.

Nothing is sent from here. A destination is told by a person, who writes down whom they told, when, and the reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

# A case that is not resolved by then is told to the controlled-drug accountable officer's contact.
CLOCK: Final = timedelta(hours=24)
WORDS_LENGTH: Final = 1000
SHORT_LENGTH: Final = 120
# A slip of the day or the hour lies further back; a real call on the day of the count does not.
LONGEST_BEFORE: Final = timedelta(hours=24)


class Classification(StrEnum):
    """What a difference turned out to be. The list is our own proposal, unverified."""

    COUNTING = "counting"
    NOT_WRITTEN = "not_written"
    WRONG_LINE = "wrong_line"
    BROKEN_FOUND = "broken_found"
    FOUND = "found"
    DELIVERY = "delivery"
    DOSE = "dose"
    SURPLUS = "surplus"
    LOSS = "loss"
    THEFT = "theft"

    @property
    def label(self) -> str:
        """The classification in the clinic's words."""
        return _CLASSIFICATIONS[self]


_CLASSIFICATIONS: Final = {
    Classification.COUNTING: "Counting or arithmetic error",
    Classification.NOT_WRITTEN: "A line that was not written in the register",
    Classification.WRONG_LINE: "A line with a wrong quantity, or in the wrong register",
    Classification.BROKEN_FOUND: "Broken ampoule found",
    Classification.FOUND: "Found elsewhere on the premises",
    Classification.DELIVERY: "Delivery short or over",
    Classification.DOSE: "A dose was drawn up or given otherwise than recorded",
    Classification.SURPLUS: "More than the register says, not explained",
    Classification.LOSS: "Less than the register says, not explained",
    Classification.THEFT: "Suspected theft or diversion",
}


class Destination(StrEnum):
    """Who is told of a case outside the room. The list is our own reading, unverified."""

    OFFICER = "officer"
    POLICE = "police"
    MANAGER = "manager"
    CQC = "cqc"
    LFPSE = "lfpse"
    SUPPLIER = "supplier"

    @property
    def label(self) -> str:
        """The destination in words."""
        return _DESTINATIONS[self]


_DESTINATIONS: Final = {
    Destination.OFFICER: "Controlled-drug accountable officer’s contact",
    Destination.POLICE: "Police controlled-drug liaison officer",
    Destination.MANAGER: "Clinic’s manager",
    Destination.CQC: "CQC notification",
    Destination.LFPSE: "LFPSE, patient safety event",
    Destination.SUPPLIER: "Supplier",
}

# Told at once, from the moment somebody suspects it.
_AT_ONCE: Final = {
    Classification.THEFT: (
        Destination.OFFICER,
        Destination.POLICE,
        Destination.MANAGER,
        Destination.CQC,
    ),
}
# Told before the case's clock has run out.
_IN_TIME: Final = {
    Classification.LOSS: (Destination.OFFICER, Destination.MANAGER),
    Classification.SURPLUS: (Destination.OFFICER,),
    Classification.DOSE: (Destination.OFFICER, Destination.LFPSE),
    Classification.DELIVERY: (Destination.SUPPLIER,),
}


class CaseEventKind(StrEnum):
    """What one line of a case tells of."""

    NOTE = "note"
    CLASSIFIED = "classified"
    TOLD = "told"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The kind as it is printed."""
        return self.value.capitalize()


class CaseState(StrEnum):
    """How far a case has come."""

    OPEN = "open"
    CLASSIFIED = "classified"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The state in words."""
        return {"open": "Open, not classified", "classified": "Classified", "closed": "Closed"}[self.value]


@dataclass(frozen=True, slots=True)
class Classified:
    """One classification and its moment; a later one stands, an earlier one stays to be read."""

    classification: Classification
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of one case: its classifications in their order, who was told, and its end (None: open)."""

    opened_at: datetime
    classified: tuple[Classified, ...] = ()
    told: frozenset[Destination] = frozenset()
    closed_at: datetime | None = None

    @property
    def state(self) -> CaseState:
        """How far the case has come."""
        if self.closed_at is not None:
            return CaseState.CLOSED
        return CaseState.CLASSIFIED if self.classified else CaseState.OPEN

    @property
    def clock_ends_at(self) -> datetime:
        """When a case that is still open is told to the accountable officer's contact."""
        return self.opened_at + CLOCK


@dataclass(frozen=True, slots=True)
class Due:
    """One destination of a case: by when it is told, why, and whether it was.

    `only_if_open` says that it falls away when the case is closed before `due_at`.
    """

    destination: Destination
    due_at: datetime
    why: str
    is_told: bool
    only_if_open: bool = False

    def is_overdue(self, at: datetime) -> bool:
        """Tell whether its time has come and nobody was told."""
        return not self.is_told and self.due_at <= at


def destinations_of(case: CaseFacts) -> tuple[Due, ...]:
    """Return who must be told of a case, the soonest first.

    What was once suspected stays to be told, whatever it is called later. A case that is not closed within 24 hours
    is told to the accountable officer's contact; suspected theft at once. Source: clinical rules 47 and 53.
    """
    found: dict[Destination, Due] = {}

    def ask(destination: Destination, due_at: datetime, why: str, *, only_if_open: bool = False) -> None:
        before = found.get(destination)
        if before is None or (due_at, only_if_open) < (before.due_at, before.only_if_open):
            found[destination] = Due(destination, due_at, why, destination in case.told, only_if_open)

    for one in case.classified:
        for destination in _AT_ONCE.get(one.classification, ()):
            ask(destination, one.at, f"At once: {_lower(one.classification)}.")
        for destination in _IN_TIME.get(one.classification, ()):
            ask(destination, case.clock_ends_at, f"Classified: {_lower(one.classification)}.")
    if case.closed_at is None or case.closed_at >= case.clock_ends_at:
        ask(
            Destination.OFFICER,
            case.clock_ends_at,
            "If the case is still open 24 hours after it was opened.",
            only_if_open=True,
        )
    order = list(Destination)
    return tuple(sorted(found.values(), key=lambda due: (due.due_at, order.index(due.destination))))


def _lower(classification: Classification) -> str:
    label = classification.label
    return label[0].lower() + label[1:]


def may_classify(case: CaseFacts, *, words: str) -> Decision:
    """Decide whether a case is classified, or classified anew, in these words. Source: clinical rule 47."""
    return Decision.of([_is_closed(case), _words(words, "Write what was found, and how.")])


def may_note(*, words: str) -> Decision:
    """Decide whether a line is added to a case: also to a closed one, because a fact is never refused.

    Source: clinical rules 7.11.
    """
    return Decision.of([_words(words, "Write what was done or found.")])


def may_tell(
    case: CaseFacts, *, whom: str, reference: str, words: str, told_at: datetime, at: datetime
) -> Decision:
    """Decide whether it is written down that somebody was told: whom, when, and under which reference.

    `reference` may be empty where none was given. Also after the case was closed, and of a call that was made before
    the second count opened it. Source: clinical rules 47 and 53.
    """
    return Decision.of(
        [
            None if whom.strip() else _no("nobody_named", "Write whom you told."),
            _no("name_too_long", f"Write the name in at most {SHORT_LENGTH} characters.")
            if len(whom.strip()) > SHORT_LENGTH
            else None,
            _no("reference_too_long", f"Write the reference in at most {SHORT_LENGTH} characters.")
            if len(reference.strip()) > SHORT_LENGTH
            else None,
            _too_long(words),
            _no("told_in_the_future", "Write when they were told: a time that is over.")
            if told_at > at
            else None,
            _no(
                "told_long_before_the_case",
                "That is more than a day before the case was opened. Look at the day and the time again.",
            )
            if told_at < case.opened_at - LONGEST_BEFORE
            else None,
        ]
    )


def may_close_case(case: CaseFacts, *, words: str, at: datetime) -> Decision:
    """Decide whether a case is closed: classified, with a reason, and everybody told who had to be by now.

    Source: clinical rules 47 and 53.
    """
    missing = [due for due in destinations_of(case) if not due.is_told and _is_asked(due, at)]
    return Decision.of(
        [
            _is_closed(case),
            None
            if case.classified
            else _no(
                "not_classified", "The difference is not classified. Classify it before you close the case."
            ),
            _words(words, "Write why the case is closed."),
            *(
                _no(
                    f"not_told_{due.destination.value}",
                    f"Not told yet: {due.destination.label}. Tell them, then write it down here. {due.why}",
                )
                for due in missing
            ),
        ]
    )


def _is_asked(due: Due, at: datetime) -> bool:
    """Tell whether somebody must be told before the case may be closed at a moment."""
    return due.due_at <= at or not due.only_if_open


def _is_closed(case: CaseFacts) -> Finding | None:
    if case.closed_at is None:
        return None
    return _no("case_is_closed", "This case is closed. Add a note if something is to be added.")


def _words(words: str, missing: str) -> Finding | None:
    return _too_long(words) if words.strip() else _no("no_words", missing)


def _too_long(words: str) -> Finding | None:
    if len(words.strip()) <= WORDS_LENGTH:
        return None
    return _no("words_too_long", f"Write it in at most {WORDS_LENGTH} characters.")


def _no(code: str, message: str) -> Finding:
    return block(code, message, "clinical rule 47")
