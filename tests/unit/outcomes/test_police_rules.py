"""Agreements with a police force, references, and what becomes of the rows of a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from outcomes.rules.police import (
    AgreementFacts,
    AgreementSaid,
    Basis,
    Importer,
    WhyTakenBack,
    identifiers_of,
    may_give_police_reference,
    may_import_police_file,
    may_record_police_agreement,
    may_take_back_police_reference,
)
from outcomes.rules.police_file import MOST_BYTES, MOST_ROWS, read_offences, sort_rows

TODAY = date(2026, 11, 24)
A_DAY = timedelta(days=1)
PERIOD = (date(2026, 11, 1), TODAY)
CODES = frozenset({"shoplifting", "robbery"})


def facts(**more: Any) -> AgreementFacts:
    given: dict[str, Any] = {
        "starts_on": date(2026, 1, 1),
        "ends_on": TODAY,
        "is_ended": False,
        "importer": Importer.MANAGER,
        "basis": Basis.CONSENT,
        **more,
    }
    return AgreementFacts(**given)


def said(**more: Any) -> AgreementSaid:
    given: dict[str, Any] = {
        "starts_on": TODAY,
        "ends_on": TODAY + A_DAY,
        "purpose": "invented",
        "basis": Basis.LAW,
        "basis_words": "invented",
        "signatories": "invented",
        "importer": Importer.PRIVACY_OFFICER,
        "case_workers_see": False,
        **more,
    }
    return AgreementSaid(**given)


class TestAnAgreement:
    def test_is_with_police_and_ends_after_it_starts(self):
        assert may_record_police_agreement(said(), is_police=True).is_allowed

    def test_that_ends_on_its_first_day_or_is_with_others_is_refused(self):
        decision = may_record_police_agreement(said(ends_on=TODAY), is_police=False)

        assert decision.refusal_codes == ["agreement_not_police", "agreement_ends_first"]

    @pytest.mark.parametrize(
        ("more", "is_in_force"),
        [
            ({}, True),
            ({"starts_on": TODAY}, True),
            ({"starts_on": TODAY + A_DAY}, False),
            ({"ends_on": TODAY - A_DAY}, False),
            ({"is_ended": True}, False),
        ],
    )
    def test_is_in_force_from_its_first_day_to_its_last_unless_it_was_ended(self, more, is_in_force):
        assert facts(**more).is_in_force(TODAY) is is_in_force

    @pytest.mark.parametrize("one", [*Basis, *Importer, *WhyTakenBack])
    def test_has_words(self, one):
        assert one.label


class TestAReference:
    def codes(
        self, reference: str = "QX7TR2", agreement: AgreementFacts | None = None, **more: Any
    ) -> list[str]:
        given: dict[str, Any] = {
            "today": TODAY,
            "identifiers": identifiers_of(
                names="Al Łucja Núñez-Marsh O’Brien", born_on=date(1980, 3, 5), nhs_number="999 123 4567"
            ),
            "is_taken": False,
            "has_one": False,
            "has_consent": True,
            **more,
        }
        return may_give_police_reference(reference, agreement or facts(), **given).refusal_codes

    def test_is_six_to_twenty_capitals_and_digits(self):
        assert self.codes() == self.codes("A" * 20) == []
        for wrong in ("QX7TR", "A" * 21, "qx7tr2", "QX 7TR2", ""):
            assert self.codes(wrong) == ["reference_shape"]

    def test_is_taken_back_once(self):
        assert may_take_back_police_reference(is_taken_back=False).is_allowed
        again = may_take_back_police_reference(is_taken_back=True)
        assert again.refusal_codes == ["reference_taken_back"]

    def test_tells_nothing_of_the_person(self):
        assert self.codes("XMARSH1") == self.codes("X05031980") == ["reference_tells"]

    @pytest.mark.parametrize(
        "reference",
        [
            "XNUNEZ7",
            "LUCJA77",
            "NUNEZMARSH",
            "OBRIEN7",
            "XBRIEN7",
            "MA7RSH",
            "QX99912",
            "QX34567",
            "Q34X567",
            "QX050380",
        ],
    )
    def test_tells_nothing_of_the_person_in_other_letters_or_in_parts(self, reference):
        assert self.codes(reference) == ["reference_tells"]

    def test_may_hold_four_digits_of_the_nhs_number(self):
        assert self.codes("QX9991") == []

    def test_is_not_compared_with_what_nobody_knows(self):
        nothing = identifiers_of(names="Al", born_on=None, nhs_number="")

        assert nothing == ()
        assert self.codes("QX7TR2", identifiers=nothing) == []

    def test_may_hold_two_letters_that_are_a_name_too(self):
        assert self.codes("QALQ22") == []

    def test_is_given_under_an_agreement_in_force(self):
        assert self.codes(agreement=facts(is_ended=True)) == ["agreement_not_in_force"]

    def test_needs_consent_unless_a_law_does_without(self):
        assert self.codes(has_consent=False) == ["police_consent_missing"]
        assert self.codes(has_consent=False, agreement=facts(basis=Basis.LAW)) == []

    def test_is_of_one_person_and_the_only_one_they_have(self):
        assert self.codes(is_taken=True, has_one=True) == ["reference_taken", "reference_known"]


class TestAFile:
    def codes(self, agreement: AgreementFacts | None = None, **more: Any) -> list[str]:
        given: dict[str, Any] = {
            "today": TODAY,
            "roles": frozenset({"manager"}),
            "period": PERIOD,
            "overlaps": False,
            **more,
        }
        return may_import_police_file(agreement or facts(), **given).refusal_codes

    def test_comes_in_under_an_agreement_in_force_by_the_role_it_names(self):
        assert self.codes() == []
        assert self.codes(facts(is_ended=True)) == ["agreement_not_in_force"]
        assert self.codes(roles=frozenset({"privacy_officer"})) == ["importer_other"]

    def test_tells_of_days_that_have_come_in_their_order(self):
        assert self.codes(period=(TODAY, TODAY)) == []
        assert self.codes(period=(TODAY, TODAY + A_DAY)) == ["period_backwards"]
        assert self.codes(period=(TODAY, TODAY - A_DAY)) == ["period_backwards"]

    def test_tells_of_no_day_that_another_tells_of(self):
        assert self.codes(overlaps=True) == ["period_overlaps"]


def read(text: str | bytes) -> tuple[list[str], list[tuple[int, str]]]:
    data = text if isinstance(text, bytes) else text.encode()
    rows, problems = read_offences(data, today=TODAY, period=PERIOD, codes=CODES)
    return [row.reference for row in rows], [(problem.line, problem.column) for problem in problems]


HEADER = "reference,occurred_on,offence\n"


class TestReading:
    def test_gives_each_row(self):
        assert read(HEADER + "QX7TR2,2026-11-01,robbery\nQX7TR2,2026-11-24,shoplifting\n") == (
            ["QX7TR2", "QX7TR2"],
            [],
        )

    def test_of_a_header_alone_gives_none(self):
        assert read(HEADER) == ([], [])

    def test_tells_every_problem_by_line_and_column(self):
        _, problems = read(
            HEADER + ",2026-11-31,arson\nQX7TR2,2026-10-31,robbery\nQX7TR2,2026-11-25,robbery\n"
        )

        assert problems == [
            (2, "reference"),
            (2, "occurred_on"),
            (2, "offence"),
            (3, "occurred_on"),
            (4, "occurred_on"),
        ]

    def test_refuses_another_column_such_as_a_name(self):
        _, problems = read("reference,occurred_on,offence,name\nQX7TR2,2026-11-01,robbery,Marsh\n")

        assert problems

    @pytest.mark.parametrize(
        "data", [b"", b" \n", b"PK\x03\x04", b"%PDF", b"a\x00b", b"x" * (MOST_BYTES + 1)]
    )
    def test_refuses_what_is_no_such_file(self, data):
        assert read(data) == ([], [(0, "")])

    def test_refuses_too_many_rows(self):
        assert read(HEADER + "QX7TR2,2026-11-01,robbery\n" * (MOST_ROWS + 1)) == ([], [(0, "")])


class TestSorting:
    def test_goes_by_reference_alone_and_leaves_out_who_is_unknown_or_has_not_consented(self):
        rows, _ = read_offences(
            (
                HEADER + "AAAAAA,2026-11-01,robbery\nBBBBBB,2026-11-01,robbery\nCCCCCC,2026-11-01,robbery\n"
            ).encode(),
            today=TODAY,
            period=PERIOD,
            codes=CODES,
        )

        found = sort_rows(rows, known={"AAAAAA": 1, "BBBBBB": 2}, allowed=frozenset({1}))

        assert [row.reference for row in found.stored] == ["AAAAAA"]
        assert (found.unknown, found.no_consent, found.not_stored) == ((4,), (3,), 2)
