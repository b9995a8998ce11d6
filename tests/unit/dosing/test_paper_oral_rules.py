"""Oral doses on paper: what cannot be a reading, what speaks against one, and who settles a contested one."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.checks import Sedation
from dosing.rules.oral import OralDrug
from dosing.rules.oral_doses import OralFacts, OralInForce
from dosing.rules.paper import Stands, codes_of
from dosing.rules.paper_oral import (
    BesideOral,
    ContestedOral,
    OralOnPaper,
    may_settle_oral,
    oral_codes_in_words,
    reads_as_possible_oral,
    speaks_against_oral,
)
from dosing.rules.protocol import Protocol

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DOSE = OralOnPaper(uuid.uuid4(), 40, Sedation.ALERT, None, AT, uuid.uuid4())
FACTS = OralFacts(
    at=AT,
    order=OralInForce(OralDrug.METHADONE, 40),
    protocol=Protocol(),
    person_is_in_treatment=True,
    has_treatment_consent=True,
    given_today_mg=0,
    last_injection_ended_at=None,
)
BESIDE = BesideOral(pack_made_at=AT - timedelta(minutes=20))


class TestAReading:
    def test_of_now_is_possible(self) -> None:
        assert reads_as_possible_oral(DOSE, at=AT).is_allowed

    def test_of_a_time_to_come_or_of_nothing_is_not(self) -> None:
        found = reads_as_possible_oral(replace(DOSE, mg=0), at=AT - timedelta(seconds=1))
        assert set(codes_of(found)) == {"time_to_come", "mg_is_none"}


class TestWhatSpeaksAgainst:
    def test_is_nothing_of_a_dose_as_ordered(self) -> None:
        assert codes_of(speaks_against_oral(FACTS, DOSE, BESIDE)) == ()

    @pytest.mark.parametrize(
        ("dose", "beside", "code"),
        [
            (replace(DOSE, mg=41), BESIDE, "over_oral_day"),
            (replace(DOSE, sedation=None), BESIDE, "sedation_unknown"),
            (replace(DOSE, sedation=Sedation.DRIFTS_OFF), BESIDE, "sedation"),
            (replace(DOSE, breaths=11), BESIDE, "breathing"),
            (DOSE, replace(BESIDE, pack_made_at=AT + timedelta(seconds=1)), "before_pack"),
            (DOSE, replace(BESIDE, same_dose="40 mg at 09:31."), "already_recorded"),
            (DOSE, replace(BESIDE, injection_after="An injection at 09:40."), "injection_after"),
            (DOSE, replace(BESIDE, is_away=True, stand_in_is_lead=False), "signature_missing"),
        ],
    )
    def test_is_each_by_itself(self, dose: OralOnPaper, beside: BesideOral, code: str) -> None:
        found = speaks_against_oral(FACTS, dose, beside)
        assert codes_of(found) == (code,)
        assert not found.is_allowed

    def test_is_nothing_where_the_lead_signs_for_one_away(self) -> None:
        assert speaks_against_oral(FACTS, DOSE, replace(BESIDE, is_away=True)).is_allowed

    def test_is_told_of_what_was(self) -> None:
        found = speaks_against_oral(replace(FACTS, order=None), DOSE, BESIDE)
        assert [one.message for one in found] == ["No order of that medicine was in force at that time."]

    def test_is_in_words(self) -> None:
        said = oral_codes_in_words(["over_oral_day", "something_new"])
        assert said == "over the most of a day; something new"


class TestSettling:
    FACTS = ContestedOral(is_contested=True, is_settled=False, settler_signed=False)

    def test_is_once_with_a_reason_by_somebody_else(self) -> None:
        assert may_settle_oral(self.FACTS, Stands.PAPER, reason="Both read it.").is_allowed

    @pytest.mark.parametrize(
        ("facts", "stands", "reason", "codes"),
        [
            (replace(FACTS, is_contested=False), Stands.PAPER, "x", {"not_contested"}),
            (replace(FACTS, is_settled=True), Stands.PAPER, "x", {"settled_already"}),
            (replace(FACTS, settler_signed=True), Stands.PAPER, "x", {"settler_signed"}),
            (FACTS, None, " ", {"not_said", "no_reason"}),
        ],
    )
    def test_is_refused(
        self, facts: ContestedOral, stands: Stands | None, reason: str, codes: set[str]
    ) -> None:
        assert set(codes_of(may_settle_oral(facts, stands, reason=reason))) == codes
