"""Which report may be made for which month.

Source: Indicators 1 and 4 (evaluation).
"""

from datetime import date
from enum import StrEnum

from hat_clinic.core.decisions import Decision, Finding, Level
from outcomes.rules.evaluation.words import day, month_name

QUARTER_ENDS = (3, 6, 9, 12)
SOURCE = "indicators-4"


class Edition(StrEnum):
    """Who a report is for: exact numbers, disclosure-controlled ones, or justice figures exact."""

    RESTRICTED = "restricted"
    PUBLIC = "public"
    JUSTICE = "justice"


def may_build_report(*, edition: Edition, month: date, opened_on: date, today: date) -> Decision:
    """Whether a report of a clinic can be made today: each reason against it as one sentence."""
    return Decision.of(
        [
            _quarter(edition, month),
            _made_yet(edition),
            _begun(month, today),
            _opened(month, opened_on),
        ]
    )


def _quarter(edition: Edition, month: date) -> Finding | None:
    if edition is not Edition.PUBLIC or month.month in QUARTER_ENDS:
        return None
    return _block(
        "report_not_a_quarter",
        f"The public edition is made for quarters only, and {month_name(month)} does not end one. "
        "Ask for March, June, September or December.",
    )


def _made_yet(edition: Edition) -> Finding | None:
    if edition is Edition.RESTRICTED:
        return None
    return _block(
        "report_edition_not_made",
        f"This version makes the restricted edition only, so no {edition} edition was made. "
        "Nothing exact is given out under another name.",
    )


def _begun(month: date, today: date) -> Finding | None:
    if month <= today:
        return None
    return _block(
        "report_month_not_begun",
        f"{month_name(month)} has not begun. Ask again on {day(month)} or later, or ask for an earlier month.",
    )


def _opened(month: date, opened_on: date) -> Finding | None:
    if month >= opened_on.replace(day=1):
        return None
    return _block(
        "report_before_opening",
        f"The clinic opened on {day(opened_on)}. Ask for {month_name(opened_on)} or a later month.",
    )


def _block(code: str, message: str) -> Finding:
    return Finding(code=code, level=Level.BLOCK, message=message, source=SOURCE)
