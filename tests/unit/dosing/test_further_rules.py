"""A further injection of a session: when it may be begun, both sides of every boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dosing.rules.checks import Readings, Sedation
from dosing.rules.further import (
    WatchedSince,
    bears_one_more,
    may_go_in,
    may_go_on,
    ordinal,
    repeats_first_dose,
    top_up_minutes,
)
from dosing.rules.preparations import InjectionAttempt, PreparedDose, VisitFacts, may_inject, may_prepare
from dosing.rules.sessions import EarlierOutcome, SessionFacts, SoFar, may_start
from tests.unit.dosing.test_history_rules import dose
from tests.unit.dosing.test_injection_rules import ATTEMPT, FACTS, INJECTED, ORDER, PREPARED, VISIT
from tests.unit.dosing.test_limit_rules import facts as limits

LONDON = ZoneInfo("Europe/London")
AT = FACTS.at
MOMENT = timedelta(microseconds=1)
WELL = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=70)
ORDER_OF_TWO = replace(ORDER, injections=2)


def so_far(*, minutes: float = 20, injections: int = 1, given_mg: int = 100) -> SoFar:
    return SoFar(injections=injections, given_mg=given_mg, last_ended_at=AT - timedelta(minutes=minutes))


SECOND = replace(
    FACTS,
    order=ORDER_OF_TWO,
    so_far=so_far(),
    last_ended_at=so_far().last_ended_at,
    given_today_mg=100,
    given_in_window_mg=100,
    earlier_outcome=EarlierOutcome("100 mg given."),
)
SINCE = WatchedSince(is_observed=True, readings=WELL, read_at=AT - timedelta(minutes=1), had_event=False)


def after(minutes: float, **changes: Any) -> SessionFacts:
    """Return the facts so many minutes after the last injection."""
    found = so_far(minutes=minutes)
    return replace(SECOND, **({"so_far": found, "last_ended_at": found.last_ended_at} | changes))


def codes(facts: SessionFacts = SECOND, since: WatchedSince = SINCE) -> set[str]:
    return {finding.code for finding in may_go_on(facts, since).refusals}


class TestAFurtherInjection:
    def test_may_be_begun_when_all_is_in_order(self) -> None:
        assert may_go_on(SECOND, SINCE).findings == ()

    def test_is_for_somebody_who_is_observed_after_one(self) -> None:
        assert codes(since=replace(SINCE, is_observed=False)) == {"not_observed"}
        assert codes(replace(SECOND, so_far=None)) == {"not_observed"}

    @pytest.mark.parametrize(
        ("ordered", "given", "barred"),
        [(1, 1, True), (2, 1, False), (2, 2, True), (3, 2, False), (3, 3, True)],
    )
    def test_is_one_that_the_order_allows(self, ordered: int, given: int, barred: bool) -> None:
        facts = replace(SECOND, order=replace(ORDER, injections=ordered), so_far=so_far(injections=given))
        assert codes(facts) == ({"injections_of_order"} if barred else set())

    @pytest.mark.parametrize(("given_mg", "barred"), [(179, False), (180, True), (181, True)])
    def test_has_milligrams_left_of_the_session(self, given_mg: int, barred: bool) -> None:
        assert codes(replace(SECOND, so_far=so_far(given_mg=given_mg))) == (
            {"session_is_full"} if barred else set()
        )

    def test_rests_on_an_order_and_limits_as_the_first_did(self) -> None:
        assert codes(replace(SECOND, order=None)) == {"no_order"}
        assert codes(replace(SECOND, protocol=None)) == {"no_protocol"}
        assert codes(replace(SECOND, session_is_open=False)) == {"session_over"}
        assert codes(replace(SECOND, order=replace(ORDER_OF_TWO, is_suspended=True))) == {"order_suspended"}

    def test_keeps_the_interval_to_an_injection_of_another_session(self) -> None:
        assert codes(replace(SECOND, last_ended_at=AT - timedelta(minutes=10))) == {"interval"}

    def test_tells_all_reasons_at_once_and_what_makes_them_go_away(self) -> None:
        facts = after(7.5, order=ORDER)
        found = may_go_on(facts, replace(SINCE, readings=None, read_at=None, had_event=True))

        assert {finding.code for finding in found} == {
            *("injections_of_order", "top_up", "event_in_session", "no_fresh_reading")
        }
        messages = " ".join(finding.message for finding in found)
        assert "Possible from 10:02: 20 minutes" in messages
        assert "A reading of sedation, breathing and oxygen at most 5 minutes old is needed." in messages


class TestTheWaitBetweenTwo:
    @pytest.mark.parametrize(
        ("wait", "barred"), [(timedelta(minutes=20) - MOMENT, True), (timedelta(minutes=20), False)]
    )
    def test_is_twenty_minutes(self, wait: timedelta, barred: bool) -> None:
        assert ("top_up" in codes(after(wait / timedelta(minutes=1)))) is barred

    @pytest.mark.parametrize(("minutes", "barred"), [(29.9999, True), (30, False)])
    def test_is_thirty_in_titration(self, minutes: float, barred: bool) -> None:
        order = replace(ORDER_OF_TWO, is_titration=True)
        assert ("top_up" in codes(after(minutes, order=order))) is barred

    @pytest.mark.parametrize(("minutes", "barred"), [(19.9999, True), (20, False)])
    def test_is_twenty_for_the_repeat_of_a_first_dose(self, minutes: float, barred: bool) -> None:
        order = replace(ORDER_OF_TWO, is_titration=True)
        since = replace(SINCE, repeats_first=True)
        assert ("top_up" in codes(after(minutes, order=order), since)) is barred

    def test_is_the_clinics_own_where_that_is_stricter(self) -> None:
        assert FACTS.protocol is not None
        strict = replace(FACTS.protocol, first_repeat_minutes=25, top_up_minutes=40)
        assert top_up_minutes(ORDER, strict, repeats_first=True) == 40
        assert top_up_minutes(ORDER, strict, repeats_first=False) == 40
        assert top_up_minutes(ORDER, replace(strict, top_up_minutes=20), repeats_first=True) == 25

    @pytest.mark.parametrize(("second", "shown"), [(0, "09:20"), (1, "09:21")])
    def test_is_shown_as_a_time_at_which_it_is_over(self, second: int, shown: str) -> None:
        ended = datetime(2026, 11, 24, 9, 0, second, tzinfo=UTC)
        found = may_go_in(SINCE, last_ended_at=ended, started_at=ended + timedelta(minutes=1))
        assert any(f"Possible from {shown}" in finding.message for finding in found)

    @pytest.mark.parametrize(
        "ended",
        [
            datetime(2026, 10, 25, 1, 50, tzinfo=LONDON),  # the hour that comes twice, told by its first
            datetime(2026, 10, 25, 1, 50, fold=1, tzinfo=LONDON),
            datetime(2027, 3, 28, 0, 50, tzinfo=LONDON),  # ten minutes before the hour that is left out
        ],
    )
    @pytest.mark.parametrize(
        ("wait", "barred"), [(timedelta(minutes=20) - MOMENT, True), (timedelta(minutes=20), False)]
    )
    def test_is_twenty_true_minutes_in_both_nights_in_which_the_clocks_change(
        self, ended: datetime, wait: timedelta, barred: bool
    ) -> None:
        at = (ended.astimezone(UTC) + wait).astimezone(LONDON)
        facts = replace(
            SECOND, at=at, so_far=SoFar(injections=1, given_mg=100, last_ended_at=ended), last_ended_at=ended
        )
        since = replace(SINCE, read_at=(at.astimezone(UTC) - timedelta(minutes=1)).astimezone(LONDON))
        assert codes(facts, since) == ({"top_up"} if barred else set())
        again = may_go_in(since, last_ended_at=ended, started_at=at)
        assert {finding.code for finding in again} == ({"top_up"} if barred else set())


class TestTheReadingItRestsOn:
    @pytest.mark.parametrize(
        ("age", "found"),
        [(timedelta(minutes=5), set()), (timedelta(minutes=5) + MOMENT, {"no_fresh_reading"})],
    )
    def test_is_at_most_five_minutes_old(self, age: timedelta, found: set[str]) -> None:
        assert codes(since=replace(SINCE, read_at=AT - age)) == found

    def test_is_there_at_all(self) -> None:
        assert codes(since=replace(SINCE, readings=None)) == {"no_fresh_reading"}
        assert codes(since=replace(SINCE, read_at=None)) == {"no_fresh_reading"}

    @pytest.mark.parametrize(
        ("changes", "is_well"),
        [
            ({"sedation": Sedation.SLIGHTLY_DROWSY}, True),
            ({"sedation": Sedation.ASLEEP}, False),
            ({"sedation": Sedation.DRIFTS_OFF}, False),
            ({"breaths": 12}, True),
            ({"breaths": 11}, False),
            ({"oxygen": 94}, True),
            ({"oxygen": 93}, False),
            ({"oxygen": None}, False),
            ({"pulse": None}, True),
        ],
    )
    def test_is_within_the_limits(self, changes: dict[str, Any], is_well: bool) -> None:
        found = {one.code for one in bears_one_more(replace(SINCE, readings=replace(WELL, **changes)), at=AT)}
        assert found == (set() if is_well else {"reading_not_well"})

    def test_does_not_pass_over_an_event_of_the_session(self) -> None:
        assert codes(since=replace(SINCE, had_event=True)) == {"event_in_session"}


class TestDrawingItUp:
    VISIT = VisitFacts(is_identified=False, check_made_at=None, has_treatment_consent=True, since=SINCE)
    ATTEMPT = replace(ATTEMPT, dose_mg=80, ampoules=1, number=2)

    def codes(self, facts: SessionFacts = SECOND, **changes: Any) -> set[str]:
        visit = replace(
            self.VISIT, **{name: changes.pop(name) for name in list(changes) if name in VisitFacts.__slots__}
        )
        return {finding.code for finding in may_prepare(facts, visit, replace(self.ATTEMPT, **changes))}

    def test_asks_for_no_second_check(self) -> None:
        assert self.codes() == set()

    def test_is_of_the_number_that_the_page_was_opened_for(self) -> None:
        assert self.codes(number=3) == {"already_recorded"}
        assert self.codes(replace(SECOND, so_far=None), number=2) == {"not_observed"}

    def test_of_a_first_is_refused_once_one_was_given(self) -> None:
        first = replace(self.ATTEMPT, number=1)
        assert {one.code for one in may_prepare(SECOND, VISIT, first)} == {"already_recorded"}
        assert {one.code for one in may_start(SECOND)} == {"already_recorded"}

    def test_is_barred_by_all_that_bars_any_dose(self) -> None:
        assert self.codes(hold="On hold.") == {"hold"}
        assert self.codes(open_draw="A dose is drawn up.") == {"open_draw"}
        assert self.codes(has_treatment_consent=False) == {"no_consent"}
        assert self.codes(since=None) == {"not_observed"}
        assert self.codes(giver_is_witness=True) == {"same_person"}

    @pytest.mark.parametrize(("mg", "barred"), [(80, False), (81, True)])
    def test_never_passes_the_sessions_dose(self, mg: int, barred: bool) -> None:
        assert self.codes(dose_mg=mg) == ({"over_session"} if barred else set())


class TestItsInjection:
    PREPARED = replace(PREPARED, since=SINCE, last_ended_at=AT - timedelta(minutes=20))

    def codes(self, prepared: PreparedDose, attempt: InjectionAttempt = INJECTED) -> set[str]:
        return {finding.code for finding in may_inject(prepared, attempt)}

    def test_asks_again_for_the_readings_and_the_wait(self) -> None:
        assert self.codes(self.PREPARED) == set()
        old = replace(SINCE, read_at=AT - timedelta(minutes=5) - MOMENT)
        assert self.codes(replace(self.PREPARED, since=old)) == {"no_fresh_reading"}
        assert self.codes(replace(self.PREPARED, since=replace(SINCE, had_event=True))) == {
            "event_in_session"
        }
        soon = replace(self.PREPARED, last_ended_at=AT - timedelta(minutes=20) + MOMENT)
        assert self.codes(soon) == {"top_up"}

    def test_of_a_first_asks_for_none(self) -> None:
        assert self.codes(PREPARED) == set()
        assert self.codes(replace(self.PREPARED, last_ended_at=None)) == set()


class TestTheRepeatOfAFirstDose:
    def test_is_the_second_of_the_first_day_alone(self) -> None:
        first, second = dose(0.8, 15, is_tolerated=None), dose(0.4, 15, is_tolerated=None)
        assert not repeats_first_dose(limits())
        assert repeats_first_dose(limits(first))
        assert not repeats_first_dose(limits(first, second))
        assert not repeats_first_dose(limits(dose(24, 100), first))

    def test_is_so_by_every_route_of_the_order(self) -> None:
        assert not repeats_first_dose(limits(dose(0.8, 15), routes=frozenset({"iv", "im"})))


def test_ordinals() -> None:
    assert [ordinal(number) for number in (1, 2, 3)] == ["First", "Second", "Third"]
