"""Consents by purpose: what may be recorded, and what follows when one is missing.

Source: clinical rules 7.11 (withdrawing treatment consent blocks dosing at once, a sharing consent never does).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hat_clinic.core.decisions import Decision, Finding, block


class Purpose(StrEnum):
    """What a person says yes to. Each is given and taken back by itself."""

    TREATMENT = "treatment"
    PHOTO = "photo"
    EVALUATION = "evaluation"
    RESEARCH = "research"
    SHARING = "sharing"
    DOSES = "doses"
    NDTMS = "ndtms"
    POLICE = "police"

    @property
    def label(self) -> str:
        """The purpose in the clinic's words."""
        return _LABELS[self]

    @property
    def needs_agency(self) -> bool:
        """True where the consent is for one named agency."""
        return self in (Purpose.SHARING, Purpose.DOSES, Purpose.POLICE)

    @property
    def ends_with_treatment(self) -> bool:
        """True where a later treatment needs a consent of its own, as it needs its own assessment and order.

        Somebody who left agreed to what ended; what a first dose after a restart may do to them they are told anew.
        Source: product P 5 (restart); clinical rules 7.11.
        """
        return self is Purpose.TREATMENT


_LABELS = {
    Purpose.TREATMENT: "treatment",
    Purpose.PHOTO: "photo",
    Purpose.EVALUATION: "evaluation of the service",
    Purpose.RESEARCH: "being asked about research",
    Purpose.SHARING: "sharing with an agency",
    Purpose.NDTMS: "the national dataset of drug treatment",
    Purpose.DOSES: "telling an agency of their doses",
    Purpose.POLICE: "a police force telling of their offences",
}


class How(StrEnum):
    """How a consent was given."""

    IN_WRITING = "in_writing"
    SPOKEN = "spoken"

    @property
    def label(self) -> str:
        """The way in the clinic's words."""
        return "in writing" if self is How.IN_WRITING else "spoken, with a witness"


class WithdrawalReason(StrEnum):
    """Why a consent was taken back, where the person wants to say, or that it ended with the treatment it was for."""

    CHANGED_MIND = "changed_mind"
    NOT_NEEDED = "not_needed"
    NOT_AS_TOLD = "not_as_told"
    OTHER = "other"
    TREATMENT_ENDED = "left"

    @property
    def label(self) -> str:
        """The reason in the clinic's words."""
        return _REASONS[self]

    @property
    def is_said(self) -> bool:
        """True where the person says it; the other is written by the program when a treatment ends."""
        return self is not WithdrawalReason.TREATMENT_ENDED


_REASONS = {
    WithdrawalReason.CHANGED_MIND: "changed their mind",
    WithdrawalReason.NOT_NEEDED: "it is no longer needed",
    WithdrawalReason.NOT_AS_TOLD: "it was not as they were told",
    WithdrawalReason.OTHER: "another reason",
    WithdrawalReason.TREATMENT_ENDED: "the treatment ended",
}


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """What is about to be recorded. `last_withdrawn_at` is when the same consent was last taken back."""

    purpose: Purpose
    has_agency: bool
    how: How
    has_witness: bool
    recorder_is_witness: bool
    wording_is_current: bool
    given_at: datetime
    last_withdrawn_at: datetime | None


def may_record_consent(given: ConsentGiven, *, at: datetime) -> Decision:
    """Decide whether a consent may be recorded; every reason against it is returned.

    A paper from before a withdrawal revives nothing: only a yes that was said after it counts.
    Source: clinical rules 7.11; trust design 7 (a row per person, agency and purpose, with wording and how given).
    """
    return Decision.of(
        [
            _agency(given),
            _witness(given),
            _wording(given),
            _time(given, at),
        ]
    )


def treatment_consent_finding(*, has_consent: bool) -> Finding | None:
    """Return the block on every dose while consent to treatment does not stand, or None.

    Source: clinical rules 7.11.
    """
    if has_consent:
        return None
    return block(
        "no_treatment_consent",
        "No consent to treatment stands. No dose is given until the person has said yes again.",
        "clinical rules 7.11",
    )


def _agency(given: ConsentGiven) -> Finding | None:
    if given.purpose.needs_agency == given.has_agency:
        return None
    if given.has_agency:
        message = f"Consent to {given.purpose.label} is not for an agency. Leave the agency out."
        return block("agency_not_asked", message, "trust design 7")
    return block(
        "agency_missing", "Choose the agency. Each agency is asked about by itself.", "trust design 7"
    )


def _witness(given: ConsentGiven) -> Finding | None:
    if given.how is How.IN_WRITING:
        if not given.has_witness:
            return None
        return block(
            "witness_not_asked",
            "A signed paper needs no witness here. Leave the witness out.",
            "trust design 7",
        )
    if not given.has_witness:
        return block("witness_missing", "Choose who heard it with you.", "trust design 7")
    if given.recorder_is_witness:
        return block("witness_is_recorder", "The witness is somebody else than you.", "trust design 7")
    return None


def _wording(given: ConsentGiven) -> Finding | None:
    if given.wording_is_current:
        return None
    message = "The wording changed. Read the new one to the person, and record what they say to it."
    return block("wording_changed", message, "trust design 7")


def _time(given: ConsentGiven, at: datetime) -> Finding | None:
    if given.given_at > at:
        return block("given_in_future", "Write a time that is not in the future.", "trust design 7")
    if given.last_withdrawn_at is not None and given.given_at <= given.last_withdrawn_at:
        message = "It was withdrawn after that time. Record only a yes that was said since."
        return block("given_before_withdrawal", message, "clinical rules 7.11")
    return None
