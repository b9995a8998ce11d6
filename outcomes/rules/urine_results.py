"""The result of a urine sample: who may say what of it, and how one is put right.

Source: product W 5.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from hat_clinic.core.decisions import Decision, Finding, block, note
from outcomes.rules.urine import (
    CHAIN,
    LONGEST_REASON,
    PRESCRIBED_IS_POSITIVE,
    Assay,
    Found,
    Sample,
    UrineState,
    may_follow,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultSaid:
    """What a laboratory reported of one test of a sample, and on which day."""

    assay: Assay
    found: Found
    reported_on: date


def may_enter_result(sample: Sample, said: ResultSaid, *, known: Set[Assay], today: date) -> Decision:
    """Decide whether a result may be stored: the sample was sent, and this test of it has none yet.

    `known` are the tests of this sample that have a result. A sample may have results of several tests; one of the
    routine opiate screen is stored with the caution that it says nothing about street heroin.
    """
    return may_follow(sample, UrineState.RESULT, today=today) | Decision.of(
        [
            block("urine_result_known", already_there(said.assay), CHAIN)
            if said.assay in known and sample.state is not UrineState.VOID
            else None,
            _when(sample, said.reported_on, today),
            note("urine_says_nothing", PRESCRIBED_IS_POSITIVE, CHAIN) if said.assay.caution else None,
        ]
    )


def already_there(assay: Assay) -> str:
    """Return the sentence for another result of a test that has one."""
    return (
        f"This sample has a result for “{assay.label}” already, and it was not changed. To put it right, open the "
        "sample and correct that result there, with the reason."
    )


def may_amend_result(
    sample: Sample, stands: ResultSaid, said: ResultSaid, *, is_amended: bool, words: str, today: date
) -> Decision:
    """Decide whether a result may be written again: its sample counts, it stands, something differs, and why is said."""
    return may_follow(sample, UrineState.RESULT, today=today) | Decision.of(
        [
            block(
                "urine_result_amended", "Somebody corrected this result meanwhile. Look at it first.", CHAIN
            )
            if is_amended
            else None,
            block("urine_nothing_changed", "Nothing differs from the result that stands.", CHAIN)
            if said == stands
            else None,
            _when(sample, said.reported_on, today),
            block("urine_reason", "Write why the result is written again.", CHAIN) if not words else None,
            block("urine_long_reason", f"Write it in at most {LONGEST_REASON} characters.", CHAIN)
            if len(words) > LONGEST_REASON
            else None,
        ]
    )


def _when(sample: Sample, reported_on: date, today: date) -> Finding | None:
    if sample.taken_on is not None and sample.taken_on <= reported_on <= today:
        return None
    message = "A result is reported on the day the sample was taken or later, and not after today."
    return block("urine_reported_when", message, CHAIN)
