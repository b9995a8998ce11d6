"""The way of one person through one session, from the hatch to the door."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from dosing.rules.sessions import Outcome, Reason
from hat_clinic.core.decisions import Decision, block


class VisitState(StrEnum):
    """How far somebody has come in one session."""

    ARRIVED = "arrived"
    IDENTIFIED = "identified"
    CHECKED = "checked"
    PREPARED = "prepared"
    OBSERVED = "observed"
    RELEASED = "released"
    LEFT_EARLY = "left_early"
    NOT_GIVEN = "not_given"


# Each arrow is one act. A check is made again when it is old or was held; a drawn dose that is wasted leads back.
TRANSITIONS: Final[dict[VisitState, frozenset[VisitState]]] = {
    VisitState.ARRIVED: frozenset({VisitState.IDENTIFIED, VisitState.NOT_GIVEN}),
    VisitState.IDENTIFIED: frozenset({VisitState.IDENTIFIED, VisitState.CHECKED, VisitState.NOT_GIVEN}),
    VisitState.CHECKED: frozenset(
        {VisitState.IDENTIFIED, VisitState.CHECKED, VisitState.PREPARED, VisitState.NOT_GIVEN}
    ),
    VisitState.PREPARED: frozenset({VisitState.IDENTIFIED, VisitState.OBSERVED}),
    # A further injection of the session is drawn up while somebody is watched; wasted, it leads back to that.
    VisitState.OBSERVED: frozenset({VisitState.PREPARED, VisitState.RELEASED, VisitState.LEFT_EARLY}),
    VisitState.RELEASED: frozenset(),
    VisitState.LEFT_EARLY: frozenset(),
    # Who comes after all is at the door again: what was recorded first stays, ended by a row of its own.
    VisitState.NOT_GIVEN: frozenset({VisitState.ARRIVED}),
}

# In the room, from the hatch to the needle.
IN_THE_ROOM: Final = (VisitState.IDENTIFIED, VisitState.CHECKED, VisitState.PREPARED)
# Whoever is in one of these stays on the board when the next session opens.
UNFINISHED: Final = (VisitState.ARRIVED, *IN_THE_ROOM, VisitState.OBSERVED)
ENDED: Final = (VisitState.RELEASED, VisitState.LEFT_EARLY, VisitState.NOT_GIVEN)

_DONE: Final = {
    VisitState.ARRIVED: "has arrived, and nobody has asked who they are",
    VisitState.IDENTIFIED: "is identified, and has no check that lets a dose go ahead",
    VisitState.CHECKED: "is checked",
    VisitState.PREPARED: "has a dose drawn up that has no ending yet",
    VisitState.OBSERVED: "has injected and is being observed",
    VisitState.RELEASED: "has left after the dose",
    VisitState.LEFT_EARLY: "has left before the observation was over",
    VisitState.NOT_GIVEN: "had no dose in this session",
}


def may_move(state: VisitState, to: VisitState) -> Decision:
    """Decide whether a visit may go on from one state to another.

    Source: trust design 5 (one outcome per session, no acting on a stale screen).
    """
    return Decision() if to in TRANSITIONS[state] else _out_of_turn(state)


def _out_of_turn(state: VisitState) -> Decision:
    message = (
        f"That cannot be done now: this person {_DONE[state]}. Go back to the board and open them again."
    )
    return Decision((block("out_of_turn", message, "trust design 5"),))


def may_identify(state: VisitState) -> Decision:
    """Decide whether somebody may be asked who they are: never past a drawn dose, which only its waste leads back from.

    Source: trust design 5 (a drawn dose is never hidden).
    """
    if state is VisitState.PREPARED:
        return _out_of_turn(state)
    return may_move(state, VisitState.IDENTIFIED)


class LateReason(StrEnum):
    """Why a session goes on that had ended without a dose. Source: clinical rules 7.11."""

    CAME_LATE = "came_late"
    CHANGED_MIND = "changed_mind"

    @property
    def label(self) -> str:
        """The reason in the words of the page."""
        return {"came_late": "they came after all", "changed_mind": "they want the dose after all"}[
            self.value
        ]


def late_reason(outcome: Outcome, reason: Reason) -> LateReason | None:
    """Return why a session that ended so may go on, or None where it may not.

    Whoever was away can come, whoever declined can change their mind; what a nurse withheld stays withheld in this
    session. Source: clinical rules 20 and 7.11.
    """
    if outcome in (Outcome.MISSED, Outcome.EXCUSED):
        return LateReason.CAME_LATE
    if outcome is Outcome.WITHHELD and reason is Reason.DECLINED:
        return LateReason.CHANGED_MIND
    return None


def may_come_late(
    state: VisitState | None, outcome: tuple[Outcome, Reason] | None, *, was_let_go: bool = False
) -> Decision:
    """Decide whether somebody's session goes on after it had ended without a dose.

    `was_let_go` where a paper line that was settled as never given had them leave: a session is left once.
    Source: clinical rules 7.11.
    """
    if was_let_go:
        message = (
            "On the paper that was set aside, this person left this session after a dose. It cannot go on. The next "
            "session is the next chance; a doctor can be asked."
        )
        return Decision((block("left_on_paper", message, "clinical rules 7.11"),))
    if state is not VisitState.NOT_GIVEN or outcome is None:
        message = (
            "This session has no ending that a late arrival could follow. Go back to the board and open the "
            "person again."
        )
        return Decision((block("not_ended_without", message, "clinical rules 7.11"),))
    if late_reason(*outcome) is None:
        message = (
            "The dose of this session was withheld, and stays withheld. The next session is the next chance; a doctor "
            "can be asked."
        )
        return Decision((block("stays_withheld", message, "clinical rules 7.11"),))
    return Decision()


class IdentityItem(StrEnum):
    """What a person is told apart by; two are needed. Source: clinical rule 16."""

    PHOTO = "photo"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    KNOWN_BY_TWO_STAFF = "known_by_two_staff"

    @property
    def label(self) -> str:
        """The item in words."""
        return {
            "photo": "the face is the one of the photo",
            "birth_date": "they say their date of birth",
            "address": "they say their address",
            "known_by_two_staff": "two members of staff know them",
        }[self.value]


def is_identified_by(items: frozenset[IdentityItem]) -> Decision:
    """Decide whether a person is told apart well enough: two different items, one of them said or seen.

    Source: clinical rule 16.
    """
    if len(items) >= 2:
        return Decision()
    message = "One item is not enough. Two are needed: the face and the date of birth, or another pair."
    return Decision((block("one_item", message, "clinical rule 16"),))
