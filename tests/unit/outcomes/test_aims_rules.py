"""Which aims a programme may have, who approves them, and what this program ships."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hat_clinic.demo.cast import COHORT_CODE
from outcomes.queries.aims import list_shipped
from outcomes.rules.evaluation.definitions import DEFINITIONS, definition_of
from outcomes.rules.evaluation.indicators import Window
from outcomes.rules.evaluation.quotable import AROUND, SUBJECTS, by_subject, is_quotable, list_quotable
from outcomes.rules.evaluation.written_aims import (
    MOST_AIMS,
    AimSaid,
    AimsFileRefused,
    AimsSaid,
    may_approve_aims,
    may_write_aims,
    read_shipped,
    shipped_in_force,
)

TODAY = date(2026, 3, 1)
OPENED = date(2025, 1, 1)
AIM = AimSaid(words="Fewer deaths", figures=("safety.deaths.in_treatment",), unknown="Chance")
SAID = AimsSaid(from_day=TODAY + timedelta(days=1), aims=(AIM,), source="An agreement")
FILE = {
    "clinic_codes": ["X1"],
    "versions": [
        {
            "version": "1",
            "from_day": OPENED,
            "source": "An agreement",
            "aims": [{"words": "Fewer deaths", "figures": ["flow.started"], "unknown": "Chance"}],
        }
    ],
}


def codes(said: AimsSaid, *, is_first: bool = False) -> set[str]:
    decision = may_write_aims(said, today=TODAY, opened_on=OPENED, is_first=is_first, knows=is_quotable)
    return set(decision.refusal_codes)


def with_aim(**changes) -> AimsSaid:
    return replace(SAID, aims=(replace(AIM, **changes),))


class TestWriting:
    def test_takes_aims_that_begin_tomorrow(self):
        assert codes(SAID) == set()

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (replace(SAID, from_day=TODAY), "aims_past"),
            (replace(SAID, from_day=OPENED - timedelta(days=1)), "aims_before_opening"),
            (replace(SAID, aims=()), "aims_none"),
            (replace(SAID, aims=(AIM,) * (MOST_AIMS + 1)), "aims_many"),
            (replace(SAID, source=" "), "aims_source"),
            (replace(SAID, source="x" * 301), "aims_source"),
            (replace(SAID, source="=1+1"), "aims_source"),
            (with_aim(words=""), "aim_1_words"),
            (with_aim(unknown=""), "aim_1_unknown"),
            (with_aim(figures=()), "aim_1_figures"),
            (with_aim(figures=tuple(list(list_quotable())[:6])), "aim_1_figures"),
            (with_aim(figures=("flow.started", "flow.started")), "aim_1_figures"),
            (with_aim(figures=("flow.stated",)), "aim_1_figures"),
            # a month alone is no figure of an aim
            (with_aim(figures=("attendance.pooled.month",)), "aim_1_figures"),
        ],
    )
    def test_refuses(self, said, code):
        assert codes(said) == {code}

    def test_lets_the_first_aims_begin_when_the_clinic_opened(self):
        assert codes(replace(SAID, from_day=OPENED), is_first=True) == set()
        assert codes(replace(SAID, from_day=OPENED - timedelta(days=1)), is_first=True) == {
            "aims_before_opening"
        }


class TestApproving:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, set()),
            ({"is_own": True}, {"aims_own"}),
            ({"is_approved": True}, {"aims_approved"}),
            ({"is_confirmed": False}, {"aims_unconfirmed"}),
            ({"from_day": TODAY}, {"aims_past"}),
            ({"from_day": TODAY, "is_first": True}, set()),
        ],
    )
    def test_is_of_another_and_before_the_first_day(self, changes, expected):
        asked = {
            "from_day": TODAY + timedelta(days=1),
            "today": TODAY,
            "opened_on": OPENED,
            "is_first": False,
            "is_own": False,
            "is_approved": False,
            "is_confirmed": True,
        }

        assert set(may_approve_aims(**(asked | changes)).refusal_codes) == expected


class TestWhatIsShipped:
    def test_holds_six_aims_of_middlesbrough_each_with_known_figures(self):
        (version,) = list_shipped()

        assert (version.clinic_codes, len(version.said.aims)) == (("MBRO", COHORT_CODE), 6)
        assert all(is_quotable(id) for aim in version.said.aims for id in aim.figures)

    def test_is_in_force_from_its_day_for_its_clinic(self):
        begun = date(2019, 10, 7)
        for code, as_of, there in (
            ("MBRO", begun, False),
            ("MBRO", begun + timedelta(days=1), True),
            ("OTHER", date(2026, 1, 1), False),
        ):
            found = shipped_in_force(list_shipped(), clinic_code=code, as_of=as_of)
            assert (found is not None) is there

    def test_is_read_whole_or_not_at_all(self):
        assert read_shipped(FILE, knows=is_quotable)[0].said.aims[0].figures == ("flow.started",)
        version = FILE["versions"][0]
        for wrong in (
            {"clinic_codes": ["X1"]},
            {**FILE, "versions": [{**version, "more": 1}]},
            {**FILE, "versions": [{**version, "aims": [{"words": "a"}]}]},
            {**FILE, "versions": [{**version, "aims": []}]},
        ):
            with pytest.raises(AimsFileRefused):
                read_shipped(wrong, knows=is_quotable)


class TestTheFiguresToChooseFrom:
    def test_are_defined_and_of_more_than_a_month(self):
        for identifier, label in list_quotable().items():
            definition = definition_of(identifier)
            assert label and "{}" not in label
            assert identifier in AROUND or (definition and definition.window is Window.CUMULATIVE)

    def test_stand_under_one_subject_each(self):
        offered = [id for _, figures in by_subject() for id, _ in figures]

        assert sorted(offered) == sorted(list_quotable())
        assert len(by_subject()) == len(SUBJECTS)

    def test_hold_what_stands_in_the_place_of_an_id(self):
        labels = list_quotable()

        assert labels["own.public_injecting.start"] == "Injected in a public place, at the start"
        assert "top.opiates_days.abstinent" in labels and "top.physical.abstinent" not in labels
        assert labels["top.assault.start"] == "Yes to an assault, at the start"
        plain = {one.id for one in DEFINITIONS if "<" not in one.id and one.window is Window.CUMULATIVE}
        assert {one for one in plain if one.split(".")[0] in SUBJECTS} <= set(labels)
