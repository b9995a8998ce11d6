"""Who reads which edition of the reports: classes of readers, what each may be given at most, and who decides it.

A clinic gives a class more than the public edition by a dated line that names the agreement, written by one and
approved by another. Until there is one, what is proposed here holds.

Source: Indicators 4 and 8 (evaluation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.accounts.rules import Role
from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.evaluation.editions import Edition

SOURCE: Final = "indicators-4"
SOURCE_LENGTH: Final = 300


class Reader(StrEnum):
    """One class of those who read reports and are not of the clinic."""

    COMMISSIONER = "commissioner"
    BOARD = "board"
    POLICE_COMMISSIONER = "police_commissioner"
    PROBATION = "probation"
    PRISON_GROUP = "prison_group"
    INSPECTOR = "inspector"
    EVALUATOR = "evaluator"
    PUBLIC = "public"

    @property
    def label(self) -> str:
        """The class in the clinic's words."""
        return _LABELS[self]

    @property
    def most(self) -> frozenset[Edition]:
        """Every edition that this class may ever be given."""
        return _MOST[self]

    @property
    def proposed(self) -> frozenset[Edition]:
        """What this class reads while the clinic has not decided."""
        return EVERYBODY | ({Edition.RESTRICTED} if self is Reader.COMMISSIONER else set())


_LABELS: Final = {
    Reader.COMMISSIONER: "Public-health commissioner",
    Reader.BOARD: "Board",
    Reader.POLICE_COMMISSIONER: "Police and crime commissioner",
    Reader.PROBATION: "Probation service",
    Reader.PRISON_GROUP: "Prison group",
    Reader.INSPECTOR: "Inspector",
    Reader.EVALUATOR: "Independent evaluator",
    Reader.PUBLIC: "Everybody else",
}
EVERYBODY: Final = frozenset({Edition.PUBLIC})
_ALL: Final = frozenset(Edition)
_JUSTICE: Final = frozenset({Edition.PUBLIC, Edition.JUSTICE})
# Health facts in exact numbers never go to police, probation or a prison.
_MOST: Final = {
    Reader.COMMISSIONER: _ALL,
    Reader.BOARD: _ALL,
    Reader.POLICE_COMMISSIONER: _JUSTICE,
    Reader.PROBATION: _JUSTICE,
    Reader.PRISON_GROUP: _JUSTICE,
    Reader.INSPECTOR: _ALL,
    Reader.EVALUATOR: _ALL,
    Reader.PUBLIC: EVERYBODY,
}
_READER_OF: Final = {
    Role.COMMISSIONER: Reader.COMMISSIONER,
    Role.BOARD: Reader.BOARD,
    Role.POLICE_COMMISSIONER: Reader.POLICE_COMMISSIONER,
    Role.PROBATION: Reader.PROBATION,
    Role.PRISON_GROUP: Reader.PRISON_GROUP,
    Role.INSPECTOR: Reader.INSPECTOR,
    Role.EVALUATOR: Reader.EVALUATOR,
}


def readers_of(roles: Iterable[Role]) -> frozenset[Reader]:
    """Return the classes that somebody's roles in a clinic put them in; everybody is one of the public.

    Source: Indicators 4 (evaluation).
    """
    return frozenset(_READER_OF[role] for role in roles if role in _READER_OF) | {Reader.PUBLIC}


@dataclass(frozen=True, slots=True)
class Given:
    """What a class reads, and why: the agreement with who wrote and approved it, or that it is only proposed."""

    editions: frozenset[Edition]
    basis: str
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class Grants:
    """The approved lines of one clinic, those of an earlier first day first; of one day the last approved is last."""

    lines: tuple[tuple[Reader, date, Given], ...] = ()

    def on(self, reader: Reader, day: date) -> Given:
        """Return what a class reads on a day: by the last line that has begun, or what is proposed.

        Source: Indicators 4 (evaluation).
        """
        begun = [given for who, first, given in self.lines if who is reader and first <= day]
        if begun:
            return begun[-1]
        basis = "Proposed by this program: nobody at this clinic has decided it."
        if reader is Reader.PUBLIC:
            basis = "The public edition is for everybody."
        return Given(reader.proposed, basis, is_proposed=reader is not Reader.PUBLIC)

    def editions(self, roles: Iterable[Role], day: date) -> frozenset[Edition]:
        """Return every edition that somebody with these roles reads on a day."""
        return frozenset[Edition]().union(*(self.on(reader, day).editions for reader in readers_of(roles)))


@dataclass(frozen=True, slots=True)
class EditionsSaid:
    """What somebody writes: for whom, from when on, what besides the public edition, and by which agreement."""

    reader: Reader
    from_day: date
    has_restricted: bool
    has_justice: bool
    source: str

    @property
    def editions(self) -> frozenset[Edition]:
        """Every edition the class would read."""
        return editions_given(has_restricted=self.has_restricted, has_justice=self.has_justice)


def editions_given(*, has_restricted: bool, has_justice: bool) -> frozenset[Edition]:
    """Return the editions of a line; the public one is always among them."""
    more = {Edition.RESTRICTED: has_restricted, Edition.JUSTICE: has_justice}
    return EVERYBODY | {edition for edition, is_given in more.items() if is_given}


def may_write_editions(said: EditionsSaid, *, today: date) -> Decision:
    """Decide whether a line can be stored; each reason against it is a sentence.

    Source: Indicators 4 and 8 (evaluation).
    """
    beyond = said.editions - said.reader.most
    return Decision.of(
        [
            _unless(
                said.from_day >= today,
                "readers_past",
                "The first day is over. Write today or a later day.",
            ),
            _unless(
                said.reader is not Reader.PUBLIC,
                "readers_public",
                "The public edition is for everybody: there is nothing to decide.",
            ),
            _unless(
                Edition.RESTRICTED not in beyond,
                "readers_restricted",
                f"{said.reader.label}: never the restricted edition. It tells exact numbers of people's health.",
            ),
            _unless(
                Edition.JUSTICE not in beyond,
                "readers_justice",
                f"{said.reader.label}: never the justice edition.",
            ),
            _unless(
                bool(said.source.strip()),
                "readers_source",
                "Write the agreement or decision that this rests on, with its date.",
            ),
        ]
    )


def may_approve_editions(
    *, from_day: date, today: date, is_own: bool, is_approved: bool, is_confirmed: bool
) -> Decision:
    """Decide whether somebody approves what another wrote: on its first day at the latest.

    Source: Indicators 4 (evaluation).
    """
    return Decision.of(
        [
            _unless(not is_approved, "readers_approved", "This is approved already."),
            _unless(not is_own, "readers_own", "You wrote this. Somebody else approves it."),
            _unless(
                from_day >= today,
                "readers_past",
                "The first day is over. It has to be written anew, from today or a later day.",
            ),
            _unless(is_confirmed, "readers_unconfirmed", "Tick that you read the agreement."),
        ]
    )


def _unless(holds: bool, code: str, message: str) -> Finding | None:
    return None if holds else block(code, message, SOURCE)
