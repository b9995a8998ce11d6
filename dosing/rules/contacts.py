"""Who is looked for after missed sessions, and what counts as having reached them.

The numbers are unverified, our own proposal. Source: clinical rule 35.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from dosing.rules.history import DoseHistory, MissedSession, Standing, missed_between
from hat_clinic.core.decisions import Decision, block

# Missed in a row without a contact: somebody looks for the person the same day. Source: clinical rule 35.
CONTACT_AFTER: Final = 2
# Whole days missed: the prescriber and the pharmacy that dispenses are told. Source: clinical rule 35.
ALERT_DAYS: Final = 3
LONGEST_WORDS: Final = 500


class Reached(StrEnum):
    """Whom a contact reached."""

    PERSON = "person"
    SEEN = "seen"
    PHARMACY = "pharmacy"
    NOBODY = "nobody"

    @property
    def label(self) -> str:
        """Whom, in the words of the page."""
        return _REACHED[self]


class How(StrEnum):
    """By which way somebody was reached or tried."""

    PHONE = "phone"
    VISIT = "visit"
    MESSAGE = "message"
    HERE = "here"

    @property
    def label(self) -> str:
        """How, in the words of the page."""
        return _HOWS[self]


_REACHED: Final = {
    Reached.PERSON: "the person",
    Reached.SEEN: "somebody who has seen them since (family, hostel, hospital, custody)",
    Reached.PHARMACY: "the pharmacy that dispenses for them",
    Reached.NOBODY: "nobody: it was tried",
}
_HOWS: Final = {
    How.PHONE: "by phone",
    How.VISIT: "by a visit",
    How.MESSAGE: "by message or letter",
    How.HERE: "they came here",
}
# Whoever was reached so tells how the person is.
TELLS_OF_THEM: Final = (Reached.PERSON, Reached.SEEN)


def may_note_contact(*, words: str) -> Decision:
    """Decide whether a contact may be stored: what was said is written down. Source: clinical rule 35."""
    if words.strip():
        return Decision()
    return Decision((block("no_words", "Write what was said, or what was tried.", "clinical rule 35"),))


def missed_in_a_row(history: DoseHistory, standing: Standing, *, at: datetime) -> tuple[MissedSession, ...]:
    """Return the sessions missed since the last dose that ended a gap, or since the first order.

    Source: clinical rules 32 and 35.
    """
    return missed_between(history, standing.gap.since if standing.gap is not None else None, at)


def asks_for_contact(missed: tuple[MissedSession, ...], *, heard_at: datetime | None) -> bool:
    """Tell whether the person is looked for today: two sessions missed since they were last heard of.

    Source: clinical rule 35.
    """
    since = [one for one in missed if heard_at is None or one.over_at > heard_at]
    return len(since) >= CONTACT_AFTER


def days_missed(missed: tuple[MissedSession, ...], history: DoseHistory) -> tuple[MissedSession, ...]:
    """Return the last session of each whole day that was missed: its last session is over, and nothing was given.

    Source: clinical rule 35.
    """
    dosed = {dose.given_on for dose in history.doses}
    return tuple(one for one in missed if one.ends_day and one.on not in dosed)


def asks_for_alert(days: tuple[MissedSession, ...], *, told_at: datetime | None) -> bool:
    """Tell whether three days are missed and the pharmacy was not told since the third of them ended.

    Source: clinical rule 35.
    """
    if len(days) < ALERT_DAYS:
        return False
    return told_at is None or told_at < days[ALERT_DAYS - 1].over_at
