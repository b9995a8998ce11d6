"""A discrepancy case: who is told by when, and when it may be closed, from both sides of each edge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.cases import (
    CLOCK,
    SHORT_LENGTH,
    WORDS_LENGTH,
    CaseEventKind,
    CaseFacts,
    CaseState,
    Classification,
    Classified,
    Destination,
    destinations_of,
    may_classify,
    may_close_case,
    may_note,
    may_tell,
)
from hat_clinic.core.decisions import Decision

OPENED = datetime(2026, 10, 12, 18, 30, tzinfo=UTC)
LATER = OPENED + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def a_case(*classified: Classification, at: datetime = LATER, **changes: object) -> CaseFacts:
    content = {"opened_at": OPENED, "classified": tuple(Classified(one, at) for one in classified)}
    return CaseFacts(**content | changes)  # type: ignore[arg-type]  # a test's own changes


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


def told_by(case: CaseFacts) -> dict[Destination, datetime]:
    return {due.destination: due.due_at for due in destinations_of(case)}


class TestTheClock:
    def test_asks_for_the_accountable_officers_contact_after_24_hours(self) -> None:
        (due,) = destinations_of(a_case())

        assert (due.destination, due.due_at, due.only_if_open) == (
            Destination.OFFICER,
            OPENED + timedelta(hours=24),
            True,
        )
        assert not due.is_overdue(OPENED + CLOCK - SECOND)
        assert due.is_overdue(OPENED + CLOCK)

    def test_is_stopped_by_closing_the_case_in_time_and_not_a_moment_later(self) -> None:
        in_time = a_case(Classification.COUNTING, closed_at=OPENED + CLOCK - SECOND)
        too_late = a_case(Classification.COUNTING, closed_at=OPENED + CLOCK)

        assert destinations_of(in_time) == ()
        assert told_by(too_late) == {Destination.OFFICER: OPENED + CLOCK}

    def test_is_not_stopped_by_a_classification(self) -> None:
        assert told_by(a_case(Classification.BROKEN_FOUND)) == {Destination.OFFICER: OPENED + CLOCK}

    def test_is_24_real_hours_over_the_change_to_winter_time(self) -> None:
        case = a_case(opened_at=datetime(2026, 10, 24, 19, 0, tzinfo=UTC))

        assert case.clock_ends_at == datetime(2026, 10, 25, 19, 0, tzinfo=UTC)


class TestSuspectedTheft:
    def test_is_told_at_once(self) -> None:
        told = told_by(a_case(Classification.THEFT))

        assert told == dict.fromkeys(
            (Destination.OFFICER, Destination.POLICE, Destination.MANAGER, Destination.CQC), LATER
        )

    def test_stays_to_be_told_whatever_the_case_is_called_later(self) -> None:
        told = told_by(a_case(Classification.THEFT, Classification.FOUND))

        assert told[Destination.POLICE] == LATER

    def test_that_was_suspected_after_the_clock_ran_out_leaves_the_earlier_time(self) -> None:
        late = OPENED + CLOCK + timedelta(hours=2)
        told = told_by(a_case(Classification.THEFT, at=late))

        assert (told[Destination.OFFICER], told[Destination.POLICE]) == (OPENED + CLOCK, late)


class TestAClassification:
    @pytest.mark.parametrize(
        ("classification", "destinations"),
        [
            (Classification.LOSS, {Destination.OFFICER, Destination.MANAGER}),
            (Classification.SURPLUS, {Destination.OFFICER}),
            (Classification.DOSE, {Destination.OFFICER, Destination.LFPSE}),
            (Classification.DELIVERY, {Destination.OFFICER, Destination.SUPPLIER}),
            (Classification.WRONG_LINE, {Destination.OFFICER}),
        ],
    )
    def test_asks_for_its_destinations(
        self, classification: Classification, destinations: set[Destination]
    ) -> None:
        assert set(told_by(a_case(classification))) == destinations

    def test_asks_for_the_officer_of_a_loss_even_when_it_is_closed_in_time(self) -> None:
        case = a_case(Classification.LOSS, closed_at=LATER)

        assert {due.destination for due in destinations_of(case) if not due.only_if_open} == {
            Destination.OFFICER,
            Destination.MANAGER,
        }

    def test_needs_words_and_an_open_case(self) -> None:
        assert codes(may_classify(a_case(), words="Found behind the safe.")) == []
        assert codes(may_classify(a_case(), words="  ")) == ["no_words"]
        assert codes(may_classify(a_case(), words="x" * WORDS_LENGTH)) == []
        assert codes(may_classify(a_case(), words="x" * (WORDS_LENGTH + 1))) == ["words_too_long"]
        closed = a_case(Classification.FOUND, closed_at=LATER)
        assert codes(may_classify(closed, words="Something else.")) == ["case_is_closed"]

    def test_has_a_label_as_has_everything_else(self) -> None:
        for names in (Classification, Destination, CaseEventKind, CaseState):
            assert all(one.label for one in names)

    def test_makes_the_state(self) -> None:
        assert a_case().state is CaseState.OPEN
        assert a_case(Classification.FOUND).state is CaseState.CLASSIFIED
        assert a_case(Classification.FOUND, closed_at=LATER).state is CaseState.CLOSED


class TestANote:
    def test_needs_words_only(self) -> None:
        assert codes(may_note(words="Looked again.")) == []
        assert codes(may_note(words="")) == ["no_words"]


class TestTelling:
    def say(self, **changes: object) -> list[str]:
        arguments: dict[str, object] = {
            "case": a_case(),
            "whom": "Ana Roy",
            "reference": "CD-17",
            "words": "",
            "told_at": LATER,
            "at": LATER,
        }
        arguments |= changes
        return codes(may_tell(arguments.pop("case"), **arguments))  # type: ignore[arg-type]

    def test_names_whom_and_when(self) -> None:
        assert self.say() == []
        assert self.say(reference="") == []
        assert self.say(whom=" ") == ["nobody_named"]

    def test_is_not_before_the_case_nor_in_the_future(self) -> None:
        assert self.say(told_at=OPENED) == []
        assert self.say(told_at=OPENED - SECOND) == []
        assert self.say(told_at=OPENED - timedelta(days=1)) == []
        assert self.say(told_at=OPENED - timedelta(days=1) - SECOND) == ["told_long_before_the_case"]
        assert self.say(told_at=LATER + SECOND) == ["told_in_the_future"]

    def test_fits_its_columns(self) -> None:
        fits, too_long = "x" * SHORT_LENGTH, "x" * (SHORT_LENGTH + 1)
        assert self.say(whom=fits, reference=fits, words="x" * WORDS_LENGTH) == []
        assert self.say(whom=too_long) == ["name_too_long"]
        assert self.say(reference=too_long) == ["reference_too_long"]
        assert self.say(words="x" * (WORDS_LENGTH + 1)) == ["words_too_long"]

    def test_is_written_of_a_closed_case_too(self) -> None:
        assert self.say(case=a_case(Classification.FOUND, closed_at=LATER)) == []


class TestClosingACase:
    def close(self, case: CaseFacts, at: datetime = LATER, words: str = "Found.") -> list[str]:
        return codes(may_close_case(case, words=words, at=at))

    def test_needs_a_classification_and_a_reason(self) -> None:
        assert self.close(a_case(Classification.FOUND)) == []
        assert self.close(a_case()) == ["not_classified"]
        assert self.close(a_case(Classification.FOUND), words="") == ["no_words"]

    def test_is_done_once(self) -> None:
        assert self.close(a_case(Classification.FOUND, closed_at=LATER)) == ["case_is_closed"]

    def test_waits_for_everybody_whom_the_classification_asks_for(self) -> None:
        told = frozenset({Destination.OFFICER, Destination.POLICE, Destination.MANAGER})
        assert self.close(a_case(Classification.THEFT, told=told)) == ["not_told_cqc"]
        assert self.close(a_case(Classification.THEFT, told=told | {Destination.CQC})) == []
        assert self.close(a_case(Classification.LOSS)) == ["not_told_officer", "not_told_manager"]

    def test_waits_for_the_officer_once_the_clock_has_run_out(self) -> None:
        case = a_case(Classification.COUNTING)
        assert self.close(case, at=OPENED + CLOCK - SECOND) == []
        assert self.close(case, at=OPENED + CLOCK) == ["not_told_officer"]
        told = a_case(Classification.COUNTING, told=frozenset({Destination.OFFICER}))
        assert self.close(told, at=OPENED + CLOCK) == []
