"""A group: one session held with several people at once, each of whom came or did not.

Source: trust design 3; cohort files, support.csv.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block
from outcomes.rules.support import SessionLogged, may_log_session

FEWEST: Final = 2
MOST: Final = 100
# What is written of somebody who did not come to a group; what happens next is asked for besides.
NOTHING_YET: Final = ("follow_up_none",)
TRUST: Final = "trust design 3"


class JoinedLate(StrEnum):
    """Why somebody is added to a group that is logged already."""

    FORGOTTEN = "forgotten"
    LEARNED_LATER = "learned_later"

    @property
    def label(self) -> str:
        """The reason in the words on the keys."""
        return {
            JoinedLate.FORGOTTEN: "Forgotten when the group was logged",
            JoinedLate.LEARNED_LATER: "Learned later that they belong in it",
        }[self]


def session_of(held: SessionLogged, *, attended: bool) -> SessionLogged:
    """Return the session of one person out of a group as it was held; `held` is that of somebody who came.

    What happens next is asked for those who did not come; it is theirs, and not of those who came.
    """
    if attended:
        return replace(held, next_step="", next_step_on=None)
    return replace(held, attended=False, minutes=None, done=NOTHING_YET, note="")


def may_log_group(
    held: SessionLogged, *, came: int, stayed_away: int, today: date, last_accepted_on: date | None
) -> Decision:
    """Decide whether a group may be stored, with every reason against it.

    `last_accepted_on` is when the last of them was accepted here, None where nobody was chosen. Each one's session is
    judged as a session of its own is; the reasons are the same for all who came, and for all who stayed away.
    """
    accepted_on = last_accepted_on or held.on
    decision = Decision.of(
        [
            block("group_of_nobody", "Tap who came and who did not: two people at least.", TRUST)
            if came + stayed_away < FEWEST
            else None,
            block("group_without_anybody", "Nobody came. Log each one’s session by itself.", TRUST)
            if came == 0 and stayed_away >= FEWEST
            else None,
            block("group_is_large", f"A group has {MOST} people at most.", TRUST)
            if came + stayed_away > MOST
            else None,
            block(
                "group_before_acceptance",
                f"One of them was accepted here on {accepted_on:%-d %B %Y}, after that day. Check the day, or leave"
                " them out.",
                TRUST,
            )
            if held.on < accepted_on
            else None,
        ]
    )
    decision |= may_log_session(session_of(held, attended=True), today=today, accepted_on=held.on)
    if not stayed_away:
        return decision
    # What is wrong with the group itself is said once; of who stayed away only what happens next is asked besides.
    away = may_log_session(session_of(held, attended=False), today=today, accepted_on=held.on)
    said = decision.refusal_codes
    return decision | Decision.of([finding for finding in away if finding.code not in said])


def may_add_to_group(
    session: SessionLogged, *, is_in_it: bool, people: int, today: date, accepted_on: date
) -> Decision:
    """Decide whether somebody may be added to a group that is logged: not in it yet, and as any session may be."""
    return Decision.of(
        [
            block(
                "group_has_them",
                "They stand in this group already. Correct their session, also one that was struck out.",
                TRUST,
            )
            if is_in_it
            else None,
            block("group_is_large", f"A group has {MOST} people at most.", TRUST) if people >= MOST else None,
        ]
    ) | may_log_session(session, today=today, accepted_on=accepted_on)
