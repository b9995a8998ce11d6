"""What a last-dose statement says, and that nothing in it is false."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from dosing.rules.statements import (
    ALWAYS_SAID,
    DAYS_TOLD,
    EarlierDose,
    GivenDose,
    OralGiven,
    StatementFacts,
    days_of,
    first_day_told,
    last_injection_in_words,
    warnings_of,
)
from dosing.rules.worklist import Group, plan_group

AT = datetime(2026, 11, 24, 18, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 9, 40, tzinfo=UTC)
DOSE = GivenDose(
    started_at=MORNING,
    ended_at=MORNING + timedelta(minutes=2),
    recorded_at=MORNING + timedelta(minutes=3),
    mg=180,
    route="into a vein",
    is_contested=False,
    is_elsewhere=False,
    has_note=False,
)
ORAL = OralGiven(MORNING + timedelta(hours=3), MORNING + timedelta(hours=3), "Methadone, 30 mg", True)
FACTS = StatementFacts(
    at=AT,
    injections=(DOSE,),
    last=DOSE,
    last_earlier=None,
    oral=(ORAL,),
    earlier=(),
    order="Up to 180 mg diamorphine a session.",
    oral_orders=(),
    open_draw="",
    naloxone="",
)


def today(facts: StatementFacts) -> tuple[str, ...]:
    return days_of(facts)[0].lines


class TestTheLastInjection:
    EARLIER = EarlierDose(date(2026, 11, 24), "evening", 90)

    def test_is_one_of_earlier_records_where_that_is_newer(self) -> None:
        newer = replace(self.EARLIER, on=date(2026, 11, 25))
        said = last_injection_in_words(replace(FACTS, last_earlier=newer))
        assert said == "90 mg diamorphine on 25 November 2026, evening: from earlier records, time not known."

    def test_is_the_one_with_a_time_where_that_is_newer(self) -> None:
        older = replace(self.EARLIER, on=date(2026, 11, 23))
        said = last_injection_in_words(replace(FACTS, last_earlier=older))
        assert said.startswith("180 mg diamorphine, into a vein, ended") and "earlier records" not in said

    def test_is_both_where_they_are_of_one_day(self) -> None:
        said = last_injection_in_words(replace(FACTS, last_earlier=self.EARLIER))
        assert said.startswith("180 mg") and "And of the same day: 90 mg diamorphine" in said

    def test_is_one_of_earlier_records_alone(self) -> None:
        said = last_injection_in_words(replace(FACTS, last=None, last_earlier=self.EARLIER))
        assert said.startswith("90 mg diamorphine on 24 November 2026")

    def test_is_none_where_none_is_written(self) -> None:
        said = last_injection_in_words(replace(FACTS, last=None))
        assert said == "No injection is written in this clinic's record."


class TestAStatement:
    def test_tells_seven_days_the_newest_first_each_dose_by_its_time(self) -> None:
        days = days_of(FACTS)

        assert len(days) == DAYS_TOLD
        assert (days[0].day, days[-1].day) == ("24 November 2026", "18 November 2026")
        assert days[0].lines == (
            "09:40 injection, 180 mg diamorphine, into a vein.",
            "12:40 by mouth, Methadone, 30 mg, seen taken.",
        )
        assert days[1].lines == ("No dose is written.",)
        assert first_day_told(AT) == date(2026, 11, 18)

    def test_puts_a_dose_on_its_day_in_london(self) -> None:
        summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
        facts = replace(
            FACTS,
            at=summer + timedelta(hours=1),
            oral=(),
            injections=(replace(DOSE, started_at=summer, ended_at=summer, recorded_at=summer),),
        )
        assert days_of(facts)[0].day == "2 July 2026"
        assert today(facts)[0].startswith("00:30")

    def test_leaves_out_what_was_before(self) -> None:
        before = MORNING - timedelta(days=7)
        old = replace(DOSE, started_at=before, ended_at=before, recorded_at=before)
        told = days_of(replace(FACTS, injections=(old,), oral=(replace(ORAL, given_at=before),)))
        assert all(day.lines == ("No dose is written.",) for day in told)

    def test_says_of_a_contested_dose_that_it_is(self) -> None:
        contested = replace(DOSE, is_contested=True)
        facts = replace(FACTS, injections=(contested,), last=contested)

        assert "Contested" in today(facts)[0]
        assert "Contested" in last_injection_in_words(facts)
        assert "contested" in warnings_of(facts)[0]

    def test_says_of_a_line_that_was_written_later_when(self) -> None:
        edge = replace(DOSE, recorded_at=DOSE.ended_at + timedelta(minutes=15))
        late = replace(DOSE, recorded_at=DOSE.ended_at + timedelta(minutes=15, seconds=1))

        assert "Written later" not in today(replace(FACTS, injections=(edge,)))[0]
        assert "Written later, 24 November 2026 at 09:57." in today(replace(FACTS, injections=(late,)))[0]

    def test_says_what_was_put_right_elsewhere_or_not_seen(self) -> None:
        other = replace(DOSE, has_note=True, is_elsewhere=True)
        words = today(replace(FACTS, injections=(other,), oral=(replace(ORAL, is_seen=False),)))

        assert "puts something about it right" in words[0] and "another clinic" in words[0]
        assert "not seen taken" in words[1]

    def test_says_of_earlier_records_that_their_time_is_not_known(self) -> None:
        facts = replace(
            FACTS, injections=(), oral=(), earlier=(EarlierDose(date(2026, 11, 23), "morning", 150),)
        )
        assert days_of(facts)[1].lines == (
            "morning, injection, 150 mg diamorphine: from earlier records, time not known.",
        )

    def test_warns_of_a_dose_that_may_have_been_given_and_of_naloxone(self) -> None:
        facts = replace(FACTS, open_draw="A dose of 180 mg was drawn up.", naloxone="Naloxone was given.")

        assert warnings_of(facts) == (
            "A dose of 180 mg was drawn up. It may or may not have been given: ask the clinic.",
            "Naloxone was given.",
        )
        assert warnings_of(FACTS) == warnings_of(replace(FACTS, last=None)) == ()

    def test_says_that_none_is_written_where_none_is(self) -> None:
        assert last_injection_in_words(replace(FACTS, last=None)).startswith("No injection is written")
        assert last_injection_in_words(FACTS).endswith("ended 24 November 2026 at 09:42.")

    def test_always_speaks_of_paper_and_proposes_no_dose(self) -> None:
        words = " ".join(ALWAYS_SAID)
        assert "paper" in words and "proposes no dose" in words


class TestAMissingPlan:
    def test_comes_onto_the_worklist_ninety_days_before_and_presses_in_the_last_week(self) -> None:
        on = AT.date()
        groups = [plan_group(on + timedelta(days=days), AT) for days in (91, 90, 8, 7, 0, -1)]
        assert groups == [None, Group.WEEK, Group.WEEK, Group.TODAY, Group.TODAY, Group.TODAY]
