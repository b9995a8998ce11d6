"""A doctor's authorisation of a finding at the hatch: which findings it is for, who gives it, and who lifts what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from dosing.rules.checks import STANDING, is_fresh
from dosing.rules.further import WatchedSince, bears_one_more
from hat_clinic.core.decisions import Decision, Finding, Level, block

SOURCE = "clinical rules 7.11"

# Findings that a licensed doctor's reason lets a dose pass, one dose at a time. Nothing about how much may be given
# is among them: no reason, and no report of street use, raises a dose. Source: clinical rules 19, 33 and 7.11.
AUTHORISABLE: Final = frozenset({"alcohol_stop", "oral_before"})

_DOCTOR = (
    "A doctor licensed here can let this one dose go ahead, with a reason, and is neither giver nor witness."
)
_HOLD = "A doctor licensed here lifts a hold, with a reason, after a new check. You cannot."
_STANDS = "Nobody lifts it over this reading. A new check within the limits comes first, then a doctor lifts the hold."


class AuthorisedFor(StrEnum):
    """Why a doctor lets a dose go ahead."""

    SEEN = "seen"
    SPOKEN = "spoken"
    KNOWN_AND_ALERT = "known_and_alert"
    CANNOT_BLOW = "cannot_blow"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return {
            "seen": "I have seen the person myself",
            "spoken": "I have spoken with the person and the nurse",
            "known_and_alert": "Known to me at such a reading, and alert",
            "cannot_blow": "A breath sample cannot be given, for a reason I know",
            "other": "Another reason",
        }[self.value]


def stops_of(decision: Decision) -> Decision:
    """Return the findings that only somebody named can let pass."""
    return Decision(tuple(finding for finding in decision if finding.level is Level.STOP))


def notes_of(decision: Decision) -> Decision:
    """Return the findings that are read and ticked."""
    return Decision(tuple(finding for finding in decision if finding.level is Level.WARN))


def besides_blocks(decision: Decision) -> Decision:
    """Return what a check says once it lets a dose go ahead, or a doctor has lifted its hold: stops and notes alone.

    Source: clinical rules 20 and 7.11.
    """
    return Decision(tuple(finding for finding in decision if finding.level is not Level.BLOCK))


def has_only_stops(decision: Decision) -> bool:
    """Tell whether everything that stands against a dose can be let pass by a licensed doctor's reason."""
    return bool(decision.refusals) and all(
        finding.level is Level.STOP and finding.code in AUTHORISABLE for finding in decision.refusals
    )


def less_authorised(decision: Decision, authorised: frozenset[str]) -> Decision:
    """Return what still stands once a doctor has let some findings pass: a block never goes away by this.

    Source: clinical rules 7.11.
    """
    return Decision(
        tuple(
            finding
            for finding in decision
            if finding.level is not Level.STOP or finding.code not in authorised & AUTHORISABLE
        )
    )


def who_lifts(finding: Finding) -> str:
    """Return who can lift one finding, in the words that stand at it; nothing where it says itself what to do.

    Source: clinical rules 20 and 7.11.
    """
    if finding.opens_hold:
        return _STANDS if finding.code in STANDING else _HOLD
    return _DOCTOR if finding.level is Level.STOP and finding.code in AUTHORISABLE else ""


def with_lifters(decision: Decision) -> Decision:
    """Return a decision whose every finding that somebody can lift says who. Source: clinical rules 20 and 7.11."""
    return Decision(
        tuple(replace(finding, remedy=finding.remedy or who_lifts(finding)) for finding in decision)
    )


@dataclass(frozen=True, slots=True)
class AuthorisingFacts:
    """What is known when a doctor is asked to let a dose pass a finding of one check.

    `standing` is all that stands against the dose now, by the check and beside it. `is_newest_check` says that no
    check was made since. `is_checker` says that who authorises made the check. `is_authorised`: it was done already
    and the dose not drawn up yet. `is_used_up`: a dose was drawn up on the check and put away. `since` is what was
    read since an injection of this session, None before the first.
    """

    at: datetime
    check_made_at: datetime
    is_newest_check: bool
    standing: Decision
    is_licensed: bool
    is_checker: bool
    is_authorised: bool
    is_drawn_up: bool
    is_used_up: bool = False
    since: WatchedSince | None = None


def may_authorise(facts: AuthorisingFacts, *, code: str, words: str) -> Decision:
    """Decide whether a doctor may let a dose go ahead over one finding of one check. All reasons at once.

    For a stop only, and never beside something that nobody can let pass: a hold is lifted first, a cap is kept.
    Source: clinical rules 19, 20, 33, 58 and 7.11.
    """
    found = next((finding for finding in facts.standing if finding.code == code), None)
    return Decision.of(
        (
            None
            if facts.is_licensed
            else block("no_licence", "Only a doctor licensed here lets a dose go ahead.", SOURCE),
            block("own_check", "Somebody else than who made the check lets a dose go ahead.", SOURCE)
            if facts.is_checker
            else None,
            None if words.strip() else block("no_words", "Write why this dose can go ahead.", SOURCE),
            *_of_the_check(facts),
            *_of_the_finding(facts, found),
        )
    )


def rests_on_what_was_seen(
    *, check_made_at: datetime, is_used_up: bool, since: WatchedSince | None, at: datetime
) -> Decision:
    """Decide whether a doctor has something to decide on: a fresh check, or readings where one injection went in.

    The check is made before the first injection of a session; the next ones rest on readings of their own.
    Source: clinical rules 7.11.
    """
    if since is not None:
        return bears_one_more(since, at=at)
    return Decision.of(
        (
            None
            if is_fresh(made_at=check_made_at, at=at)
            else block("check_is_old", "The check is over 30 minutes old. A new one comes first.", SOURCE),
            block(
                "check_used_up", "A dose was drawn up on this check already. A new one comes first.", SOURCE
            )
            if is_used_up
            else None,
        )
    )


def _of_the_check(facts: AuthorisingFacts) -> tuple[Finding | None, ...]:
    return (
        None
        if facts.is_newest_check
        else block("check_changed", "A new check was made since. Look at that one.", SOURCE),
        *rests_on_what_was_seen(
            check_made_at=facts.check_made_at, is_used_up=facts.is_used_up, since=facts.since, at=facts.at
        ),
        block("drawn_up", "The dose is drawn up already. Nothing is left to authorise.", SOURCE)
        if facts.is_drawn_up
        else None,
    )


def _of_the_finding(facts: AuthorisingFacts, found: Finding | None) -> tuple[Finding | None, ...]:
    if facts.is_authorised:
        message = "This finding is authorised already, for the next dose that is drawn up."
        return (block("authorised_already", message, SOURCE),)
    if found is None:
        return (block("no_such_finding", "This finding does not stand against the dose.", SOURCE),)
    if found.level is not Level.STOP or found.code not in AUTHORISABLE:
        return (
            block("not_to_be_lifted", f"{found.message} No doctor's reason lets a dose pass that.", SOURCE),
        )
    against = next((finding for finding in facts.standing.refusals if finding.level is Level.BLOCK), None)
    if against is not None:
        message = f"{against.message} That stands against any dose, and comes first."
        return (block("something_stands", message, SOURCE),)
    return (None,)
