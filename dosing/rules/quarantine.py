"""Stock that is no longer used: put apart, and destroyed before an authorised witness; patients' returns beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from dosing.rules.moments import day_in_words
from dosing.rules.stock import BatchFacts, in_the_future, is_usable_on
from hat_clinic.core.decisions import Decision, Finding, block

# A temporary authority to witness destruction lasts 28 days, the first and the last included.
TEMPORARY_DAYS: Final = 28


class QuarantineReason(StrEnum):
    """Why ampoules are put apart."""

    EXPIRED = "expired"
    BROKEN = "broken"
    DOUBTED = "doubted"
    UNWANTED = "unwanted"

    @property
    def label(self) -> str:
        """The reason as it is chosen on the page."""
        return {
            "expired": "Past its last day of use",
            "broken": "Broken or damaged",
            "doubted": "Recalled, or its quality is doubted",
            "unwanted": "Not needed any more",
        }[self.value]


class AuthorityKind(StrEnum):
    """How long an authority to witness destruction is given for."""

    TEMPORARY = "temporary"
    STANDING = "standing"

    @property
    def label(self) -> str:
        """The kind as it is chosen on the page."""
        return {
            "temporary": "Temporary: 28 days at most",
            "standing": "Standing: by office, such as a police controlled-drug liaison officer",
        }[self.value]


@dataclass(frozen=True, slots=True)
class AuthorityFacts:
    """Who may witness the destruction of service stock, from the first day to the last, both included."""

    name: str
    starts_on: date
    ends_on: date


def may_quarantine(batch: BatchFacts, *, ampoules: int, reason: QuarantineReason, today: date) -> Decision:
    """Decide whether ampoules are put into quarantine. They stay in the balance until they are destroyed.

    Source: clinical rule 48.
    """
    return Decision.of(
        (
            block(
                "not_expired",
                f"This batch is good until the end of {day_in_words(batch.expires_on)}. Choose another reason.",
                "clinical rule 48",
            )
            if reason is QuarantineReason.EXPIRED and is_usable_on(batch.expires_on, today)
            else None,
            block(
                "not_in_cabinet",
                f"{ampoules} ampoules were written, and fewer of this batch are in the cabinet that are not drawn "
                "up. Count again; if the count is right, an adjustment comes first.",
                "clinical rule 48",
            )
            if ampoules > batch.in_cabinet
            else None,
        )
    )


def may_record_authority(kind: AuthorityKind, *, starts_on: date, ends_on: date) -> Decision:
    """Decide whether an authority may be recorded with these days.

    A temporary one lasts at most 28 days. Source: clinical rule 48.
    """
    days = (ends_on - starts_on).days + 1
    if days < 1:
        return _no("ends_before_it_starts", "The last day is before the first. Write the later day second.")
    if kind is AuthorityKind.TEMPORARY and days > TEMPORARY_DAYS:
        return _no(
            "longer_than_28_days",
            f"These are {days} days. A temporary authority lasts at most {TEMPORARY_DAYS}: look at the letter again.",
        )
    return Decision()


def may_destroy(
    batch: BatchFacts,
    *,
    ampoules: int,
    is_service_stock: bool,
    authority: AuthorityFacts | None,
    destroyed_at: datetime,
    on: date,
    at: datetime,
) -> Decision:
    """Decide whether ampoules are destroyed: out of quarantine alone, service stock before an authorised witness.

    The authority is compared with the Europe/London day of the destruction. What was dispensed for a patient
    needs two members of staff and no authorised witness. Source: clinical rules 48 and 49.
    """
    return Decision.of(
        (
            in_the_future(destroyed_at, at),
            *(_authority(authority, on) if is_service_stock else ()),
            block(
                "not_in_quarantine",
                f"{ampoules} ampoules were written, and fewer of this batch are in quarantine. Only what is in "
                "quarantine is destroyed: put it there first.",
                "clinical rule 48",
            )
            if ampoules > batch.quarantined
            else None,
        )
    )


def _authority(authority: AuthorityFacts | None, on: date) -> tuple[Finding | None, ...]:
    if authority is None:
        message = "Choose the authorised witness. Service stock is destroyed before one, and not without."
        return (block("no_authority", message, "clinical rule 48"),)
    if on < authority.starts_on:
        message = f"The authority of {authority.name} begins on {day_in_words(authority.starts_on)}."
        return (block("authority_not_begun", message, "clinical rule 48"),)
    if on > authority.ends_on:
        message = (
            f"The authority of {authority.name} ended on {day_in_words(authority.ends_on)}. "
            "Record a new one, or choose another witness."
        )
        return (block("authority_ended", message, "clinical rule 48"),)
    return ()


def may_destroy_return(*, is_destroyed: bool) -> Decision:
    """Decide whether a patient's return is destroyed: once, before a second member of staff.

    Source: clinical rule 49.
    """
    if not is_destroyed:
        return Decision()
    return _no("return_is_destroyed", "This return is destroyed already. Look at the list again.")


def _no(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 48"),))
