"""What may be logged of a support session, and when to ask the treatment room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from outcomes.models import SupportSession
from outcomes.rules.cohort.columns import SUPPORT_DOMAINS
from outcomes.rules.support import (
    DONE_ABOUT,
    DONE_ANYWHERE,
    FOLLOW_UP,
    FURTHEST_STEP,
    Correction,
    Domain,
    LastDays,
    SessionLogged,
    may_be_done,
    may_be_followed_up,
    may_close_follow_up,
    may_log_session,
    should_ask_the_room,
    words_for,
)

TODAY = date(2026, 11, 24)
ACCEPTED = date(2026, 11, 2)
A_DAY = timedelta(days=1)
SAID = SessionLogged(
    on=TODAY,
    domain="housing",
    attended=True,
    minutes=45,
    done=("talked", "viewing"),
    note="",
    next_step="Bring two letters",
    next_step_on=TODAY + 7 * A_DAY,
)
MISSED = replace(SAID, attended=False, minutes=None, done=("follow_up_call",))


def codes(said: SessionLogged) -> list[str]:
    return [finding.code for finding in may_log_session(said, today=TODAY, accepted_on=ACCEPTED)]


class TestASessionThatNobodyCameTo:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"next_step": ""}, ["support_follow_up_what"]),
            ({"next_step_on": None}, ["support_follow_up_day"]),
            ({"next_step": "", "next_step_on": None}, ["support_follow_up_what", "support_follow_up_day"]),
        ],
    )
    def test_says_what_happens_next_and_by_when(self, changes, found):
        assert codes(replace(MISSED, **changes)) == found

    @pytest.mark.parametrize(
        ("attended", "is_here", "allowed"), [(False, True, True), (False, False, False), (True, False, True)]
    )
    def test_is_followed_up_by_a_case_worker_of_the_clinic(self, attended, is_here, allowed):
        assert may_be_followed_up(attended=attended, owner_is_here=is_here).is_allowed is allowed


class TestAFollowUp:
    @pytest.mark.parametrize(
        ("how", "found"),
        [
            ("Spoke to them", []),
            ("x" * 120, []),
            (" ", ["follow_up_says_nothing"]),
            ("x" * 121, ["follow_up_long_line"]),
        ],
    )
    def test_is_closed_with_one_line(self, how, found):
        assert may_close_follow_up(how).refusal_codes == found

    def test_is_not_closed_once_its_session_was_corrected(self):
        assert may_close_follow_up("Spoke", is_superseded=True).refusal_codes == ["follow_up_superseded"]


class TestASession:
    @pytest.mark.parametrize("said", [SAID, MISSED])
    def test_that_was_held_or_missed_today_may_be_logged(self, said):
        assert may_log_session(said, today=TODAY, accepted_on=ACCEPTED).is_allowed

    @pytest.mark.parametrize(
        ("on", "found"),
        [
            (TODAY + A_DAY, ["support_in_future", "support_step_before_session"]),
            (TODAY - A_DAY, []),
            (ACCEPTED, []),
            (ACCEPTED - A_DAY, ["support_before_acceptance"]),
        ],
    )
    def test_lies_between_acceptance_and_today(self, on, found):
        step = TODAY if "support_step_before_session" in found else SAID.next_step_on

        assert codes(replace(SAID, on=on, next_step_on=step)) == found

    @pytest.mark.parametrize(
        ("minutes", "found"),
        [
            (None, ["support_minutes"]),
            (0, ["support_minutes"]),
            (1, []),
            (480, []),
            (481, ["support_minutes"]),
        ],
    )
    def test_that_somebody_came_to_took_1_to_480_minutes(self, minutes, found):
        assert codes(replace(SAID, minutes=minutes)) == found

    def test_that_nobody_came_to_took_none(self):
        assert codes(replace(MISSED, minutes=15)) == ["support_minutes_of_nobody"]

    def test_says_what_was_done(self):
        assert codes(replace(SAID, done=())) == ["support_nothing_done"]
        assert codes(replace(MISSED, done=())) == ["support_nothing_done"]

    def test_takes_what_was_done_from_its_own_keys(self):
        assert codes(replace(SAID, done=("debt_plan",))) == ["support_done_elsewhere"]
        assert codes(replace(SAID, done=("follow_up_call",))) == ["support_done_elsewhere"]
        assert codes(replace(MISSED, done=("talked",))) == ["support_done_elsewhere"]

    @pytest.mark.parametrize("line", ["note", "next_step"])
    @pytest.mark.parametrize(("letters", "found"), [(120, []), (121, ["support_long_line"])])
    def test_keeps_each_line_short(self, line, letters, found):
        assert codes(replace(SAID, **{line: "x" * letters})) == found


class TestItsNextStep:
    def test_may_be_left_out(self):
        assert codes(replace(SAID, next_step="", next_step_on=None)) == []

    def test_may_have_no_day(self):
        assert codes(replace(SAID, next_step_on=None)) == []

    def test_has_no_day_without_a_step(self):
        assert codes(replace(SAID, next_step="")) == ["support_day_without_step"]

    @pytest.mark.parametrize(
        ("day", "found"),
        [
            (TODAY - A_DAY, ["support_step_before_session"]),
            (TODAY, []),
            (TODAY + FURTHEST_STEP, []),
            (TODAY + FURTHEST_STEP + A_DAY, ["support_step_far_away"]),
        ],
    )
    def test_is_between_the_session_and_a_year_later(self, day, found):
        assert codes(replace(SAID, next_step_on=day)) == found


class TestTheKeys:
    def test_are_the_domains_of_the_files_and_of_the_table(self):
        assert [domain.value for domain in Domain] == list(SUPPORT_DOMAINS)
        assert [domain.value for domain in Domain] == SupportSession.Domain.values

    def test_of_one_domain_are_not_those_of_another(self):
        every = [*DONE_ANYWHERE, *FOLLOW_UP, *(code for codes in DONE_ABOUT.values() for code in codes)]

        assert len(every) == len(set(every))
        assert all(len(code) <= 40 for code in every)

    def test_fit_the_domain_and_whether_somebody_came(self):
        assert {"talked", "viewing"} <= may_be_done("housing", attended=True)
        assert "viewing" not in may_be_done("health", attended=True)
        assert may_be_done("housing", attended=False) == set(FOLLOW_UP)

    def test_have_words_and_older_codes_stand_for_themselves(self):
        assert words_for("benefit_claim") == "Benefit claim sent"
        assert words_for("follow_up_none") == "Nothing yet"
        assert words_for("gone_from_the_keys") == "gone from the keys"

    def test_say_why_something_is_corrected_and_which_reasons_strike_it_out(self):
        assert {reason.label for reason in Correction if reason.strikes} == {
            "Logged for the wrong person",
            "Logged twice",
        }
        assert Correction.WRONG_KEY.label == "Wrong key"
        assert Domain.WELFARE.label == "Money"


class TestAskingTheRoom:
    @pytest.mark.parametrize(
        ("came", "asks"),
        [
            ([], False),
            ([False, False], False),
            ([False, False, False], True),
            ([True, False, False, False], True),
            ([False, False, False, True], False),
        ],
    )
    def test_is_said_after_three_sessions_missed_in_a_row(self, came, asks):
        assert should_ask_the_room(LastDays(came=came, had_trouble=False)) is asks

    def test_is_said_after_trouble(self):
        assert should_ask_the_room(LastDays(came=[True], had_trouble=True))
