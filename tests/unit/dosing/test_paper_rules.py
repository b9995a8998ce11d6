"""What is found of a line of a paper pack, on both sides of each boundary."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dosing.rules.checks import Readings, Sedation
from dosing.rules.paper import (
    MOST_AMPOULES,
    OF_THE_BOOKS,
    BesideDose,
    ContestedFacts,
    DoseOnPaper,
    HowLeft,
    LeftOnPaper,
    LineState,
    OnLine,
    PaperEntry,
    SetOnPaper,
    Stands,
    as_on_paper,
    codes_in_words,
    codes_of,
    conflict_with,
    conflicts_of,
    holds_the_person,
    may_settle,
    not_entered_in_words,
    reads_as_possible,
    what_speaks_against,
)
from dosing.rules.paper_book import may_write_waiting, waits_for_the_book
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.core.decisions import Decision, block

START = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DOSE = DoseOnPaper(
    given_mg=180,
    wasted_mg=20,
    ampoules=2,
    batch_id=uuid.UUID(int=1),
    route="iv",
    site="left_arm",
    started_at=START,
    ended_at=START + MINUTE,
    giver_id=uuid.UUID(int=2),
    witness_id=uuid.UUID(int=3),
    is_identified=True,
)
BESIDE = BesideDose(
    service_date=date(2026, 2, 2),
    pack_made_at=START,
    routes=frozenset({"iv"}),
    sites=frozenset({"left_arm"}),
)
AWAKE = Readings(Sedation.ALERT, 14, 97, 70)


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestAReadingOfThePaper:
    def test_may_end_now_and_not_later(self) -> None:
        assert codes(reads_as_possible(DOSE, at=START + MINUTE)) == []
        assert codes(reads_as_possible(DOSE, at=START + MINUTE - timedelta(seconds=1))) == ["time_to_come"]

    def test_may_end_when_it_starts_and_not_before(self) -> None:
        at = START + MINUTE
        assert codes(reads_as_possible(replace(DOSE, ended_at=START), at=at)) == []
        ended = START - timedelta(seconds=1)
        assert codes(reads_as_possible(replace(DOSE, ended_at=ended), at=at)) == ["ends_before_it_starts"]

    def test_reads_nothing_before_the_end(self) -> None:
        at = START + timedelta(hours=1)
        later = replace(DOSE, after=(SetOnPaper(AWAKE, DOSE.ended_at, 2),))
        assert codes(reads_as_possible(later, at=at)) == []
        early = replace(DOSE, after=(SetOnPaper(AWAKE, DOSE.ended_at - MINUTE, 2),))
        assert codes(reads_as_possible(early, at=at)) == ["after_is_before"]

    def test_has_a_time_of_leaving_where_they_left(self) -> None:
        at = START + timedelta(hours=1)
        left = LeftOnPaper(HowLeft.RELEASED)
        assert codes(reads_as_possible(replace(DOSE, left=left), at=at)) == ["no_time_of_leaving"]
        left = replace(left, at=START + 30 * MINUTE)
        assert codes(reads_as_possible(replace(DOSE, left=left), at=at)) == []

    def test_opens_no_more_ampoules_than_one_dose_can_take(self) -> None:
        most = replace(DOSE, ampoules=MOST_AMPOULES)
        assert codes(reads_as_possible(most, at=START + MINUTE)) == []
        more = replace(DOSE, ampoules=MOST_AMPOULES + 1)
        assert codes(reads_as_possible(more, at=START + MINUTE)) == ["too_many_ampoules"]

    def test_has_two_people(self) -> None:
        one = replace(DOSE, witness_id=DOSE.giver_id)
        assert codes(reads_as_possible(one, at=START + MINUTE)) == ["same_person"]


class TestWhatSpeaksAgainstIt:
    def test_is_nothing_where_all_is_as_ordered(self) -> None:
        assert codes(what_speaks_against(DOSE, BESIDE)) == []

    @pytest.mark.parametrize(
        ("beside", "code"),
        [
            ({"service_date": date(2026, 2, 3)}, "not_that_day"),
            ({"pack_made_at": START + timedelta(seconds=1)}, "before_pack"),
            ({"routes": frozenset({"im"})}, "route_not_ordered"),
            ({"sites": frozenset({"right_arm"})}, "site_not_ordered"),
            ({"overlapping": "Another injection lies too near."}, "interval"),
            ({"order_changed_at": START}, "order_changed"),
            ({"is_day_open": False}, "day_not_open"),
            ({"is_away": True, "stand_in_is_lead": False}, "signature_missing"),
            ({"is_away": True, "signs_for_both": True}, "signature_missing"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_each_thing(self, beside: dict[str, object], code: str) -> None:
        assert codes(what_speaks_against(DOSE, replace(BESIDE, **beside))) == [code]

    def test_is_no_lead_who_signs_for_one_away(self) -> None:
        assert codes(what_speaks_against(DOSE, replace(BESIDE, is_away=True))) == []

    def test_reads_the_day_in_london(self) -> None:
        late = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
        dose = replace(DOSE, started_at=late, ended_at=late)
        beside = replace(BESIDE, pack_made_at=late, service_date=date(2026, 6, 2))
        assert codes(what_speaks_against(dose, beside)) == []

    def test_contests_by_all_but_notes(self) -> None:
        found = what_speaks_against(DOSE, replace(BESIDE, is_day_open=False, overlapping="Too near."))
        assert conflicts_of(found) == ("interval",)
        assert codes_of(found) == ("interval", "day_not_open")


class TestAnEnding:
    ENTRY = PaperEntry(OnLine.NOT_GIVEN, uuid.UUID(int=4), outcome=Outcome.MISSED, reason=Reason.UNKNOWN)

    def test_conflicts_with_another(self) -> None:
        assert codes(conflict_with((Outcome.WITHHELD, "intoxicated"), self.ENTRY)) == ["already_recorded"]
        assert codes(conflict_with((Outcome.MISSED, "custody"), self.ENTRY)) == ["already_recorded"]

    def test_does_not_conflict_with_itself_or_with_nothing(self) -> None:
        assert codes(conflict_with((Outcome.MISSED, "unknown"), self.ENTRY)) == []
        assert codes(conflict_with(None, self.ENTRY)) == []
        assert codes(conflict_with((Outcome.MISSED, "unknown"), replace(self.ENTRY, outcome=None))) == []

    def test_of_a_dose_conflicts_with_a_dose(self) -> None:
        given = replace(self.ENTRY, outcome=Outcome.GIVEN, reason=None)
        assert codes(conflict_with((Outcome.GIVEN, ""), given)) == ["already_recorded"]


class TestAContestedLine:
    @pytest.mark.parametrize("code", sorted(OF_THE_BOOKS))
    def test_holds_nobody_for_the_books_alone(self, code: str) -> None:
        assert not holds_the_person([code])
        assert holds_the_person([code, "hold"])

    def test_holds_the_person_where_one_of_two_has_not_signed(self) -> None:
        assert holds_the_person(["signature_missing"])

    def test_waits_for_the_book(self) -> None:
        assert waits_for_the_book(["not_in_stock"])
        assert waits_for_the_book(["in_quarantine", "hold"])
        assert waits_for_the_book(["open_draw"])
        assert not waits_for_the_book(["hold"])

    def test_writes_what_waited_once_nothing_keeps_it(self) -> None:
        well = {"free": 2, "needed": 2, "is_drawn": False, "is_set_aside": False}
        assert may_write_waiting(**well).is_allowed
        for changes, code in (
            ({"free": 1}, "not_in_stock"),
            ({"is_drawn": True}, "open_draw"),
            ({"is_set_aside": True}, "set_aside"),
        ):
            refused = may_write_waiting(**(well | changes))
            assert [finding.code for finding in refused.refusals] == [code]

    def test_says_why_in_words(self) -> None:
        assert codes_in_words(["hold", "batch_expired"]) == ("a hold stood", "batch expired")

    def test_is_told_in_words_for_what_has_happened(self) -> None:
        told = as_on_paper(
            Decision(
                (
                    block("no_check", "Make one first.", "clinical rule 17"),
                    block("hold", "On hold.", "clinical rule 20"),
                )
            )
        )
        assert [one.message for one in told] == ["The paper has no whole check before the dose.", "On hold."]

    def test_and_every_choice_have_words(self) -> None:
        assert {one.label for one in (*OnLine, *HowLeft, *Stands, *LineState)}
        assert not_entered_in_words(12, 1) == "P12: 1 line not entered yet"
        assert not_entered_in_words(12, 3) == "P12: 3 lines not entered yet"


class TestSettling:
    FACTS = ContestedFacts(
        is_settled=False, settler_signed=False, is_dose=True, recorded_dose=False, needs_ending=False
    )

    def test_is_allowed_with_a_reason(self) -> None:
        for stands in Stands:
            assert codes(may_settle(self.FACTS, stands, reason="Both say so.", has_ending=False)) == []

    @pytest.mark.parametrize(
        ("facts", "stands", "code"),
        [
            ({"is_settled": True}, Stands.PAPER, "settled_already"),
            ({"settler_signed": True}, Stands.PAPER, "settler_signed"),
            ({"is_dose": False, "recorded_dose": True}, Stands.PAPER, "dose_is_recorded"),
            ({"needs_ending": True}, Stands.COMPUTER, "no_ending"),
        ],
        ids=["settled", "signed", "recorded", "ending"],
    )
    def test_is_refused(self, facts: dict[str, bool], stands: Stands, code: str) -> None:
        found = may_settle(replace(self.FACTS, **facts), stands, reason="Both say so.", has_ending=False)
        assert codes(found) == [code]

    def test_is_refused_without_a_reason(self) -> None:
        assert codes(may_settle(self.FACTS, Stands.PAPER, reason=" ", has_ending=False)) == ["no_reason"]

    @pytest.mark.parametrize(
        ("facts", "stands"),
        [
            ({"is_dose": True, "recorded_dose": True}, Stands.PAPER),
            ({"is_dose": False, "recorded_dose": True}, Stands.COMPUTER),
            ({"needs_ending": True}, Stands.PAPER),
        ],
        ids=["both-doses", "computer", "paper-alone"],
    )
    def test_is_allowed_beside_what_is_refused(self, facts: dict[str, bool], stands: Stands) -> None:
        assert codes(may_settle(replace(self.FACTS, **facts), stands, reason="So.", has_ending=False)) == []

    def test_of_a_lone_dose_is_allowed_with_an_ending(self) -> None:
        facts = replace(self.FACTS, needs_ending=True)
        assert codes(may_settle(facts, Stands.COMPUTER, reason="So.", has_ending=True)) == []
