"""Logging a support session, and correcting one: as a browser sends it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import Agency, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.models import SupportSession
from tests.factories.outcomes import SupportSessionFactory
from tests.factories.support import a_support_session
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.pages import seal_of, shown

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


class Form:
    """One case worker's browser at the form for one person."""

    def __init__(self, client: Client, room: TreatmentRoom) -> None:
        self.client, self.room = client, room
        self.url = reverse("outcomes:log_support_session", args=[room.clinic.code, room.patient.id])

    def open(self, url: str = "", **changes: Any) -> dict[str, Any]:
        answer = self.client.get(url or self.url)
        return {
            "key": str(answer.context["form"]["key"].value()),
            "seal": seal_of(answer),
            "domain": "housing",
            "agency": "",
            "when": "today",
            "attended": "came",
            "minutes": "45",
            "done": ["talked"],
            "done_housing": ["viewing"],
            "next_when": "none",
            **changes,
        }

    def send(self, content: dict[str, Any], url: str = "") -> HttpResponse:
        return self.client.post(url or self.url, content)


@pytest.fixture
def form(room, worker, sign_in) -> Form:
    return Form(sign_in(Client(), worker), room)


class TestTheForm:
    def test_logs_a_session_and_says_so_on_the_caseload(self, form, room, today):
        answer = form.send(form.open())

        assert answer.status_code == 302
        stored = SupportSession.objects.get()
        assert (stored.booked_on, stored.domain, stored.minutes) == (today, "housing", 45)
        assert stored.done == ["talked", "viewing"]
        page = form.client.get(answer["Location"]).content.decode()
        assert f"Saved: the session with {room.patient.full_name} is logged." in page

    def test_sent_twice_logs_one(self, form):
        content = form.open()

        assert [form.send(content).status_code for _ in range(2)] == [302, 302]
        assert SupportSession.objects.count() == 1

    @pytest.mark.parametrize("seal", ["", "of nobody"])
    def test_without_the_seal_of_who_opened_it_keeps_what_was_typed(self, form, seal):
        page = form.send(form.open(seal=seal, note="said he would call")).content.decode()

        assert "opened by somebody else" in page and "said he would call" in page
        assert not SupportSession.objects.exists()

    def test_that_another_case_worker_opened_is_refused(self, form, room, worker, make_member, sign_in):
        content = form.open()
        other = Form(sign_in(Client(), make_member(room.clinic, Role.CASE_WORKER, "noor")), room)

        page = other.send(content).content.decode()

        assert "opened by somebody else" in page
        assert not SupportSession.objects.exists()
        again = other.send(content | {"seal": other.open()["seal"]})
        assert again.status_code == 302
        assert SupportSession.objects.get().recorded_by != worker

    def test_opened_for_somebody_else_is_refused(self, form, room):
        elsewhere = Form(form.client, another(room))

        page = form.send(elsewhere.open()).content.decode()

        assert "opened by somebody else or for somebody else" in page

    def test_gives_a_day_to_come_as_the_example(self, form, today):
        content = form.client.get(form.url).content.decode()
        example = f"{today + 28 * A_DAY:%d/%m/%Y}"
        assert f"Such as {example}" in content

        form.send(form.open(next_step="Bring letters", next_when="other", next_on=example))

        assert SupportSession.objects.get().next_step_on == today + 28 * A_DAY

    def test_refused_is_in_the_trail(self, form):
        form.send(form.open(minutes=""))

        event = AuditEvent.objects.get(event="outcomes.support_session_logged")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["support_minutes"]})

    def test_sent_again_with_other_answers_says_so(self, form):
        content = form.open()
        form.send(content)

        answer = form.send(content | {"minutes": "30"})

        assert "sent before with other answers" in answer.content.decode()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"domain": ""}, "Tap what the session was about."),
            ({"attended": ""}, "Tap whether they came."),
            ({"minutes": ""}, "Say how long it took"),
            ({"minutes": "other", "minutes_other": "half an hour"}, "Write whole minutes"),
            ({"minutes": "other", "minutes_other": ""}, "Write whole minutes"),
            ({"minutes": "other", "minutes_other": "481"}, "Say how long it took"),
            ({"done": [], "done_housing": []}, "Tap at least one thing that was done."),
            ({"attended": "did_not_come"}, "Tap what was done because they did not come"),
            ({"attended": "did_not_come"}, "Write what happens next because they did not come"),
            ({"attended": "did_not_come"}, "Say by when it is done."),
            ({"attended": "did_not_come", "owner": "0"}, "Choose a case worker of this clinic"),
            ({"when": "other"}, "Write which day it was."),
            ({"when": "other", "on": "yesterday"}, "Write the day as day/month/year"),
            ({"when": "other", "on": "24/11/2199"}, "That day has not come yet."),
            (
                {"when": "other", "on": "31/12/9999", "next_when": "week", "next_step": "y"},
                "write a day from 1900 to 2200",
            ),
            ({"when": "other", "on": "24/11/2010"}, "when this person was accepted here"),
            ({"next_when": "week"}, "Write the next step that goes with this day."),
            ({"next_when": "other", "next_step": "Bring letters"}, "Write by which day."),
            ({"next_when": "other", "next_on": "x", "next_step": "y"}, "Write the day as day/month/year"),
            ({"next_when": "other", "next_on": "24/11/2010", "next_step": "y"}, "cannot be before"),
            ({"next_when": "other", "next_on": "24/11/2199", "next_step": "y"}, "Check the year."),
            ({"note": "x" * 121}, "Keep this line to 120 letters."),
            ({"next_step": "x" * 121}, "Keep this line to 120 letters."),
        ],
    )
    def test_says_what_is_missing_and_keeps_what_was_typed(self, form, changes, words):
        content = form.open(**{"note": "said he would call", **changes})

        page = form.send(content)

        text = page.content.decode()
        assert page.status_code == 200
        assert words in text
        assert content["note"] in text
        assert content["key"] in text
        assert not SupportSession.objects.exists()

    def test_takes_a_day_back_and_other_minutes_and_a_step_in_a_week(self, form, today, room):
        yesterday = {"when": "other", "on": f"{today:%d/%m/%Y}"}

        form.send(
            form.open(
                minutes="other",
                minutes_other=" 20 ",
                next_step="Bring letters",
                next_when="week",
                **yesterday,
            )
        )

        stored = SupportSession.objects.get()
        assert (stored.booked_on, stored.minutes) == (today, 20)
        assert stored.next_step_on == today + 7 * A_DAY

    @pytest.mark.parametrize(("chosen", "days"), [("fortnight", 14), ("other", 3)])
    def test_takes_a_step_for_any_day(self, form, today, chosen, days):
        on = f"{today + 3 * A_DAY:%d/%m/%Y}"

        form.send(form.open(next_step="Bring letters", next_when=chosen, next_on=on))

        assert SupportSession.objects.get().next_step_on == today + days * A_DAY

    def test_yesterday_is_the_day_before(self, form, worker, today):
        page = form.send(form.open(when="yesterday"))

        # The person was accepted today, so that yesterday is refused for that reason and no other.
        assert "when this person was accepted here" in page.content.decode()
        assert "has not come yet" not in page.content.decode()

    def test_drops_answers_of_keys_that_are_not_on_the_page(self, form):
        form.send(
            form.open(
                attended="did_not_come",
                follow_up=["follow_up_message"],
                next_step="Call again",
                next_when="week",
            )
        )

        stored = SupportSession.objects.get()
        assert (stored.attended, stored.minutes, stored.done) == (False, None, ["follow_up_message"])

    def test_shows_few_agencies_as_keys_and_many_as_a_list(self, form):
        for number in range(6):
            Agency.objects.create(name=f"Agency {number}")
        assert 'type="radio" name="agency"' in form.client.get(form.url).content.decode()
        chosen = Agency.objects.create(name="The seventh")
        assert '<select name="agency"' in form.client.get(form.url).content.decode()

        form.send(form.open(agency=str(chosen.id)))

        assert SupportSession.objects.get().agency == chosen

    def test_is_kept_when_the_screen_locks(self, form):
        assert "data-hat-draft" in form.client.get(form.url).content.decode()

    def test_tells_of_every_look(self, form, worker, room):
        form.client.get(form.url)

        event = AuditEvent.objects.get(event="outcomes.support_form_seen")
        assert (event.actor, event.person) == (worker, room.patient.id)

    def test_of_somebody_elsewhere_is_the_page_of_nobody(self, form, room):
        elsewhere = a_treatment_room().patient.id
        answers = [
            form.client.get(reverse(name, args=[room.clinic.code, person]))
            for name in ("outcomes:log_support_session", "outcomes:see_support")
            for person in (elsewhere, uuid.uuid4())
        ]

        assert {answer.status_code for answer in answers} == {404}
        assert len({shown(answer) for answer in answers}) == 1


