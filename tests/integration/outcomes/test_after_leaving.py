"""Pages about somebody who left: read by whoever is named for them or opened the record, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories import UserFactory
from tests.factories.around import RecordOpeningFactory, RelationshipFactory
from tests.factories.treatment import TreatmentRoom
from tests.factories.urine_pages import Visitor

pytestmark = pytest.mark.django_db
PAGES = ["see_money", "see_told_offences", "see_recorded_offences", "see_custody", "see_service_use"]
FORMS = ["record_custody", "record_service_use", "record_told_offence"]
# Help goes on after leaving.
HELP = ["see_support", "see_housing", "see_plan", "see_person_appointments", "record_housing"]


@pytest.fixture
def room(treated: TreatmentRoom) -> TreatmentRoom:
    return treated


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def visitor(worker, at_desk) -> Visitor:
    return at_desk(worker)


def leaves(room: TreatmentRoom) -> None:
    room.patient.episodes.update(exited_on=london_date(now()), exit_reason="completed")


def status(visitor: Visitor, name: str) -> int:
    return int(visitor.client.get(visitor.url(name, visitor.room.patient.id)).status_code)


@pytest.mark.parametrize("name", PAGES)
class TestAPageOfSomebodyWhoLeft:
    def test_is_there_until_they_leave(self, room, visitor, name):
        assert status(visitor, name) == 200

        leaves(room)

        looks = AuditEvent.objects.count()
        assert status(visitor, name) == 404
        assert AuditEvent.objects.count() == looks

    def test_is_read_by_whoever_somebody_else_named_for_them(self, room, visitor, worker, name):
        leaves(room)
        RelationshipFactory(person=room.patient, clinic=room.clinic, colleague=worker, added_by=UserFactory())

        assert status(visitor, name) == 200

    def test_is_not_read_by_whoever_named_themselves(self, room, visitor, worker, name):
        leaves(room)
        RelationshipFactory(person=room.patient, clinic=room.clinic, colleague=worker, added_by=worker)

        assert status(visitor, name) == 404

    def test_is_read_for_the_hour_of_an_opening(self, room, visitor, worker, name):
        leaves(room)
        at = now() - timedelta(minutes=1)
        RecordOpeningFactory(
            person=room.patient,
            clinic=room.clinic,
            opened_by=worker,
            opened_at=at,
            ends_at=at + timedelta(hours=1),
        )

        assert status(visitor, name) == 200


class TestAFormOfSomebodyWhoLeft:
    @pytest.mark.parametrize("name", FORMS)
    def test_is_not_there_either(self, room, visitor, name):
        assert status(visitor, name) == 200
        leaves(room)
        assert status(visitor, name) == 404


class TestHelpAfterLeaving:
    @pytest.mark.parametrize("name", HELP)
    def test_asks_for_no_reason(self, room, visitor, name):
        leaves(room)
        assert status(visitor, name) == 200


class TestHealthOfSomebodyWhoLeft:
    def test_is_read_by_a_nurse_who_is_named(self, room, nurse_at_desk):
        leaves(room)
        assert status(nurse_at_desk, "see_health") == 404

        RelationshipFactory(
            person=room.patient, clinic=room.clinic, colleague=room.nurse, added_by=UserFactory()
        )

        assert status(nurse_at_desk, "see_health") == 200


class TestTheSupportPageOfSomebodyWhoLeft:
    def test_says_how_the_others_are_opened(self, room, visitor):
        where = visitor.url("see_support", room.patient.id)
        assert "Open the record with a reason" not in visitor.client.get(where).content.decode()
        leaves(room)
        assert "Open the record with a reason" in visitor.client.get(where).content.decode()

    @pytest.mark.parametrize("name", PAGES)
    def test_leads_to_no_page_that_is_not_there(self, room, visitor, worker, name):
        leaves(room)
        link = visitor.url(name, room.patient.id)
        where = visitor.url("see_support", room.patient.id)
        assert link not in visitor.client.get(where).content.decode()

        RelationshipFactory(person=room.patient, clinic=room.clinic, colleague=worker, added_by=UserFactory())

        assert link in visitor.client.get(where).content.decode()
