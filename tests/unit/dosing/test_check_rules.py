"""What a check says against a dose: every limit from both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dosing.rules.checks import (
    CheckAnswers,
    Readings,
    Sedation,
    gaps_in,
    is_emergency,
    is_fresh,
    judge_check,
)
from dosing.rules.oxygen import OxygenScale, OxygenTarget, PersonalTarget
from dosing.rules.visits import (
    ENDED,
    TRANSITIONS,
    UNFINISHED,
    IdentityItem,
    VisitState,
    is_identified_by,
    may_identify,
    may_move,
)

AT = datetime(2026, 11, 24, 9, 49, tzinfo=UTC)
WELL = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=70)
ANSWERS = CheckAnswers(
    readings=WELL,
    alcohol_ug=0,
    took_other_drugs=False,
    oral_as_ordered=True,
    is_intoxicated=False,
    sites_are_well=True,
)


def answers(**changes: Any) -> CheckAnswers:
    readings = {
        name: changes.pop(name) for name in ("sedation", "breaths", "oxygen", "pulse") if name in changes
    }
    return replace(ANSWERS, readings=replace(WELL, **readings), **changes)


def codes(**changes: Any) -> set[str]:
    return {finding.code for finding in judge_check(answers(**changes))}


class TestACheck:
    def test_says_nothing_when_all_is_well(self) -> None:
        assert judge_check(ANSWERS).findings == ()

    @pytest.mark.parametrize(
        ("changes", "code", "opens_hold"),
        [
            ({"sedation": Sedation.DRIFTS_OFF}, "sedation", True),
            ({"sedation": Sedation.HARD_TO_ROUSE}, "sedation", True),
            ({"sedation": Sedation.ASLEEP}, "asleep", False),
            ({"breaths": 11}, "breathing", True),
            ({"oxygen": 93}, "oxygen", True),
            ({"oxygen": None}, "oxygen_unknown", True),
            ({"pulse": None}, "pulse_unknown", True),
            ({"alcohol_ug": 20}, "alcohol_stop", False),
            ({"alcohol_ug": 34}, "alcohol_stop", False),
            ({"alcohol_ug": 35}, "alcohol", True),
            ({"alcohol_ug": None}, "alcohol_stop", False),
            ({"is_intoxicated": True}, "intoxicated", True),
        ],
    )
    def test_bars_a_dose_and_holds_what_outlives_the_attempt(
        self, changes: dict[str, Any], code: str, opens_hold: bool
    ) -> None:
        (finding,) = judge_check(answers(**changes))

        assert (finding.code, finding.opens_hold) == (code, opens_hold)
        assert not judge_check(answers(**changes)).is_allowed

    @pytest.mark.parametrize(
        "changes",
        [
            {"sedation": Sedation.SLIGHTLY_DROWSY},
            {"breaths": 12},
            {"oxygen": 94},
            {"alcohol_ug": 19},
        ],
    )
    def test_lets_go_ahead_at_the_limit_itself(self, changes: dict[str, Any]) -> None:
        assert codes(**changes) == set()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"took_other_drugs": True}, "other_drugs"),
            ({"oral_as_ordered": False}, "oral_not_as_ordered"),
            ({"sites_are_well": False}, "sites_of_concern"),
        ],
    )
    def test_notes_what_stops_nothing(self, changes: dict[str, Any], code: str) -> None:
        assert codes(**changes) == {code}
        assert judge_check(answers(**changes)).is_allowed

    def test_tells_every_reason_at_once(self) -> None:
        found = codes(sedation=Sedation.DRIFTS_OFF, breaths=9, oxygen=91, alcohol_ug=40, is_intoxicated=True)
        assert found == {"sedation", "breathing", "oxygen", "alcohol", "intoxicated"}

    @pytest.mark.parametrize(("oxygen", "found"), [(89, {"oxygen"}), (90, set())])
    def test_holds_oxygen_against_the_persons_own_target(self, oxygen: int, found: set[str]) -> None:
        own = replace(WELL, oxygen=oxygen, target=OxygenTarget(90))
        assert {finding.code for finding in judge_check(replace(ANSWERS, readings=own))} == found

    def test_says_whose_target_was_missed(self) -> None:
        lapsed = PersonalTarget(90, OxygenScale.ONE, date(2026, 10, 11))
        for target, words in (
            (OxygenTarget(), "Oxygen 89 %, under 94."),
            (OxygenTarget(90), "Oxygen 89 %, under 90: the target of their own that a doctor has set."),
            (
                OxygenTarget(lapsed=lapsed),
                "Oxygen 89 %, under 94: their own target of 90 % is past its review of 11 October 2026, so 94 "
                "applies.",
            ),
        ):
            (finding,) = judge_check(replace(ANSWERS, readings=replace(WELL, oxygen=89, target=target)))
            assert finding.message == words

    @pytest.mark.parametrize(("seconds", "fresh"), [(1800, True), (1801, False)])
    def test_is_good_for_half_an_hour(self, seconds: int, fresh: bool) -> None:
        assert is_fresh(made_at=AT - timedelta(seconds=seconds), at=AT) is fresh


class TestAWholeCheck:
    def test_lacks_nothing(self) -> None:
        assert gaps_in(ANSWERS, unable_reason="").findings == ()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"sedation": None}, "Sedation"),
            ({"sedation": ""}, "Sedation"),
            ({"breaths": None}, "Breathing, the counted respiratory rate,"),
            ({"took_other_drugs": None}, "Other drugs since the last visit"),
            ({"oral_as_ordered": None}, "Oral medicine since the last visit"),
            ({"is_intoxicated": None}, "The judgement of intoxication"),
            ({"sites_are_well": None}, "The look at the injection sites"),
        ],
    )
    def test_has_no_unable_for_what_can_always_be_told(self, changes: dict[str, Any], words: str) -> None:
        (finding,) = gaps_in(answers(**changes), unable_reason="cold hands")

        assert finding.code == "answer_missing"
        assert finding.message == f"{words} is missing. The check is not saved without it."

    @pytest.mark.parametrize("changes", [{"oxygen": None}, {"pulse": None}, {"alcohol_ug": None}])
    def test_says_why_a_value_could_not_be_had(self, changes: dict[str, Any]) -> None:
        assert [one.code for one in gaps_in(answers(**changes), unable_reason=" ")] == ["no_reason"]
        assert gaps_in(answers(**changes), unable_reason="cold hands").findings == ()

    def test_takes_nought_for_a_value(self) -> None:
        assert gaps_in(answers(breaths=0), unable_reason="").findings == ()


class TestAnEmergency:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, False),
            ({"sedation": Sedation.DRIFTS_OFF}, False),
            ({"sedation": Sedation.HARD_TO_ROUSE}, True),
            ({"breaths": 9}, False),
            ({"breaths": 8}, True),
            ({"oxygen": 90}, False),
            ({"oxygen": 89}, True),
            ({"oxygen": None}, False),
        ],
    )
    def test_is_told_by_the_readings(self, changes: dict[str, Any], found: bool) -> None:
        assert is_emergency(replace(WELL, **changes)) is found


class TestAVisit:
    @pytest.mark.parametrize("state", list(VisitState))
    @pytest.mark.parametrize("to", list(VisitState))
    def test_goes_on_along_its_arrows_and_no_other_way(self, state: VisitState, to: VisitState) -> None:
        assert may_move(state, to).is_allowed is (to in TRANSITIONS[state])

    def test_that_has_ended_leads_nowhere_but_from_a_missed_session_to_a_late_arrival(self) -> None:
        # Who was missed may come late after all.
        assert {state: TRANSITIONS[state] for state in ENDED if TRANSITIONS[state]} == {
            VisitState.NOT_GIVEN: frozenset({VisitState.ARRIVED})
        }
        assert {*ENDED, *UNFINISHED} == set(VisitState)

    def test_says_what_was_done_already(self) -> None:
        (finding,) = may_move(VisitState.OBSERVED, VisitState.CHECKED)
        assert "has injected and is being observed" in finding.message


class TestAnIdentity:
    def test_is_asked_until_a_dose_is_drawn_up(self) -> None:
        asked = {state for state in VisitState if may_identify(state).is_allowed}
        assert asked == {VisitState.ARRIVED, VisitState.IDENTIFIED, VisitState.CHECKED}

    def test_rests_on_two_items(self) -> None:
        assert is_identified_by(frozenset({IdentityItem.PHOTO, IdentityItem.BIRTH_DATE})).is_allowed
        for items in (frozenset[IdentityItem](), frozenset({IdentityItem.PHOTO})):
            assert [finding.code for finding in is_identified_by(items)] == ["one_item"]

    def test_has_words_for_every_item(self) -> None:
        assert all(item.label for item in IdentityItem)
