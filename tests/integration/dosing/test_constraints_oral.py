"""What the tables of oral opioids refuse, from both sides, even if the program were wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from hat_clinic.accounts.models import User
from tests.factories import (
    NINE,
    TODAY,
    InjectionFactory,
    ProtocolVersionFactory,
    SignatureFactory,
    UserFactory,
)
from tests.factories.oral import (
    NaloxoneOrderFactory,
    OralDecisionFactory,
    OralDoseFactory,
    OralOrderFactory,
    OralOrderPeriodFactory,
)
from tests.factories.patients import PersonFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class TestOralOrder:
    @pytest.mark.parametrize(
        ("drug", "most"), [("methadone", 150), ("buprenorphine", 24), ("morphine", 1200)]
    )
    def test_may_fill_the_ceiling_of_its_drug_and_not_pass_it(self, drug: str, most: int) -> None:
        OralOrderFactory(drug=drug, daily_mg=1)
        OralOrderFactory(drug=drug, daily_mg=most)

        for daily_mg in (0, most + 1):
            with refused_by("oral_order_is_within_the_ceilings"):
                OralOrderFactory(drug=drug, daily_mg=daily_mg)

    def test_is_of_a_drug_of_the_list(self) -> None:
        with refused_by("oral_order_is_within_the_ceilings"):
            OralOrderFactory(drug="oxycodone", daily_mg=1)

    def test_runs_forward_from_its_signature(self) -> None:
        OralOrderFactory(signed_at=NINE, starts_at=NINE, ends_at=NINE + SECOND)

        for times in (
            {"signed_at": NINE + SECOND, "starts_at": NINE, "ends_at": NINE + 2 * SECOND},
            {"signed_at": NINE, "starts_at": NINE, "ends_at": NINE},
        ):
            with refused_by("oral_order_runs_forward_from_its_signature"):
                OralOrderFactory(**times, period=None)

    def test_says_its_basis(self) -> None:
        with refused_by("oral_order_says_its_basis"):
            OralOrderFactory(basis="")


class TestOralOrderPeriod:
    def test_may_begin_when_another_has_ended_and_not_before(self) -> None:
        first = OralOrderFactory(starts_at=NINE, ends_at=NINE + SECOND)
        second = OralOrderFactory(episode=first.episode, period=None)

        with refused_by("one_oral_order_in_force_per_patient_and_drug"):
            OralOrderPeriodFactory(order=second, during=DateTimeTZRange(NINE, second.ends_at))
        OralOrderPeriodFactory(order=second, during=DateTimeTZRange(NINE + SECOND, second.ends_at))

    def test_of_another_drug_stands_beside_it(self) -> None:
        first = OralOrderFactory()

        assert OralOrderFactory(episode=first.episode, drug="morphine", daily_mg=200).pk

    def test_is_ended_by_somebody_at_a_time(self) -> None:
        prescriber = UserFactory()
        OralOrderPeriodFactory(ended_by=prescriber, ended_at=NINE, end_reason="replaced")

        for end in ({"ended_at": NINE, "end_reason": "replaced"}, {"ended_by": prescriber}):
            with refused_by("oral_order_period_ended_at_and_by"):
                OralOrderPeriodFactory(**end)

    @pytest.mark.parametrize(
        "end",
        [
            {},
            {"end_words": "Found asleep."},
            {"end_reason": "safety"},
            {"end_reason": "replaced", "end_words": "Nobody says that here."},
        ],
    )
    def test_says_why_it_ended(self, end: dict[str, str]) -> None:
        OralOrderPeriodFactory(
            ended_by=UserFactory(), ended_at=NINE, end_reason="safety", end_words="Found asleep."
        )

        with refused_by("oral_order_period_end_has_its_reason"):
            OralOrderPeriodFactory(ended_by=UserFactory(), ended_at=NINE, **end)

    def test_is_of_its_order_and_no_longer(self) -> None:
        order = OralOrderFactory(period=None)

        for changes in (
            {"during": DateTimeTZRange(order.starts_at, order.ends_at + SECOND)},
            {"patient": PersonFactory()},
            {"drug": "morphine"},
        ):
            with refused_by("oral_order_period_is_of_its_order"):
                OralOrderPeriodFactory(order=order, **changes)

    def test_only_ends_earlier_and_never_before_a_dose(self) -> None:
        dose = OralDoseFactory()
        period = dose.order.period
        lower, upper = period.during.lower, period.during.upper

        period.during = DateTimeTZRange(lower, NINE + SECOND)
        period.save()
        for during in (
            DateTimeTZRange(lower, upper),
            DateTimeTZRange(lower + SECOND, NINE + SECOND),
            DateTimeTZRange(lower, NINE),
            DateTimeTZRange(empty=True),
        ):
            period.during = during
            with refused_by("oral_order_period_only_shrinks"):
                period.save()


class TestOralDose:
    def test_fills_its_day_and_does_not_pass_it(self) -> None:
        first = OralDoseFactory(mg=15)
        same = {"order": first.order, "given_at": NINE + timedelta(hours=8)}

        with refused_by("oral_dose_is_within_its_day"):
            OralDoseFactory(mg=26, **same)
        OralDoseFactory(mg=25, **same)
        with refused_by("oral_dose_is_within_its_day"):
            OralDoseFactory(mg=1, **same)

    def test_counts_the_whole_day_over_a_new_order(self) -> None:
        order = OralOrderFactory(ends_at=NINE + SECOND)
        OralDoseFactory(order=order)
        raised = OralOrderFactory(
            episode=order.episode, daily_mg=60, starts_at=NINE + SECOND, ends_at=NINE + timedelta(days=5)
        )

        with refused_by("oral_dose_is_within_its_day"):
            OralDoseFactory(order=raised, mg=21, given_at=NINE + MINUTE)
        OralDoseFactory(order=raised, mg=20, given_at=NINE + MINUTE)

    def test_begins_a_new_day_at_midnight_in_london(self) -> None:
        order = OralDoseFactory().order
        midnight = NINE.replace(hour=0) + timedelta(days=1)

        with refused_by("oral_dose_is_within_its_day"):
            OralDoseFactory(order=order, given_at=midnight - SECOND)
        with refused_by("oral_dose_is_on_its_london_day"):
            OralDoseFactory(order=order, given_at=midnight)
        OralDoseFactory(order=order, given_at=midnight, given_on=TODAY + timedelta(days=1))

    def test_is_bound_by_the_stricter_limits_of_the_day(self) -> None:
        strict = ProtocolVersionFactory(methadone_block_mg=30)

        with refused_by("oral_dose_is_within_its_day"):
            OralDoseFactory(protocol=strict, mg=31)
        OralDoseFactory(protocol=strict, mg=30)

    @pytest.mark.parametrize("wrong", ["patient", "drug", "signer", "before", "after", "ended"])
    def test_is_of_an_order_in_force(self, wrong: str) -> None:
        order = OralOrderFactory(starts_at=NINE - MINUTE, ends_at=NINE + MINUTE)
        changes: dict[str, Any] = {}
        if wrong == "patient":
            changes["patient"] = PersonFactory()
        elif wrong == "drug":
            changes["drug"] = "morphine"
        elif wrong == "signer":
            User.objects.filter(id=order.signed_by_id).update(is_active=False)
        elif wrong == "before":
            changes["given_at"] = NINE - MINUTE - SECOND
        elif wrong == "after":
            changes["given_at"] = NINE + MINUTE
        else:
            order.period.during = DateTimeTZRange(order.starts_at, NINE)
            order.period.save()

        with refused_by("oral_dose_is_ordered"):
            OralDoseFactory(order=order, **changes)

    def test_waits_after_an_injection(self, unfinished: None) -> None:
        injection = InjectionFactory(
            started_at=NINE - 33 * MINUTE, ended_at=NINE - 30 * MINUTE, is_contested=True
        )
        order = OralOrderFactory(
            episode=injection.session.episode, patient=injection.patient, protocol=injection.protocol
        )

        with refused_by("oral_dose_waits_after_an_injection"):
            OralDoseFactory(order=order, given_at=NINE - SECOND)
        OralDoseFactory(order=order, given_at=NINE)

    def test_is_signed_by_who_supervised_it(self) -> None:
        with refused_by("oral_dose_is_signed_by_its_nurse"):
            OralDoseFactory(signature=SignatureFactory())

    def test_is_at_least_one_milligram(self) -> None:
        OralDoseFactory(mg=1)

        with refused_by("oral_dose_is_at_least_one_mg"):
            OralDoseFactory(mg=0)

    @pytest.mark.parametrize("seen", [{"sedation": "2"}, {"breaths": 12}, {"breaths": 60}])
    def test_may_go_to_somebody_awake(self, seen: dict[str, Any]) -> None:
        assert OralDoseFactory(**seen).pk

    @pytest.mark.parametrize(
        "seen", [{"sedation": "3"}, {"sedation": "4"}, {"sedation": "S"}, {"breaths": 11}, {"breaths": 61}]
    )
    def test_goes_to_nobody_else(self, seen: dict[str, Any]) -> None:
        with refused_by("oral_dose_is_given_to_somebody_awake"):
            OralDoseFactory(**seen)

    def test_is_stored_once_for_a_key(self) -> None:
        dose = OralDoseFactory(mg=1)

        with refused_by("dosing_oraldose_key_key"):
            OralDoseFactory(order=dose.order, mg=1, key=dose.key)


class TestOralDecision:
    def test_has_a_reason(self) -> None:
        with refused_by("oral_decision_has_a_reason"):
            OralDecisionFactory(reason="")


class TestNaloxoneOrder:
    def test_is_of_whole_micrograms_and_a_few_kits(self) -> None:
        NaloxoneOrderFactory(dose_ug=1, kits=1)
        NaloxoneOrderFactory(dose_ug=9999, kits=9)

        for amount in ({"dose_ug": 0}, {"dose_ug": 10000}, {"kits": 0}, {"kits": 10}):
            with refused_by("naloxone_order_is_of_something"):
                NaloxoneOrderFactory(**amount)
