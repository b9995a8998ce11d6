"""Which limits a clinic may approve: each side of each range, and what must be confirmed first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.protocol import (
    LIMITS,
    NOT_OVER,
    ApprovalFacts,
    Protocol,
    limit_of,
    may_approve_protocol,
    numbers_of,
)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
UNVERIFIED = frozenset(limit.name for limit in LIMITS if not limit.is_verified)
FACTS = ApprovalFacts(at=AT, starts_at=AT, approver_is_clinical_lead=True, confirmed=UNVERIFIED)
NUMBERS = numbers_of(Protocol())


def codes(numbers: dict[str, int], facts: ApprovalFacts = FACTS) -> list[str]:
    return [finding.code for finding in may_approve_protocol(numbers, facts).refusals]


def test_starting_values_that_are_confirmed_may_be_approved_from_now_on() -> None:
    assert codes(NUMBERS) == []


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_no_number_leaves_its_range(limit) -> None:
    outside = f"outside_{limit.name}"

    assert outside not in codes(NUMBERS | {limit.name: limit.least})
    assert outside not in codes(NUMBERS | {limit.name: limit.most})
    assert outside in codes(NUMBERS | {limit.name: limit.least - 1})
    assert outside in codes(NUMBERS | {limit.name: limit.most + 1})


def test_a_day_of_1000_mg_may_be_approved_and_1001_never_with_what_where_and_why() -> None:
    assert codes(NUMBERS | {"daily_block_mg": 1000}) == []
    (finding,) = may_approve_protocol(NUMBERS | {"daily_block_mg": 1001}, FACTS)
    assert finding.message == (
        "Never over, one day or any 20 hours: 1001 mg is outside 1 to 1000 mg. No clinic can loosen this."
    )


@pytest.mark.parametrize(("smaller", "larger"), NOT_OVER)
def test_a_note_comes_before_its_block_and_a_row_before_the_next(smaller, larger) -> None:
    both = max(limit_of(smaller).least, limit_of(larger).least)

    assert f"over_{larger}" not in codes(NUMBERS | {smaller: both, larger: both})
    assert f"over_{larger}" in codes(NUMBERS | {smaller: both + 1, larger: both})


@pytest.mark.parametrize("name", sorted(UNVERIFIED))
def test_every_unverified_number_is_confirmed_locally(name) -> None:
    assert codes(NUMBERS, replace(FACTS, confirmed=UNVERIFIED - {name})) == [f"unconfirmed_{name}"]


def test_starts_now_or_later_and_is_approved_by_the_clinical_lead() -> None:
    early = replace(FACTS, starts_at=AT - timedelta(microseconds=1))

    assert codes(NUMBERS, early) == ["starts_in_the_past"]
    assert codes(NUMBERS, replace(FACTS, approver_is_clinical_lead=False)) == ["not_the_clinical_lead"]
