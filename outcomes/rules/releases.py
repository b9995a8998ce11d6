"""Who may sign a report off, and which reports somebody reads.

Source: Indicators 4 (evaluation).
"""

from __future__ import annotations

from dataclasses import dataclass

from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.evaluation.editions import Edition

SOURCE = "indicators 4"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose eyes: the clinic's own staff see every report, others the released ones of some editions."""

    is_inside: bool
    editions: frozenset[Edition]

    def may_read(self, edition: Edition, *, is_released: bool) -> bool:
        """Decide whether a report is shown at all; what is not shown is answered like one that is not there."""
        return self.is_inside or (is_released and edition in self.editions)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseFacts:
    """What is known when somebody signs a report off; `is_read` is their own word that they read it."""

    may_sign: bool
    has_built: bool
    has_asked: bool
    is_newest: bool
    is_released: bool
    is_printed: bool
    is_same: bool
    is_read: bool


def may_release_report(facts: ReleaseFacts) -> Decision:
    """Decide whether a report goes out: read whole, by a clinical lead or manager who did not ask for it.

    Source: Indicators 4 (evaluation).
    """
    return Decision.of(
        [
            _unless(facts.may_sign, "release_role", "A clinical lead or a manager signs reports off."),
            _unless(
                not (facts.has_built or facts.has_asked),
                "release_own",
                "You asked for this report. A clinical lead or manager who did not ask for it signs it off.",
            ),
            _unless(
                facts.is_newest,
                "release_replaced",
                "A newer issue has replaced this report. Read that one and sign it off.",
            ),
            _unless(not facts.is_released, "release_again", "This report was signed off already."),
            _unless(
                facts.is_printed,
                "release_not_printed",
                "The PDF of this report is not made yet. Wait a minute and open this page again.",
            ),
            _unless(
                facts.is_same,
                "release_other_hash",
                "This page was opened for other figures. Open the report again from the list and read it.",
            ),
            _unless(facts.is_read, "release_unread", "Read the PDF, then tick that you have read it."),
        ]
    )


def _unless(holds: bool, code: str, message: str) -> Finding | None:
    return None if holds else block(code, message, SOURCE)
