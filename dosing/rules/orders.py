"""What can be ordered, by whom, and when an order is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, block


class Product(StrEnum):
    """A controlled drug of the programme, with its salt."""

    DIAMORPHINE = "diamorphine"

    @property
    def label(self) -> str:
        """The product in words."""
        return "diamorphine hydrochloride"


class Route(StrEnum):
    """How a dose is taken."""

    INTRAVENOUS = "iv"
    INTRAMUSCULAR = "im"
    SUBCUTANEOUS = "sc"

    @property
    def label(self) -> str:
        """The route in words."""
        return {"iv": "into a vein", "im": "into a muscle", "sc": "under the skin"}[self.value]


class Site(StrEnum):
    """Where on the body. Neck and groin are not offered. Source: clinical rule 23."""

    LEFT_ARM = "left_arm"
    RIGHT_ARM = "right_arm"
    LEFT_HAND = "left_hand"
    RIGHT_HAND = "right_hand"
    LEFT_THIGH = "left_thigh"
    RIGHT_THIGH = "right_thigh"
    LEFT_BUTTOCK = "left_buttock"
    RIGHT_BUTTOCK = "right_buttock"

    @property
    def label(self) -> str:
        """The site in words; right is the person's right."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """What a prescriber is about to sign: milligrams a session, sessions a day, minutes, and its period."""

    dose_mg: int
    sessions_per_day: int
    daily_max_mg: int
    interval_minutes: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """What is known when an order is signed.

    `licence_ends_at` is the end of the signer's licence in force for these premises and this product, or None.
    `protocol` is the clinic's approved version in force, or None. `last_given_at` is when this person's last
    injection began, or None.
    """

    at: datetime
    licence_ends_at: datetime | None
    protocol: Protocol | None
    person_is_in_treatment: bool
    last_given_at: datetime | None = None


def may_sign_order(draft: OrderDraft, facts: SigningFacts) -> Decision:
    """Decide whether an order may be signed. It checks the prescriber's numbers and proposes none.

    Source: clinical rules 1, 4, 6, 11 and 13, and 7.11 (a fixed dose within its own daily maximum).
    """
    return _licence(draft, facts) | _limits(draft, facts)


def _licence(draft: OrderDraft, facts: SigningFacts) -> Decision:
    if not facts.person_is_in_treatment:
        return Decision(
            (block("not_in_treatment", "This person is not in treatment here.", "clinical rule 4"),)
        )
    if facts.licence_ends_at is None:
        message = "No licence of yours for this drug at these premises is in force. A licensed doctor signs."
        return Decision((block("no_licence", message, "clinical rule 1"),))
    if draft.ends_at > facts.licence_ends_at:
        message = "The order would end after your licence. Choose an earlier end."
        return Decision((block("outlives_licence", message, "clinical rule 1"),))
    return Decision()


def _limits(draft: OrderDraft, facts: SigningFacts) -> Decision:
    protocol = facts.protocol
    if protocol is None:
        message = "The clinic has no approved limits in force. The clinical lead approves them first."
        return Decision((block("no_protocol", message, "clinical rules 7.11"),))
    total = draft.dose_mg * draft.sessions_per_day
    longest = timedelta(days=protocol.order_days_max)
    return Decision.of(
        (
            block("dose_is_none", "An order has a dose of at least 1 mg.", "clinical rule 4")
            if draft.dose_mg < 1
            else None,
            block(
                "single_dose",
                f"{draft.dose_mg} mg is over the limit for one dose, {protocol.single_block_mg} mg.",
                "clinical rule 11",
            )
            if draft.dose_mg > protocol.single_block_mg
            else None,
            block(
                "own_daily_maximum",
                f"{draft.sessions_per_day} × {draft.dose_mg} mg is {total} mg a day, over the order's own "
                f"maximum of {draft.daily_max_mg} mg.",
                "clinical rules 7.11",
            )
            if total > draft.daily_max_mg
            else None,
            block(
                "daily_maximum",
                f"{draft.daily_max_mg} mg a day is over the clinic's limit of {protocol.daily_block_mg} mg.",
                "clinical rule 11",
            )
            if draft.daily_max_mg > protocol.daily_block_mg
            else None,
            block(
                "interval",
                f"Sessions must be at least {protocol.interval_block_minutes} minutes apart.",
                "clinical rule 13",
            )
            if draft.interval_minutes < protocol.interval_block_minutes
            else None,
            block("starts_in_the_past", "An order starts when it is signed or later.", "clinical rules 7.11")
            if draft.starts_at < facts.at
            else None,
            block(
                "dose_meanwhile",
                "A dose was given meanwhile. Look at it before you sign.",
                "clinical rule 5",
            )
            if facts.last_given_at is not None and draft.starts_at <= facts.last_given_at
            else None,
            block(
                "too_long",
                f"An order may run for at most {protocol.order_days_max} days, and must end after it starts.",
                "clinical rule 6",
            )
            if not timedelta() < draft.ends_at - draft.starts_at <= longest
            else None,
        )
    )
