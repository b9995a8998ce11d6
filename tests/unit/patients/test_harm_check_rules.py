"""When a record may be handed over, and when a clinician may sign for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from patients.rules.harm_checks import (
    STANDS_FOR,
    HarmCheckFacts,
    may_hand_over,
    may_sign_harm_check,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FACTS = HarmCheckFacts(signed_at=NOON - timedelta(days=1), is_unchanged=True, is_own=False, at=NOON)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"signed_at": None}, ["not_checked"]),
        ({"signed_at": NOON - STANDS_FOR}, ["check_is_old"]),
        ({"signed_at": NOON - STANDS_FOR + timedelta(seconds=1)}, []),
        ({"is_unchanged": False}, ["changed_since"]),
        ({"is_own": True}, ["own_check"]),
        ({"is_own": True, "is_unchanged": False}, ["changed_since", "own_check"]),
    ],
    ids=["signed", "never", "at 30 days", "before", "changed", "own", "both"],
)
def test_a_record_is_handed_over_on_a_signature_that_stands(changes: dict, codes: list[str]) -> None:
    assert [one.code for one in may_hand_over(replace(FACTS, **changes)).refusals] == codes


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("is_read", [True, False])
def test_a_clinician_signs_for_what_they_read_by_their_password(is_right: bool, is_read: bool) -> None:
    decision = may_sign_harm_check(is_right_password=is_right, is_what_was_read=is_read)
    expected = [*([] if is_right else ["password"]), *([] if is_read else ["changed_since"])]
    assert [one.code for one in decision.refusals] == expected
