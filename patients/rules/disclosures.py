"""Telling somebody outside about a person: on a consent that stands at that moment, or in an emergency with a reason.

Source: product P 8; trust design 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

SOURCE: Final = "product P 8"
SHORTEST_REASON: Final = 20
LONGEST_WORDS: Final = 500
# How long a statement of an emergency is printed again. Unverified, our own proposal: as long as an opened record.
PRINTED_FOR: Final = timedelta(hours=1)


class RecipientKind(StrEnum):
    """Who a last-dose statement is for."""

    CUSTODY = "custody"
    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"

    @property
    def label(self) -> str:
        """The kind in the clinic's words."""
        return _KINDS[self]


_KINDS: Final = {
    RecipientKind.CUSTODY: "police custody or a prison",
    RecipientKind.HOSPITAL: "a hospital or an ambulance",
    RecipientKind.PHARMACY: "a pharmacy",
}


# Which kind of place an agency of the list is. A statement goes to no other agency. Source: product P 8.
_OF_AGENCIES: Final = {
    "police": RecipientKind.CUSTODY,
    "prison": RecipientKind.CUSTODY,
    "hospital": RecipientKind.HOSPITAL,
    "pharmacy": RecipientKind.PHARMACY,
}


def kind_of_agency(agency_kind: str) -> RecipientKind | None:
    """Return which kind of place an agency is; None where a statement never goes to one of its kind."""
    return _OF_AGENCIES.get(agency_kind)


@dataclass(frozen=True, slots=True)
class DisclosureFacts:
    """What a statement rests on: `has_consent` for the agency it names, or an emergency with its reason in words.

    `agency_kind` is the kind of the agency that it names, None where it names none. `is_another` tells that the same
    page gave another statement already.
    """

    kind: RecipientKind | None
    recipient: str
    agency_kind: str | None
    has_consent: bool
    is_another: bool
    emergency_words: str


def may_disclose(facts: DisclosureFacts) -> Decision:
    """Decide whether a statement may leave the clinic. A finding's code is the name of the field it is about.

    A consent is to tell one named agency of doses and must stand at this moment: to that agency, as what it is, and to
    nobody else by a name written beside it. Without one only an emergency opens the way, with what happened in words.
    Source: product P 8; trust design 7.
    """
    names_agency = facts.agency_kind is not None
    own = kind_of_agency(facts.agency_kind) if facts.agency_kind is not None else None
    is_emergency = bool(facts.emergency_words)
    letters = len("".join(facts.emergency_words.split()))
    return Decision.of(
        (
            block(
                "another",
                "This page gave another statement already. Nothing was printed. Look again.",
                SOURCE,
            )
            if facts.is_another
            else None,
            None if facts.kind else block("kind", "Choose who it is for.", SOURCE),
            block(
                "agency",
                "A statement goes to custody, a hospital or a pharmacy. This agency is none.",
                SOURCE,
            )
            if names_agency and own is None
            else None,
            block("kind", f"This agency is {own.label}. Print it for that, or for nobody.", SOURCE)
            if own is not None and facts.kind not in (None, own)
            else None,
            block("recipient", "A statement for an agency goes to it alone. Leave the name empty.", SOURCE)
            if names_agency and facts.recipient
            else None,
            None
            if facts.recipient or names_agency
            else block("recipient", "Write the name of the place, and who asked there.", SOURCE),
            block(
                "no_consent",
                "No consent to tell this agency of doses stands. Record one, or write why it is an emergency.",
                "trust design 7",
            )
            if names_agency and not facts.has_consent and not is_emergency
            else None,
            block(
                "emergency_words",
                "Without a consent, write why it cannot wait: who asked, and what happens without it.",
                SOURCE,
            )
            if not names_agency and not is_emergency
            else None,
            block("emergency_words", f"Say it in at least {SHORTEST_REASON} letters.", SOURCE)
            if is_emergency and letters < SHORTEST_REASON
            else None,
        )
    )


def not_printed_again(*, rests_on_consent: bool, is_withdrawn: bool, given_at: datetime, at: datetime) -> str:
    """Return why a statement that was given leaves the clinic no more, or nothing.

    One that rests on a consent stops with that consent; one of an emergency after an hour, for the next emergency says
    its own reason. Source: product P 8; trust design 7.
    """
    if is_withdrawn:
        return (
            "The consent that it rested on was taken back. It is not printed again; give a new statement on a consent "
            "that stands, or in an emergency."
        )
    if not rests_on_consent and at >= given_at + PRINTED_FOR:
        return (
            "It was given in an emergency, more than an hour ago. It is not printed again; give a new statement, and "
            "write why it cannot wait."
        )
    return ""
