"""What may be written down of viruses, wounds, teeth and kits, and where somebody stands with each."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from outcomes.models import HealthLine
from outcomes.rules.health import (
    FURTHEST_LOOK,
    KIT_SOON,
    LONGEST_BATCH,
    STEPS,
    Fact,
    HealthSaid,
    Source,
    Thing,
    Topic,
    WoundKind,
    may_amend_step,
    may_record_step,
)
from outcomes.rules.health_states import COURSES, CourseState, KitState, Told, kit_state, state_of
from outcomes.rules.support import LONGEST_LINE

TODAY = date(2026, 11, 24)
BORN = date(1980, 3, 5)
A_DAY = timedelta(days=1)
ONE, OTHER = uuid.uuid4(), uuid.uuid4()
WOUND: dict[str, Any] = {
    "topic": Topic.WOUND,
    "step": "found",
    "kind": "ulcer",
    "site": "left shin",
    "size": "a coin",
    "care": "cleaned",
    "review_on": TODAY + A_DAY,
}
LOOK = {"topic": Topic.WOUND, "step": "looked_at", "size": "less", "care": "cleaned", "about": ONE}
KIT: dict[str, Any] = {"topic": Topic.KIT, "step": "given", "expires_on": TODAY + 400 * A_DAY}


def said(**more: Any) -> HealthSaid:
    given: dict[str, Any] = {"topic": Topic.HCV, "step": "offered", "on": TODAY, "source": "here", **more}
    return HealthSaid(**given)


def codes(one: HealthSaid, **more: Any) -> list[str]:
    given: dict[str, Any] = {"born_on": BORN, "facts": (), "thing": None, "step_is_taken": False, **more}
    return may_record_step(one, today=TODAY, **given).refusal_codes


class TestTheWords:
    def test_are_those_of_the_table(self):
        field = HealthLine._meta.get_field
        assert {value for value, _ in field("topic").choices} == set(Topic)
        assert {value for value, _ in field("source").choices} == set(Source)
        assert {value for value, _ in field("kind").choices} == set(WoundKind)
        assert set(STEPS) == set(Topic)

    @pytest.mark.parametrize("words", [Topic, Source, WoundKind])
    def test_differ_within_their_question(self, words):
        assert len({one.label for one in words}) == len(words)

    def test_of_kits_differ(self):
        assert len({state.words for state in KitState}) == len(KitState)


class TestAnyLine:
    @pytest.mark.parametrize("on", [TODAY, BORN])
    def test_is_of_today_at_the_latest_and_of_birth_at_the_earliest(self, on):
        assert codes(said(on=on)) == []

    def test_is_not_of_tomorrow(self):
        assert codes(said(on=TODAY + A_DAY)) == ["health_in_future"]

    def test_is_not_of_before_birth_where_that_is_known(self):
        assert codes(said(on=BORN - A_DAY)) == ["health_before_birth"]
        assert codes(said(on=BORN - A_DAY), born_on=None) == []

    def test_is_a_step_of_its_own_topic(self):
        assert codes(said(topic=Topic.HIV, step="cured")) == ["health_step_unknown"]

    def test_stands_once_on_a_day(self):
        assert codes(said(), step_is_taken=True) == ["health_step_taken"]

    @pytest.mark.parametrize(
        ("answer", "value"),
        [
            ("about", ONE),
            ("kind", "ulcer"),
            ("site", "arm"),
            ("size", "a coin"),
            ("care", "cleaned"),
            ("review_on", TODAY + A_DAY),
            ("batch", "AB1"),
            ("expires_on", TODAY + A_DAY),
        ],
    )
    def test_answers_only_what_its_step_asks(self, answer, value):
        assert codes(said(**{answer: value})) == [f"health_{answer}_not_asked"]

    def test_is_refused_with_every_reason(self):
        assert codes(said(on=TODAY + A_DAY, batch="AB1"), step_is_taken=True) == [
            "health_in_future",
            "health_batch_not_asked",
            "health_step_taken",
        ]


class TestAVaccination:
    def test_given_here_has_its_batch(self):
        assert codes(said(topic=Topic.HBV, step="dose_1")) == ["health_batch_missing"]
        assert codes(said(topic=Topic.HBV, step="dose_1", batch="AB1")) == []

    def test_given_elsewhere_needs_none_and_may_have_one(self):
        assert codes(said(topic=Topic.HBV, step="dose_1", source="told")) == []
        assert codes(said(topic=Topic.HBV, step="dose_1", source="record", batch="AB1")) == []

    @pytest.mark.parametrize(("more", "refused"), [(0, []), (1, ["health_batch_long"])])
    def test_has_a_batch_of_at_most_so_many_letters(self, more, refused):
        batch = "A" * (LONGEST_BATCH + more)
        assert codes(said(topic=Topic.HBV, step="dose_1", batch=batch)) == refused


class TestTheOrder:
    @pytest.mark.parametrize(
        ("topic", "step", "before"),
        [
            (Topic.HBV, "dose_2", "dose_1"),
            (Topic.HBV, "complete", "dose_3"),
            (Topic.HCV, "referred", "antibody_positive"),
            (Topic.HCV, "treatment_started", "rna_found"),
            (Topic.HCV, "cured", "treatment_completed"),
            (Topic.HIV, "in_care", "positive"),
        ],
    )
    def test_is_asked_of_what_we_did_ourselves(self, topic, step, before):
        batch = "AB1" if step == "dose_2" else ""
        one = said(topic=topic, step=step, batch=batch)

        assert codes(one) == ["health_out_of_order"]
        assert codes(one, facts=[Fact(before, TODAY)]) == []
        assert codes(one, facts=[Fact(before, TODAY + A_DAY)]) == ["health_out_of_order"]

    @pytest.mark.parametrize("source", ["told", "record"])
    def test_is_not_asked_of_what_was_done_elsewhere(self, source):
        assert codes(said(step="cured", source=source)) == []


class TestAWound:
    def test_says_what_where_how_big_what_was_done_and_when_to_look(self):
        assert codes(said(**WOUND)) == []
        assert codes(said(topic=Topic.WOUND, step="found")) == [
            f"health_{answer}_missing" for answer in ("kind", "site", "size", "care", "review_on")
        ]

    @pytest.mark.parametrize(("more", "refused"), [(0, []), (1, ["health_site_long"])])
    def test_has_lines_of_at_most_so_many_letters(self, more, refused):
        assert codes(said(**WOUND | {"site": "a" * (LONGEST_LINE + more)})) == refused

    @pytest.mark.parametrize(
        ("review_on", "refused"),
        [
            (TODAY, ["health_review_on_early"]),
            (TODAY + A_DAY, []),
            (TODAY + FURTHEST_LOOK, []),
            (TODAY + FURTHEST_LOOK + A_DAY, ["health_review_on_late"]),
        ],
    )
    def test_is_looked_at_again_soon(self, review_on, refused):
        assert codes(said(**WOUND | {"review_on": review_on})) == refused

    def test_is_not_looked_at_again_after_the_last_day_of_any_calendar(self):
        late = said(**WOUND | {"on": date.max, "review_on": date.max})

        assert set(codes(late)) == {"health_in_future", "health_review_on_early"}

    def test_that_is_looked_at_is_there_and_open(self):
        look = said(**LOOK, review_on=TODAY + A_DAY)

        assert codes(look) == ["health_about_gone"]
        assert codes(look, thing=Thing(TODAY, is_closed=False)) == []
        assert codes(look, thing=Thing(TODAY, is_closed=True)) == ["health_about_closed"]
        assert codes(look, thing=Thing(TODAY + A_DAY, is_closed=False)) == ["health_about_later"]

    def test_that_heals_is_named_and_looked_at_no_more(self):
        there = Thing(TODAY, is_closed=False)
        healed = {"topic": Topic.WOUND, "step": "healed"}

        assert codes(said(**healed)) == ["health_about_missing"]
        assert codes(said(**healed, about=ONE), thing=there) == []
        assert codes(said(**healed, about=ONE, care="nothing more"), thing=there) == []
        assert codes(said(**healed, about=ONE, review_on=TODAY + A_DAY), thing=there) == [
            "health_review_on_not_asked"
        ]


class TestAKit:
    def test_has_the_date_printed_on_it(self):
        assert codes(said(**KIT)) == []
        assert codes(said(topic=Topic.KIT, step="given")) == ["health_expires_on_missing"]

    @pytest.mark.parametrize(
        ("expires_on", "refused"), [(TODAY, ["health_expires_on_past"]), (TODAY + A_DAY, [])]
    )
    def test_is_good_when_it_is_handed_out(self, expires_on, refused):
        assert codes(said(**KIT | {"expires_on": expires_on})) == refused

    def test_that_replaces_another_names_it(self):
        replaced = KIT | {"step": "replaced"}

        assert codes(said(**replaced)) == ["health_about_missing"]
        assert codes(said(**replaced, about=ONE), thing=Thing(TODAY, is_closed=False)) == []


class TestACorrection:
    def test_stays_with_its_topic_and_its_wound_or_kit(self):
        first = said(topic=Topic.KIT, step="used", about=ONE)

        def refused(one: HealthSaid) -> list[str]:
            return may_amend_step(first, one).refusal_codes

        assert refused(said(topic=Topic.KIT, step="lost", about=ONE)) == []
        assert refused(said(topic=Topic.KIT, step="lost", about=OTHER)) == ["health_other_thing"]
        assert refused(said(topic=Topic.KIT, step="replaced", about=ONE)) == ["health_other_thing"]
        assert refused(said(topic=Topic.WOUND, step="healed", about=ONE)) == ["health_other_thing"]


def at(topic: Topic, *steps: str | tuple[str, int]) -> str:
    """Return where somebody stands after steps, each a day later unless its day is told."""
    facts = [
        Fact(step, TODAY + number * A_DAY)
        if isinstance(step, str)
        else Fact(step[0], TODAY + step[1] * A_DAY)
        for number, step in enumerate(steps)
    ]
    return state_of(topic, facts).step


class TestWhereSomebodyStands:
    @pytest.mark.parametrize("topic", COURSES)
    def test_is_nowhere_without_a_line(self, topic):
        state = state_of(topic, [])

        assert (state.step, state.on, state.words) == ("", None, "Nothing written down")
        assert state.comes_next

    def test_is_told_by_the_newest_line_whatever_the_order_of_writing(self):
        assert at(Topic.HCV, ("rna_found", 3), ("antibody_positive", 1)) == "rna_found"
        assert at(Topic.DENTAL, "need", "referred", "seen") == "seen"
        assert at(Topic.DENTAL, "seen", "need") == "need"

    def test_is_told_by_the_later_step_on_one_day(self):
        assert at(Topic.HCV, ("rna_found", 0), ("antibody_positive", 0)) == "rna_found"

    def test_is_not_told_by_an_offer_once_there_is_more(self):
        assert at(Topic.HCV, "antibody_negative", "offered") == "antibody_negative"
        assert at(Topic.HCV, "offered", "declined") == "declined"

    def test_begins_anew_for_hepatitis_c_after_a_cure(self):
        assert at(Topic.HCV, "treatment_completed", "cured", "rna_found") == "rna_found"

    def test_stays_protected_against_hepatitis_b(self):
        assert at(Topic.HBV, "complete", "dose_1") == "complete"
        assert at(Topic.HBV, "immune", "offered") == "immune"

    def test_is_the_highest_dose_until_the_course_is_complete(self):
        assert at(Topic.HBV, ("dose_3", 0), ("dose_2", 5)) == "dose_3"
        assert at(Topic.HBV, "offered", "dose_1") == "dose_1"

    def test_stays_positive_and_in_care_for_hiv(self):
        assert at(Topic.HIV, "positive", "negative") == "positive"
        assert at(Topic.HIV, "positive", "in_care", "positive") == "in_care"
        assert at(Topic.HIV, "negative", "offered") == "negative"


class TestWhatACaseWorkerIsTold:
    @pytest.mark.parametrize("topic", [Topic.HCV, Topic.HIV])
    def test_is_the_same_whatever_a_test_showed(self, topic):
        results = set(STEPS[topic]) - {"offered", "declined"}

        assert {CourseState(topic, step, TODAY).told for step in results} == {Told.DONE}

    @pytest.mark.parametrize(
        ("topic", "step", "told"),
        [
            (Topic.HBV, "", Told.DUE),
            (Topic.HBV, "declined", Told.OFFERED),
            (Topic.HBV, "dose_2", Told.DUE),
            (Topic.HBV, "complete", Told.DONE),
            (Topic.HBV, "immune", Told.DONE),
            (Topic.HCV, "offered", Told.OFFERED),
            (Topic.DENTAL, "", Told.DUE),
            (Topic.DENTAL, "need", Told.DUE),
            (Topic.DENTAL, "referred", Told.OFFERED),
            (Topic.DENTAL, "seen", Told.DONE),
        ],
    )
    def test_is_due_offered_or_done(self, topic, step, told):
        assert CourseState(topic, step, TODAY).told is told


class TestTheKitOfSomebody:
    @pytest.mark.parametrize(
        ("until", "state"),
        [
            ([], KitState.NONE),
            ([TODAY - A_DAY], KitState.PAST),
            ([TODAY], KitState.SOON),
            ([TODAY + KIT_SOON], KitState.SOON),
            ([TODAY + KIT_SOON + A_DAY], KitState.HELD),
            ([TODAY - A_DAY, TODAY + KIT_SOON + A_DAY], KitState.HELD),
        ],
    )
    def test_is_judged_by_the_one_that_lasts_longest(self, until, state):
        assert kit_state(until, today=TODAY) is state
