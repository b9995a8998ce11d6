"""A doctor's reason at the hatch: what it lets pass, who gives it, and what nobody can lift."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dosing.rules.authorisations import (
    AUTHORISABLE,
    AuthorisedFor,
    AuthorisingFacts,
    besides_blocks,
    has_only_stops,
    less_authorised,
    may_authorise,
    notes_of,
    stops_of,
    who_lifts,
    with_lifters,
)
from dosing.rules.checks import Readings, Sedation
from dosing.rules.further import WatchedSince
from hat_clinic.core.decisions import Decision, Finding, Level, block, note, stop

AT = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
ALCOHOL = stop("alcohol_stop", "Breath alcohol 34, 20 or more.", "clinical rule 19")
ORAL = stop("oral_before", "Methadone was given 10 minutes ago.", "clinical rules 7.11")
HELD = Finding("alcohol", Level.BLOCK, "Breath alcohol 35, 35 or more.", "clinical rule 19", opens_hold=True)
OXYGEN = Finding("oxygen", Level.BLOCK, "Oxygen 89 %, under 90.", "clinical rule 19", opens_hold=True)
CAP = block("gap", "75 mg is the most after two missed sessions.", "clinical rule 32")
READ = note("other_drugs", "Other drugs were taken.", "clinical rule 26")
READINGS = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=70)
WELL = WatchedSince(is_observed=True, readings=READINGS, read_at=AT, had_event=False)
FACTS = AuthorisingFacts(
    at=AT,
    check_made_at=AT - timedelta(minutes=10),
    is_newest_check=True,
    standing=Decision((ALCOHOL, READ)),
    is_licensed=True,
    is_checker=False,
    is_authorised=False,
    is_drawn_up=False,
)


def codes(code: str = "alcohol_stop", words: str = "Known to me, alert.", **changes: Any) -> list[str]:
    return [
        finding.code for finding in may_authorise(replace(FACTS, **changes), code=code, words=words).refusals
    ]


class TestADoctorsReason:
    def test_lets_one_dose_pass_a_stop(self) -> None:
        assert codes() == []
        assert codes("oral_before", standing=Decision((ORAL, ALCOHOL))) == []

    @pytest.mark.parametrize("finding", [HELD, OXYGEN, CAP, READ])
    def test_lets_pass_nothing_that_is_no_stop(self, finding: Finding) -> None:
        assert codes(finding.code, standing=Decision((finding,))) == ["not_to_be_lifted"]

    def test_lets_pass_no_stop_that_somebody_else_decides_on(self) -> None:
        high = stop("high_dose_reason", "Over 400 mg.", "clinical rule 11")

        assert "high_dose_reason" not in AUTHORISABLE
        assert codes("high_dose_reason", standing=Decision((high,))) == ["not_to_be_lifted"]

    @pytest.mark.parametrize("beside", [HELD, OXYGEN, CAP])
    def test_waits_for_what_stands_against_any_dose(self, beside: Finding) -> None:
        assert codes(standing=Decision((ALCOHOL, beside))) == ["something_stands"]

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"is_licensed": False}, ["no_licence"]),
            ({"is_checker": True}, ["own_check"]),
            ({"words": "  "}, ["no_words"]),
            ({"is_newest_check": False}, ["check_changed"]),
            ({"is_drawn_up": True}, ["drawn_up"]),
            ({"is_used_up": True}, ["check_used_up"]),
            ({"is_authorised": True}, ["authorised_already"]),
            ({"standing": Decision()}, ["no_such_finding"]),
        ],
    )
    def test_is_refused_for_each_reason(self, changes: dict[str, Any], found: list[str]) -> None:
        assert codes(**changes) == found

    @pytest.mark.parametrize(("minutes", "found"), [(30, []), (31, ["check_is_old"])])
    def test_is_bound_to_a_check_of_the_last_half_hour(self, minutes: int, found: list[str]) -> None:
        assert codes(check_made_at=AT - timedelta(minutes=minutes)) == found

    @pytest.mark.parametrize(
        ("since", "found"),
        [
            (WELL, []),
            (replace(WELL, read_at=AT - timedelta(minutes=5)), []),
            (replace(WELL, read_at=AT - timedelta(minutes=5, seconds=1)), ["no_fresh_reading"]),
            (replace(WELL, readings=None, read_at=None), ["no_fresh_reading"]),
            (replace(WELL, had_event=True), ["event_in_session"]),
            (replace(WELL, readings=replace(READINGS, breaths=11)), ["reading_not_well"]),
        ],
        ids=["now", "5 min", "over 5 min", "none", "event", "slow"],
    )
    def test_is_bound_to_a_reading_where_one_injection_went_in(
        self, since: WatchedSince, found: list[str]
    ) -> None:
        assert codes(check_made_at=AT - timedelta(hours=2), since=since) == found

    def test_tells_every_reason_at_once(self) -> None:
        found = codes(
            words="", is_licensed=False, is_checker=True, is_newest_check=False, standing=Decision()
        )
        assert found == ["no_licence", "own_check", "no_words", "check_changed", "no_such_finding"]

    def test_has_its_reasons_in_words(self) -> None:
        assert len({why.label for why in AuthorisedFor}) == len(AuthorisedFor)


class TestWhatStandsAfterIt:
    def test_is_all_but_the_stops_that_were_let_pass(self) -> None:
        left = less_authorised(Decision((ALCOHOL, ORAL, HELD)), frozenset({"alcohol_stop", "alcohol"}))
        assert left.findings == (ORAL, HELD)

    def test_is_never_less_for_a_code_that_is_not_of_the_list(self) -> None:
        high = stop("high_dose_reason", "Over 400 mg.", "clinical rule 11")
        assert less_authorised(Decision((high,)), frozenset({"high_dose_reason"})).findings == (high,)

    @pytest.mark.parametrize(
        ("findings", "found"),
        [((), False), ((READ,), False), ((ALCOHOL, READ), True), ((ALCOHOL, HELD), False), ((HELD,), False)],
    )
    def test_is_only_stops_where_nothing_worse_stands(
        self, findings: tuple[Finding, ...], found: bool
    ) -> None:
        assert has_only_stops(Decision(findings)) is found

    def test_stops_are_told_apart(self) -> None:
        assert stops_of(Decision((ALCOHOL, HELD, READ))).findings == (ALCOHOL,)
        assert notes_of(Decision((ALCOHOL, HELD, READ))).findings == (READ,)
        assert besides_blocks(Decision((ALCOHOL, HELD, READ))).findings == (ALCOHOL, READ)


class TestWhoLifts:
    @pytest.mark.parametrize(
        ("finding", "words"),
        [
            (ALCOHOL, "A doctor licensed here can let this one dose go ahead"),
            (HELD, "A doctor licensed here lifts a hold"),
            (OXYGEN, "Nobody lifts it over this reading"),
        ],
    )
    def test_stands_at_the_finding(self, finding: Finding, words: str) -> None:
        (shown,) = with_lifters(Decision((finding,)))

        assert shown.told.startswith(f"{finding.message} {words}")

    @pytest.mark.parametrize("finding", [CAP, READ, stop("high_dose_reason", "Over.", "clinical rule 11")])
    def test_is_not_told_where_the_finding_says_what_to_do(self, finding: Finding) -> None:
        assert who_lifts(finding) == ""
        assert with_lifters(Decision((finding,))).findings == (finding,)
