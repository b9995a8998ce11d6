"""Orders of an oral opioid and of take-home naloxone: who may sign them, and what they may say.

Nothing here compares one opioid with another: no dose of one is worked out from a dose of another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from dosing.rules.orders import latest_end
from dosing.rules.protocol import Protocol, limit_of
from dosing.rules.remedies import with_remedies
from hat_clinic.core.decisions import Decision, Finding, block, note
from patients.rules.closings import outlives_programme

_ONE_DIGIT = re.compile(r"[1-9]", re.ASCII)


class OralDrug(StrEnum):
    """An oral opioid of the programme, in the one form that is ordered here. Source: clinical rule 31."""

    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"
    MORPHINE = "morphine"

    @property
    def label(self) -> str:
        """The drug with its form, in words."""
        return {
            "methadone": "methadone 1 mg/ml oral solution",
            "buprenorphine": "buprenorphine sublingual tablets",
            "morphine": "morphine slow-release capsules",
        }[self.value]


# Which number of a clinic's limits binds which drug. Source: clinical rules 7.9.
LIMIT_NAME: Final = {
    OralDrug.METHADONE: "methadone_block_mg",
    OralDrug.BUPRENORPHINE: "buprenorphine_block_mg",
    OralDrug.MORPHINE: "morphine_block_mg",
}


@dataclass(frozen=True, slots=True)
class OralDraft:
    """What a prescriber is about to sign: one drug, whole milligrams a day, its period, and in words why."""

    drug: str
    daily_mg: int
    is_supervised: bool
    starts_at: datetime
    ends_at: datetime
    basis: str


@dataclass(frozen=True, slots=True)
class OralSigningFacts:
    """What is known when an oral order is signed.

    `others` are the orders of other oral opioids that reach past this moment, in words. `last_given_at` is when
    this person last had a dose of the same drug here, or None. `programme_ends_on` is the last day of doses where the
    programme closes or pauses.
    """

    at: datetime
    signer_may_prescribe: bool
    protocol: Protocol | None
    person_is_in_treatment: bool
    has_treatment_consent: bool
    others: tuple[str, ...] = ()
    last_given_at: datetime | None = None
    programme_ends_on: date | None = None


def daily_limit_mg(protocol: Protocol, drug: OralDrug) -> int:
    """Return the most of one oral opioid in a day under a clinic's limits. Source: clinical rules 7.9."""
    limit: int = getattr(protocol, LIMIT_NAME[drug])
    return limit


def limit_in_words(protocol: Protocol, drug: OralDrug) -> str:
    """Return a drug's limit as it is printed, and that nobody has verified it. Source: clinical rules 7.9."""
    verified = "" if limit_of(LIMIT_NAME[drug]).is_verified else ", not verified: confirm locally"
    return f"{daily_limit_mg(protocol, drug)} mg a day{verified}"


