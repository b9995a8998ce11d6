"""Holds: for what a person's doses are held, by whom, and what has to be there before one is lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dosing.rules.checks import STANDING, CheckAnswers, judge_check
from hat_clinic.core.decisions import Decision, block

SOURCE = "clinical rules 7.11"


class HoldSeverity(StrEnum):
    """How much has to be there before doses go on. Either bars every dose, over sessions and days."""

    HOLD = "hold"
    SUSPENSION = "suspension"
    REVIEW = "review"

    @property
    def label(self) -> str:
        """The word that the pages use."""
        return self.value.capitalize()

    @property
    def lifted_by(self) -> str:
        """Who may lift it, and after what."""
        if self is HoldSeverity.SUSPENSION:
            return "a doctor licensed here lifts it, after a new order and a new check"
        if self is HoldSeverity.REVIEW:
            return "a doctor licensed here lifts it once they have reviewed it; a new check comes before the dose"
        return "a doctor licensed here lifts it, after a new check"


class HoldReason(StrEnum):
    """What doses are held for when somebody of the staff decides so, apart from a check."""

    ILL = "ill"
    OVERDOSE_AWAY = "overdose_away"
    NEW_MEDICINE = "new_medicine"
    TAKEN_ON_TOP = "taken_on_top"
    SAFETY = "safety"
    REVIEW = "review"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason as it stands after "on hold for"."""
        return _LABELS[self]


_LABELS = {
    HoldReason.ILL: "illness or an injury",
    HoldReason.OVERDOSE_AWAY: "an overdose away from the clinic",
    HoldReason.NEW_MEDICINE: "a new medicine or test result",
    HoldReason.TAKEN_ON_TOP: "other drugs or alcohol taken on top",
    HoldReason.SAFETY: "safety in the room",
    HoldReason.REVIEW: "a review by the doctor",
    HoldReason.OTHER: "another reason",
}


class EventReason(StrEnum):
    """What doses are held for after an event: nobody decides this, it follows. Source: clinical rules 28 and 29."""

    ROUSED = "roused"
    EMERGENCY = "emergency"
    NALOXONE = "naloxone"
    CONTESTED = "contested"
    ROUTE = "route"

    @property
    def label(self) -> str:
        """The reason as it stands after "on hold for"."""
        return _EVENT_LABELS[self]


_EVENT_LABELS = {
    EventReason.ROUSED: "having had to be roused after a dose",
    EventReason.EMERGENCY: "an emergency",
    EventReason.NALOXONE: "naloxone given in an emergency",
    EventReason.CONTESTED: "a dose on paper that is contested",
    EventReason.ROUTE: "a dose by a route that its order does not have",
}


@dataclass(frozen=True, slots=True)
class PlacingFacts:
    """What is written of a hold by hand. `happened_at` is when an overdose away from the clinic happened."""

    at: datetime
    today: date
    person_is_in_treatment: bool
    reason: HoldReason
    words: str
    happened_at: datetime | None
    review_on: date | None


def may_place_hold(facts: PlacingFacts) -> Decision:
    """Decide whether a person's doses may be held: any clinician, with a reason in words.

    Source: clinical rules 7.11 (any clinician may withhold, hold or suspend).
    """
    return Decision.of(
        (
            None
            if facts.person_is_in_treatment
            else block(
                "not_in_treatment", "This person is not in treatment here. There is no dose to hold.", SOURCE
            ),
            None
            if facts.words.strip()
            else block(
                "no_words", "Write what was seen or told. The next colleague reads only this.", SOURCE
            ),
            block("no_moment", "Write the day and the time of the overdose, as it was told.", SOURCE)
            if facts.reason is HoldReason.OVERDOSE_AWAY and facts.happened_at is None
            else None,
            block("in_the_future", "That overdose would lie in the future. Write when it happened.", SOURCE)
            if facts.happened_at is not None and facts.happened_at > facts.at
            else None,
            block(
                "review_is_over", "The day of the review is over already. Write today or a later day.", SOURCE
            )
            if facts.review_on is not None and facts.review_on < facts.today
            else None,
        )
    )


@dataclass(frozen=True, slots=True)
class LiftingFacts:
    """What is known when a doctor lifts a hold.

    `latest_check` is the last check of the person, `is_made_after_hold` whether it was made since. `is_own` says
    that who lifts it opened it, `is_by_hand` that no check did. `is_ordered_since` asks for an order signed since,
    `emergency_stands` tells that the emergency it follows from has not ended.
    """

    severity: HoldSeverity
    latest_check: CheckAnswers | None
    is_made_after_hold: bool
    is_ordered_since: bool
    is_licensed: bool
    is_own: bool
    is_by_hand: bool
    is_lifted: bool
    emergency_stands: bool = False


def may_lift_hold(facts: LiftingFacts, *, reason: str) -> Decision:
    """Decide whether a hold may be lifted: by a doctor licensed here, after a new check, with a reason.

    POSS 3 or 4, breathing under 12 and oxygen under target stay a hold whoever asks; the nurse's judgement, a
    breath alcohol and what could not be measured are for the doctor to decide on. Who made the check that opened
    a hold does not lift it; a hold that a doctor placed by hand, that doctor may lift, so that a clinic with one
    doctor traps nobody. A hold for an event ends with the doctor's review of it, and never before the event is over:
    nothing would hold again. Source: clinical rules 20, 28 and 7.11.
    """
    return Decision.of(
        (
            None
            if facts.is_licensed
            else block("no_licence", "Only a doctor licensed here lifts a hold.", "clinical rule 20"),
            None
            if reason.strip()
            else block("no_reason", "Write why the hold can be lifted.", "clinical rule 20"),
            block("already_lifted", "This hold was lifted already.", "clinical rule 20")
            if facts.is_lifted
            else None,
            block(
                "emergency_stands",
                "The emergency that it follows from has not ended. End that first, then review it.",
                "clinical rule 28",
            )
            if facts.emergency_stands
            else None,
            block("own_hold", "Somebody else than who opened it lifts a hold.", "clinical rule 20")
            if facts.is_own and not facts.is_by_hand
            else None,
            block(
                "no_new_order", "A suspension ends with a new order. Sign that first, then lift it.", SOURCE
            )
            if facts.severity is HoldSeverity.SUSPENSION and not facts.is_ordered_since
            else None,
        )
    ) | _new_check(facts)


def _new_check(facts: LiftingFacts) -> Decision:
    if facts.severity is HoldSeverity.REVIEW:
        # It is the event that was reviewed; the check before the next dose is asked for anyway, and holds by itself.
        return Decision()
    if facts.latest_check is None or not facts.is_made_after_hold:
        message = "A new check comes first: the treatment room makes it. Then you can decide."
        return Decision((block("no_new_check", message, "clinical rule 20"),))
    standing = [finding for finding in judge_check(facts.latest_check) if finding.code in STANDING]
    return Decision(
        tuple(
            block(f"standing_{finding.code}", f"{finding.message} Nobody can lift that.", SOURCE)
            for finding in standing
        )
    )
