"""The check before everything held about somebody is handed over: that it does nobody serious harm.

Source: trust design 7 (subject access).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hat_clinic.core.decisions import Decision, block

SOURCE: Final = "trust design 7"
LONGEST_WORDS: Final = 500
# How long a signature stands. Unverified, our own proposal: as long as there is for the answer.
STANDS_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class HarmCheckFacts:
    """The newest signature: when, None where nobody signed. `is_unchanged` tells that nothing was written since.

    `is_own` tells that whoever hands the record over signed it themselves.
    """

    signed_at: datetime | None
    is_unchanged: bool
    is_own: bool
    at: datetime


def may_hand_over(facts: HarmCheckFacts) -> Decision:
    """Decide whether a record may be handed over: a clinician read what it says now, and signed.

    Source: trust design 7.
    """
    if facts.signed_at is None:
        message = "No clinician has signed that it does nobody serious harm. They read it first: check_harm."
        return Decision((block("not_checked", message, SOURCE),))
    return Decision.of(
        (
            block("check_is_old", "The clinician's signature is over 30 days old. It is read again.", SOURCE)
            if facts.at >= facts.signed_at + STANDS_FOR
            else None,
            None
            if facts.is_unchanged
            else block("changed_since", "Something was written since it was read. It is read again.", SOURCE),
            block("own_check", "You signed it yourself. Somebody else hands it over.", SOURCE)
            if facts.is_own
            else None,
        )
    )


def may_sign_harm_check(*, is_right_password: bool, is_what_was_read: bool) -> Decision:
    """Decide whether a clinician may sign: what they read is what is held, and it is them. Source: trust design 7."""
    return Decision.of(
        (
            None if is_right_password else block("password", "That is not your password.", SOURCE),
            None
            if is_what_was_read
            else block("changed_since", "Something was written since it was read. Read it again.", SOURCE),
        )
    )
