"""The outcome form on a tablet: what a person holds shows the questions and nothing else, and stores the same form."""

from __future__ import annotations

import json
import re
import time
import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import Draft, User
from hat_clinic.accounts.presence import LAST_INPUT_AT, TERMINAL_COOKIE, TERMINAL_KEY
from hat_clinic.accounts.queries import get_draft
from hat_clinic.accounts.rules import Role
from hat_clinic.accounts.stored_sessions import SessionStore
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.outcome_forms import record_outcome_form
from outcomes.models import OutcomeForm
from outcomes.queries.outcome_forms import form_said
from patients.models import Episode
from tests.factories import PersonFactory
from tests.factories.outcome_forms import an_outcome_form, boxes, form_of, tapped
from tests.factories.treatment import TreatmentRoom, a_terminal, a_treatment_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def client(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


@pytest.fixture
def address(room) -> str:
    return url("answer_on_tablet", room, "review")


def url(name: str, room: TreatmentRoom, *more: object) -> str:
    return reverse(f"outcomes:{name}", args=[room.clinic.code, room.patient.id, *more])


def carried(answer: object) -> dict[str, str]:
    seal = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
    assert seal is not None
    return {"key": str(answer.context["form"]["key"].value()), "seal": seal[1]}


def hand_over(client: Client, address: str) -> None:
    assert client.post(address, carried(client.get(address))).headers["Location"] == address


class TestHandingOver:
    def test_is_announced_and_written_into_the_trail(self, client, room, address):
        text = client.get(address).content.decode()
        assert room.patient.full_name in text
        assert "sign in again" in text
        hand_over(client, address)
        assert AuditEvent.objects.filter(
            event="outcomes.outcome_form_handed_over", person=room.patient.id
        ).exists()

    def test_shows_no_name_no_navigation_and_no_earlier_answer(self, client, room, worker, address):
        an_outcome_form(
            room.clinic,
            room.patient.id,
            by=worker,
            on=london_date(now()) - timedelta(days=1),
            weeks={"alcohol_days": (7, 7, 7, 7)},
            alcohol_units=77,
        )
        hand_over(client, address)
        text = client.get(address).content.decode()
        assert room.patient.full_name not in text
        assert 'aria-label="Main"' not in text
        assert "77" not in re.sub(r'"[^"]*"', "", text)
        assert not re.search(r"<input[^>]* checked", text)

    def test_says_every_question_to_the_person(self, client, address):
        hand_over(client, address)
        page = client.get(address).content.decode()
        words = page[page.index("<main") : page.index("</main>")]
        assert "Did you drink alcohol?" in words
        assert not re.search(r"\b(they|them|their)\b", words, re.IGNORECASE)

    def test_leads_every_other_page_back_to_the_questions(self, client, room, address):
        hand_over(client, address)
        for other in (
            url("see_outcome_forms", room),
            url("answer_on_tablet", room, "start"),
            reverse("outcomes:see_caseload", args=[room.clinic.code]),
            reverse("account_logout"),
            reverse("load_draft") + "?path=" + url("record_outcome_form", room, "review"),
            "/no-such-page/",
        ):
            answer = client.get(other)
            assert (answer.status_code, answer.headers["Location"]) == (302, address), other
        answer = client.post(url("record_outcome_form", room, "review"), {})
        assert answer.headers["Location"] == address
        assert client.get(reverse("load_draft"), {"path": address}).status_code == 200

    def test_leads_a_part_of_a_page_in_another_tab_there_too(self, client, room, address):
        hand_over(client, address)
        answer = client.get(url("see_outcome_forms", room), headers={"HX-Request": "true", "X-Poll": "1"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, address)
        assert answer.content == b""

    def test_outlasts_a_page_that_was_asked_for_before(self, client, address):
        meanwhile = SessionStore(client.session.session_key)
        meanwhile[LAST_INPUT_AT] = time.time()
        hand_over(client, address)
        with pytest.raises(UpdateError):
            meanwhile.save()
        assert client.get("/").headers["Location"] == address

    def test_keeps_words_for_no_page_but_the_questions(self, client, room, address):
        hand_over(client, address)
        for path, status in ((url("record_outcome_form", room, "review"), 403), (address, 204)):
            sent = {"path": path, "opened_at": now().isoformat(), "fields": {"assault": ["yes"]}}
            answer = client.post(reverse("save_draft"), json.dumps(sent), content_type="application/json")
            assert answer.status_code == status
        assert Draft.objects.get().path == address

    def test_thanks_nobody_before(self, client, room, address):
        forms = url("see_outcome_forms", room)
        assert client.get(url("thank_on_tablet", room)).headers["Location"] == forms
        hand_over(client, address)
        assert client.get(url("thank_on_tablet", room)).headers["Location"] == address

    def test_ends_with_signing_out(self, client, room, address):
        hand_over(client, address)
        client.post(reverse("account_logout"))
        answer = client.get(url("see_outcome_forms", room))
        assert answer.headers["Location"].startswith(reverse("account_login"))

    def test_is_refused_for_a_form_that_another_opened(self, client, room, make_member, sign_in, address):
        other = sign_in(Client(), make_member(room.clinic, Role.CASE_WORKER, "ravi"))
        answer = client.post(address, carried(other.get(address)))
        assert "opened by somebody else" in answer.content.decode()
        assert client.get(url("see_outcome_forms", room)).status_code == 200

    def test_is_refused_where_no_answer_could_be_stored(self, client, room, worker, address):
        fresh = carried(client.get(address))
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=london_date(now()))
        answer = client.post(address, fresh)
        assert "There are already answers of" in answer.content.decode()
        assert client.get(url("see_outcome_forms", room)).status_code == 200

    def test_is_refused_after_leaving(self, client, room, address):
        on = london_date(now()) - timedelta(days=1)
        Episode.objects.filter(person=room.patient).update(exited_on=on, exit_reason="completed")
        text = client.get(address).content.decode()
        assert "This person left on" in text
        assert "Start the questions" not in text

    def test_is_not_for_a_terminal_of_the_treatment_room(self, client, room, make_member, sign_in, address):
        nurse = make_member(room.clinic, Role.NURSE, "nia")
        at_terminal = sign_in(Client(), nurse)
        terminal, secret = a_terminal(room.clinic, by=nurse, name="A terminal more")
        at_terminal.cookies[TERMINAL_COOKIE] = secret
        session = at_terminal.session
        session[TERMINAL_KEY] = str(terminal.pk)
        session.save()
        answer = at_terminal.get(address)
        assert "This is a terminal of the treatment room" in answer.content.decode()
        at_terminal.post(address, carried(client.get(address)))
        assert "handed_over" not in at_terminal.session

    def test_knows_nobody_of_another_clinic(self, client, room):
        stranger = PersonFactory()
        for name, more in (("answer_on_tablet", ["start"]), ("thank_on_tablet", [])):
            address = reverse(f"outcomes:{name}", args=[room.clinic.code, stranger.id, *more])
            assert client.get(address).status_code == 404


class TestAnswering:
    def test_stores_the_same_form_once(self, client, room, worker, address):
        today = london_date(now())
        hand_over(client, address)
        content = carried(client.get(address)) | tapped(
            today, **boxes("crack_days", 1, 0, 2, 0), physical="3"
        )
        answers = [client.post(address, content) for _ in range(2)]
        assert [answer.headers["Location"] for answer in answers] == [url("thank_on_tablet", room)] * 2
        form = OutcomeForm.objects.get()
        assert form.recorded_by == worker
        assert form_said(form) == form_of(today, weeks={"crack_days": (1, 0, 2, 0)}, scores={"physical": 3})

    def test_thanks_and_stays_closed(self, client, room, address):
        hand_over(client, address)
        content = carried(client.get(address)) | tapped(london_date(now()))
        text = client.post(address, content, follow=True).content.decode()
        assert "Thank you" in text
        assert room.patient.full_name not in text
        for closed in (address, url("answer_on_tablet", room, "start"), url("see_outcome_forms", room)):
            assert client.get(closed).headers["Location"] == url("thank_on_tablet", room)
        assert client.get(reverse("load_draft"), {"path": address}).status_code == 302

    def test_says_what_is_missing_and_keeps_the_rest(self, client, address):
        hand_over(client, address)
        content = carried(client.get(address)) | tapped(london_date(now()), assault="", crack_days="some")
        text = client.post(address, content).content.decode()
        assert "Assault or violence: tap an answer. If you do not want to say" in text
        assert "Crack, in the last 7 days" in text
        assert not OutcomeForm.objects.exists()

    def test_says_what_was_stored_meanwhile(self, client, room, worker, address):
        today = london_date(now())
        hand_over(client, address)
        content = carried(client.get(address)) | tapped(today)
        an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        assert "There are already answers of" in client.post(address, content).content.decode()

    def test_refuses_a_key_that_said_something_else(self, client, room, worker, address):
        today = london_date(now())
        hand_over(client, address)
        content = carried(client.get(address)) | tapped(today)
        record_outcome_form(
            clinic=room.clinic,
            person=room.patient.id,
            said=form_of(today, stage="review"),
            key=uuid.UUID(content["key"]),
            by=worker,
            at=now(),
        )
        answer = client.post(address, content | {"assault": "yes"})
        assert answer.status_code == 200
        assert OutcomeForm.objects.get().assault is False

    def test_is_kept_when_the_session_ends_before_it(self, client, room, worker, address):
        hand_over(client, address)
        content = (
            carried(client.get(address)) | tapped(london_date(now()), assault="yes") | {"hat-draft": "1"}
        )
        session = client.session
        session[LAST_INPUT_AT] = time.time() - 16 * 60
        session.save()
        answer = client.post(address, content)
        assert answer.headers["Location"].startswith(reverse("account_login"))
        assert not OutcomeForm.objects.exists()
        kept = get_draft(user=worker, path=address, at=now())
        assert kept.fields["assault"] == ["yes"]
