"""People expected out of prison: which days are believed, and who stands on the list.

The time just after release is when the risk of a fatal overdose is highest, so that the first appointment is always on
the day itself. Source: product R 3.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

LIST_DAYS: Final = 14
LATEST_DAYS: Final = 731


def check_release(release_on: date, *, today: date) -> Finding | None:
    """Return what stands against an expected release: a day that is over, or more than two years away; or None.

    Source: product R 3.
    """
    if release_on < today:
        message = "The expected release is over. Write today or a later day, or leave it empty."
        return block("release_over", message, "product R 3")
    if release_on > today + timedelta(days=LATEST_DAYS):
        message = "The expected release is more than two years away. Check the year."
        return block("release_too_late", message, "product R 3")
    return None


def may_plan_release(*, is_open_or_accepted: bool, release_on: date, today: date) -> Decision:
    """Decide whether an expected release may be noted: not for somebody who was not taken in.

    Source: product R 3.
    """
    findings: list[Finding | None] = [check_release(release_on, today=today)]
    if not is_open_or_accepted:
        message = "This referral was closed. Nothing was changed."
        findings.append(block("closed", message, "product R 3"))
    return Decision.of(findings)


def is_overdue(release_on: date | None, *, today: date, is_settled: bool) -> bool:
    """Tell whether the day of release is over and nobody knows what became of the person.

    Whoever did not come on the day stays on the list until treatment starts or ends, the referral is closed, or another
    day is set: those are the days on which the risk is highest. Source: product R 3.
    """
    return release_on is not None and release_on < today and not is_settled


def is_soon(release_on: date | None, *, today: date) -> bool:
    """Tell whether somebody is expected out within the next 14 days, today and the last day included."""
    return release_on is not None and today <= release_on <= today + timedelta(days=LIST_DAYS)


def may_tell_release(source: str) -> bool:
    """Tell whether a source knows when somebody comes out, so that its word alone moves them forward in the line.

    Source: product R 3.
    """
    return source in ("prison", "probation")
