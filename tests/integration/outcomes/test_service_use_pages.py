"""The pages of health-service use: what is stored, what is refused in which words, and what is kept."""

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
from outcomes.models import ServiceUse
from tests.factories import ImportRunFactory, PersonFactory, ServiceUseFactory
from tests.factories.service_use import a_period
from tests.factories.treatment import TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 3, 1), date(2025, 3, 28)


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
    said = {"source": "record", "first_on": "01/03/2025", "last_on": "28/03/2025"}
    return {**sent, **said, "ambulance": "1", "ae": "0", "inpatient": "", **changes}


class TestRecording:
    def test_stores_once_and_shows_it(self, client, room):
        address = url("record_service_use", room)
        content = opened(client, address)

        answers = [client.post(address, content, follow=True) for _ in range(2)]

        row = ServiceUse.objects.get()
        assert (row.to_on, row.ambulance, row.ae, row.inpatient) == (date(2025, 3, 29), 1, 0, None)
        text = answers[0].content.decode()
        assert "1 March 2025 to 28 March 2025" in text
        assert "Ambulance called: once" in text
        assert "Went to A&amp;E: never" in text
        assert 'Admitted to hospital: <span class="hat-quiet">not asked</span>' in text
        assert AuditEvent.objects.filter(event="outcomes.service_use_seen", person=room.patient.id).exists()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"source": ""}, "Tap who told you."),
            ({"first_on": ""}, "Write the first day."),
            ({"last_on": ""}, "Write the last day."),
            ({"first_on": "March"}, "Write the day as day/month/year"),
            ({"first_on": "02/03/1925"}, "before this person was born"),
            ({"last_on": "02/03/2199"}, "Today is not over."),
            ({"last_on": "31/12/9999"}, "write a day from 1900 to 2200"),
            ({"last_on": "01/02/2025"}, "The last day is before the first"),
            ({"ambulance": "twice"}, "Write a whole number"),
            ({"ae": "-1"}, "Write a whole number"),
            ({"inpatient": "1000"}, "at most 366."),
            ({"ambulance": "", "ae": ""}, "Write at least one number"),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, client, room, changes, words):
        address = url("record_service_use", room)
        content = opened(client, address, **changes)

        text = client.post(address, content).content.decode()

        assert words in text
        for name in ("key", "first_on", "last_on", "ambulance", "ae", "inpatient"):
            assert f'value="{content[name]}"' in text or not content[name]
        assert not ServiceUse.objects.exists()

    def test_says_that_a_form_was_sent_before(self, client, room):
        address = url("record_service_use", room)
        content = opened(client, address)
        client.post(address, content)

        text = client.post(address, content | {"ambulance": "2"}).content.decode()

        assert "sent before with other answers" in text

    def test_does_not_take_the_form_of_another_person(self, client, room):
        other = a_treatment_room()
        content = opened(client, url("record_service_use", room))

        assert client.post(url("record_service_use", other), content).status_code == 404
        assert not ServiceUse.objects.exists()


class TestCorrecting:
    def test_shows_both_lines_with_the_reason(self, client, room, worker):
        use = a_period(room.clinic, room.patient.id, by=worker, first_on=FIRST, last_on=LAST)
        address = url("amend_service_use", room, use.id)
        content = opened(client, address, correction="learned_later", first_on="05/03/2025")

        text = client.post(address, content, follow=True).content.decode()

        assert "5 March 2025 to 28 March 2025" in text
        assert "Before: 1 March 2025 to 28 March 2025" in text
        assert "learned more later" in text

    def test_shows_imported_history_as_such(self, client, room):
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"])
        run = ImportRunFactory(clinic=room.clinic)
        ServiceUseFactory(clinic=room.clinic, patient=room.patient, import_run=run, **nobody)

        assert "Taken in from earlier records" in client.get(url("see_service_use", room)).content.decode()

    def test_says_why_it_is_refused(self, client, room, worker):
        use = a_period(room.clinic, room.patient.id, by=worker, first_on=FIRST, last_on=LAST)
        address = url("amend_service_use", room, use.id)
        content = opened(client, address, correction="wrong_key")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"correction": ""}, "Tap why it is written again."),
            ({"last_on": "02/03/2199"}, "Today is not over."),
        ):
            assert words in client.post(address, content | changes).content.decode()
        client.post(address, content)
        again = opened(client, address, correction="wrong_key")
        assert "corrected meanwhile" in client.post(address, again).content.decode()
        assert "sent before" in client.post(address, content | {"ae": "9"}).content.decode()


class TestWhoIsKnown:
    def test_is_nobody_who_was_never_here_and_no_period_of_somebody_else(self, client, room):
        strange = ServiceUseFactory(clinic=room.clinic)

        assert client.get(url("amend_service_use", room, strange.id)).status_code == 404
        unknown = reverse("outcomes:see_service_use", args=[room.clinic.code, PersonFactory().id])
        assert client.get(unknown).status_code == 404
