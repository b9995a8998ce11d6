"""What a rule answers: findings, and the decision they make together.

Standard library only, so that pure rules may import it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How much a finding weighs; the strongest finding decides."""

    WARN = 1  # shown as NOTE: acknowledged and logged
    STOP = 2  # goes ahead only with a named authoriser and a reason
    BLOCK = 3  # cannot be saved


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason for or against an act, in the words the person reads before pressing.

    `source` is an id of docs/sources.md. `opens_hold` marks a block that outlives the attempt. `remedy` says what would
    make it go away, where the rule tells it apart from the message.
    """

    code: str
    level: Level
    message: str
    source: str
    opens_hold: bool = False
    remedy: str = ""

    @property
    def told(self) -> str:
        """The message with what would make it go away, said once."""
        if not self.remedy or self.remedy in self.message:
            return self.message
        return f"{self.message} {self.remedy}"

    @property
    def word(self) -> str:
        """The level as it is printed: NOTE, STOP, HOLD or BLOCK."""
        if self.level is Level.WARN:
            return "NOTE"
        if self.level is Level.STOP:
            return "STOP"
        return "HOLD" if self.opens_hold else "BLOCK"


def block(code: str, message: str, source: str) -> Finding:
    """Return a finding that nobody at the screen can pass."""
    return Finding(code=code, level=Level.BLOCK, message=message, source=source)


def stop(code: str, message: str, source: str) -> Finding:
    """Return a finding that somebody named can pass, with a reason."""
    return Finding(code=code, level=Level.STOP, message=message, source=source)


def note(code: str, message: str, source: str) -> Finding:
    """Return a finding that is read and acknowledged."""
    return Finding(code=code, level=Level.WARN, message=message, source=source)


@dataclass(frozen=True, slots=True)
class Decision:
    """All findings of one rule. Decisions are joined with `|`; none is lost."""

    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding | None]) -> Decision:
        """Make a decision of the findings that are there; `None` means nothing was found."""
        return cls(tuple(finding for finding in findings if finding is not None))

    def __or__(self, other: Decision) -> Decision:
        return Decision(self.findings + other.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def is_allowed(self) -> bool:
        """True when nothing stops or blocks the act."""
        return all(finding.level is Level.WARN for finding in self.findings)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that stop or block, strongest first."""
        against = [finding for finding in self.findings if finding.level is not Level.WARN]
        return tuple(sorted(against, key=lambda finding: -finding.level))

    @property
    def refusal_codes(self) -> list[str]:
        """The codes of what stops or blocks, strongest first: what the trail keeps of an act that was refused."""
        return [finding.code for finding in self.refusals]


class Refused(Exception):
    """A rule refused an act: nothing was stored, and `decision` holds every reason.

    Each act has its own, named for what did not happen. The message is every reason as the person reads it; of a
    decision that nothing refuses, whose notes alone were not read, it is the notes.
    """

    def __init__(self, decision: Decision) -> None:
        super().__init__(" ".join(finding.message for finding in decision.refusals or decision.findings))
        self.decision = decision
