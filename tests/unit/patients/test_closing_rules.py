"""The end of a programme, and what may leave the clinic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from patients.rules.closings import (
    ClosingContent,
    ClosingKind,
    acceptance_stopped,
    days_left,
    end_of,
    ending_in_words,
    may_close_programme,
    outlives_programme,
)
from patients.rules.disclosures import (
    PRINTED_FOR,
    DisclosureFacts,
    RecipientKind,
    kind_of_agency,
    may_disclose,
    not_printed_again,
)

TODAY = date(2026, 11, 24)
A_DAY = timedelta(days=1)
CLOSES = ClosingContent(ClosingKind.CLOSES, TODAY, None, "The funding ends.")
PAUSES = replace(CLOSES, kind=ClosingKind.PAUSES)
MADE_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
ON_CONSENT = {"agency_kind": "hospital", "recipient": "", "has_consent": True, "emergency_words": ""}
GOES_ON = ClosingContent(ClosingKind.GOES_ON, None, None, "It is paid for again.")
TOLD = DisclosureFacts(
    RecipientKind.HOSPITAL, "General Hospital", None, False, False, "They cannot be woken there."
)


def codes(decision: Any) -> list[str]:
    return [finding.code for finding in decision.refusals]


class TestDecidingAboutAProgramme:
    @pytest.mark.parametrize(
        ("content", "stands", "found"),
        [
            (CLOSES, None, []),
            (PAUSES, None, []),
            (replace(PAUSES, resumes_on=TODAY + A_DAY), ClosingKind.CLOSES, []),
            (GOES_ON, ClosingKind.CLOSES, []),
            (GOES_ON, None, ["kind"]),
            (GOES_ON, ClosingKind.GOES_ON, ["kind"]),
            (replace(GOES_ON, last_on=TODAY), ClosingKind.CLOSES, ["last_on"]),
            (replace(CLOSES, kind=None), None, ["kind"]),
            (replace(CLOSES, last_on=None), None, ["last_on"]),
            (replace(CLOSES, last_on=TODAY - A_DAY), None, ["last_on"]),
            (replace(CLOSES, resumes_on=TODAY + A_DAY), None, ["resumes_on"]),
            (replace(PAUSES, resumes_on=TODAY), None, ["resumes_on"]),
            (replace(CLOSES, words=""), None, ["words"]),
        ],
    )
    def test_needs_a_last_day_and_why(
        self, content: ClosingContent, stands: ClosingKind | None, found: list[str]
    ) -> None:
        assert codes(may_close_programme(content, stands=stands, today=TODAY)) == found
        assert all(kind.label for kind in ClosingKind)

    def test_stops_acceptance(self) -> None:
        stopped = acceptance_stopped(TODAY)
        assert stopped is not None and "24 November 2026" in stopped.message
        assert acceptance_stopped(None) is None

    @pytest.mark.parametrize("last_on", [date(2026, 10, 25), date(2026, 3, 29), TODAY])
    def test_lets_an_order_run_to_the_end_of_its_last_day_by_the_clock(self, last_on: date) -> None:
        ends_at = end_of(last_on)
        assert outlives_programme(ends_at, last_on) is None
        assert outlives_programme(ends_at + timedelta(microseconds=1), last_on) is not None
        assert outlives_programme(ends_at + A_DAY, None) is None

    def test_ends_at_midnight_in_london(self) -> None:
        assert end_of(date(2026, 7, 1)) == datetime(2026, 7, 1, 23, tzinfo=UTC)


class TestTheWarning:
    @pytest.mark.parametrize(("days", "warns"), [(91, False), (90, True), (0, True), (-1, True)])
    def test_comes_ninety_days_before(self, days: int, warns: bool) -> None:
        last_on = TODAY + timedelta(days=days)
        words = ending_in_words(last_on=last_on, funded_until=None, today=TODAY, without_plan=0)
        assert bool(words) is warns
        assert days_left(last_on, today=TODAY) == days

    @pytest.mark.parametrize(
        ("last_in", "funded_in", "without", "words"),
        [
            (None, None, 3, ""),
            (
                None,
                2,
                1,
                "The last day that is paid for is 26 November 2026, in 2 days. 1 person has no whole",
            ),
            (
                1,
                2,
                2,
                "The last day of doses is 25 November 2026, in 1 day. 2 people have no whole transfer plan",
            ),
            (0, None, 0, "The last day of doses is today. Everybody has a transfer plan."),
            (-1, None, 0, "The last day of doses was 23 November 2026."),
        ],
    )
    def test_says_when_and_who_is_without_a_plan(
        self, last_in: int | None, funded_in: int | None, without: int, words: str
    ) -> None:
        def on(days: int | None) -> date | None:
            return None if days is None else TODAY + timedelta(days=days)

        said = ending_in_words(
            last_on=on(last_in), funded_until=on(funded_in), today=TODAY, without_plan=without
        )
        assert said.startswith(words) and bool(said) is bool(words)


class TestAStatement:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"emergency_words": "x" * 20}, []),
            ({"emergency_words": "x" * 19}, ["emergency_words"]),
            ({"emergency_words": ""}, ["emergency_words"]),
            ({"kind": None}, ["kind"]),
            ({"recipient": ""}, ["recipient"]),
            ({"is_another": True}, ["another"]),
            (ON_CONSENT, []),
            (ON_CONSENT | {"recipient": "Sgt Ellis"}, ["recipient"]),
            (ON_CONSENT | {"kind": RecipientKind.CUSTODY}, ["kind"]),
            (ON_CONSENT | {"kind": None}, ["kind"]),
            (ON_CONSENT | {"agency_kind": "police"}, ["kind"]),
            (ON_CONSENT | {"agency_kind": "housing"}, ["agency"]),
            (ON_CONSENT | {"has_consent": False}, ["no_consent"]),
            (ON_CONSENT | {"has_consent": False, "emergency_words": "x" * 20}, []),
        ],
    )
    def test_leaves_on_a_consent_or_in_an_emergency(self, changes: dict[str, Any], found: list[str]) -> None:
        assert codes(may_disclose(replace(TOLD, **changes))) == found
        assert all(kind.label for kind in RecipientKind)

    @pytest.mark.parametrize(
        ("agency", "kind"),
        [
            ("police", RecipientKind.CUSTODY),
            ("prison", RecipientKind.CUSTODY),
            ("hospital", RecipientKind.HOSPITAL),
            ("pharmacy", RecipientKind.PHARMACY),
            ("probation", None),
            ("housing", None),
            ("other", None),
        ],
    )
    def test_goes_to_an_agency_as_what_it_is(self, agency: str, kind: RecipientKind | None) -> None:
        assert kind_of_agency(agency) is kind

    @pytest.mark.parametrize(
        ("on_consent", "withdrawn", "after", "said"),
        [
            (True, False, timedelta(days=400), ""),
            (True, True, timedelta(0), "taken back"),
            (False, False, PRINTED_FOR - timedelta(microseconds=1), ""),
            (False, False, PRINTED_FOR, "more than an hour ago"),
        ],
    )
    def test_is_printed_again_while_what_it_rests_on_stands(
        self, on_consent: bool, withdrawn: bool, after: timedelta, said: str
    ) -> None:
        refusal = not_printed_again(
            rests_on_consent=on_consent, is_withdrawn=withdrawn, given_at=MADE_AT, at=MADE_AT + after
        )
        assert said in refusal and bool(refusal) is bool(said)
