"""The pages of stays in custody: what is stored, what is refused in which words, and what is kept."""

from __future__ import annotations

import re
import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from outcomes.models import CustodyStay
from tests.factories import CustodyStayFactory, ImportRunFactory, PersonFactory
from tests.factories.custody import a_stay
from tests.factories.treatment import TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.django_db
SECOND = date(2025, 3, 2)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def client(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


def url(name: str, room: TreatmentRoom, *more: uuid.UUID) -> str:
    return reverse(f"outcomes:{name}", args=[room.clinic.code, room.patient.id, *more])


def opened(client: Client, address: str, **changes: str) -> dict[str, str]:
    page = client.get(address).content.decode()
    sent = dict(re.findall(r'name="(seal|key)" value="([^"]+)"', page))
    assert set(sent) == {"seal", "key"}
    said = {"kind": "police", "source": "record", "first_on": "02/03/2025", "last_on": "03/03/2025"}
    return {**sent, **said, **changes}


class TestRecording:
    def test_stores_once_and_shows_it(self, client, room):
        address = url("record_custody", room)
        content = opened(client, address)

        answers = [client.post(address, content, follow=True) for _ in range(2)]

        assert CustodyStay.objects.count() == 1
        text = answers[0].content.decode()
        assert "Police custody (an arrest), from 2 March 2025 to 3 March 2025" in text
        assert "Told by: Another service" in text
        assert AuditEvent.objects.filter(event="outcomes.custody_seen", person=room.patient.id).exists()

    def test_of_an_open_stay_says_that_they_are_still_in(self, client, room):
        address = url("record_custody", room)

        text = client.post(address, opened(client, address, last_on=""), follow=True).content.decode()

        assert "Still in: Police custody (an arrest), since 2 March 2025." in text
        assert "They came out" in text

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"kind": ""}, "Tap where they were held."),
            ({"source": ""}, "Tap who told you."),
            ({"first_on": ""}, "Write the first day."),
            ({"first_on": "March"}, "Write the day as day/month/year"),
            ({"first_on": "02/03/2199", "last_on": ""}, "That day has not come yet."),
            ({"first_on": "02/03/1925"}, "before this person was born"),
            ({"last_on": "02/03/2199"}, "Write the last day once they are out."),
            ({"last_on": "31/12/9999"}, "write a day from 1900 to 2200"),
            ({"first_on": "01/01/0001"}, "write a day from 1900 to 2200"),
            ({"last_on": "01/03/2025"}, "The last day is before the first"),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, client, room, changes, words):
        address = url("record_custody", room)
        content = opened(client, address, **changes)

        text = client.post(address, content).content.decode()

        assert words in text
        for name in ("key", "first_on", "last_on"):
            assert f'value="{content[name]}"' in text or not content[name]
        assert not CustodyStay.objects.exists()

    def test_says_that_a_form_was_sent_before(self, client, room):
        address = url("record_custody", room)
        content = opened(client, address)
        client.post(address, content)

        text = client.post(address, content | {"kind": "prison"}).content.decode()

        assert "sent before with other answers" in text

    def test_does_not_take_the_form_of_another_person(self, client, room):
        other = a_treatment_room()
        content = opened(client, url("record_custody", room))

        assert client.post(url("record_custody", other), content).status_code == 404
        assert not CustodyStay.objects.exists()


class TestComingOut:
    def test_is_written_once_and_both_lines_are_shown(self, client, room, worker):
        stay = a_stay(room.clinic, room.patient.id, by=worker, first_on=SECOND)
        address = url("end_custody", room, stay.id)
        content = opened(client, address, last_on="09/03/2025")

        text = client.post(address, content, follow=True).content.decode()

        assert "Prison, from 2 March 2025 to 9 March 2025" in text
        assert "The last day was written by" in text
        assert "Before: Prison, since 2 March 2025, still in" in text
        assert "Still in:" not in text

    def test_says_why_it_is_refused(self, client, room, worker):
        stay = a_stay(room.clinic, room.patient.id, by=worker, first_on=SECOND)
        address = url("end_custody", room, stay.id)
        content = opened(client, address, last_on="09/03/2025")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"last_on": ""}, "Write the last day."),
            ({"last_on": "01/03/2025"}, "The last day is before the first, 2 March 2025."),
        ):
            assert words in client.post(address, content | changes).content.decode()
        client.post(address, content)
        again = opened(client, address, last_on="09/03/2025")
        assert "corrected meanwhile" in client.post(address, again).content.decode()
        assert "sent before" in client.post(address, content | {"last_on": "10/03/2025"}).content.decode()


class TestCorrecting:
    def test_shows_both_lines_with_the_reason(self, client, room, worker):
        stay = a_stay(room.clinic, room.patient.id, by=worker, first_on=SECOND)
        address = url("amend_custody", room, stay.id)
        content = opened(client, address, correction="learned_later", first_on="05/03/2025", last_on="")

        text = client.post(address, content, follow=True).content.decode()

        assert "Police custody (an arrest), since 5 March 2025, still in" in text
        assert "Before: Prison, since 2 March 2025, still in" in text
        assert "learned more later" in text

    def test_of_earlier_records_may_leave_the_source_open(self, client, room):
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"]) | {"kind": "", "source": ""}
        run = ImportRunFactory(clinic=room.clinic)
        stay = CustodyStayFactory(clinic=room.clinic, patient=room.patient, import_run=run, **nobody)
        address = url("amend_custody", room, stay.id)
        content = opened(client, address, correction="learned_later", kind="prison", source="")

        text = client.post(address, content, follow=True).content.decode()

        assert "Prison, from 2 March 2025 to 3 March 2025" in text
        assert "Told by: Not recorded." in text
        assert "Taken in from earlier records" in text

    def test_says_why_it_is_refused(self, client, room, worker):
        stay = a_stay(room.clinic, room.patient.id, by=worker, first_on=SECOND)
        address = url("amend_custody", room, stay.id)
        content = opened(client, address, correction="wrong_key")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"correction": ""}, "Tap why it is written again."),
            ({"source": ""}, "Tap who told you."),
            ({"first_on": "02/03/2199", "last_on": ""}, "That day has not come yet."),
        ):
            assert words in client.post(address, content | changes).content.decode()
        client.post(address, content)
        again = opened(client, address, correction="wrong_key")
        assert "corrected meanwhile" in client.post(address, again).content.decode()
        assert "sent before" in client.post(address, content | {"kind": "prison"}).content.decode()


class TestWhoIsKnown:
    def test_is_nobody_who_was_never_here_and_no_stay_of_somebody_else(self, client, room):
        strange = CustodyStayFactory(clinic=room.clinic)

        for page in ("amend_custody", "end_custody"):
            assert client.get(url(page, room, strange.id)).status_code == 404
        unknown = reverse("outcomes:see_custody", args=[room.clinic.code, PersonFactory().id])
        assert client.get(unknown).status_code == 404
