"""What the database asks of a row that amends another, whoever writes it: both sides."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dosing.models import Correction, PreInjectionCheck, Reading, Signature
from tests.factories import NINE, InjectionFactory, SessionOutcomeFactory, UserFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")


def commit() -> None:
    """Ask now what would be asked of an amending reading when the transaction commits."""
    with connection.cursor() as cursor:
        names = "amending_reading_says_why, amending_check_says_why"
        cursor.execute(f"SET CONSTRAINTS {names} IMMEDIATE")
        cursor.execute(f"SET CONSTRAINTS {names} DEFERRED")


def a_reading(**changes: Any) -> Reading:
    given = changes.pop("injection", None) or InjectionFactory()
    content = {
        "session": given.session,
        "minute": 2,
        "sedation": "1",
        "breaths": 14,
        "oxygen": 97,
        "pulse": 70,
        "taken_at": NINE,
        "taken_by": given.giver,
    }
    return Reading.objects.create(injection=given, **(content | changes))


def amending(first: Reading, **changes: Any) -> Reading:
    return a_reading(**{"injection": first.injection, "amends": first, "pulse": 60} | changes)


def correction(**changes: Any) -> Correction:
    row = changes.get("reading") or changes.get("outcome")
    row = row or changes["check_made"]
    writers = {Reading: "taken_by", PreInjectionCheck: "made_by"}
    by = changes.pop("by", None) or getattr(row, writers.get(type(row), "recorded_by"))
    part = changes.pop("part", Signature.Part.AMENDER)
    signature = Signature.objects.create(signed_by=by, signed_at=NINE, part=part, content_sha256="0" * 64)
    content = {
        "key": uuid.uuid4(),
        "reason": "wrong_key",
        "signature": signature,
        "corrected_at": NINE,
        "corrected_by": by,
    }
    return Correction.objects.create(**(content | changes))


class TestAReadingThatAmends:
    def test_is_of_the_minute_and_moment_of_the_first(self) -> None:
        first = a_reading()
        for changes in ({"minute": 5}, {"taken_at": NINE + timedelta(seconds=1)}, {"oxygen_target": 92}):
            with refused_by("reading_amends_its_own"):
                amending(first, **changes)
        with refused_by("reading_amends_its_own"):
            amending(first, injection=InjectionFactory())

        correction(reading=amending(first))
        commit()

    def test_says_why(self) -> None:
        amending(a_reading())

        with refused_by("amending_reading_says_why"):
            commit()

    def test_leaves_its_minute_taken(self) -> None:
        first = a_reading()

        with refused_by("one_reading_for_each_due_minute"):
            a_reading(injection=first.injection)


def a_check(**changes: Any) -> PreInjectionCheck:
    session = changes.pop("session", None) or InjectionFactory().session
    content = {
        "session": session,
        "patient": session.patient,
        "sedation": "1",
        "breaths": 14,
        "oxygen": 97,
        "pulse": 70,
        "alcohol_ug": 0,
        "took_other_drugs": False,
        "oral_as_ordered": True,
        "is_intoxicated": False,
        "sites_are_well": True,
        "findings": [],
        "lets_a_dose_go_ahead": True,
        "made_at": NINE,
        "made_by": UserFactory(),
    }
    return PreInjectionCheck.objects.create(**(content | changes))


def amending_check(first: PreInjectionCheck, **changes: Any) -> PreInjectionCheck:
    return a_check(**{"session": first.session, "amends": first, "pulse": 60} | changes)


class TestACheckThatAmends:
    def test_is_of_the_session_and_moment_of_the_first(self) -> None:
        first = a_check()
        for changes in (
            {"made_at": NINE + timedelta(seconds=1)},
            {"oxygen_target": 92},
            {"session": InjectionFactory().session},
        ):
            with refused_by("check_amends_its_own"):
                amending_check(first, **changes)

        correction(check_made=amending_check(first))
        commit()

    def test_says_why(self) -> None:
        amending_check(a_check())

        with refused_by("amending_check_says_why"):
            commit()

    def test_opens_no_way_to_a_dose(self) -> None:
        first = a_check(breaths=11, lets_a_dose_go_ahead=False)

        with refused_by("amending_check_opens_no_way"):
            amending_check(first)
        correction(check_made=amending_check(first, lets_a_dose_go_ahead=False))
        commit()


class TestACorrection:
    def test_is_of_one_thing(self) -> None:
        first = SessionOutcomeFactory()
        ended = SessionOutcomeFactory(session=first.session, amends=first)

        with refused_by("correction_is_of_one_thing"):
            correction(reading=amending(a_reading(), taken_by=ended.recorded_by), outcome=ended)
        correction(outcome=ended)

    def test_for_another_reason_has_words(self) -> None:
        second = amending(a_reading())

        with refused_by("correction_for_another_reason_has_words"):
            correction(reading=second, reason="other")
        correction(reading=second, reason="other", words="The other screen.")

    def test_is_signed_by_who_amends(self) -> None:
        first = a_reading()
        second = amending(first)

        for changes in ({"reading": first}, {"reading": second, "by": UserFactory()}):
            with refused_by("correction_is_signed_by_who_amends"):
                correction(**changes)
        with refused_by("correction_is_signed_by_who_amends"):
            correction(reading=second, part=Signature.Part.GIVER)
        correction(reading=second)
        commit()
