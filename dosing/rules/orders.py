"""What can be ordered, by whom, and when an order is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from dosing.rules.protocol import OBSERVATION_FLOOR_MINUTES, Protocol
from hat_clinic.core.decisions import Decision, Finding, block, note, stop
from patients.rules.assessments import StandingAssessment, may_order_rest_on

LONDON: Final = ZoneInfo("Europe/London")
# How long an order runs unless its prescriber says otherwise. Source: clinical rule 6.
USUAL_ORDER_DAYS: Final = 14
# The most that a person has who had no tolerated dose here. Source: clinical rule 8.
FIRST_DOSE_MG: Final = 15
# How long a changed dose is marked as new. Source: clinical rule 5.
NEW_FOR: Final = timedelta(hours=72)


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


class EndReason(StrEnum):
    """Why an order ended before its time."""

    REPLACED = "replaced"
    SAFETY = "safety"
    MISSED = "missed"
    ASKED = "asked"
    LEAVING = "leaving"
    MISTAKE = "mistake"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _REASONS[self]


_REASONS: Final = {
    EndReason.REPLACED: "a new order took its place",
    EndReason.SAFETY: "dosing is not safe now",
    EndReason.MISSED: "sessions were missed",
    EndReason.ASKED: "the person asked for it",
    EndReason.LEAVING: "the person leaves or moves to another service",
    EndReason.MISTAKE: "the order was written wrong",
    EndReason.OTHER: "another reason",
}
# What somebody may choose who ends an order; the other one is written by signing the next.
REASONS_TO_END: Final = tuple(reason for reason in EndReason if reason is not EndReason.REPLACED)


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
class OrderTerms:
    """What an order states besides its numbers: where it is injected, minutes of watching, and in words why.

    `high_dose_reason` is empty unless the dose asks for one.
    """

    routes: tuple[str, ...]
    sites: tuple[str, ...]
    observation_minutes: int
    basis: str
    high_dose_reason: str = ""


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """What is known when an order is signed.

    `licence_ends_at` is the end of the signer's licence in force for these premises and this product, or None.
    `protocol` is the clinic's approved version in force, or None. `assessment` is the newest one of the treatment
    that runs, or None. `last_given_at` is when this person's last
    injection began, or None. `has_dose_here` says that a dose of this episode is recorded by this system.
    `clinic_sessions_per_day` is how many sessions the clinic runs.
    """

    at: datetime
    signer_is_doctor: bool
    licence_ends_at: datetime | None
    protocol: Protocol | None
    person_is_in_treatment: bool
    has_treatment_consent: bool
    assessment: StandingAssessment | None
    has_dose_here: bool
    clinic_sessions_per_day: int
    last_given_at: datetime | None = None


def may_sign_order(draft: OrderDraft, terms: OrderTerms, facts: SigningFacts) -> Decision:
    """Decide whether an order may be signed. It checks the prescriber's numbers and proposes none.

    Source: clinical rules 1, 2, 4, 6, 8, 11, 13 and 26, and 7.11 (a fixed dose within its own daily maximum).
    """
    return (
        may_begin_order(facts)
        | _outlives_licence(draft, facts)
        | _terms(draft, terms, facts)
        | _times(draft, facts)
        | _doses(draft, terms, facts)
    )


def may_begin_order(facts: SigningFacts) -> Decision:
    """Decide what is known before a number is written: who signs, for whom, and under which limits.

    Source: clinical rules 1, 2, 4 and 7.11 (treatment consent; no approved limits).
    """
    return Decision.of(
        (
            _if(
                not facts.person_is_in_treatment,
                block("not_in_treatment", "This person is not in treatment here.", "clinical rule 4"),
            ),
            _signer(facts),
            _if(
                facts.protocol is None,
                block(
                    "no_protocol",
                    "The clinic has no approved limits in force. The clinical lead approves them first.",
                    "clinical rules 7.11",
                ),
            ),
            _if(
                not facts.has_treatment_consent,
                block(
                    "no_consent",
                    "No treatment consent of this person stands. Without it nothing is ordered and nothing given.",
                    "clinical rules 7.11",
                ),
            ),
        )
    ) | may_order_rest_on(facts.assessment, today=facts.at.astimezone(LONDON).date())


def first_dose_ceiling(has_tolerated_dose_here: bool) -> int | None:
    """Return the most milligrams that may be given, where no tolerated dose is recorded here; else None.

    A dose reached elsewhere is no dose here: imported history is shown and never counts.
    Source: clinical rules 8 and 7.11.
    """
    return None if has_tolerated_dose_here else FIRST_DOSE_MG


def is_new_dose(*, dose_mg: int, earlier_mg: int | None, since: datetime, at: datetime) -> bool:
    """Tell whether an order's dose differs from the one before it and is at most 72 hours old.

    Source: clinical rule 5.
    """
    return earlier_mg is not None and earlier_mg != dose_mg and since <= at <= since + NEW_FOR


def latest_end(starts_at: datetime, days: int) -> datetime:
    """Return the latest moment that an order may end: so many calendar days on, at the same wall time.

    Across a clock change a day is an hour shorter or longer. Source: clinical rules 6 and 7.11.
    """
    return starts_at.astimezone(LONDON) + timedelta(days=days)


def _if(found: bool, finding: Finding) -> Finding | None:
    return finding if found else None


def _signer(facts: SigningFacts) -> Finding | None:
    if not facts.signer_is_doctor:
        message = "Only a doctor orders diamorphine. A doctor licensed for these premises signs this."
        return block("not_a_doctor", message, "clinical rule 2")
    if facts.licence_ends_at is None:
        message = "No licence of yours for this drug at these premises is in force. A licensed doctor signs."
        return block("no_licence", message, "clinical rule 1")
    return None


def _outlives_licence(draft: OrderDraft, facts: SigningFacts) -> Decision:
    if facts.licence_ends_at is None or draft.ends_at <= facts.licence_ends_at:
        return Decision()
    message = "The order would end after your licence. Choose an earlier end."
    return Decision((block("outlives_licence", message, "clinical rule 1"),))


def _terms(draft: OrderDraft, terms: OrderTerms, facts: SigningFacts) -> Decision:
    return Decision.of(
        (
            _if(
                not terms.routes or not set(terms.routes) <= set(Route),
                block("routes", "An order names at least one route of the list.", "clinical rule 4"),
            ),
            _if(
                not terms.sites or not set(terms.sites) <= set(Site),
                block("sites", "An order names at least one site of the list.", "clinical rule 23"),
            ),
            _if(
                not terms.basis.strip(),
                block("basis", "An order says in words what its dose rests on.", "clinical rule 4"),
            ),
            _if(
                not 1 <= draft.sessions_per_day <= facts.clinic_sessions_per_day,
                block(
                    "sessions",
                    f"An order is for 1 to {facts.clinic_sessions_per_day} sessions a day, which is what this "
                    f"clinic runs; {draft.sessions_per_day} was written.",
                    "clinical rule 4",
                ),
            ),
            _if(
                terms.observation_minutes < OBSERVATION_FLOOR_MINUTES,
                block(
                    "observation",
                    f"{terms.observation_minutes} minutes of watching is under the least, "
                    f"{OBSERVATION_FLOOR_MINUTES} minutes.",
                    "clinical rule 26",
                ),
            ),
        )
    )


def _times(draft: OrderDraft, facts: SigningFacts) -> Decision:
    given = facts.last_given_at
    own = Decision.of(
        (
            _if(
                draft.starts_at < facts.at,
                block(
                    "starts_in_the_past", "An order starts when it is signed or later.", "clinical rules 7.11"
                ),
            ),
            _if(
                given is not None and draft.starts_at <= given,
                block(
                    "dose_meanwhile",
                    "A dose was given meanwhile. Look at it before you sign.",
                    "clinical rule 5",
                ),
            ),
            _if(
                draft.ends_at <= draft.starts_at,
                block("ends_before_it_starts", "An order must end after it starts.", "clinical rule 4"),
            ),
        )
    )
    return own if facts.protocol is None else own | _length_and_interval(draft, facts.protocol)


def _length_and_interval(draft: OrderDraft, protocol: Protocol) -> Decision:
    return Decision.of(
        (
            _if(
                draft.ends_at > latest_end(draft.starts_at, protocol.order_days_max),
                block(
                    "too_long",
                    f"An order may run for at most {protocol.order_days_max} days.",
                    "clinical rule 6",
                ),
            ),
            _if(
                draft.interval_minutes < protocol.interval_block_minutes,
                block(
                    "interval",
                    f"Sessions must be at least {protocol.interval_block_minutes} minutes apart.",
                    "clinical rule 13",
                ),
            ),
        )
    )


def _doses(draft: OrderDraft, terms: OrderTerms, facts: SigningFacts) -> Decision:
    total = draft.dose_mg * draft.sessions_per_day
    ceiling = first_dose_ceiling(facts.has_dose_here)
    own = Decision.of(
        (
            _if(
                draft.dose_mg < 1,
                block("dose_is_none", "An order has a dose of at least 1 mg.", "clinical rule 4"),
            ),
            _if(
                total > draft.daily_max_mg,
                block(
                    "own_daily_maximum",
                    f"{draft.sessions_per_day} × {draft.dose_mg} mg is {total} mg a day, over the order's own "
                    f"maximum of {draft.daily_max_mg} mg.",
                    "clinical rules 7.11",
                ),
            ),
            _if(
                ceiling is not None and draft.dose_mg > ceiling,
                note(
                    "first_dose",
                    f"No dose of this person is recorded here yet: the first dose is at most {ceiling} mg "
                    "(clinical rule 8).",
                    "clinical rule 8",
                ),
            ),
        )
    )
    if facts.protocol is None:
        return own
    return own | Decision.of((_single(draft, terms, facts.protocol), _daily(draft, facts.protocol)))


def _single(draft: OrderDraft, terms: OrderTerms, protocol: Protocol) -> Finding | None:
    mg = draft.dose_mg
    if mg > protocol.single_block_mg:
        message = f"{mg} mg is over the limit for one dose, {protocol.single_block_mg} mg."
        return block("single_dose", message, "clinical rule 11")
    if mg > protocol.single_stop_mg and not terms.high_dose_reason.strip():
        message = (
            f"{mg} mg is over {protocol.single_stop_mg} mg in one dose. You can sign it, as a licensed doctor, with a "
            "reason that stays with the order. Write the reason."
        )
        return stop("high_dose_reason", message, "clinical rule 11")
    if mg > protocol.single_stop_mg:
        message = (
            f"{mg} mg is over {protocol.single_stop_mg} mg in one dose. Your reason stays with the order."
        )
        return note("high_dose", message, "clinical rule 11")
    if mg > protocol.single_warn_mg:
        message = f"{mg} mg is over {protocol.single_warn_mg} mg in one dose."
        return note("high_single", message, "clinical rule 11")
    return None


def _daily(draft: OrderDraft, protocol: Protocol) -> Finding | None:
    mg = draft.daily_max_mg
    if mg > protocol.daily_block_mg:
        message = f"{mg} mg a day is over the clinic's limit of {protocol.daily_block_mg} mg."
        return block("daily_maximum", message, "clinical rule 11")
    if mg > protocol.daily_warn_mg:
        message = f"{mg} mg a day is over {protocol.daily_warn_mg} mg."
        return note("high_day", message, "clinical rule 11")
    return None
