from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hat_clinic.accounts.rules import (
    may_choose_pin,
    may_try_pin,
    session_end_sentence,
    wrong_pin_sentence,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def codes(failures: int, seconds_ago: float) -> list[str]:
    last = AT - timedelta(seconds=seconds_ago)
    return [finding.code for finding in may_try_pin(failures=failures, last_failed_at=last, at=AT)]


class TestMayTryPin:
    def test_lets_a_first_try(self) -> None:
        assert may_try_pin(failures=0, last_failed_at=None, at=AT).is_allowed

    @pytest.mark.parametrize(("failures", "found"), [(4, []), (5, ["pin_must_wait"]), (9, ["pin_must_wait"])])
    def test_makes_wait_from_the_fifth_wrong_try(self, failures, found) -> None:
        assert codes(failures, 0) == found

    @pytest.mark.parametrize(("seconds", "found"), [(29.9, ["pin_must_wait"]), (30, []), (31, [])])
    def test_waits_thirty_seconds(self, seconds, found) -> None:
        assert codes(5, seconds) == found

    @pytest.mark.parametrize("seconds", [0, 30, 86_400])
    def test_is_off_after_the_tenth_however_long_ago(self, seconds) -> None:
        assert codes(10, seconds) == ["pin_is_off"]

    def test_says_how_long_to_wait(self) -> None:
        decision = may_try_pin(failures=6, last_failed_at=AT - timedelta(seconds=28.5), at=AT)

        assert (
            decision.refusals[0].message
            == "That was 6 wrong tries. Wait 2 seconds, then type your PIN again."
        )

    def test_says_one_second_in_the_singular(self) -> None:
        decision = may_try_pin(failures=6, last_failed_at=AT - timedelta(seconds=29.5), at=AT)

        assert "Wait 1 second," in decision.refusals[0].message

    def test_names_the_way_on_when_off(self) -> None:
        decision = may_try_pin(failures=10, last_failed_at=AT, at=AT)

        assert "Sign in with your password and second factor" in decision.refusals[0].message
        assert "Nobody else is locked out" in decision.refusals[0].message


class TestWrongPinSentence:
    @pytest.mark.parametrize(
        ("failures", "part"),
        [
            (1, "That PIN was not right: 1 try used. After 5 wrong tries"),
            (4, "4 tries used. After 5 wrong tries"),
            (5, "5 tries used. Wait 30 seconds"),
            (9, "9 tries used. Wait 30 seconds"),
            (10, "your PIN is now off"),
        ],
    )
    def test_says_what_was_used_and_what_comes(self, failures, part) -> None:
        assert part in wrong_pin_sentence(failures)
        assert "Nobody else is locked out." in wrong_pin_sentence(failures)


class TestMayChoosePin:
    @pytest.mark.parametrize("pin", ["481592", "112233", "100000", "123457", "123425"])
    def test_takes_six_digits(self, pin) -> None:
        assert may_choose_pin(pin).is_allowed

    @pytest.mark.parametrize(
        "pin", ["", "48159", "4815926", "48159a", "48 592", "٤٨١٥٩٢", "48159²", "-48159"]
    )
    def test_refuses_what_is_not_six_ascii_digits(self, pin) -> None:
        assert [finding.code for finding in may_choose_pin(pin)] == ["pin_is_not_six_digits"]

    @pytest.mark.parametrize(
        "pin",
        ["000000", "777777", "123456", "012345", "789012", "654321", "987654", "109876", "121212", "123123"],
    )
    def test_refuses_the_first_guesses(self, pin) -> None:
        assert [finding.code for finding in may_choose_pin(pin)] == ["pin_is_easy_to_guess"]


class TestSessionEnd:
    @pytest.mark.parametrize(
        ("signed_in", "touched", "part"),
        [
            (timedelta(hours=1), timedelta(minutes=14, seconds=59), None),
            (timedelta(hours=1), timedelta(minutes=15), "15 minutes"),
            (timedelta(hours=11, minutes=59), timedelta(0), None),
            (timedelta(hours=12), timedelta(0), "12 hours"),
            (timedelta(hours=12), timedelta(minutes=15), "12 hours"),
        ],
    )
    def test_comes_after_15_idle_minutes_and_after_12_hours(self, signed_in, touched, part) -> None:
        sentence = session_end_sentence(since_sign_in=signed_in, since_input=touched)

        assert sentence is None if part is None else part in (sentence or "")
