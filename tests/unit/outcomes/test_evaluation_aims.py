"""What a report says of the programme's aims: the sentence, the page and the file."""

from __future__ import annotations

import csv
import io

import pytest

from outcomes.rules.evaluation.aims import Aim, AimsFacts, aim_sentence, aims_finding, figures_by_id
from outcomes.rules.evaluation.disclosure import HELD
from outcomes.rules.evaluation.pages.aims import ABSENT, aims_page
from outcomes.rules.evaluation.pages.blocks import Table
from outcomes.rules.evaluation.pages.files import list_page_files
from outcomes.rules.evaluation.quoting import how_sure, note_of, shown_as
from outcomes.rules.evaluation.unit_costs import UnitCostsFacts

INTERVAL = {"low": 0.26, "high": 0.86, "level": 0.95, "method": "exact"}


def figure(id: str, **fields):
    held = {
        "id": id,
        "label": f"What {id} is",
        "source": "clinic_record",
        "value": 3,
        "numerator": 3,
        "denominator": None,
        "unit": "people",
        "interval": None,
        "suppressed": False,
        "note": None,
    }
    return held | fields


def aim(*figures: str, number: int = 1) -> Aim:
    return Aim(number=number, words="Fewer deaths", figures=figures, unknown="Chance")


def sentence(one: Aim, *figures) -> str:
    return aim_sentence(one, figures_by_id(figures)).replace("\u00a0", " ")


BEFORE = figure("o.pre_total", label="Offences, a year before the start", value=42)
SINCE = figure("o.post_total", label="Offences, up to a year after it", value=17)
RATIO = figure("o.rate_ratio", label="the rate after, by the rate before", unit="ratio", value=0.48)

RATES = (figure("o.pre_rate", numerator=42), figure("o.post_rate", numerator=17))


class TestTheSentence:
    def test_says_when_nothing_can_be_said(self):
        nothing = figure("a", value=None, note="No rows.")

        assert "nothing can be said" in sentence(aim("a", "b"), nothing)

    def test_tells_a_before_with_its_since(self):
        assert (
            sentence(aim("o.pre_total", "o.post_total"), BEFORE, SINCE)
            == "Offences: 42 a year before the start, 17 up to a year after it."
        )

    def test_does_not_pair_what_people_told_with_what_was_recorded(self):
        other = SINCE | {"source": "self_reported"}

        assert sentence(aim("o.pre_total", "o.post_total"), BEFORE, other) == (
            "Offences, a year before the start: 42."
        )

    @pytest.mark.parametrize(
        ("low", "high", "word"),
        [(0.26, 0.86, "fell"), (1.1, 2.0, "rose"), (0.5, 1.5, "may have risen or fallen")],
    )
    def test_says_which_way_a_ratio_went_by_its_interval(self, low, high, word):
        ratio = RATIO | {"interval": INTERVAL | {"low": low, "high": high}}

        assert sentence(aim("o.rate_ratio"), ratio, *RATES).endswith(f"so it {word}.")

    def test_says_no_way_of_too_few_events(self):
        ratio = RATIO | {"interval": INTERVAL}
        of_others = [rate | {"source": "self_reported"} for rate in RATES]

        few = sentence(aim("o.rate_ratio"), ratio, figure("o.pre_rate", numerator=4), *of_others)
        assert few.endswith("0.26 to 0.86, of too few events to say whether it rose or fell.")
        assert sentence(aim("o.rate_ratio"), ratio).endswith("of no event.")

    def test_says_no_way_without_an_interval(self):
        assert sentence(aim("o.rate_ratio"), RATIO).endswith("before: 0.48.")

    def test_counts_what_cannot_be_given(self):
        assert "1 of its 2 figures cannot be given" in sentence(aim("a", "b"), figure("a"))
        assert "2 of its 3 figures cannot be given" in sentence(aim("a", "b", "c"), figure("a"))

    def test_says_how_sure_a_share_is_from_ten_people_on(self):
        share = figure("a", unit="proportion", numerator=7, denominator=14, value=0.5, interval=INTERVAL)

        assert "7 of 14 (50 %), 95 % interval 26 to 86 %" in sentence(aim("a"), share)
        few = share | {"numerator": 6, "denominator": 9, "value": 2 / 3}
        assert sentence(aim("a"), few) == "What a is: 6 of 9."


class TestACell:
    def test_shows_no_percentage_of_few_and_nothing_that_is_held(self):
        held = figure("a", suppressed=True, value=None, note=HELD)

        assert (shown_as(held), note_of(held), how_sure(held)) == ("not shown", "", "")
        assert how_sure(RATIO | {"interval": INTERVAL}).endswith("0.26 to 0.86")
        assert shown_as(figure("a", unit="GBP", value=-5)) == "\N{MINUS SIGN}£5"


class TestThePage:
    FACTS = AimsFacts(
        version="1", source="An agreement", basis="One person", aims=(aim("a"), aim("b", number=2))
    )

    def test_says_that_no_aims_were_written(self):
        page = aims_page(AimsFacts(), [figure("a")])

        assert page.heading.startswith("No aims of the programme") and len(page.blocks) == 1
        assert "aims.csv" not in list_page_files({"indicators": [figure("a")]}, AimsFacts(), UnitCostsFacts())

    def test_prints_each_aim_with_its_figures_and_what_cannot_be_known(self):
        page = aims_page(self.FACTS, [figure("a", note="A note.")])
        tables = [block for block in page.blocks if isinstance(block, Table)]
        texts = [getattr(block, "text", "") for block in page.blocks]

        assert [row for table in tables for row in table.rows] == [
            ["What a is", "3", "", "A note."],
            ["b", "–", "", ABSENT],
        ]
        assert texts.count("Chance") == 2 and "was reached" in texts[-1]
        assert page.heading == "The programme has 2 aims; 1 of them has a figure in this report"

    def test_prints_a_figure_of_two_sources_twice(self):
        page = aims_page(self.FACTS, [figure("a"), figure("a", source="record"), figure("b")])

        assert len(next(block for block in page.blocks if isinstance(block, Table)).rows) == 2
        assert page.heading == "The programme has 2 aims, and each has a figure in this report"

    def test_counts_aims_with_a_figure(self):
        facts = AimsFacts(aims=(aim("a"), aim("b"), aim("c")))
        found = figures_by_id([figure("a"), figure("b")])

        assert aims_finding(facts, found).endswith("2 of them have a figure in this report")

    def test_is_a_file_with_one_figure_a_row(self):
        document = {"indicators": [figure("a", interval=INTERVAL)]}
        text, _ = list_page_files(document, self.FACTS, UnitCostsFacts())["aims.csv"]
        first, second = csv.DictReader(io.StringIO(text))

        assert (first["aim"], first["value"], first["interval_low"]) == ("1", "3", "0.26")
        assert (second["figure"], second["value"], second["note"]) == ("b", "", ABSENT)
        assert first["unknown"] == "Chance" and first["version"] == "1"