class TestTheCorrection:
    def url(self, session: SupportSession) -> str:
        room = session.clinic.code
        return reverse("outcomes:amend_support_session", args=[room, session.patient_id, session.id])

    def test_opens_with_what_stands(self, form, room, worker, today):
        session = a_support_session(
            room.clinic,
            room.patient.id,
            by=worker,
            minutes=20,
            done=("talked", "viewing"),
            next_step="Bring letters",
            next_step_on=today + A_DAY,
        )

        shown = form.client.get(self.url(session)).context["form"]

        assert shown["domain"].value() == "housing"
        assert (shown["minutes"].value(), shown["minutes_other"].value()) == ("other", "20")
        assert (shown["done"].value(), shown["done_housing"].value()) == (["talked"], ["viewing"])
        assert (shown["next_when"].value(), shown["next_on"].value()) == ("other", today + A_DAY)

    def test_opens_with_a_session_that_nobody_came_to(self, form, room, worker):
        session = a_support_session(room.clinic, room.patient.id, by=worker, attended=False)

        shown = form.client.get(self.url(session)).context["form"]

        assert (shown["attended"].value(), shown["minutes"].value()) == ("did_not_come", "")
        assert shown["follow_up"].value() == ["follow_up_call"]

    def test_stands_beside_the_first_line(self, form, room, worker):
        session = a_support_session(room.clinic, room.patient.id, by=worker, note="first words")
        url = self.url(session)

        answer = form.send(form.open(url, note="other words", correction="learned_later"), url)

        page = form.client.get(answer["Location"]).content.decode()
        assert page.index("other words") < page.index("first words")
        assert "learned more later" in page
        assert f"Corrected by {worker.full_name}" in page
        assert f"Logged by {worker.full_name}" in page

    def test_needs_its_reason(self, form, room, worker):
        url = self.url(a_support_session(room.clinic, room.patient.id, by=worker))

        page = form.send(form.open(url), url).content.decode()

        assert "Tap why it is written again." in page
        assert SupportSession.objects.count() == 1

    def test_is_refused_for_its_reasons(self, form, room, worker):
        url = self.url(a_support_session(room.clinic, room.patient.id, by=worker))

        page = form.send(form.open(url, correction="wrong_key", minutes=""), url).content.decode()

        assert "Say how long it took" in page
        event = AuditEvent.objects.get(event="outcomes.support_session_amended")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["support_minutes"])

    def test_opened_for_another_session_is_refused(self, form, room, worker):
        first, second = (
            self.url(a_support_session(room.clinic, room.patient.id, by=worker)) for _ in range(2)
        )

        page = form.send(form.open(first, correction="wrong_key", minutes="30"), second).content.decode()

        assert "opened by somebody else" in page
        assert SupportSession.objects.count() == 2

    def test_that_came_second_says_so(self, form, room, worker):
        url = self.url(a_support_session(room.clinic, room.patient.id, by=worker))
        first, second = form.open(url, correction="wrong_key"), form.open(url, correction="wrong_key")
        form.send(first, url)

        page = form.send(second, url).content.decode()

        assert "This session was corrected meanwhile." in page

    def test_that_strikes_out_is_shown_as_counting_for_nothing(self, form, room, worker):
        url = self.url(a_support_session(room.clinic, room.patient.id, by=worker))

        answer = form.send(form.open(url, correction="wrong_person"), url)

        assert "counts for nothing" in form.client.get(answer["Location"]).content.decode()

    def test_of_another_persons_session_is_not_there(self, form, room, worker):
        other = a_treatment_room()
        session = SupportSessionFactory(clinic=other.clinic, patient=other.patient)

        url = reverse("outcomes:amend_support_session", args=[room.clinic.code, room.patient.id, session.id])

        assert form.client.get(url).status_code == 404