def may_begin_oral_order(facts: OralSigningFacts) -> Decision:
    """Decide what is known before a number is written: who signs, for whom, and under which limits.

    Any prescriber of the clinic may sign; no licence is asked for, because that is for diamorphine alone.
    Source: clinical rules 2, 4 and 7.11 (treatment consent; no approved limits).
    """
    begun = Decision.of(
        (
            _in_treatment(facts.person_is_in_treatment),
            _prescriber(facts.signer_may_prescribe),
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
    )
    return with_remedies(begun)


def may_sign_oral_order(draft: OralDraft, facts: OralSigningFacts) -> Decision:
    """Decide whether an oral order may be signed. It checks the prescriber's number and proposes none.

    Source: clinical rules 2, 4, 5, 6, 7.9 and 7.11.
    """
    written = _terms(draft) | _times(draft, facts) | _limits(draft, facts)
    return may_begin_oral_order(facts) | with_remedies(written)


def _terms(draft: OralDraft) -> Decision:
    return Decision.of(
        (
            _if(
                draft.drug not in set(OralDrug),
                block("drug", "An oral order names one drug of the list.", "clinical rule 4"),
            ),
            _if(
                draft.daily_mg < 1,
                block("daily_is_none", "An oral order has at least 1 mg a day.", "clinical rule 4"),
            ),
            _if(
                not draft.basis.strip(),
                block("basis", "An order says in words what its dose rests on.", "clinical rule 4"),
            ),
            _if(
                draft.ends_at <= draft.starts_at,
                block("ends_before_it_starts", "An order must end after it starts.", "clinical rule 4"),
            ),
        )
    )


def _times(draft: OralDraft, facts: OralSigningFacts) -> Decision:
    given = facts.last_given_at
    return Decision.of(
        (
            _if(
                draft.starts_at < facts.at,
                block(
                    "starts_in_the_past", "An order starts when it is signed or later.", "clinical rules 7.11"
                ),
            ),
            outlives_programme(draft.ends_at, facts.programme_ends_on),
            _if(
                given is not None and draft.starts_at <= given,
                block(
                    "dose_meanwhile",
                    "A dose of this drug was given meanwhile. Look at it before you sign.",
                    "clinical rule 5",
                ),
            ),
        )
    )


def _limits(draft: OralDraft, facts: OralSigningFacts) -> Decision:
    others = Decision(
        tuple(
            note(f"other_oral_{place}", f"Another oral opioid is ordered too: {other}.", "clinical rule 4")
            for place, other in enumerate(facts.others, 1)
        )
    )
    protocol = facts.protocol
    if protocol is None:
        return others
    return others | Decision.of(
        (
            _over_the_limit(draft, protocol),
            _if(
                draft.ends_at > latest_end(draft.starts_at, protocol.order_days_max),
                block(
                    "too_long",
                    f"An order may run for at most {protocol.order_days_max} days.",
                    "clinical rule 6",
                ),
            ),
        )
    )


def _over_the_limit(draft: OralDraft, protocol: Protocol) -> Finding | None:
    if draft.drug not in set(OralDrug):
        return None
    drug = OralDrug(draft.drug)
    if draft.daily_mg <= daily_limit_mg(protocol, drug):
        return None
    message = (
        f"{draft.daily_mg} mg is over the clinic's limit for {drug.value}, {limit_in_words(protocol, drug)}."
    )
    return block("daily_limit", message, "clinical rules 7.9")


def may_end_oral_order(*, signer_may_prescribe: bool, is_standing: bool, words: str) -> Decision:
    """Decide whether an oral order may be ended now: by a prescriber, where one stands, with a sentence.

    Source: clinical rules 2 and 5.
    """
    return Decision.of(
        (
            _prescriber(signer_may_prescribe),
            _if(
                not is_standing,
                block(
                    "nothing_to_end", "No order of this drug stands, so nothing was ended.", "clinical rule 5"
                ),
            ),
            _if(
                not words.strip(),
                block("no_words", "Write a sentence that says why it ends.", "clinical rule 5"),
            ),
        )
    )


# --- naloxone ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NaloxoneDraft:
    """Kits to take home: whole micrograms in one dose of the kit, and how many kits."""

    dose_ug: int
    kits: int


def parse_kits(text: str) -> int | None:
    """Return how many kits, 1 to 9, or None for anything else; spaces around the digit are let pass.

    Source: clinical rules 7.11 (numbers are read, never cleaned).
    """
    stripped = text.strip(" ")
    return int(stripped) if _ONE_DIGIT.fullmatch(stripped) else None


def may_order_naloxone(
    draft: NaloxoneDraft, *, signer_may_prescribe: bool, person_is_in_treatment: bool
) -> Decision:
    """Decide whether take-home naloxone may be ordered. It waits for no consent and for no limit.

    Source: clinical rules 2 and 30.
    """
    return Decision.of(
        (
            _in_treatment(person_is_in_treatment),
            _prescriber(signer_may_prescribe),
            _if(
                draft.dose_ug < 1 or draft.kits < 1,
                block("naloxone_is_none", "Write the micrograms of a dose and the kits.", "clinical rule 30"),
            ),
        )
    )


def _if(found: bool, finding: Finding) -> Finding | None:
    return finding if found else None


def _prescriber(may_prescribe: bool) -> Finding | None:
    message = "Only a doctor or another prescriber of this clinic signs this. Ask one of them."
    return _if(not may_prescribe, block("not_a_prescriber", message, "clinical rule 2"))


def _in_treatment(is_in_treatment: bool) -> Finding | None:
    message = "This person is not in treatment here."
    return _if(not is_in_treatment, block("not_in_treatment", message, "clinical rule 4"))
