"""How many sessions a day an order may have: those of the phase of the day on which it is signed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dosing.queries.orders import count_sessions_offered, get_signing_facts
from dosing.rules.orders import Product
from hat_clinic.core.clock import london_date, now
from tests.factories import ClinicFactory, PhaseLineFactory
from tests.factories.treatment import a_treatment_room

pytestmark = pytest.mark.django_db


class TestSessionsOffered:
    @pytest.mark.parametrize(("day", "sessions"), [(4, 2), (5, 1), (9, 1), (10, 2)])
    def test_are_those_of_the_phase_of_the_day(self, day, sessions):
        clinic = ClinicFactory(sessions_per_day=2)
        PhaseLineFactory(clinic=clinic, from_on=date(2025, 3, 5), to_on=date(2025, 3, 10), sessions_per_day=1)

        assert count_sessions_offered(clinic=clinic, on=date(2025, 3, day)) == sessions

    def test_are_the_clinics_own_where_the_phase_was_struck_out(self):
        clinic = ClinicFactory(sessions_per_day=2)
        first = PhaseLineFactory(clinic=clinic, to_on=None, sessions_per_day=1)
        PhaseLineFactory(
            clinic=clinic,
            phase_id=first.phase_id,
            amends=first,
            correction="entered_twice",
            to_on=None,
            sessions_per_day=1,
        )

        assert count_sessions_offered(clinic=clinic, on=first.from_on) == 2

    def test_bind_whoever_signs_an_order(self):
        room = a_treatment_room()
        today = london_date(now())
        PhaseLineFactory(
            clinic=room.clinic, from_on=today - timedelta(days=1), to_on=None, sessions_per_day=1
        )

        known = get_signing_facts(
            episode=room.episode,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            signer=room.doctor,
            at=now(),
        )

        assert known.facts.clinic_sessions_per_day == 1
