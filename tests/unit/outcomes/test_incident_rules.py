"""What an incident may say, and who must be told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from outcomes.rules.incidents import (
    Body,
    Harm,
    IncidentSaid,
    Kind,
    ToldSaid,
    Where,
    may_amend_incident,
    may_amend_told,
    may_note_told,
    may_record_incident,
    must_tell,
)

TODAY, ACCEPTED = date(2026, 11, 27), date(2026, 1, 5)
A_DAY = timedelta(days=1)
SAID = IncidentSaid(
    happened_on=TODAY,
    kind=Kind.INJURY,
    place=Where.CLINIC,
    harm=Harm.NONE,
    naloxone_given=False,
    is_drug_related=False,
    words="Slipped on the wet step.",
)
DEATH = replace(SAID, kind=Kind.DEATH, harm=Harm.DEATH, is_drug_related=None)


class TestWhoMustBeTold:
    @pytest.mark.parametrize(
        ("said", "bodies"),
        [
            (SAID, [Body.LEARNING]),
            (replace(SAID, harm=Harm.LOW), [Body.LEARNING]),
            (replace(SAID, harm=Harm.MODERATE), [Body.PERSON, Body.LEARNING]),
            (replace(SAID, harm=Harm.SEVERE), [Body.PERSON, Body.LEARNING, Body.REGULATOR]),
            (DEATH, list(Body)),
            (
                replace(DEATH, is_drug_related=False),
                [Body.PERSON, Body.LEARNING, Body.REGULATOR, Body.CORONER, Body.COMMISSIONER],
            ),
        ],
    )
    def test_follows_from_the_harm(self, said: IncidentSaid, bodies: list[Body]) -> None:
        assert list(must_tell(said)) == bodies

    @pytest.mark.parametrize("kind", [Kind.OVERDOSE, Kind.OVER_SEDATION, Kind.MEDICINE_ERROR])
    @pytest.mark.parametrize(("drug", "told"), [(True, True), (None, True), (False, False)])
    def test_of_drugs_is_the_controlled_drugs_officer_unless_none_had_a_part(
        self, kind: Kind, drug: bool | None, told: bool
    ) -> None:
        assert (Body.CD_OFFICER in must_tell(replace(SAID, kind=kind, is_drug_related=drug))) is told

    @pytest.mark.parametrize(("drug", "told"), [(True, True), (None, False)])
    def test_of_a_fall_is_that_officer_only_where_a_drug_had_a_part(
        self, drug: bool | None, told: bool
    ) -> None:
        assert (Body.CD_OFFICER in must_tell(replace(SAID, is_drug_related=drug))) is told

    @pytest.mark.parametrize("words", [Kind, Where, Harm, Body])
    def test_and_every_code_has_its_words(self, words: type) -> None:
        assert all(one.label for one in words)  # type: ignore[attr-defined]  # an enum of codes


def recorded(**changes: object) -> list[str]:
    said = replace(SAID, **changes)  # type: ignore[arg-type]  # a test's own changes
    return may_record_incident(said, today=TODAY, accepted_on=ACCEPTED).refusal_codes


class TestRecording:
    @pytest.mark.parametrize(
        ("on", "codes"),
        [
            (ACCEPTED - A_DAY, ["incident_before_acceptance"]),
            (ACCEPTED, []),
            (TODAY, []),
            (TODAY + A_DAY, ["incident_in_future"]),
        ],
    )
    def test_is_of_a_day_in_care(self, on: date, codes: list[str]) -> None:
        assert recorded(happened_on=on) == codes

    @pytest.mark.parametrize(
        ("kind", "harm", "allowed"),
        [
            (Kind.DEATH, Harm.DEATH, True),
            (Kind.DEATH, Harm.SEVERE, False),
            (Kind.OVERDOSE, Harm.DEATH, False),
            (Kind.OVERDOSE, Harm.SEVERE, True),
        ],
    )
    def test_of_a_death_has_its_harm(self, kind: Kind, harm: Harm, allowed: bool) -> None:
        assert recorded(kind=kind, harm=harm) == ([] if allowed else ["incident_death_and_harm"])

    @pytest.mark.parametrize(
        ("length", "codes"), [(0, ["incident_words"]), (500, []), (501, ["incident_words"])]
    )
    def test_says_what_happened(self, length: int, codes: list[str]) -> None:
        assert recorded(words="x" * length) == codes

    @pytest.mark.parametrize(("harm", "codes"), [(Harm.LOW, []), (Harm.MODERATE, ["incident_candour"])])
    def test_of_moderate_harm_says_that_the_person_is_told(self, harm: Harm, codes: list[str]) -> None:
        decision = may_record_incident(replace(SAID, harm=harm), today=TODAY, accepted_on=ACCEPTED)

        assert decision.is_allowed
        assert [finding.code for finding in decision] == codes


class TestPuttingRight:
    @pytest.mark.parametrize(
        ("said", "is_newest", "why", "codes"),
        [
            (replace(SAID, harm=Harm.LOW), True, "Learned more.", []),
            (SAID, True, "Learned more.", ["incident_unchanged"]),
            (replace(SAID, harm=Harm.LOW), False, "Learned more.", ["incident_amended"]),
            (replace(SAID, harm=Harm.LOW), True, "", ["incident_why"]),
            (replace(SAID, harm=Harm.LOW), True, "x" * 201, ["incident_why"]),
        ],
    )
    def test_says_something_else_and_why(
        self, said: IncidentSaid, is_newest: bool, why: str, codes: list[str]
    ) -> None:
        assert may_amend_incident(SAID, said, is_newest=is_newest, why=why).refusal_codes == codes


class TestTelling:
    @pytest.mark.parametrize(
        ("told", "on", "words", "codes"),
        [
            (set(), TODAY, "By telephone", []),
            ({Body.LEARNING}, TODAY, "", ["incident_told_already"]),
            (set(), TODAY - A_DAY, "", ["incident_told_when"]),
            (set(), TODAY + A_DAY, "", ["incident_told_when"]),
            (set(), TODAY, "x" * 201, ["incident_told_words"]),
        ],
    )
    def test_is_once_for_each_since_it_happened(
        self, told: set[Body], on: date, words: str, codes: list[str]
    ) -> None:
        decision = may_note_told(SAID, Body.LEARNING, told=told, told_on=on, words=words, today=TODAY)

        assert decision.refusal_codes == codes


class TestPuttingATellingRight:
    @pytest.mark.parametrize(
        ("now_said", "more", "codes"),
        [
            (ToldSaid(told_on=TODAY, words="By letter"), {}, []),
            (ToldSaid(told_on=None), {}, []),
            (ToldSaid(told_on=TODAY), {}, ["incident_told_unchanged"]),
            (ToldSaid(told_on=TODAY - A_DAY), {}, ["incident_told_when"]),
            (ToldSaid(told_on=TODAY + A_DAY), {}, ["incident_told_when"]),
            (ToldSaid(told_on=TODAY, words="x" * 200), {}, []),
            (ToldSaid(told_on=TODAY, words="x" * 201), {}, ["incident_told_words"]),
            (ToldSaid(told_on=None), {"is_newest": False}, ["incident_told_amended"]),
            (ToldSaid(told_on=TODAY), {"stands": ToldSaid(told_on=None)}, ["incident_told_amended"]),
            (ToldSaid(told_on=None), {"why": ""}, ["incident_told_why"]),
            (ToldSaid(told_on=None), {"why": "x" * 201}, ["incident_told_why"]),
        ],
    )
    def test_says_something_else_and_why(
        self, now_said: ToldSaid, more: dict[str, Any], codes: list[str]
    ) -> None:
        given: dict[str, Any] = {
            "stands": ToldSaid(told_on=TODAY),
            "is_newest": True,
            "why": "Wrong day.",
            **more,
        }

        assert may_amend_told(SAID, now_said=now_said, today=TODAY, **given).refusal_codes == codes

    @pytest.mark.parametrize(("told_on", "codes"), [(TODAY, []), (TODAY - A_DAY, ["incident_after_told"])])
    def test_comes_before_an_incident_that_is_moved_behind_it(self, told_on: date, codes: list[str]) -> None:
        said = replace(SAID, words="Something else.")

        decision = may_amend_incident(SAID, said, is_newest=True, why="Wrong.", first_told_on=told_on)

        assert decision.refusal_codes == codes
