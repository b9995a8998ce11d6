"""Which export for an independent evaluator may be asked for, approved and made; and under which names people go out.

How long an approval is good for is our own number, unverified ([P]).

Source: Indicators 8 (evaluation).
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

SOURCE: Final = "indicators 8"
GOOD_FOR_DAYS: Final = 30
RECIPIENT_LENGTH: Final = 100
TEXT_LENGTH: Final = 300
FEWEST_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ExportSaid:
    """What somebody asks for: who receives it, what for, under which agreement, and up to which day (not included)."""

    recipient: str
    purpose: str
    agreement: str
    as_of: date


@dataclass(frozen=True, kw_only=True, slots=True)
class MakingFacts:
    """What is known when the folder is to be written. `approved_on` None: nobody approved it yet."""

    approved_on: date | None
    is_made: bool
    has_key: bool
    people: int


def may_ask_for_export(said: ExportSaid, *, opened_on: date, today: date) -> Decision:
    """Decide whether an export can be asked for; each reason against it is a sentence."""
    return Decision.of(
        [
            _unless(bool(said.recipient.strip()), "export_recipient", "Write who receives the records."),
            _unless(bool(said.purpose.strip()), "export_purpose", "Write what they are evaluated for."),
            _unless(
                bool(said.agreement.strip()),
                "export_agreement",
                "Write the agreement under which they go out.",
            ),
            _unless(
                opened_on < said.as_of <= today,
                "export_day",
                f"Write a day after the opening ({opened_on:%-d %B %Y}), today at the latest.",
            ),
        ]
    )


def may_approve_export(*, is_own: bool, is_approved: bool, is_confirmed: bool) -> Decision:
    """Decide whether somebody may approve the export that another asked for."""
    return Decision.of(
        [
            _unless(not is_approved, "export_approved", "This export is approved already."),
            _unless(not is_own, "export_own", "You asked for this export. Somebody else approves it."),
            _unless(is_confirmed, "export_unconfirmed", "Tick that you read who receives the records."),
        ]
    )


def may_make_export(facts: MakingFacts, *, today: date) -> Decision:
    """Decide whether the folder may be written: approved by a second person lately, not made before, with a key."""
    approved = facts.approved_on
    return Decision.of(
        [
            _unless(approved is not None, "export_unapproved", "Nobody has approved this export yet."),
            _unless(
                approved is None or (today - approved).days <= GOOD_FOR_DAYS,
                "export_too_old",
                f"This export was approved more than {GOOD_FOR_DAYS} days ago. Ask for it again.",
            ),
            _unless(not facts.is_made, "export_made", "This export was made before. Ask for a new one."),
            _unless(
                facts.has_key,
                "export_key",
                "There is no key for the names that people go out under: set HAT_EXPORT_KEY.",
            ),
            _unless(
                facts.people > 0,
                "export_nobody",
                "Nobody has agreed to the evaluation of the service, so there is nothing to export.",
            ),
        ]
    )


def pseudonym(*, key: bytes, recipient: str, person: uuid.UUID) -> str:
    """Return the name under which one person goes out to one recipient: 32 hexadecimal digits.

    HMAC-SHA-256 under a key of the recipient's own, made of `key`, which stands outside the database: the same
    recipient finds the same person again in a later export, two recipients cannot join theirs, and nobody without
    the key can tell who it is. Raises ValueError for a key of fewer than 32 bytes.

    Source: Indicators 8 (evaluation).
    """
    if len(key) < FEWEST_KEY_BYTES:
        raise ValueError("A key for pseudonyms has 32 bytes or more.")
    spelled = " ".join(recipient.split()).casefold()
    own = hmac.digest(key, b"cohort export, version 1\0" + spelled.encode(), "sha256")
    return hmac.digest(own, person.bytes, "sha256").hex()[:32]


def _unless(holds: bool, code: str, message: str) -> Finding | None:
    return None if holds else block(code, message, SOURCE)
