"""Orders of oral opioids and of naloxone: who signs, for whom, within which limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.oral import (
    NaloxoneDraft,
    OralDraft,
    OralDrug,
    OralSigningFacts,
    daily_limit_mg,
    limit_in_words,
    may_begin_oral_order,
    may_end_oral_order,
    may_order_naloxone,
    may_sign_oral_order,
    parse_kits,
)
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, Level

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DRAFT = OralDraft(
    drug="methadone",
    daily_mg=40,
    is_supervised=True,
    starts_at=AT,
    ends_at=AT + timedelta(days=14),
    basis="Took 40 mg a day at the last clinic.",
)
FACTS = OralSigningFacts(
    at=AT,
    signer_may_prescribe=True,
    protocol=Protocol(),
    person_is_in_treatment=True,
    has_treatment_consent=True,
)


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestAnOralOrder:
    @pytest.mark.parametrize("drug", list(OralDrug))
    def test_that_is_in_order_is_signed(self, drug: OralDrug) -> None:
        assert codes(may_sign_oral_order(replace(DRAFT, drug=drug, daily_mg=8), FACTS)) == []

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"signer_may_prescribe": False}, "not_a_prescriber"),
            ({"protocol": None}, "no_protocol"),
            ({"person_is_in_treatment": False}, "not_in_treatment"),
            ({"has_treatment_consent": False}, "no_consent"),
        ],
    )
    def test_is_barred_before_a_number_is_written(self, changed: dict[str, object], code: str) -> None:
        facts = replace(FACTS, **changed)

        assert codes(may_begin_oral_order(facts)) == [code]
        assert code in codes(may_sign_oral_order(DRAFT, facts))

    @pytest.mark.parametrize(
        ("drug", "most"), [("methadone", 150), ("buprenorphine", 24), ("morphine", 1200)]
    )
    def test_may_fill_the_clinics_limit_and_not_pass_it(self, drug: str, most: int) -> None:
        within = may_sign_oral_order(replace(DRAFT, drug=drug, daily_mg=most), FACTS)
        over = may_sign_oral_order(replace(DRAFT, drug=drug, daily_mg=most + 1), FACTS)

        assert (codes(within), codes(over)) == ([], ["daily_limit"])
        assert f"{most} mg a day, not verified: confirm locally" in over.findings[0].message

    def test_is_judged_by_a_stricter_clinic(self) -> None:
        facts = replace(FACTS, protocol=Protocol(methadone_block_mg=60))

        assert codes(may_sign_oral_order(replace(DRAFT, daily_mg=60), facts)) == []
        assert codes(may_sign_oral_order(replace(DRAFT, daily_mg=61), facts)) == ["daily_limit"]

    def test_names_one_drug_of_the_list(self) -> None:
        assert codes(may_sign_oral_order(replace(DRAFT, drug="heroin", daily_mg=9999), FACTS)) == ["drug"]

    def test_has_at_least_one_milligram(self) -> None:
        assert codes(may_sign_oral_order(replace(DRAFT, daily_mg=1), FACTS)) == []
        assert codes(may_sign_oral_order(replace(DRAFT, daily_mg=0), FACTS)) == ["daily_is_none"]

    @pytest.mark.parametrize("basis", ["", "  \n"])
    def test_says_what_it_rests_on(self, basis: str) -> None:
        assert codes(may_sign_oral_order(replace(DRAFT, basis=basis), FACTS)) == ["basis"]

    def test_starts_when_it_is_signed_or_later(self) -> None:
        assert codes(may_sign_oral_order(replace(DRAFT, starts_at=AT + SECOND), FACTS)) == []
        early = replace(DRAFT, starts_at=AT - SECOND, ends_at=AT + timedelta(days=1))
        assert codes(may_sign_oral_order(early, FACTS)) == ["starts_in_the_past"]

    def test_ends_after_it_starts(self) -> None:
        assert codes(may_sign_oral_order(replace(DRAFT, ends_at=AT + SECOND), FACTS)) == []
        assert codes(may_sign_oral_order(replace(DRAFT, ends_at=AT), FACTS)) == ["ends_before_it_starts"]

    def test_runs_as_long_as_the_clinic_lets_it(self) -> None:
        assert codes(may_sign_oral_order(replace(DRAFT, ends_at=AT + timedelta(days=20)), FACTS)) == []
        assert codes(may_sign_oral_order(replace(DRAFT, ends_at=AT + timedelta(days=29)), FACTS)) == [
            "too_long"
        ]

    @pytest.mark.parametrize(
        ("starts_at", "hours"),
        [
            # 28 days over the autumn night are an hour longer, over the spring night an hour shorter.
            (datetime(2026, 10, 20, 8, 0, tzinfo=UTC), 28 * 24 + 1),
            (datetime(2026, 3, 10, 9, 0, tzinfo=UTC), 28 * 24 - 1),
        ],
    )
    def test_counts_its_days_by_the_wall_clock_over_both_clock_changes(
        self, starts_at: datetime, hours: int
    ) -> None:
        facts = replace(FACTS, at=starts_at)
        longest = replace(DRAFT, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))

        assert codes(may_sign_oral_order(longest, facts)) == []
        longer = replace(longest, ends_at=longest.ends_at + SECOND)
        assert codes(may_sign_oral_order(longer, facts)) == ["too_long"]

    def test_starts_after_a_dose_that_was_given_meanwhile(self) -> None:
        assert codes(may_sign_oral_order(DRAFT, replace(FACTS, last_given_at=AT - SECOND))) == []
        assert codes(may_sign_oral_order(DRAFT, replace(FACTS, last_given_at=AT))) == ["dose_meanwhile"]

    def test_beside_another_opioid_is_noted_one_note_each(self) -> None:
        facts = replace(FACTS, others=("Morphine, 200 mg a day", "Buprenorphine, 8 mg a day"))

        decision = may_sign_oral_order(DRAFT, facts)

        assert [finding.level for finding in decision] == [Level.WARN, Level.WARN]
        assert codes(decision) == ["other_oral_1", "other_oral_2"]
        assert codes(may_sign_oral_order(DRAFT, replace(facts, protocol=None)))[-2:] == codes(decision)

    def test_never_tells_a_dose_of_another_opioid(self) -> None:
        over = may_sign_oral_order(replace(DRAFT, daily_mg=151), FACTS)

        assert not any(word in str(over).lower() for word in ("equivalent", "convert", "diamorphine"))


class TestALimit:
    def test_is_that_of_its_drug(self) -> None:
        protocol = Protocol(methadone_block_mg=1, buprenorphine_block_mg=2, morphine_block_mg=3)

        assert [daily_limit_mg(protocol, drug) for drug in OralDrug] == [1, 2, 3]

    def test_says_that_nobody_has_verified_it(self) -> None:
        assert limit_in_words(Protocol(), OralDrug.METHADONE) == "150 mg a day, not verified: confirm locally"


class TestEndingAnOralOrder:
    def test_needs_a_prescriber_an_order_and_a_sentence(self) -> None:
        assert codes(may_end_oral_order(signer_may_prescribe=True, is_standing=True, words="Asked.")) == []
        assert codes(may_end_oral_order(signer_may_prescribe=False, is_standing=False, words=" ")) == [
            "not_a_prescriber",
            "nothing_to_end",
            "no_words",
        ]


class TestNaloxone:
    def test_is_ordered_by_a_prescriber_for_somebody_in_treatment(self) -> None:
        kits = NaloxoneDraft(dose_ug=1, kits=1)

        assert codes(may_order_naloxone(kits, signer_may_prescribe=True, person_is_in_treatment=True)) == []
        assert codes(may_order_naloxone(kits, signer_may_prescribe=False, person_is_in_treatment=False)) == [
            "not_in_treatment",
            "not_a_prescriber",
        ]

    @pytest.mark.parametrize("draft", [NaloxoneDraft(dose_ug=0, kits=1), NaloxoneDraft(dose_ug=400, kits=0)])
    def test_is_of_something(self, draft: NaloxoneDraft) -> None:
        decision = may_order_naloxone(draft, signer_may_prescribe=True, person_is_in_treatment=True)

        assert codes(decision) == ["naloxone_is_none"]

    @pytest.mark.parametrize(("text", "kits"), [("1", 1), (" 9 ", 9)])
    def test_kits_are_one_digit(self, text: str, kits: int) -> None:
        assert parse_kits(text) == kits

    @pytest.mark.parametrize("text", ["", "0", "10", "+1", "1.0", "1e0", "²", "٣", "two", "1_0"])
    def test_kits_of_any_other_writing_are_refused(self, text: str) -> None:
        assert parse_kits(text) is None
