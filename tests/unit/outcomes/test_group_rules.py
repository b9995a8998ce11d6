"""What a group may say of who came and who did not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from outcomes.rules.groups import JoinedLate, may_add_to_group, may_log_group, session_of
from outcomes.rules.support import SessionLogged

TODAY = date(2026, 2, 2)
A_DAY = timedelta(days=1)
HELD = SessionLogged(
    on=TODAY,
    domain="psychosocial",
    attended=True,
    minutes=60,
    done=("group",),
    note="Eight steps",
    next_step="Ask at the door",
    next_step_on=TODAY + A_DAY,
)
FACTS: dict[str, Any] = {"came": 2, "stayed_away": 1, "today": TODAY, "last_accepted_on": TODAY}


def codes(held: SessionLogged = HELD, **changes: Any) -> list[str]:
    return [finding.code for finding in may_log_group(held, **{**FACTS, **changes}).refusals]


class TestAGroup:
    def test_may_be_logged(self):
        assert codes() == []
        assert codes(replace(HELD, next_step="", next_step_on=None), stayed_away=0) == []

    @pytest.mark.parametrize(
        ("came", "stayed_away", "expected"),
        [
            (0, 0, ["group_of_nobody"]),
            (1, 0, ["group_of_nobody"]),
            (0, 1, ["group_of_nobody"]),
            (1, 1, []),
            (0, 2, ["group_without_anybody"]),
            (99, 1, []),
            (100, 1, ["group_is_large"]),
        ],
    )
    def test_has_two_people_one_of_whom_came(self, came, stayed_away, expected):
        assert codes(came=came, stayed_away=stayed_away) == expected

    def test_is_not_before_the_last_of_them_was_accepted(self):
        assert codes(last_accepted_on=TODAY + A_DAY) == ["group_before_acceptance"]
        assert codes(last_accepted_on=None, came=0, stayed_away=0) == ["group_of_nobody"]

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"minutes": None}, ["support_minutes"]),
            ({"done": ()}, ["support_nothing_done"]),
            ({"on": TODAY + A_DAY}, ["support_in_future"]),
            ({"note": "n" * 121}, ["support_long_line"]),
            ({"next_step": ""}, ["support_follow_up_what"]),
            ({"next_step_on": None}, ["support_follow_up_day"]),
            ({"next_step_on": TODAY - A_DAY}, ["support_step_before_session"]),
        ],
    )
    def test_says_each_reason_once(self, changes, expected):
        assert codes(replace(HELD, **changes)) == expected


class TestTheSessionOfOnePerson:
    def test_who_came_is_the_group_without_what_is_asked_of_the_others(self):
        assert session_of(HELD, attended=True) == replace(HELD, next_step="", next_step_on=None)

    def test_who_did_not_come_has_no_minutes_and_a_next_step(self):
        away = session_of(HELD, attended=False)
        assert (away.attended, away.minutes, away.note) == (False, None, "")
        assert (away.done, away.next_step) == (("follow_up_none",), "Ask at the door")


class TestAddingSomebody:
    @pytest.mark.parametrize(
        ("changes", "attended", "expected"),
        [
            ({}, True, []),
            ({}, False, []),
            ({"is_in_it": True}, True, ["group_has_them"]),
            ({"people": 99}, True, []),
            ({"people": 100}, True, ["group_is_large"]),
            ({"accepted_on": TODAY + A_DAY}, True, ["support_before_acceptance"]),
        ],
    )
    def test_happens_once_as_any_session_is_logged(self, changes, attended, expected):
        facts: dict[str, Any] = {"is_in_it": False, "people": 2, "today": TODAY, "accepted_on": TODAY}

        decision = may_add_to_group(session_of(HELD, attended=attended), **{**facts, **changes})

        assert decision.refusal_codes == expected

    def test_has_a_reason_in_words(self):
        assert [why.label for why in JoinedLate] == [
            "Forgotten when the group was logged",
            "Learned later that they belong in it",
        ]
