"""Who sits or stands where, for the pages of urine samples."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from outcomes.models import UrineDraw
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.factories.urine import a_urine_day, in_treatment_for
from tests.factories.urine_pages import Visitor


@pytest.fixture
def treated(db: None) -> TreatmentRoom:
    """A room whose person has been in treatment for a while."""
    room = a_treatment_room()
    in_treatment_for(100, room.patient)
    return room


@pytest.fixture
def this_day() -> date:
    return london_date(now())


@pytest.fixture
def drawn(treated: TreatmentRoom, this_day: date) -> UrineDraw:
    """The day of the room's person is today."""
    return a_urine_day(treated.clinic, treated.patient, this_day)


@pytest.fixture
def at_terminal(treated: TreatmentRoom, sign_in_at_terminal) -> Callable[[User], Visitor]:
    def stand(user: User) -> Visitor:
        enrol_totp(user=user, secret=None, by=None, at=now())
        return Visitor(
            sign_in_at_terminal(Client(), user, treated.terminal, treated.terminal_secret), treated
        )

    return stand


@pytest.fixture
def at_desk(treated: TreatmentRoom, sign_in) -> Callable[[User], Visitor]:
    def sit_down(user: User) -> Visitor:
        enrol_totp(user=user, secret=None, by=None, at=now())
        return Visitor(sign_in(Client(), user), treated)

    return sit_down


@pytest.fixture
def nurse_at_terminal(treated: TreatmentRoom, at_terminal) -> Visitor:
    return at_terminal(treated.nurse)


@pytest.fixture
def nurse_at_desk(treated: TreatmentRoom, at_desk) -> Visitor:
    return at_desk(treated.nurse)
