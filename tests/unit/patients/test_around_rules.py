"""Alerts, ways to reach somebody, plans for leaving, and relationships: what each must say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from patients.rules.alerts import AlertContent, Severity, is_standing, may_set_alert
from patients.rules.contacts import ContactContent, ContactPurpose, may_add_contact
from patients.rules.leaving import (
    LeavingPlanContent,
    NaloxonePlan,
    coming_back,
    may_write_plan,
    missing_of_plan,
)
from patients.rules.relationships import (
    OpeningFinding,
    OpeningReason,
    Part,
    RelationshipFacts,
    has_relationship,
    is_review_late,
    lasts_after_exit,
    may_close_review,
    may_open_record,
)

TODAY = date(2026, 11, 24)
A_DAY = timedelta(days=1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALERT = AlertContent(Severity.DANGER, "Do not visit alone.", TODAY, None)
CONTACT = ContactContent(ContactPurpose.MISSED, "Sister, Ola", "07700 900100", False)
PLAN = LeavingPlanContent(
    receiving_service="Community drug service",
    receiving_prescriber="Dr Cole",
    oral_medicine="Methadone, as ordered there",
    oral_started_on=TODAY,
    last_injection_on=TODAY,
    naloxone=NaloxonePlan.DECLINED,
    letter_sent_on=TODAY,
    follow_up_on=TODAY + A_DAY,
    follow_up_words="Lena Hart calls",
)


def codes(decision: Any) -> list[str]:
    return [finding.code for finding in decision.refusals]


class TestAnAlert:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"starts_on": TODAY - A_DAY, "ends_on": TODAY}, []),
            ({"severity": None}, ["severity"]),
            ({"words": ""}, ["words"]),
            ({"starts_on": None}, ["starts_on"]),
            ({"starts_on": TODAY + A_DAY}, ["starts_on"]),
            ({"ends_on": TODAY - A_DAY}, ["ends_on"]),
        ],
    )
    def test_weighs_says_and_has_its_days(self, changes: dict[str, Any], found: list[str]) -> None:
        assert codes(may_set_alert(replace(ALERT, **changes), today=TODAY)) == found

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "is_ended", "stands"),
        [
            (TODAY, None, False, True),
            (TODAY, TODAY, False, True),
            (TODAY + A_DAY, None, False, False),
            (TODAY - A_DAY, TODAY - A_DAY, False, False),
            (TODAY, None, True, False),
        ],
    )
    def test_stands_from_its_first_to_its_last_day(
        self, starts_on: date, ends_on: date | None, is_ended: bool, stands: bool
    ) -> None:
        assert is_standing(starts_on=starts_on, ends_on=ends_on, is_ended=is_ended, today=TODAY) is stands

    def test_has_one_of_four_severities_in_words(self) -> None:
        assert [one.label for one in Severity] == ["Danger", "Warning", "Caution", "Note"]
        assert len({one.meaning for one in Severity}) == 4


class TestAWayToReachSomebody:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"knows_of_treatment": True}, []),
            ({"purpose": None}, ["purpose"]),
            ({"who": ""}, ["who"]),
            ({"how": ""}, ["how"]),
            ({"knows_of_treatment": None}, ["knows_of_treatment"]),
        ],
    )
    def test_says_for_what_whom_how_and_whether_they_know(
        self, changes: dict[str, Any], found: list[str]
    ) -> None:
        assert codes(may_add_contact(replace(CONTACT, **changes))) == found
        assert all(one.label for one in ContactPurpose)


class TestAPlanForLeaving:
    def test_lacks_everything_where_there_is_none_and_nothing_where_it_is_whole(self) -> None:
        assert len(missing_of_plan(None)) == 8
        assert missing_of_plan(PLAN) == ()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"receiving_service": ""}, "receiving service"),
            ({"receiving_prescriber": ""}, "receiving prescriber"),
            ({"oral_medicine": ""}, "oral medicine"),
            ({"oral_started_on": None}, "day the oral medicine started"),
            ({"last_injection_on": None}, "day of the last injection"),
            ({"naloxone": None}, "naloxone"),
            ({"letter_sent_on": None}, "handover letter"),
            ({"follow_up_on": None}, "contact afterwards"),
            ({"follow_up_words": ""}, "contact afterwards"),
        ],
    )
    def test_names_what_it_lacks(self, changes: dict[str, Any], words: str) -> None:
        assert missing_of_plan(replace(PLAN, **changes)) == (words,)

    @pytest.mark.parametrize(
        ("changes", "closes_on", "found"),
        [
            ({}, None, []),
            ({}, TODAY, []),
            ({}, TODAY - A_DAY, ["last_injection_on"]),
            ({"last_injection_on": None}, TODAY - A_DAY, []),
            ({"oral_started_on": TODAY + A_DAY}, None, ["oral_started_on"]),
            ({"oral_medicine": ""}, None, ["oral_medicine"]),
            ({"letter_sent_on": TODAY + A_DAY}, None, ["letter_sent_on"]),
            ({"follow_up_words": ""}, None, ["follow_up_words"]),
        ],
    )
    def test_says_nothing_impossible(
        self, changes: dict[str, Any], closes_on: date | None, found: list[str]
    ) -> None:
        decision = may_write_plan(replace(PLAN, **changes), today=TODAY, closes_on=closes_on)
        assert codes(decision) == found

    def test_that_says_nothing_at_all_is_refused(self) -> None:
        assert codes(may_write_plan(LeavingPlanContent(), today=TODAY, closes_on=None)) == [
            "receiving_service"
        ]

    def test_comes_with_what_coming_back_means_and_names_no_dose(self) -> None:
        words = " ".join(coming_back())
        assert "re-start" in words and "can kill" in words
        assert " mg" not in words
        assert all(one.label for one in NaloxonePlan)


class TestARelationship:
    @pytest.mark.parametrize(
        ("treats_here", "is_named", "has"),
        [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
    )
    def test_is_the_team_that_treats_or_a_name(self, treats_here: bool, is_named: bool, has: bool) -> None:
        assert has_relationship(RelationshipFacts(treats_here, is_named)) is has
        assert all(part.label for part in Part)

    @pytest.mark.parametrize("part", Part)
    @pytest.mark.parametrize("is_own", [False, True])
    def test_outlasts_the_treatment_as_aftercare_that_somebody_else_named(
        self, part: Part, is_own: bool
    ) -> None:
        assert lasts_after_exit(part, is_own=is_own) is (part is Part.AFTERCARE and not is_own)


class TestOpeningARecord:
    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"words": "x" * 20}, []),
            ({"words": "x" * 19}, ["words"]),
            ({"words": "x " * 19}, ["words"]),
            ({"reason": None}, ["reason"]),
            ({"is_found": False}, ["nobody"]),
            ({"is_related": True}, ["related"]),
            # Whoever gives no reason is not told whether anybody is known.
            ({"words": "", "is_found": False}, ["words"]),
            ({"reason": None, "is_related": True}, ["reason"]),
        ],
    )
    def test_asks_why_before_it_tells_whether_anybody_is_known(
        self, changes: dict[str, Any], found: list[str]
    ) -> None:
        asked: dict[str, Any] = {
            "reason": OpeningReason.EMERGENCY,
            "words": "They lie in the emergency department.",
            "is_found": True,
            "is_related": False,
        }
        assert codes(may_open_record(**asked | changes)) == found

    @pytest.mark.parametrize(("hours", "is_late"), [(71, False), (72, True)])
    def test_is_looked_into_within_three_days(self, hours: int, is_late: bool) -> None:
        assert is_review_late(opened_at=NOON, at=NOON + timedelta(hours=hours)) is is_late

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({}, []),
            ({"finding": None}, ["finding"]),
            ({"words": ""}, ["words"]),
            ({"is_reviewed": True}, ["reviewed"]),
            ({"is_own": True}, ["own"]),
        ],
    )
    def test_is_closed_once_with_a_finding_by_another(
        self, changes: dict[str, Any], found: list[str]
    ) -> None:
        asked: dict[str, Any] = {
            "finding": OpeningFinding.JUSTIFIED,
            "words": "Asked the ward.",
            "is_reviewed": False,
            "is_own": False,
        }
        assert codes(may_close_review(**asked | changes)) == found
        assert all(one.label for one in OpeningFinding) and all(one.label for one in OpeningReason)
