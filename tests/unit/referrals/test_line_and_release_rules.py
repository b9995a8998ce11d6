"""Who stands where in the line, who is expected out of prison, and what clinic and agency may say."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from referrals.rules.line import Waiting, in_line
from referrals.rules.releases import check_release, is_overdue, is_soon, may_plan_release
from referrals.rules.talking import Question, is_draft_alive, may_write

TODAY = date(2026, 11, 28)
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def waiting(number, days, release_in=None, referrals=1, sent_at=None):
    release_on = None if release_in is None else TODAY + timedelta(days=release_in)
    return Waiting(uuid.UUID(int=number), TODAY - timedelta(days=days), sent_at, referrals, release_on)


class TestTheLine:
    def order(self, *people):
        return [place.id.int for place in in_line(people, today=TODAY)]

    def test_is_by_the_day_of_the_first_referral(self):
        assert self.order(waiting(1, 3), waiting(2, 9), waiting(3, 5)) == [2, 3, 1]

    def test_is_by_the_moment_on_one_day(self):
        late, early = waiting(1, 3, sent_at=NOON), waiting(2, 3, sent_at=NOON - timedelta(minutes=1))
        assert self.order(late, early) == [2, 1]

    @pytest.mark.parametrize(("release_in", "order"), [(14, [1, 2]), (15, [2, 1]), (0, [1, 2]), (-1, [2, 1])])
    def test_puts_a_release_within_14_days_first(self, release_in, order):
        assert self.order(waiting(1, 3, release_in), waiting(2, 90)) == order

    def test_puts_the_nearer_release_first(self):
        assert self.order(waiting(1, 90, 10), waiting(2, 1, 2)) == [2, 1]

    def test_says_why_each_stands_there(self):
        places = in_line([waiting(1, 18, 5), waiting(2, 9, referrals=2), waiting(3, 1)], today=TODAY)

        assert [(place.number, place.why) for place in places] == [
            (1, "Release expected on 3 December; referred on 10 November 2026"),
            (2, "First referred on 19 November 2026, by 2 referrals"),
            (3, "Referred on 27 November 2026"),
        ]


class TestExpectedRelease:
    @pytest.mark.parametrize(
        ("days", "code"),
        [(-1, "release_over"), (0, None), (731, None), (732, "release_too_late")],
    )
    def test_is_from_today_to_two_years_on(self, days, code):
        finding = check_release(TODAY + timedelta(days=days), today=TODAY)

        assert (finding.code if finding else None) == code

    @pytest.mark.parametrize(("days", "soon"), [(-1, False), (0, True), (14, True), (15, False)])
    def test_is_soon_within_14_days(self, days, soon):
        assert is_soon(TODAY + timedelta(days=days), today=TODAY) is soon
        assert not is_soon(None, today=TODAY)

    @pytest.mark.parametrize(("days", "overdue"), [(-30, True), (-1, True), (0, False)])
    def test_is_overdue_from_the_day_after_until_something_is_known(self, days, overdue):
        day = TODAY + timedelta(days=days)
        assert is_overdue(day, today=TODAY, is_settled=False) is overdue
        assert not is_overdue(day, today=TODAY, is_settled=True)
        assert not is_overdue(None, today=TODAY, is_settled=False)

    def test_is_not_planned_for_a_closed_referral(self):
        assert may_plan_release(is_open_or_accepted=True, release_on=TODAY, today=TODAY).is_allowed
        decision = may_plan_release(is_open_or_accepted=False, release_on=TODAY, today=TODAY)
        assert [finding.code for finding in decision] == ["closed"]


class TestMayWrite:
    @pytest.mark.parametrize(
        ("is_open", "text", "codes"),
        [
            (True, None, []),
            (True, "x" * 500, []),
            (True, "x" * 501, ["too_long"]),
            (True, "  ", ["no_text"]),
            (False, None, ["decided"]),
        ],
        ids=["a question", "500 characters", "501 characters", "nothing", "decided"],
    )
    def test_only_something_short_while_nothing_is_decided(self, is_open, text, codes):
        assert [finding.code for finding in may_write(is_open=is_open, text=text)] == codes

    def test_every_question_has_its_sentence(self):
        assert all(question.label.endswith((".", "?")) for question in Question)


class TestDrafts:
    def test_are_offered_for_14_days(self):
        assert is_draft_alive(saved_at=NOON - timedelta(days=14) + timedelta(seconds=1), at=NOON)
        assert not is_draft_alive(saved_at=NOON - timedelta(days=14), at=NOON)
