"""Whether an order may be signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.orders import OrderDraft, SigningFacts, may_sign_order
from dosing.rules.protocol import Protocol

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FACTS = SigningFacts(
    at=AT, licence_ends_at=AT + timedelta(days=90), protocol=Protocol(), person_is_in_treatment=True
)
DRAFT = OrderDraft(
    dose_mg=180,
    sessions_per_day=2,
    daily_max_mg=360,
    interval_minutes=180,
    starts_at=AT,
    ends_at=AT + timedelta(days=14),
)


def codes(draft: OrderDraft = DRAFT, facts: SigningFacts = FACTS) -> set[str]:
    return {finding.code for finding in may_sign_order(draft, facts)}


class TestAnOrderThatMayBeSigned:
    def test_has_no_finding(self) -> None:
        assert codes() == set()


class TestTheLicence:
    def test_must_be_there(self) -> None:
        assert codes(facts=replace(FACTS, licence_ends_at=None)) == {"no_licence"}

    @pytest.mark.parametrize(("minutes", "found"), [(0, False), (-1, True)])
    def test_must_last_as_long_as_the_order(self, minutes: int, found: bool) -> None:
        facts = replace(FACTS, licence_ends_at=DRAFT.ends_at + timedelta(minutes=minutes))
        assert ("outlives_licence" in codes(facts=facts)) is found


class TestTheLimits:
    def test_must_be_approved(self) -> None:
        assert codes(facts=replace(FACTS, protocol=None)) == {"no_protocol"}

    def test_bind_only_somebody_in_treatment(self) -> None:
        assert codes(facts=replace(FACTS, person_is_in_treatment=False)) == {"not_in_treatment"}

    @pytest.mark.parametrize(("mg", "found"), [(0, True), (1, False)])
    def test_ask_for_a_dose(self, mg: int, found: bool) -> None:
        assert ("dose_is_none" in codes(replace(DRAFT, dose_mg=mg))) is found

    @pytest.mark.parametrize(("mg", "found"), [(450, False), (451, True)])
    def test_bind_one_dose(self, mg: int, found: bool) -> None:
        draft = replace(DRAFT, dose_mg=mg, daily_max_mg=900, sessions_per_day=1)
        assert ("single_dose" in codes(draft)) is found

    @pytest.mark.parametrize(("mg", "found"), [(180, False), (181, True)])
    def test_bind_the_orders_own_day(self, mg: int, found: bool) -> None:
        assert ("own_daily_maximum" in codes(replace(DRAFT, dose_mg=mg))) is found

    @pytest.mark.parametrize(("mg", "found"), [(900, False), (901, True)])
    def test_bind_the_clinics_day(self, mg: int, found: bool) -> None:
        assert ("daily_maximum" in codes(replace(DRAFT, daily_max_mg=mg))) is found

    @pytest.mark.parametrize(("minutes", "found"), [(180, False), (179, True)])
    def test_bind_the_interval(self, minutes: int, found: bool) -> None:
        assert ("interval" in codes(replace(DRAFT, interval_minutes=minutes))) is found

    @pytest.mark.parametrize(("seconds", "found"), [(0, False), (-1, True)])
    def test_do_not_let_an_order_start_in_the_past(self, seconds: int, found: bool) -> None:
        draft = replace(DRAFT, starts_at=AT + timedelta(seconds=seconds))
        assert ("starts_in_the_past" in codes(draft)) is found

    @pytest.mark.parametrize(("days", "found"), [(28, False), (0, True)])
    def test_bind_the_length(self, days: int, found: bool) -> None:
        assert ("too_long" in codes(replace(DRAFT, ends_at=AT + timedelta(days=days)))) is found

    def test_bind_the_length_to_the_second(self) -> None:
        assert "too_long" in codes(replace(DRAFT, ends_at=AT + timedelta(days=28, seconds=1)))

    @pytest.mark.parametrize(("seconds", "found"), [(-1, False), (0, True)])
    def test_do_not_let_an_order_start_before_the_last_dose(self, seconds: int, found: bool) -> None:
        facts = replace(FACTS, last_given_at=AT + timedelta(seconds=seconds))
        assert ("dose_meanwhile" in codes(facts=facts)) is found
