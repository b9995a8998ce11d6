"""The national dataset's shape: reading a code set, what is missing, and the file."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

import outcomes
from outcomes.rules.ndtms import (
    FIRST_WORDING,
    HELP_ITEMS,
    LONGEST_LINE,
    NAMES,
    NO_FIXED_ABODE,
    OLD_WORDING,
    STATEMENT,
    CodeSetSaid,
    CodeSetUnreadable,
    Fact,
    FieldSpec,
    agreed_facts,
    file_of,
    gaps_of,
    may_load_code_set,
    outward_postcode,
    read_code_set,
)
from patients.rules.consent_wordings import current_wording, find_wording
from patients.rules.consents import Purpose

HEADER = "field,fact,required,ours,theirs\n"
EXAMPLE = Path(outcomes.__file__).parent / "data" / "example-code-set.csv"
SEX = FieldSpec("EX_SEX", "sex", True, {"F": "1", "M": "2"})
LEFT = FieldSpec("EX_LEFT", "exit_reason", True, {"died": "9"})
WORK = FieldSpec("EX_WORK", "work", False, {})


def read(*lines: str) -> tuple[FieldSpec, ...]:
    return read_code_set((HEADER + "".join(f"{line}\n" for line in lines)).encode())


def said(**more: Any) -> CodeSetSaid:
    given: dict[str, Any] = {
        "dataset": "Example",
        "version": "1",
        "valid_from": date(2026, 11, 1),
        "source": "invented",
        "verified_by": "",
        **more,
    }
    return CodeSetSaid(**given)


class TestTheExample:
    def test_can_be_read_and_has_nothing_of_the_national_codes(self):
        fields = read_code_set(EXAMPLE.read_bytes())

        assert {field.fact for field in fields} >= {fact.value for fact in Fact}
        for field in fields:
            assert field.name.startswith("EX_")
            assert all(code.startswith("EX") for code in field.codes.values())


class TestACodeSet:
    def test_is_read_in_its_order_with_its_codes(self):
        assert read("B,sex,yes,F,1", "B,sex,yes,M,2", "A,client,no,,") == (
            FieldSpec("B", "sex", True, {"F": "1", "M": "2"}),
            FieldSpec("A", "client", False, {}),
        )

    def test_may_begin_with_the_mark_of_a_spreadsheet(self):
        assert read_code_set(b"\xef\xbb\xbf" + (HEADER + "A,client,no,,\n").encode())

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"\xff\xfe", "not UTF-8"),
            (b"", "The first line is"),
            (b"field,fact\n", "The first line is"),
            (HEADER.encode(), "defines no field"),
        ],
    )
    def test_that_is_none_is_refused(self, content, words):
        with pytest.raises(CodeSetUnreadable, match=words):
            read_code_set(content)

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("A,client,no", "it has 3 cells, not 5"),
            (",client,no,,", "names no field"),
            ("A,dose,no,,", "no fact of ours"),
            ("A,client,maybe,,", "required is yes or no"),
            ("A,sex,no,F,", "both filled in, or both empty"),
            ("=A,client,no,,", "begins with ="),
            ("Z,born_on,no,,", "was another fact"),
            ("Z,client,no,,", "another answer to required"),
            ("Z,client,yes,,", "says the same twice"),
        ],
    )
    def test_with_a_wrong_line_is_refused_with_its_number(self, line, words):
        with pytest.raises(CodeSetUnreadable, match=f"Line 3: .*{words}"):
            read("Z,client,yes,,", line)

    def test_with_one_word_of_ours_twice_is_refused(self):
        with pytest.raises(CodeSetUnreadable, match="Line 3: A says the same twice"):
            read("A,sex,yes,F,1", "A,sex,yes,F,2")


class TestLoading:
    def test_asks_what_it_is_and_where_it_comes_from(self):
        assert may_load_code_set(said(), is_known=False).is_allowed
        refused = may_load_code_set(said(dataset="", version="", source=""), is_known=False).refusal_codes
        assert refused == ["ndtms_dataset_missing", "ndtms_version_missing", "ndtms_source_missing"]

    def test_is_of_a_version_that_is_not_there(self):
        assert may_load_code_set(said(), is_known=True).refusal_codes == ["ndtms_version_known"]

    @pytest.mark.parametrize(("more", "refused"), [(0, []), (1, ["ndtms_source_long"])])
    def test_takes_lines_of_at_most_so_many_letters(self, more, refused):
        source = "a" * (LONGEST_LINE + more)
        assert may_load_code_set(said(source=source), is_known=False).refusal_codes == refused


class TestWhatIsMissing:
    def test_is_said_of_what_the_dataset_requires(self):
        assert gaps_of((SEX, WORK), {}) == ("Nothing is written down: sex.",)
        assert gaps_of((SEX,), {"sex": "F"}) == ()

    def test_is_not_why_they_left_before_they_left(self):
        assert gaps_of((LEFT,), {}) == ()
        assert gaps_of((LEFT,), {"exited_on": "2026-11-01"}) == ("Nothing is written down: why they left.",)

    def test_is_a_code_for_what_is_written_down_and_tells_it_to_nobody(self):
        (gap,) = gaps_of((SEX,), {"sex": "X"})

        assert gap == "The code set has no code for what is written down: sex."

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"born_on": "2008-11-25", "referred_on": "2026-11-24"}, "under 18"),
            ({"born_on": "2008-11-24", "referred_on": "2026-11-24"}, ""),
            ({"referred_on": "2026-11-24", "started_on": "2026-11-23"}, "before the day of the referral"),
            ({"referred_on": "2026-11-24", "started_on": "2026-11-24"}, ""),
            ({"started_on": "2026-11-24", "exited_on": "2026-11-23"}, "before the first"),
            ({"started_on": "2026-11-24", "exited_on": "2026-11-24"}, ""),
        ],
    )
    def test_is_told_where_dates_cannot_be(self, facts, words):
        gaps = gaps_of((), facts)

        assert [words in gap for gap in gaps] == ([True] if words else [])

    def test_is_told_in_words_for_every_fact(self):
        words = {FieldSpec("A", name, True, {}).words for name in NAMES}
        assert len(words) == len(NAMES)


class TestAPostcode:
    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("8 Cable Yard, Harbour Town, TS1 2AB", "TS1"),
            ("8 Cable Yard\nHarbour Town ts10 2ab", "TS10"),
            ("Flat EC1A1BB, moved to SW1A 1AA", "SW1A"),
            ("8 Cable Yard, TS1", ""),
            ("8 Cable Yard, Harbour Town", ""),
            ("", ""),
        ],
    )
    def test_is_the_first_half_of_the_last_whole_one(self, address, expected):
        assert outward_postcode(address) == expected

    def test_is_written_as_it_is_and_its_absence_by_a_code(self):
        field = FieldSpec("EX_POST", "postcode", True, {NO_FIXED_ABODE: "EX4"})

        assert [field.cell(value) for value in ("TS1", NO_FIXED_ABODE, "")] == ["TS1", "EX4", ""]
        assert gaps_of((field,), {"postcode": "TS1"}) == gaps_of((field,), {"postcode": NO_FIXED_ABODE}) == ()

    def test_is_missing_where_no_address_has_one_or_no_code_says_that_there_is_none(self):
        field = FieldSpec("EX_POST", "postcode", True, {})

        assert gaps_of((field,), {}) == ("Nothing is written down: first half of the postcode.",)
        (gap,) = gaps_of((field,), {"postcode": NO_FIXED_ABODE})
        assert gap == "The code set has no code for what is written down: first half of the postcode."


class TestTheWordingThatWasAgreedTo:
    POST = FieldSpec("EX_POST", "postcode", True, {})
    HELP = FieldSpec("EX_HELP", "help_housing", True, {"yes": "1"})

    def test_keeps_what_it_does_not_name_in_the_clinic(self):
        facts = {"sex": "F", "postcode": "TS1", **dict.fromkeys(HELP_ITEMS, "yes")}

        assert agreed_facts(facts, wording_version=FIRST_WORDING) == {"sex": "F"}
        assert agreed_facts(facts, wording_version="2026-11.2") == facts

    def test_is_asked_again_where_the_code_set_wants_more(self):
        assert gaps_of((self.POST, self.HELP), {"help_housing": "no"}, wording_version=FIRST_WORDING) == (
            OLD_WORDING,
        )
        assert gaps_of((SEX,), {"sex": "F"}, wording_version=FIRST_WORDING) == ()

    def test_that_names_all_is_asked_for_codes(self):
        (gap,) = gaps_of((self.HELP,), {"help_housing": "no"}, wording_version="2026-11.2")
        assert gap == "The code set has no code for what is written down: help with housing."


class TestTheFile:
    def lines(self, *facts: dict[str, str], **more: Any) -> list[list[str]]:
        text = file_of((SEX, WORK), said(**more), list(facts))
        return list(csv.reader(io.StringIO(text, newline="")))

    def test_begins_with_the_statement_and_whether_somebody_checked_it(self):
        assert STATEMENT in self.lines()[0][0]
        assert "not verified" in self.lines()[0][0]
        assert "verified by Ada" in self.lines(verified_by="Ada")[0][0]

    def test_has_codes_for_our_words_and_nothing_for_what_nobody_knows(self):
        assert self.lines({"sex": "F", "work": "seeking"}, {"sex": "X"}, {})[1:] == [
            ["EX_SEX", "EX_WORK"],
            ["1", "seeking"],
            ["", ""],
            ["", ""],
        ]

    @pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t"])
    def test_has_no_cell_that_a_spreadsheet_takes_for_a_formula(self, mark):
        assert self.lines({"work": f"{mark}1"})[2][1] == f"'{mark}1"


class TestWhatIsNoCsv:
    @pytest.mark.parametrize("cell", ['"A quote that nobody closes', "x" * (csv.field_size_limit() + 1)])
    def test_is_told_and_not_read(self, cell):
        with pytest.raises(CodeSetUnreadable, match="not CSV"):
            read_code_set(f"{HEADER}A,sex,yes,F,{cell}\n".encode())


class TestTheWordingOfItsConsent:
    SAID: ClassVar = {
        Fact.AGENCY: "which clinic it is",
        Fact.POSTCODE: "first half of my postcode",
        Fact.CLIENT: "a reference that only the clinic can trace",
        Fact.INITIALS: "my initials",
        Fact.BORN_ON: "date of birth",
        Fact.SEX: "sex",
        Fact.REFERRED_ON: "who referred me and when",
        Fact.REFERRAL_SOURCE: "who referred me",
        Fact.STARTED_ON: "when I came",
        Fact.EXITED_ON: "and left",
        Fact.EXIT_REASON: "why I left",
        Fact.HOUSING: "where I live",
        Fact.WORK: "whether I work",
        Fact.HBV: "whether a hepatitis B vaccination",
        Fact.HCV: "a hepatitis C test is due, offered or done",
        Fact.KIT: "whether I have a naloxone kit",
        Fact.FORM_ON: "outcome forms, with their days",
        Fact.FORM_STAGE: "outcome forms, with their days and stages",
    }

    @pytest.mark.parametrize("fact", Fact)
    def test_tells_of_each_fact_that_a_file_may_carry(self, fact):
        assert self.SAID[fact] in " ".join(current_wording(Purpose.NDTMS).sentences)

    def test_tells_of_help_and_of_what_is_not_sent(self):
        words = " ".join(current_wording(Purpose.NDTMS).sentences)
        assert "which kinds of help I came for" in words
        assert "no whole address, no dose and no result of a test" in words

    def test_in_its_first_version_names_neither_postcode_nor_help(self):
        first = find_wording(Purpose.NDTMS, FIRST_WORDING)
        assert "postcode" not in " ".join(first.sentences)
        assert "help" not in " ".join(first.sentences)
        assert current_wording(Purpose.NDTMS).version != FIRST_WORDING
