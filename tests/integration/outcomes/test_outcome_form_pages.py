"""The pages of the outcome form: asking, what is missing, what falls away, correcting."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.models import OutcomeForm
from outcomes.queries.outcome_forms import form_said
from outcomes.rules.measures import DAY_ITEMS
from patients.models import Episode
from tests.factories import ImportedFormFactory, OutcomeFormFactory, PersonFactory
from tests.factories.outcome_forms import an_outcome_form, boxes, form_of, tapped
from tests.factories.treatment import TreatmentRoom, a_treatment_room

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


@pytest.fixture
def client(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


def url(name: str, room: TreatmentRoom, *more: object) -> str:
    return reverse(f"outcomes:{name}", args=[room.clinic.code, room.patient.id, *more])


def opened(client: Client, address: str, today: date, /, **changes: str) -> dict[str, str]:
    answer = client.get(address)
    seal = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
    assert seal is not None
    return {"key": str(answer.context["form"]["key"].value()), "seal": seal[1], **tapped(today, **changes)}


class TestTheButtons:
    def buttons(self, client: Client, room: TreatmentRoom) -> dict[str, bool]:
        """Return the word in the address of each button to ask, and whether it is the main one."""
        text = client.get(url("see_outcome_forms", room)).content.decode()
        found = re.findall(r'<a class="(nhsuk-button[^"]*)" href="[^"]*/([a-z]+)/">Ask', text)
        return {word: "secondary" not in classes for classes, word in found}

    def test_lead_to_the_form_that_is_due(self, client, room, today):
        assert self.buttons(client, room) == {"review": True, "start": False, "exit": False}
        Episode.objects.filter(person=room.patient).update(accepted_on=today, started_on=today)
        assert self.buttons(client, room) == {"review": False, "start": True, "exit": False}

    def test_ask_nothing_of_a_treatment_that_somebody_has_left(self, client, room, today):
        Episode.objects.filter(person=room.patient).update(
            accepted_on=today - A_DAY, started_on=today - A_DAY, exited_on=today, exit_reason="completed"
        )
        assert self.buttons(client, room) == {"exit": True, "after": False}
        OutcomeFormFactory(clinic=room.clinic, patient=room.patient, completed_on=today, stage="exit")
        assert self.buttons(client, room) == {"exit": False, "after": True}

    def test_lead_to_no_review_after_leaving(self, client, room, today):
        Episode.objects.filter(person=room.patient).update(
            accepted_on=today - 9 * A_DAY, exited_on=today - A_DAY, exit_reason="completed"
        )
        address = url("record_outcome_form", room, "review")

        text = client.post(address, opened(client, address, today)).content.decode()

        assert "This person left on" in text
        assert not OutcomeForm.objects.exists()


class TestAsking:
    def test_fills_in_the_day_and_no_answer(self, client, room, today):
        text = client.get(url("record_outcome_form", room, "start")).content.decode()

        assert f'value="{today:%d/%m/%Y}"' in text
        assert not re.search(r"<input[^>]* checked", text)
        assert "does not count" in text

    def test_stores_the_form_once_and_shows_it(self, client, room, today):
        address = url("record_outcome_form", room, "start")
        changes = boxes("opiates_days", 7, 6, 0, 1) | boxes("alcohol_days", 0, 0, 0, 2)
        content = opened(
            client, address, today, **changes, alcohol_units="8", shared_works="yes", physical="not_answered"
        )

        answers = [client.post(address, content, follow=True) for _ in range(2)]

        assert form_said(OutcomeForm.objects.get()) == form_of(
            today,
            stage="start",
            weeks={"opiates_days": (7, 6, 0, 1), "alcohol_days": (0, 0, 0, 2)},
            yes_no={"shared_works": True},
            scores={"physical": None},
            alcohol_units=8,
        )
        text = answers[0].content.decode()
        for words in ("Start, ", "14 days", "Weeks 7, 6, 0, 1", "8 units on a usual day", "Not answered"):
            assert words in text
        assert AuditEvent.objects.filter(event="outcomes.outcome_forms_seen", person=room.patient.id).exists()

    @pytest.mark.parametrize("answer", ["none", "not_answered"])
    def test_stores_nothing_of_weeks_and_amounts_that_are_not_on_the_page(self, client, room, today, answer):
        address = url("record_outcome_form", room, "review")
        left = boxes("alcohol_days", 1, 1, 1, 9) | boxes("other_days", 1, 1, 1, 1)
        left |= {"alcohol_days": answer, "other_days": answer, "alcohol_units": "lots", "other_drug": "Spice"}

        client.post(address, opened(client, address, today, **left))

        row = OutcomeForm.objects.get()
        days = 0 if answer == "none" else None
        assert (row.alcohol_days, row.alcohol_units, row.other_days, row.other_drug) == (days, None, days, "")

    def test_stores_no_answer_to_a_question_that_stands_on_no_form(self, client, room, today):
        address = url("record_outcome_form", room, "review")
        strange = {"sharing": "yes", "other_theft": "yes", "crack_days_in_all": "9", "spend_week_pence": "1"}

        client.post(address, opened(client, address, today, **strange))

        assert form_said(OutcomeForm.objects.get()) == form_of(today)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"on": ""}, "Write the day you asked."),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"opiates_days": ""}, "Heroin and other opioids: tap an answer."),
            ({"assault": ""}, "Assault or violence: tap an answer."),
            ({"quality_of_life": "21"}, "Quality of life: tap an answer."),
            (
                boxes("crack_days", 1, 2, 3),
                "Crack, 22 to 28 days ago: write the days with the digits 0 to 9, at most 7.",
            ),
            (
                boxes("crack_days", 8, 0, 0, 0),
                "Crack, in the last 7 days: write the days with the digits 0 to 9, at most 7.",
            ),
            (boxes("crack_days", 0, 0, 0, 0), "Crack: every week is 0. Tap “On no day” instead."),
            (
                boxes("alcohol_days", 1, 0, 0, 0) | {"alcohol_units": "a few"},
                "at most 200, or leave it empty",
            ),
            (
                boxes("other_days", 1, 0, 0, 0) | {"other_drug": "x" * 61},
                "Keep the line to 60 letters.",
            ),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_says_what_is_missing_and_keeps_what_was_tapped(self, client, room, today, changes, words):
        address = url("record_outcome_form", room, "review")
        content = opened(client, address, today, **{"cocaine_days_week_1": "5", **changes})

        text = client.post(address, content).content.decode()

        assert words in text
        assert content["key"] in text
        assert len(re.findall(r"<input[^>]* checked", text)) >= 20
        assert 'value="5"' in text
        assert not OutcomeForm.objects.exists()

    def test_refuses_a_form_opened_for_another_point_or_another_person(self, client, room, today):
        content = opened(client, url("record_outcome_form", room, "start"), today)

        text = client.post(url("record_outcome_form", room, "exit"), content).content.decode()
        assert "opened by somebody else or for" in text
        elsewhere = url("record_outcome_form", a_treatment_room(), "start")
        assert client.post(elsewhere, content).status_code == 404
        assert not OutcomeForm.objects.exists()

    def test_refuses_a_form_that_asked_other_questions(self, client, room, today, monkeypatch):
        address = url("record_outcome_form", room, "start")
        content = opened(client, address, today)
        monkeypatch.setattr("outcomes.views.outcome_forms.FORM_VERSION", "2")

        assert "Nothing was saved" in client.post(address, content).content.decode()
        assert not OutcomeForm.objects.exists()

    def test_refuses_a_form_without_any_answer(self, client, room, today):
        address = url("record_outcome_form", room, "review")
        nothing = dict.fromkeys(tapped(today).keys() - {"on"}, "not_answered")

        text = client.post(address, opened(client, address, today, **nothing)).content.decode()

        assert "No question has an answer" in text

    def test_says_that_a_form_was_sent_before(self, client, room, today):
        address = url("record_outcome_form", room, "review")
        content = opened(client, address, today)
        client.post(address, content)

        text = client.post(address, content | {"assault": "yes"}).content.decode()

        assert "sent before with other answers" in text

    def test_shows_no_earlier_answer(self, client, room, worker, today):
        an_outcome_form(
            room.clinic,
            room.patient.id,
            by=worker,
            on=today - A_DAY,
            weeks={"other_days": (1, 0, 0, 0)},
            other_drug="Ketamine",
        )

        assert "Ketamine" not in client.get(url("record_outcome_form", room, "review")).content.decode()
        assert "Ketamine" in client.get(url("see_outcome_forms", room)).content.decode()

    def test_takes_a_nurse_and_turns_others_away(self, room, sign_in, make_member):
        address = url("record_outcome_form", room, "review")
        for role, status in ((Role.NURSE, 200), (Role.DOCTOR, 403), (Role.MANAGER, 403)):
            member = make_member(room.clinic, role, role.value)
            assert sign_in(Client(), member).get(address).status_code == status


class TestCorrecting:
    def test_offers_the_form_as_it_stands_and_shows_both(self, client, room, worker, today):
        row = an_outcome_form(
            room.clinic,
            room.patient.id,
            by=worker,
            on=today,
            weeks={"cannabis_days": (1, 2, 3, 4), "other_days": (1, 0, 0, 0), "crack_days": None},
            yes_no={"assault": None},
            scores={"physical": None},
            cannabis_spliffs=2,
            other_drug="Spice",
        )
        address = url("amend_outcome_form", room, row.id)
        form = client.get(address).context["form"]
        as_it_stands = {name: str(form[name].value() or "") for name in form.fields if name != "seal"}
        seal = form.initial["seal"]

        text = client.post(
            address,
            as_it_stands | {"seal": seal, "on": f"{today:%d/%m/%Y}", "correction": "learned_later"},
            follow=True,
        ).content.decode()

        second = OutcomeForm.objects.get(amends=row)
        assert form_said(second) == form_said(row)
        assert "Before: Review, " in text
        assert "learned more later" in text

    def test_that_strikes_out_asks_nothing_else(self, client, room, worker, today):
        row = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        address = url("amend_outcome_form", room, row.id)
        sent = opened(client, address, today)
        content = {"seal": sent["seal"], "key": sent["key"], "on": "x", "opiates_days": "some"}
        assert "Nothing was saved" in client.post(address, content).content.decode()

        client.post(address, content | {"correction": "wrong_person"})

        assert form_said(OutcomeForm.objects.get(amends=row)) == form_said(row)

    def test_of_earlier_records_asks_for_the_days_in_all(self, client, room, today):
        row = ImportedFormFactory(
            clinic=room.clinic,
            patient=room.patient,
            completed_on=today,
            **dict.fromkeys(DAY_ITEMS, 3),
            sharing=True,
        )
        address = url("amend_outcome_form", room, row.id)
        form = client.get(address).context["form"]
        as_it_stands = {name: str(form[name].value() or "") for name in form.fields}
        changes = {"crack_days_in_all": "28", "alcohol_days": "none", "cocaine_days": "not_answered"}

        client.post(
            address,
            as_it_stands | changes | {"on": f"{today:%d/%m/%Y}", "correction": "wrong_key"},
        )

        second = OutcomeForm.objects.get(amends=row)
        assert (second.crack_days, second.alcohol_days, second.cocaine_days) == (28, 0, None)
        assert (second.opiates_days, second.sharing, second.assault, second.weeks) == (3, True, None, None)

    def test_says_why_it_is_refused(self, client, room, worker, today):
        row = an_outcome_form(room.clinic, room.patient.id, by=worker, on=today)
        address = url("amend_outcome_form", room, row.id)
        content = opened(client, address, today, correction="wrong_key", stage="review")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"correction": ""}, "Tap why they are written again."),
            ({"stage": ""}, "Tap when in the treatment it was."),
        ):
            assert words in client.post(address, content | changes).content.decode()
        client.post(address, content)
        other = opened(client, address, today, correction="wrong_key", stage="review")
        assert "corrected meanwhile" in client.post(address, other).content.decode()

    def test_knows_nobody_who_was_never_here_and_no_form_of_somebody_else(self, client, room):
        strange = OutcomeFormFactory(clinic=room.clinic)

        assert client.get(url("amend_outcome_form", room, strange.id)).status_code == 404
        unknown = reverse("outcomes:see_outcome_forms", args=[room.clinic.code, PersonFactory().id])
        assert client.get(unknown).status_code == 404
