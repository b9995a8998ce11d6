"""The clinic's own four questions: what the actions store and refuse, what the table refuses, and the pages."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.askings import AnswersAmended, AnswersKeyReused, NeverAskedHere
from outcomes.actions.own_answers import OwnAnswersRefused, amend_own_answers
from outcomes.models import OwnAnswers
from outcomes.queries.own_answers import own_said as said_of
from outcomes.queries.own_answers import standing_own_answers
from outcomes.rules.support import Correction
from tests.factories import ImportRunFactory, OwnAnswersFactory, PersonFactory
from tests.factories.own_answers import own_answers, own_said
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
IMPORTED: dict[str, Any] = dict.fromkeys(["key", "recorded_by", "recorded_at"])
ANSWERED = {
    "spent": "some",
    "pounds": "12",
    "public_injecting": "no",
    "unsafe_disposal": "not_answered",
    "family": "wanted",
    "has_contact": "yes",
}


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


def correct(room: TreatmentRoom, row: OwnAnswers, *, by: User, **more: Any) -> OwnAnswers:
    given: dict[str, Any] = {
        "said": own_said(row.answered_on, spend_week_pence=0),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_own_answers(clinic=room.clinic, answers=row.id, by=by, at=now(), **given)


def standing(room: TreatmentRoom) -> list[tuple[date, int | None]]:
    rows = standing_own_answers(room.clinic).filter(patient=room.patient)
    return sorted(rows.values_list("answered_on", "spend_week_pence"))


class TestRecording:
    def test_stores_each_answer_and_who_wrote_it_and_tells_the_trail_no_answer(self, room, worker, today):
        row = own_answers(room.clinic, room.patient.id, by=worker, on=today)

        assert said_of(row) == own_said(today)
        assert (row.recorded_by, row.amends, row.import_run) == (worker, None, None)
        event = AuditEvent.objects.get(event="outcomes.own_answers_recorded")
        assert (event.person, event.object_id, event.actor) == (room.patient.id, str(row.id), worker)
        assert event.detail == {}

    def test_keeps_unanswered_apart_from_nothing_and_no(self, room, worker, today):
        more = {"public_injecting": False, "unsafe_disposal": None, "family_contact": ""}

        own_answers(room.clinic, room.patient.id, by=worker, on=today, spend_week_pence=0, **more)

        row = OwnAnswers.objects.get()
        assert (row.spend_week_pence, row.public_injecting, row.unsafe_disposal) == (0, False, None)

    def test_stores_the_same_key_once(self, room, worker, today):
        key = uuid.uuid4()

        rows = [own_answers(room.clinic, room.patient.id, by=worker, on=today, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert OwnAnswers.objects.count() == 1

    def test_refuses_a_key_with_another_answer_another_point_or_of_somebody_else(
        self, room, worker, make_member, today
    ):
        key = uuid.uuid4()
        own_answers(room.clinic, room.patient.id, by=worker, on=today, key=key)
        other = make_member(room.clinic, Role.CASE_WORKER, "other")

        for by, changes in (
            (worker, {"spend_week_pence": None}),
            (worker, {"stage": "exit"}),
            (other, {}),
        ):
            with pytest.raises(AnswersKeyReused, match="sent before with other answers"):
                own_answers(room.clinic, room.patient.id, by=by, on=today, key=key, **changes)
        assert OwnAnswers.objects.count() == 1

    def test_refuses_a_day_that_is_taken_and_tells_the_trail(self, room, worker, today):
        own_answers(room.clinic, room.patient.id, by=worker, on=today)

        with pytest.raises(OwnAnswersRefused, match="Correct those instead"):
            own_answers(room.clinic, room.patient.id, by=worker, on=today, spend_week_pence=0)

        assert standing(room) == [(today, 4_000)]
        refused = AuditEvent.objects.get(event="outcomes.own_answers_recorded", outcome="refused")
        assert refused.detail["codes"] == ["asked_day_taken"]

    def test_refuses_what_is_asked_after_leaving_while_somebody_is_in_treatment(self, room, worker, today):
        with pytest.raises(OwnAnswersRefused, match="had not left on that day"):
            own_answers(room.clinic, room.patient.id, by=worker, on=today, stage="post_exit")

    def test_refuses_somebody_never_accepted_here(self, room, worker, today):
        with pytest.raises(NeverAskedHere):
            own_answers(room.clinic, PersonFactory().id, by=worker, on=today)


class TestCorrecting:
    def test_adds_a_row_that_counts_and_leaves_the_first(self, room, worker, today):
        first = own_answers(room.clinic, room.patient.id, by=worker, on=today)

        second = correct(room, first, by=worker)

        first.refresh_from_db()
        assert (first.spend_week_pence, second.spend_week_pence, second.amends) == (4_000, 0, first)
        assert standing(room) == [(today, 0)]
        event = AuditEvent.objects.get(event="outcomes.own_answers_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    @pytest.mark.parametrize("correction", [Correction.WRONG_KEY, Correction.ENTERED_TWICE])
    def test_corrects_earlier_records_too_even_empty_ones(self, room, worker, today, correction):
        first = OwnAnswersFactory(
            clinic=room.clinic,
            patient=room.patient,
            answered_on=today,
            spend_week_pence=None,
            import_run=ImportRunFactory(clinic=room.clinic),
            **IMPORTED,
        )

        correct(room, first, by=worker, correction=correction)

        assert standing(room) == ([] if correction.strikes else [(today, 0)])

    def test_that_strikes_out_keeps_the_answers_and_frees_the_day(self, room, worker, today):
        first = own_answers(room.clinic, room.patient.id, by=worker, on=today)

        struck = correct(room, first, by=worker, correction=Correction.WRONG_PERSON)
        assert (said_of(struck), standing(room)) == (said_of(first), [])
        own_answers(room.clinic, room.patient.id, by=worker, on=today, spend_week_pence=100)

        assert standing(room) == [(today, 100)]

    def test_is_stored_once_by_its_key(self, room, worker, today):
        first = own_answers(room.clinic, room.patient.id, by=worker, on=today)
        key = uuid.uuid4()

        rows = [correct(room, first, by=worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert OwnAnswers.objects.count() == 2

    def test_is_refused_where_somebody_was_first(self, room, worker, today):
        first = own_answers(room.clinic, room.patient.id, by=worker, on=today)
        correct(room, first, by=worker)

        with pytest.raises(AnswersAmended, match="corrected meanwhile"):
            correct(room, first, by=worker)

    def test_is_refused_onto_the_day_of_others_and_told_to_the_trail(self, room, worker, today):
        own_answers(room.clinic, room.patient.id, by=worker, on=today)
        first = own_answers(room.clinic, room.patient.id, by=worker, on=today - A_DAY)

        with pytest.raises(OwnAnswersRefused, match="Correct those instead"):
            correct(room, first, by=worker, said=own_said(today))

        assert AuditEvent.objects.get(event="outcomes.own_answers_amended", outcome="refused")


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = OwnAnswersFactory()

        with refused_by("own_answers_are_stored_once_per_key"):
            OwnAnswersFactory(key=first.key)

    def test_asks_who_recorded_them_unless_they_were_imported(self):
        with refused_by("own_answers_are_recorded_by_a_person_or_imported"):
            OwnAnswersFactory(recorded_by=None)

    def test_asks_for_an_answer_unless_they_were_imported(self):
        assert OwnAnswersFactory(spend_week_pence=None, import_run=ImportRunFactory(), **IMPORTED).pk
        assert OwnAnswersFactory(spend_week_pence=0).pk
        with refused_by("own_answers_are_not_all_empty"):
            OwnAnswersFactory(spend_week_pence=None)

    def test_asks_why_answers_are_written_again(self):
        first = OwnAnswersFactory()

        with refused_by("own_answers_correction_has_its_reason"):
            OwnAnswersFactory(clinic=first.clinic, patient=first.patient, amends=first)

    def test_takes_no_correction_of_another_persons_answers(self):
        first = OwnAnswersFactory()

        with refused_by("own_answers_correction_is_of_the_same_person"):
            OwnAnswersFactory(clinic=first.clinic, amends=first, correction="wrong_key")

    def test_holds_one_row_of_a_person_and_day_that_counts(self):
        first = OwnAnswersFactory()
        same = {"clinic": first.clinic, "patient": first.patient}

        with refused_by("one_own_answers_per_person_and_date"):
            OwnAnswersFactory(**same)
        OwnAnswersFactory(**same, amends=first, correction="entered_twice")
        assert OwnAnswersFactory(**same).pk

    @pytest.mark.parametrize("sql", ["UPDATE {} SET spend_week_pence = 0", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        OwnAnswersFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_ownanswers"))


class TestThePages:
    @pytest.fixture
    def client(self, worker, sign_in) -> Client:
        return sign_in(Client(), worker)

    def url(self, name: str, room: TreatmentRoom, *more: object) -> str:
        return reverse(f"outcomes:{name}", args=[room.clinic.code, room.patient.id, *more])

    def opened(self, client: Client, url: str, today: date, **changes: str) -> dict[str, str]:
        answer = client.get(url)
        seal = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
        assert seal is not None
        key = str(answer.context["form"]["key"].value())
        return {"key": key, "seal": seal[1], "on": f"{today:%d/%m/%Y}", **ANSWERED, **changes}

    def test_fill_in_the_day_and_no_answer(self, client, room, today):
        text = client.get(self.url("record_own_answers", room, "start")).content.decode()

        assert f'value="{today:%d/%m/%Y}"' in text
        assert " checked" not in text

    def test_record_the_answers_once_and_show_them(self, client, room, today):
        url = self.url("record_own_answers", room, "review")
        content = self.opened(client, url, today)

        answers = [client.post(url, content, follow=True) for _ in range(2)]

        row = OwnAnswers.objects.get()
        assert (row.stage, row.spend_week_pence, row.public_injecting) == ("review", 1_200, False)
        assert (row.unsafe_disposal, row.family_contact) == (None, "wanted_has")
        text = answers[0].content.decode()
        for words in ("Review, ", "£12", "Not answered", "Wanted and safe, and they have it"):
            assert words in text
        assert AuditEvent.objects.filter(event="outcomes.own_answers_seen", person=room.patient.id).exists()

    @pytest.mark.parametrize(
        ("changes", "stored"),
        [
            ({"spent": "nothing"}, (0, "wanted_has")),
            ({"spent": "not_answered"}, (None, "wanted_has")),
            ({"spent": "nothing", "pounds": "a lot"}, (0, "wanted_has")),
            ({"has_contact": "no"}, (1_200, "wanted_not")),
            ({"has_contact": "not_answered"}, (1_200, "")),
            ({"family": "not_safe"}, (1_200, "not_safe")),
            ({"family": "not_wanted", "has_contact": ""}, (1_200, "not_wanted")),
            ({"family": "not_answered"}, (1_200, "")),
        ],
    )
    def test_store_no_answer_to_a_question_that_was_not_asked(self, client, room, today, changes, stored):
        url = self.url("record_own_answers", room, "review")

        client.post(url, self.opened(client, url, today, **changes))

        row = OwnAnswers.objects.get()
        assert (row.spend_week_pence, row.family_contact) == stored

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"on": ""}, "Write the day you asked."),
            ({"on": "March"}, "Write the day as day/month/year"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"on": "02/03/1999"}, "days before this person was accepted"),
            ({"spent": ""}, "tap “Not answered”"),
            ({"pounds": ""}, "Write whole pounds with the digits 0 to 9"),
            ({"pounds": "12.50"}, "Write whole pounds with the digits 0 to 9"),
            ({"pounds": "about 40"}, "Write whole pounds with the digits 0 to 9"),
            ({"public_injecting": ""}, "tap “Not answered”"),
            ({"unsafe_disposal": "maybe"}, "tap “Not answered”"),
            ({"family": ""}, "tap “Not answered”"),
            ({"has_contact": ""}, "Tap whether they have contact."),
            ({"seal": "of nobody"}, "opened by somebody else"),
            (
                {
                    "spent": "not_answered",
                    "public_injecting": "not_answered",
                    "unsafe_disposal": "not_answered",
                    "family": "not_answered",
                },
                "No question has an answer",
            ),
        ],
    )
    def test_say_what_is_missing_and_keep_what_was_tapped(self, client, room, today, changes, words):
        url = self.url("record_own_answers", room, "review")
        content = self.opened(client, url, today, **changes)

        text = client.post(url, content).content.decode()

        assert words in text
        assert content["key"] in text
        assert content["pounds"] in text
        assert not OwnAnswers.objects.exists()

    def test_refuse_a_form_that_was_opened_for_another_point_or_another_person(self, client, room, today):
        content = self.opened(client, self.url("record_own_answers", room, "start"), today)
        other = self.url("record_own_answers", room, "review")

        assert "opened by somebody else or for" in client.post(other, content).content.decode()
        elsewhere = self.url("record_own_answers", a_treatment_room(), "start")
        assert client.post(elsewhere, content).status_code == 404
        assert not OwnAnswers.objects.exists()

    def test_say_that_a_form_was_sent_before(self, client, room, today):
        url = self.url("record_own_answers", room, "review")
        content = self.opened(client, url, today)
        client.post(url, content)

        text = client.post(url, content | {"public_injecting": "yes"}).content.decode()

        assert "sent before with other answers" in text

    def test_show_no_earlier_answer_where_new_ones_are_asked(self, client, room, worker, today):
        own_answers(room.clinic, room.patient.id, by=worker, on=today - A_DAY, spend_week_pence=7_700)

        text = client.get(self.url("record_own_answers", room, "review")).content.decode()

        assert "77" not in re.sub(r"[0-9a-f-]{36}|value=\"[^\"]*\"|\?v=\w+|nonce=\"[^\"]*\"", "", text)

    @pytest.mark.parametrize(
        ("changes", "shown"),
        [
            ({}, {"spent": "some", "pounds": "40", "family": "wanted", "has_contact": "no"}),
            ({"spend_week_pence": 1_250}, {"pounds": "12.50"}),
            (
                {"spend_week_pence": 0, "family_contact": "not_safe"},
                {"spent": "nothing", "family": "not_safe"},
            ),
            (
                {"spend_week_pence": None, "family_contact": ""},
                {"spent": "not_answered", "family": "not_answered"},
            ),
            ({"family_contact": "wanted_has"}, {"has_contact": "yes"}),
        ],
    )
    def test_offer_the_answers_as_they_stand_to_be_corrected(
        self, client, room, worker, today, changes, shown
    ):
        row = own_answers(room.clinic, room.patient.id, by=worker, on=today, **changes)

        form = client.get(self.url("amend_own_answers", room, row.id)).context["form"]

        assert {name: form[name].value() for name in shown} == shown

    def test_correct_the_answers_and_show_both(self, client, room, worker, today):
        row = own_answers(room.clinic, room.patient.id, by=worker, on=today)
        url = self.url("amend_own_answers", room, row.id)
        content = self.opened(client, url, today, correction="learned_later", stage="start")

        text = client.post(url, content, follow=True).content.decode()

        assert "Start, " in text
        assert "Before: Review, " in text
        assert "£40" in text
        assert "learned more later" in text

    @pytest.mark.parametrize(
        ("stands", "typed", "stored"),
        [
            (1_250, "12.50", 1_250),
            (1_250, "13.05", 1_305),
            (900_001, "9000.01", 900_001),
            (900_001, "9000.02", None),
        ],
    )
    def test_take_pence_and_what_stands(self, client, room, worker, today, stands, typed, stored):
        row = own_answers(room.clinic, room.patient.id, by=worker, on=today, spend_week_pence=stands)
        url = self.url("amend_own_answers", room, row.id)
        content = self.opened(client, url, today, correction="wrong_key", stage="review", pounds=typed)

        client.post(url, content)

        second = OwnAnswers.objects.filter(amends=row).first()
        assert (second.spend_week_pence if second else None) == stored

    def test_ask_nothing_else_where_answers_are_struck_out(self, client, room, worker, today):
        row = own_answers(room.clinic, room.patient.id, by=worker, on=today)
        url = self.url("amend_own_answers", room, row.id)
        sent = self.opened(client, url, today)
        content = {name: sent[name] for name in ("seal", "key")} | {"pounds": "x", "on": "31/12/9999"}
        client.post(url, content | {"correction": "entered_twice"})

        assert said_of(OwnAnswers.objects.get(amends=row)) == said_of(row)

    def test_say_why_a_correction_is_refused(self, client, room, worker, today):
        row = own_answers(room.clinic, room.patient.id, by=worker, on=today)
        url = self.url("amend_own_answers", room, row.id)
        content = self.opened(client, url, today, correction="wrong_key", stage="review")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"correction": ""}, "Tap why they are written again."),
            ({"stage": ""}, "Tap when in the treatment it was."),
        ):
            assert words in client.post(url, content | changes).content.decode()
        correct(room, row, by=worker)
        assert "corrected meanwhile" in client.post(url, content).content.decode()

    def test_know_nobody_who_was_never_here_and_no_answers_of_somebody_else(self, client, room):
        strange = OwnAnswersFactory(clinic=room.clinic)

        assert client.get(self.url("amend_own_answers", room, strange.id)).status_code == 404
        unknown = reverse("outcomes:see_own_answers", args=[room.clinic.code, PersonFactory().id])
        assert client.get(unknown).status_code == 404
