"""How a folder of scenarios is read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hat_clinic.scenarios.compare import has_told
from hat_clinic.scenarios.reading import Named, Unreadable, latest_of_each, moment, read_folder

ONE = """
- id: {id}
  title: A title.
  setup: {setup}
  act: {{give: {{at: 2026-10-12 09:00}}}}
  expect: {{decision: allow}}
"""


def write(folder: Path, *entries: tuple[str, str]) -> Path:
    text = "".join(ONE.format(id=id_, setup=setup) for id_, setup in entries)
    (folder / "some.yaml").write_text(text)
    return folder


class TestReadFolder:
    def test_leaves_times_and_clock_hours_as_they_are_written(self, tmp_path) -> None:
        write(
            tmp_path, ("A", "[{premises: {from: 2026-09-01 00:00, at: 15:00, on: yes, mg: 0100, dose: 100}}]")
        )

        (scenario,) = read_folder(tmp_path)

        assert scenario.setup[0].content == {
            "from": "2026-09-01 00:00",
            "at": "15:00",
            "on": "yes",
            "mg": "0100",
            "dose": 100,
        }

    def test_takes_all_facts_of_another_scenario(self, tmp_path) -> None:
        write(tmp_path, ("A", "[{day: {date: a}}]"), ("B", "[same_as: A, {day: {date: b}}]"))

        second = read_folder(tmp_path)[1]

        assert [fact.content["date"] for fact in second.setup] == ["a", "b"]

    @pytest.mark.parametrize(
        ("setup", "message"),
        [
            ("[same_as: A]", "takes its facts from itself"),
            ("[same_as: Z]", "is not in this folder"),
            ("[{day: open}]", "day has no content"),
            ("[{day: {}, hold: {}}]", "one word"),
        ],
    )
    def test_refuses_facts_that_are_none(self, tmp_path, setup, message) -> None:
        write(tmp_path, ("A", setup))

        with pytest.raises(Unreadable, match=message):
            read_folder(tmp_path)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a: [", "cannot be read"),
            ("- id: A", "lacks id, setup, act or expect"),
            ("- {id: 7, setup: [], act: {}, expect: {}}", "of the wrong kind"),
        ],
    )
    def test_refuses_files_that_are_none(self, tmp_path, text, message) -> None:
        (tmp_path / "some.yaml").write_text(text)

        with pytest.raises(Unreadable, match=message):
            read_folder(tmp_path)

    def test_refuses_an_id_that_comes_twice(self, tmp_path) -> None:
        write(tmp_path, ("A", "[]"), ("A", "[]"))

        with pytest.raises(Unreadable, match="twice"):
            read_folder(tmp_path)


class TestLatestOfEach:
    def test_a_later_fact_of_the_same_kind_and_id_takes_the_place_of_the_earlier(self) -> None:
        facts = [Named("licence", {"id": "L1", "until": "a"}), Named("licence", {"id": "L1", "until": "b"})]

        assert latest_of_each(facts) == [facts[1]]

    def test_facts_without_an_id_are_added(self) -> None:
        facts = [Named("injected", {"mg": 1}), Named("injected", {"mg": 1})]

        assert latest_of_each(facts) == facts


class TestMoment:
    def test_is_wall_time_in_london(self) -> None:
        assert moment("2026-10-12 09:00") == datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
        assert moment("2026-11-12 09:00:59") == datetime(2026, 11, 12, 9, 0, 59, tzinfo=UTC)

    def test_an_offset_that_is_written_counts(self) -> None:
        assert moment("2026-10-25 01:30+00:00") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


class TestHasTold:
    @pytest.mark.parametrize(
        ("finding", "told", "expected"),
        [
            ("none", (), True),
            ("single dose above 450 mg", ("451 mg is over 450 mg.",), True),
            ("only a licensed doctor may order", ("Doctors order this.",), True),
            ("the order ended at 09:00", ("The person is on hold.",), False),
            ("no check", (), False),
        ],
    )
    def test_looks_for_a_number_or_a_longer_word_in_common(self, finding, told, expected) -> None:
        assert has_told(finding, told) is expected
