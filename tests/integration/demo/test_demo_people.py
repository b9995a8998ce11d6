"""The demo people are introduced once."""

from __future__ import annotations

import pytest

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.demo.people import drawn_face, introduce_people
from hat_clinic.pages.queries.people import get_people_page
from patients.actions.consents import withdraw_consent
from patients.models import Assessment, Consent, PersonChange, PersonPhoto
from patients.queries import has_consent
from patients.rules.consents import Purpose
from tests.factories import EpisodeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def introduce(clinic, nurse, doctor):
    return lambda: introduce_people(clinic=clinic, nurse=nurse, doctor=doctor, by=nurse, at=now())


@pytest.fixture
def people(clinic):
    names = ("Anita", "Danny", "Terry")
    return [EpisodeFactory(clinic=clinic, person__given_names=name) for name in names]


class TestTheDemoPeople:
    def test_lack_nothing_but_the_photo_that_one_did_not_want(self, clinic, people, introduce) -> None:
        introduce()

        missing = {row.name.split()[0]: row.missing for row in get_people_page(clinic=clinic, at=now()).rows}
        assert missing == {"Anita": (), "Danny": (), "Terry": ("photo",)}

    def test_are_introduced_once(self, people, introduce) -> None:
        introduce()
        tables = (Consent, Assessment, PersonPhoto, PersonChange, AuditEvent)
        before = [table.objects.count() for table in tables]

        introduce()

        assert [table.objects.count() for table in tables] == before

    def test_are_not_asked_again_for_what_they_took_back(self, clinic, nurse, people, introduce) -> None:
        introduce()
        person_id = people[0].person_id
        withdraw_consent(person_id=person_id, clinic=clinic, purpose=Purpose.TREATMENT, by=nurse, at=now())

        introduce()

        assert not has_consent(person_id=person_id, purpose=Purpose.TREATMENT, at=now())

    def test_have_a_face_each(self) -> None:
        assert len({drawn_face(place) for place in range(12)}) == 12
