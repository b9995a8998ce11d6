"""Giving an oral opioid: after an injection, within the day, to somebody awake; and never just before one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dosing.rules.checks import Sedation
from dosing.rules.oral import OralDrug
from dosing.rules.oral_doses import (
    OralAttempt,
    OralBefore,
    OralFacts,
    OralInForce,
    allowed_oral_mg,
    may_allow_oral,
    may_give_oral,
    needs_breathing,
    oral_before_injection,
    stands_against_oral,
)
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision, Level

LONDON = ZoneInfo("Europe/London")
AT = datetime(2026, 10, 12, 14, 30, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
ORDER = OralInForce(drug=OralDrug.METHADONE, daily_mg=40)
FACTS = OralFacts(
    at=AT,
    order=ORDER,
    protocol=Protocol(),
    person_is_in_treatment=True,
    has_treatment_consent=True,
    given_today_mg=0,
    last_injection_ended_at=None,
)
ATTEMPT = OralAttempt(mg=40, sedation=Sedation.ALERT, breaths=None, is_identified=True)
WITHHELD = replace(FACTS, withheld="The injection of the morning session was withheld today.")
# The nights on which the clocks change in London, each an instant before and after the change.
CHANGES = [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)]


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestAnOralDose:
    def test_that_is_in_order_is_given(self) -> None:
        assert codes(may_give_oral(FACTS, ATTEMPT)) == []

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"person_is_in_treatment": False}, "not_in_treatment"),
            ({"protocol": None}, "no_protocol"),
            ({"has_treatment_consent": False}, "no_consent"),
            ({"order": None}, "no_oral_order"),
            ({"order": replace(ORDER, is_suspended=True)}, "oral_order_suspended"),
            ({"open_draw": "A dose of 100 mg is drawn up."}, "open_draw"),
            ({"naloxone": "An emergency was called for."}, "after_naloxone"),
            ({"withheld": "Withheld today."}, "after_withheld"),
        ],
    )
    def test_is_barred_before_anything_is_asked(self, changed: dict[str, object], code: str) -> None:
        facts = replace(FACTS, **changed)

        assert codes(stands_against_oral(facts)) == [code]
        assert code in codes(may_give_oral(facts, ATTEMPT))

    def test_after_naloxone_is_a_hold_and_after_a_withheld_injection_a_stop(self) -> None:
        decision = stands_against_oral(replace(WITHHELD, naloxone="An emergency was called for."))

        assert [finding.word for finding in decision] == ["HOLD", "STOP"]

    def test_is_refused_29_minutes_after_an_injection_and_saved_at_30(self) -> None:
        early = replace(FACTS, last_injection_ended_at=AT - 29 * MINUTE)
        last_second = replace(FACTS, last_injection_ended_at=AT - 30 * MINUTE + SECOND)
        in_time = replace(FACTS, last_injection_ended_at=AT - 30 * MINUTE)

        assert codes(may_give_oral(early, ATTEMPT)) == ["oral_too_soon"]
        assert codes(may_give_oral(last_second, ATTEMPT)) == ["oral_too_soon"]
        assert codes(may_give_oral(in_time, replace(ATTEMPT, sedation=Sedation.SLIGHTLY_DROWSY))) == []

    def test_says_when_it_may_be_given(self) -> None:
        message = may_give_oral(replace(FACTS, last_injection_ended_at=AT - 29 * MINUTE), ATTEMPT)

        assert message.findings[0].message == (
            "The last injection ended 29 minutes ago, less than 30. An oral opioid waits until 15:31."
        )

    def test_waits_as_long_as_the_clinic_says(self) -> None:
        facts = replace(FACTS, protocol=Protocol(oral_delay_minutes=45))

        late = replace(facts, last_injection_ended_at=AT - 45 * MINUTE)
        early = replace(facts, last_injection_ended_at=AT - 44 * MINUTE)
        assert (codes(may_give_oral(late, ATTEMPT)), codes(may_give_oral(early, ATTEMPT))) == (
            [],
            ["oral_too_soon"],
        )

    @pytest.mark.parametrize("change", CHANGES)
    def test_counts_minutes_that_passed_over_both_clock_changes(self, change: datetime) -> None:
        ended = (change - 15 * MINUTE).astimezone(LONDON)
        at = (change + 15 * MINUTE).astimezone(LONDON)

        assert codes(may_give_oral(replace(FACTS, at=at, last_injection_ended_at=ended), ATTEMPT)) == []
        sooner = replace(FACTS, at=at - SECOND, last_injection_ended_at=ended)
        assert codes(may_give_oral(sooner, ATTEMPT)) == ["oral_too_soon"]

    def test_does_not_pass_the_day(self) -> None:
        half = replace(FACTS, given_today_mg=15)

        assert codes(may_give_oral(half, replace(ATTEMPT, mg=25))) == []
        decision = may_give_oral(half, replace(ATTEMPT, mg=26))
        assert codes(decision) == ["over_oral_day"]
        assert "26 mg is over what is left of today: 25 mg of 40 mg." in decision.findings[0].message

    def test_does_not_pass_a_limit_that_became_stricter(self) -> None:
        facts = replace(FACTS, protocol=Protocol(methadone_block_mg=30))

        assert codes(may_give_oral(facts, replace(ATTEMPT, mg=30))) == []
        assert codes(may_give_oral(facts, replace(ATTEMPT, mg=31))) == ["over_oral_day"]

    def test_is_at_least_one_milligram(self) -> None:
        assert codes(may_give_oral(FACTS, replace(ATTEMPT, mg=0))) == ["mg_is_none"]

    def test_has_no_amount_to_judge_without_order_or_limits(self) -> None:
        for facts in (replace(FACTS, order=None), replace(FACTS, protocol=None)):
            assert allowed_oral_mg(facts) == 0
            assert "over_oral_day" not in codes(may_give_oral(facts, replace(ATTEMPT, mg=9999)))

    def test_leaves_nothing_where_more_was_given_than_the_new_order_has(self) -> None:
        assert allowed_oral_mg(replace(FACTS, given_today_mg=60)) == 0

    @pytest.mark.parametrize("sedation", [Sedation.DRIFTS_OFF, Sedation.HARD_TO_ROUSE, Sedation.ASLEEP])
    def test_needs_its_own_sedation_of_one_or_two(self, sedation: Sedation) -> None:
        assert codes(may_give_oral(FACTS, replace(ATTEMPT, sedation=sedation))) == ["sedation"]

    def test_goes_to_nobody_else(self) -> None:
        assert codes(may_give_oral(FACTS, replace(ATTEMPT, is_identified=False))) == ["not_identified"]

    @pytest.mark.parametrize(("breaths", "found"), [(12, []), (11, ["breathing"])])
    def test_is_refused_over_slow_breathing_wherever_it_was_counted(
        self, breaths: int, found: list[str]
    ) -> None:
        assert codes(may_give_oral(FACTS, replace(ATTEMPT, breaths=breaths))) == found

    def test_tells_every_reason_at_once(self) -> None:
        facts = replace(WITHHELD, has_treatment_consent=False, last_injection_ended_at=AT)
        attempt = OralAttempt(mg=41, sedation=Sedation.DRIFTS_OFF, breaths=9, is_identified=False)

        assert codes(may_give_oral(facts, attempt)) == [
            "no_consent",
            "oral_too_soon",
            "after_withheld",
            "not_identified",
            "over_oral_day",
            "sedation",
            "breathing",
        ]


class TestAnOralDoseAfterAWithheldInjection:
    def test_needs_breathing_and_a_prescribers_decision(self) -> None:
        assert needs_breathing(WITHHELD)
        assert not needs_breathing(FACTS)
        assert codes(may_give_oral(WITHHELD, ATTEMPT)) == ["after_withheld", "breathing_unknown"]

    @pytest.mark.parametrize(
        ("breaths", "found"), [(12, []), (11, ["breathing"]), (None, ["breathing_unknown"])]
    )
    def test_goes_ahead_once_a_prescriber_decided_and_breathing_is_enough(
        self, breaths: int | None, found: list[str]
    ) -> None:
        decided = replace(WITHHELD, is_allowed_by_prescriber=True)

        assert codes(may_give_oral(decided, replace(ATTEMPT, breaths=breaths))) == found

    def test_is_decided_by_a_prescriber_with_a_reason(self) -> None:
        words = WITHHELD.withheld

        assert codes(may_allow_oral(signer_may_prescribe=True, withheld=words, reason="Seen.")) == []
        assert codes(may_allow_oral(signer_may_prescribe=False, withheld="", reason=" ")) == [
            "not_a_prescriber",
            "nothing_to_decide",
            "no_reason",
        ]


class TestAnInjectionAfterAnOralOpioid:
    @pytest.mark.parametrize(
        ("ago", "found"),
        [
            (timedelta(), ["oral_before"]),
            (30 * MINUTE - SECOND, ["oral_before"]),
            (30 * MINUTE, []),
            (timedelta(hours=5), []),
        ],
    )
    def test_is_stopped_for_thirty_minutes(self, ago: timedelta, found: list[str]) -> None:
        decision = oral_before_injection(OralBefore("Methadone, 40 mg", AT - ago), at=AT)

        assert codes(decision) == found
        assert all(finding.level is Level.STOP for finding in decision)

    def test_says_what_was_given_and_until_when_it_waits(self) -> None:
        decision = oral_before_injection(OralBefore("Methadone, 40 mg", AT - 12 * MINUTE), at=AT)

        assert decision.findings[0].message == (
            "Methadone, 40 mg was given 12 minutes ago. An injection waits until 15:48, 30 minutes after it."
        )

    def test_is_not_where_none_was_given(self) -> None:
        assert codes(oral_before_injection(None, at=AT)) == []

    @pytest.mark.parametrize("change", CHANGES)
    def test_is_counted_in_minutes_that_passed_over_both_clock_changes(self, change: datetime) -> None:
        given = (change - 15 * MINUTE).astimezone(LONDON)
        at = (change + 15 * MINUTE).astimezone(LONDON)

        assert codes(oral_before_injection(OralBefore("Methadone", given), at=at)) == []
        assert codes(oral_before_injection(OralBefore("Methadone", given), at=at - SECOND)) == ["oral_before"]
