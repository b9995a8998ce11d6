"""Which report may be made for which month.

Source: Indicators 1 and 4 (evaluation).
"""

from datetime import date
from enum import StrEnum

from hat_clinic.core.decisions import Decision, Finding, Level
from outcomes.rules.evaluation.indicators import is_over, next_month
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
            _begun(month, today),
            _quarter_over(edition, month, today),
            _month_over(edition, month, today),
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


def _begun(month: date, today: date) -> Finding | None:
    if month <= today:
        return None
    return _block(
        "report_month_not_begun",
        f"{month_name(month)} has not begun. Ask again on {day(month)} or later, or ask for an earlier month.",
    )


def _quarter_over(edition: Edition, month: date, today: date) -> Finding | None:
    """Days that are not over would change what the public has read already."""
    if edition is not Edition.PUBLIC or month > today or is_over(month, today):
        return None
    return _block(
        "report_quarter_not_over",
        f"The public edition is made when the quarter is over. Ask again on {day(next_month(month))} or later.",
    )


def _month_over(edition: Edition, month: date, today: date) -> Finding | None:
    """One exact issue a month: two of one month, some days apart, would tell who came between them."""
    if edition is not Edition.JUSTICE or month > today or is_over(month, today):
        return None
    return _block(
        "report_month_not_over",
        f"The justice edition is made when the month is over. Ask again on {day(next_month(month))} or later.",
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
