"""What the tables of limits, licences and orders refuse, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.rules.protocol import LIMITS, NOT_OVER, limit_of
from tests.factories import (
    NINE,
    LicenceFactory,
    OrderFactory,
    OrderPeriodFactory,
    ProtocolVersionFactory,
    UserFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

A_SECOND = timedelta(seconds=1)


class TestProtocolVersion:
    def test_has_its_number_once_per_clinic(self) -> None:
        first = ProtocolVersionFactory(number=1)
        ProtocolVersionFactory(number=2, clinic=first.clinic)
        ProtocolVersionFactory(number=1)

        with refused_by("protocol_versions_are_numbered_once"):
            ProtocolVersionFactory(number=1, clinic=first.clinic)

    @pytest.mark.parametrize(
        "limits",
        [
            {"single_block_mg": 450},
            {"single_warn_mg": 1, "single_block_mg": 1},
            {"daily_block_mg": 1000},
            {"daily_warn_mg": 1, "daily_block_mg": 1},
            {"interval_block_minutes": 180},
            {"order_days_max": 28},
            {"order_days_max": 1, "order_days_usual": 1},
        ],
    )
    def test_may_be_as_loose_as_the_ceilings(self, limits: dict[str, int]) -> None:
        assert ProtocolVersionFactory(**limits).pk

    @pytest.mark.parametrize(
        "limits",
        [
            {
                limit.name: beyond,
                **{other: beyond for pair in NOT_OVER if limit.name in pair for other in pair},
            }
            for limit in LIMITS
            for beyond in (limit.least - 1, limit.most + 1)
            if beyond >= 0
        ],
        ids=str,
    )
    def test_is_not_looser(self, limits: dict[str, int]) -> None:
        with refused_by("protocol_is_not_looser_than_the_ceilings"):
            ProtocolVersionFactory(**limits)

    @pytest.mark.parametrize(
        "warning", [{"single_warn_mg": 450}, {"daily_warn_mg": 900}, {"interval_warn_minutes": 180}]
    )
    def test_may_warn_where_it_blocks(self, warning: dict[str, int]) -> None:
        assert ProtocolVersionFactory(**warning).pk

    @pytest.mark.parametrize(
        "warning",
        [
            {smaller: limit_of(larger).least + 1, larger: limit_of(larger).least}
            for smaller, larger in NOT_OVER
        ],
    )
    def test_does_not_warn_after_it_blocks(self, warning: dict[str, int]) -> None:
        with refused_by("protocol_warns_before_it_blocks"):
            ProtocolVersionFactory(**warning)


class TestLicence:
    def test_starts_before_it_ends(self) -> None:
        LicenceFactory(starts_at=NINE, ends_at=NINE + A_SECOND)

        with refused_by("licence_starts_before_it_ends"):
            LicenceFactory(starts_at=NINE, ends_at=NINE)


class TestOrder:
    @pytest.mark.parametrize(
        "dose",
        [
            {"dose_mg": 1, "sessions_per_day": 1, "daily_max_mg": 1},
            {"dose_mg": 200, "sessions_per_day": 2, "daily_max_mg": 400},
        ],
    )
    def test_may_fill_its_day(self, dose: dict[str, int]) -> None:
        assert OrderFactory(**dose).pk

    @pytest.mark.parametrize(
        "dose",
        [
            {"dose_mg": 0, "sessions_per_day": 1, "daily_max_mg": 1},
            {"dose_mg": 200, "sessions_per_day": 2, "daily_max_mg": 399},
            {"dose_mg": 201, "sessions_per_day": 2, "daily_max_mg": 401},
        ],
    )
    def test_does_not_pass_its_day(self, dose: dict[str, int]) -> None:
        with refused_by("order_dose_is_whole_and_within_its_day"):
            OrderFactory(**dose)

    @pytest.mark.parametrize(
        "times",
        [
            {"signed_at": NINE, "starts_at": NINE, "ends_at": NINE + A_SECOND},
            {"signed_at": NINE - A_SECOND, "starts_at": NINE, "ends_at": NINE + A_SECOND},
        ],
    )
    def test_runs_forward_from_its_signature(self, times: dict[str, Any]) -> None:
        assert OrderFactory(**times).pk

    @pytest.mark.parametrize(
        "times",
        [
            {"signed_at": NINE + A_SECOND, "starts_at": NINE, "ends_at": NINE + 2 * A_SECOND},
            {"signed_at": NINE, "starts_at": NINE, "ends_at": NINE},
        ],
    )
    def test_runs_no_other_way(self, times: dict[str, Any]) -> None:
        with refused_by("order_runs_forward_from_its_signature"):
            OrderFactory(**times, period=None)

    @pytest.mark.parametrize("missing", [{"routes": []}, {"sites": []}, {"basis": ""}])
    def test_names_route_site_and_basis(self, missing: dict[str, Any]) -> None:
        OrderFactory(routes=["iv"], sites=["left_arm"], basis="stable")

        with refused_by("order_has_a_route_and_a_site"):
            OrderFactory(**missing)

    @pytest.mark.parametrize(
        "terms",
        [
            {"dose_mg": 400, "sessions_per_day": 1},
            {"dose_mg": 450, "sessions_per_day": 1, "high_dose_reason": "long on this dose"},
            {"daily_max_mg": 1000},
            {"interval_minutes": 180},
            {"observation_minutes": 15},
        ],
    )
    def test_may_fill_the_ceilings(self, terms: dict[str, Any]) -> None:
        assert OrderFactory(**{"daily_max_mg": 450, **terms}).pk

    @pytest.mark.parametrize(
        "terms",
        [
            {"dose_mg": 451, "sessions_per_day": 1, "daily_max_mg": 451, "high_dose_reason": "long on it"},
            {"daily_max_mg": 1001},
            {"interval_minutes": 179},
            {"observation_minutes": 14},
        ],
    )
    def test_does_not_pass_the_ceilings(self, terms: dict[str, Any]) -> None:
        with refused_by("order_is_within_the_ceilings"):
            OrderFactory(**terms)

    def test_of_a_high_dose_has_its_reason(self) -> None:
        with refused_by("order_of_a_high_dose_has_its_reason"):
            OrderFactory(dose_mg=401, sessions_per_day=1, daily_max_mg=401)

    def test_has_one_dose(self) -> None:
        order = OrderFactory(dose_mg=100)

        with refused_by("dosing_order_pkey"):
            OrderFactory(id=order.id, dose_mg=150, period=None)


class TestOrderPeriod:
    def test_may_begin_when_another_has_ended(self) -> None:
        first = OrderFactory(starts_at=NINE, ends_at=NINE + A_SECOND)
        next_one = OrderFactory(episode=first.episode, period=None)

        assert OrderPeriodFactory(
            order=next_one, during=DateTimeTZRange(NINE + A_SECOND, next_one.ends_at)
        ).pk

    def test_does_not_overlap_another_of_the_person_and_product(self) -> None:
        first = OrderFactory(starts_at=NINE, ends_at=NINE + A_SECOND)
        next_one = OrderFactory(episode=first.episode, period=None)

        with refused_by("one_order_in_force_per_patient_and_product"):
            OrderPeriodFactory(order=next_one, during=DateTimeTZRange(NINE, next_one.ends_at))

    def test_is_ended_by_somebody_at_a_time(self) -> None:
        doctor = UserFactory()
        OrderPeriodFactory(ended_by=doctor, ended_at=NINE, end_reason="replaced")

        with refused_by("order_period_ended_at_and_by"):
            OrderPeriodFactory(ended_at=NINE, end_reason="replaced")
        with refused_by("order_period_ended_at_and_by"):
            OrderPeriodFactory(ended_by=doctor)

    @pytest.mark.parametrize(
        "end",
        [
            {"end_reason": "replaced"},
            {"end_reason": "safety", "end_words": "Found asleep at home."},
        ],
    )
    def test_says_why_it_ended(self, end: dict[str, str]) -> None:
        assert OrderPeriodFactory(ended_by=UserFactory(), ended_at=NINE, **end).pk

    @pytest.mark.parametrize(
        "end",
        [
            {},
            {"end_words": "Found asleep at home."},
            {"end_reason": "safety"},
            {"end_reason": "replaced", "end_words": "Nobody says that here."},
        ],
    )
    def test_does_not_end_without_its_reason(self, end: dict[str, str]) -> None:
        with refused_by("order_period_end_has_its_reason"):
            OrderPeriodFactory(ended_by=UserFactory(), ended_at=NINE, **end)

    def test_has_no_reason_before_its_end(self) -> None:
        with refused_by("order_period_end_has_its_reason"):
            OrderPeriodFactory(end_reason="safety", end_words="Found asleep at home.")
