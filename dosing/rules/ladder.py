"""Where somebody stands on the ladder of missed sessions, in the words that every page says it with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dosing.rules.history import Row, Standing, row_by_hours, row_by_sessions, standing_at
from dosing.rules.limits import LimitFacts, OrderKind, decision_stands, gap_findings
from dosing.rules.protocol import Protocol


class Ladder(StrEnum):
    """What a gap asks for before the next dose. Source: clinical rule 32."""

    NOTHING = "nothing"
    CAPPED = "capped"
    DECIDE = "decide"
    DECIDED = "decided"
    RESTART = "restart"
    BEGUN_ANEW = "begun_anew"

    @property
    def tag(self) -> str:
        """The few words that stand beside a name, empty where nothing is asked for."""
        return _TAGS.get(self, "")

    @property
    def bars(self) -> bool:
        """Tell whether no dose may be begun."""
        return self in (Ladder.DECIDE, Ladder.RESTART)


_TAGS = {
    Ladder.CAPPED: "Dose capped after missed sessions",
    Ladder.DECIDED: "Dose capped after missed sessions",
    Ladder.DECIDE: "Doctor decides first",
    Ladder.RESTART: "New order needed",
}


def ladder_of(facts: LimitFacts, *, kind: OrderKind) -> Ladder:
    """Return what the gap of somebody with an order in force asks for. Source: clinical rules 32 and 7.11."""
    row = standing_at(facts.history, facts.protocol, at=facts.at).row
    if row is Row.FULL:
        return Ladder.NOTHING
    if row is Row.CAP:
        return Ladder.CAPPED
    if row is Row.DECIDE:
        return Ladder.DECIDED if decision_stands(facts) else Ladder.DECIDE
    return Ladder.BEGUN_ANEW if gap_findings(facts, kind=kind).is_allowed else Ladder.RESTART


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of the ladder as it is printed; `binds` on the one that somebody stands in."""

    row: Row
    hours: str
    missed: str
    allows: str
    binds: bool


def rungs_of(standing: Standing, protocol: Protocol) -> tuple[Rung, ...]:
    """Return the four rows of a clinic's ladder, the mildest first. Source: clinical rule 32."""
    hours = (protocol.gap_full_hours, protocol.gap_cap_hours, protocol.gap_decide_hours)
    missed = (protocol.gap_full_missed, protocol.gap_cap_missed, protocol.gap_decide_missed)
    allows = (
        "the ordered dose, after the full check",
        f"at most {protocol.gap_cap_percent} %",
        f"nothing before a licensed doctor decides, then at most {protocol.gap_decide_percent} %",
        "nothing before a new titration order",
    )
    return tuple(
        Rung(
            row=row,
            hours=_hours(place, hours),
            missed=_sessions(place, missed),
            allows=allows[place],
            binds=standing.gap is not None and standing.row is row,
        )
        for place, row in enumerate(Row)
    )


def why_it_binds(standing: Standing, protocol: Protocol) -> str:
    """Return which of hours and sessions put somebody into their row, the stricter of the two.

    Source: clinical rule 32.
    """
    gap = standing.gap
    if gap is None:
        return ""
    by_hours, by_sessions = row_by_hours(gap, protocol), row_by_sessions(gap, protocol)
    if by_hours is by_sessions:
        return f"Hours and sessions both stand in row {by_hours}."
    stricter, milder = ("sessions", "hours") if by_sessions > by_hours else ("hours", "sessions")
    most, least = max(by_hours, by_sessions), min(by_hours, by_sessions)
    return f"The {stricter} stand in row {most}, the {milder} in row {least}: the stricter binds."


def _hours(place: int, limits: tuple[int, int, int]) -> str:
    """Return such as "over 26 to 50 h", with a space that does not break before the unit."""
    if place == 0:
        return f"up to {limits[0]}\u00a0h"
    if place == len(limits):
        return f"over {limits[-1]}\u00a0h"
    return f"over {limits[place - 1]} to {limits[place]}\u00a0h"


def _sessions(place: int, limits: tuple[int, int, int]) -> str:
    """Return such as "2 to 3": sessions are counted, so that over 1 is 2 or more."""
    if place == 0:
        return f"up to {limits[0]}"
    if place == len(limits):
        return f"{limits[-1] + 1} or more"
    least, most = limits[place - 1] + 1, limits[place]
    return f"{least} to {most}" if least < most else f"{most}"
