"""What became of an attempted act: the strongest finding, whether it was stored, and what was told."""

from __future__ import annotations

from dataclasses import dataclass

from hat_clinic.core.decisions import Decision, Level
from hat_clinic.scenarios.standing import Standing

WORDS = {Level.WARN: "warn", Level.STOP: "stop", Level.BLOCK: "block"}
# Decisions in a scenario's words, the weakest first.
STRENGTH = ("allow", "warn", "stop", "block")
UNREAD = "unread_"


@dataclass(frozen=True, slots=True)
class Result:
    """Decision and reply in the words of a scenario; `told` holds what the person read.

    `is_trail_asked` is False where no act of the program was called, or where its refusal was told before the act.
    `since` is what the tables held after a first step of the act that stays, such as a drawn dose.
    """

    decision: str
    reply: str
    told: tuple[str, ...] = ()
    is_trail_asked: bool = True
    since: Standing | None = None


def saved(decision: Decision) -> Result:
    """Return the result of an act that was stored, whatever was found and passed on the way."""
    return Result(decision=_strongest(decision), reply="saved", told=_told(decision))


def refused(decision: Decision, *, also: Decision | None = None) -> Result:
    """Return the result of an act that was refused; `also` is what was found before its notes were asked for."""
    against = decision.refusals
    if against and all(finding.code.startswith(UNREAD) for finding in against):
        found = also or Decision()
        return Result(
            decision=_strongest(found) if found.findings else "warn",
            reply="needs_acknowledgement",
            told=_told(decision),
        )
    strongest = _strongest(decision)
    reply = "needs_authoriser" if strongest == "stop" else "refused"
    return Result(decision=strongest, reply=reply, told=_told(decision))


def barred(message: str) -> Result:
    """Return the result of an act that something else than a rule refused: a form, a page, or the database."""
    return Result(decision=WORDS[Level.BLOCK], reply="refused", told=(message,))


def _strongest(decision: Decision) -> str:
    return WORDS[max(finding.level for finding in decision)] if decision.findings else "allow"


def _told(decision: Decision) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.message for finding in decision))
