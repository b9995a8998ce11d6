"""Urine samples as browsers send them: the list, the steps signed at the terminal, the results from a desk."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from outcomes.models import UrineDraw, UrineStep
from tests.factories.outcomes import UrineTestFactory
from tests.factories.records import Records
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, another
from tests.factories.urine import a_urine_day, in_treatment_for, steps_of
from tests.factories.urine_pages import Visitor, events, taken
from tests.pages import shown

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


@pytest.fixture
def room(treated: TreatmentRoom) -> TreatmentRoom:
    return treated


@pytest.fixture
def today(this_day: date) -> date:
    return this_day


@pytest.fixture
def nurse(nurse_at_terminal: Visitor) -> Visitor:
    return nurse_at_terminal


@pytest.fixture
def desk(nurse_at_desk: Visitor) -> Visitor:
    return nurse_at_desk


class TestTheList:
    def test_tells_whose_day_it_is_and_nobodys_before(self, room, desk, today) -> None:
        draw = a_urine_day(room.clinic, room.patient, today)
        assert room.patient.full_name in desk.read("list_urine")
        assert "Due today: 1" in desk.read("list_urine")

        other = in_treatment_for(100, another(room).patient)
        later = a_urine_day(room.clinic, other, today + A_DAY)
        assert other.full_name not in desk.read("list_urine")
        assert str(later.id) not in desk.read("see_urine", other.id)
        stranger = Records().person(started_on=today)
        assert desk.client.get(desk.url("see_urine", stranger.id)).status_code == 404
        assert str(draw.id) not in desk.read("list_urine")  # its buttons are at the terminal

    @pytest.mark.parametrize("name", ["take_urine", "note_urine_not_taken", "void_urine"])
    def test_s_pages_know_no_day_that_has_not_come(self, room, nurse, today, name) -> None:
        later = a_urine_day(room.clinic, room.patient, today + A_DAY)
        there = nurse.client.get(nurse.url(name, later.id))
        none = nurse.client.get(nurse.url(name, uuid.uuid4()))

        assert there.status_code == none.status_code == 404
        assert shown(there) == shown(none)

    def test_says_who_has_no_day_and_draws_it(self, room, nurse, today) -> None:
        assert "1 person has no day in this week of their treatment" in nurse.read("list_urine")

        answer = nurse.client.post(nurse.url("draw_urine_days"), follow=True)

        assert "a day of their week was drawn for 1 person" in shown(answer)
        assert UrineDraw.objects.get().week_on == today - (100 % 7) * A_DAY
        again = nurse.client.post(nurse.url("draw_urine_days"), follow=True)
        assert "Nothing was drawn." in shown(again)
        assert UrineDraw.objects.count() == 1

    @pytest.mark.parametrize(
        ("steps", "waits"), [(("result",), True), (("result", "void"), False)], ids=["open", "void"]
    )
    def test_keeps_a_sample_without_the_result_that_counts(self, room, desk, today, steps, waits) -> None:
        old = a_urine_day(room.clinic, room.patient, today - 5 * A_WEEK)
        steps_of(old, "taken", "sent", *steps, assay="cocaine")

        assert ("At the laboratory: 1" in desk.read("list_urine")) is waits
        assert ("no result that counts yet" in desk.read("list_urine")) is waits

    def test_lets_a_sample_go_whose_counted_result_is_there(self, room, desk, today) -> None:
        old = a_urine_day(room.clinic, room.patient, today - 5 * A_WEEK)
        steps_of(old, "taken", "sent", "result")

        assert old.patient.full_name not in desk.read("list_urine")

    def test_leaves_out_whoever_left_before_their_day(self, room, desk, drawn, today) -> None:
        room.episode.refresh_from_db()
        room.patient.episodes.update(exited_on=today, exit_reason="other")

        assert "Due today: 0" in desk.read("list_urine")

    def test_asks_the_database_as_often_for_many_as_for_one(
        self, room, desk, today, django_assert_num_queries
    ) -> None:
        steps_of(a_urine_day(room.clinic, room.patient, today), "taken", "sent", "result")
        desk.read("list_urine")
        with CaptureQueriesContext(
            connection,
        ) as one:
            desk.read("list_urine")
        for week in range(1, 12):
            steps_of(a_urine_day(room.clinic, room.patient, today - week * A_WEEK), "taken", "sent", "result")

        with django_assert_num_queries(len(one)):
            desk.read("list_urine")


class TestTaking:
    def test_is_signed_with_the_label_and_how_it_was_given(self, room, nurse, drawn, today) -> None:
        answer = nurse.send("take_urine", drawn.id, **taken(today, was_seen="no"))

        assert f"the sample of {room.patient.full_name} was taken" in shown(answer)
        step = UrineStep.objects.get()
        assert (step.kind, step.reference, step.taken_on) == ("taken", "A-17", today)
        assert (step.was_seen, step.is_sealed, step.recorded_by) == (False, True, room.nurse)
        assert "Nobody saw it given" in shown(answer)
        assert events("outcomes.urine_taken") == ["done"]

    def test_sent_twice_stores_once(self, nurse, drawn, today) -> None:
        content = nurse.seal("take_urine", drawn.id) | taken(today)
        answers = [nurse.client.post(nurse.url("take_urine", drawn.id), content) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert UrineStep.objects.count() == 1

    def test_sent_again_with_another_label_says_so(self, nurse, drawn, today) -> None:
        content = nurse.seal("take_urine", drawn.id) | taken(today)
        nurse.client.post(nurse.url("take_urine", drawn.id), content)

        answer = nurse.client.post(nurse.url("take_urine", drawn.id), content | {"reference": "B2"})

        assert "sent before with other answers" in shown(answer)

    def test_with_a_page_that_somebody_else_opened_is_refused(
        self, room, nurse, at_terminal, drawn, today
    ) -> None:
        opened = nurse.seal("take_urine", drawn.id)
        second = at_terminal(room.second_nurse)

        answer = second.client.post(second.url("take_urine", drawn.id), opened | taken(today, pin=SECOND_PIN))

        assert "opened by somebody else" in shown(answer)
        assert not UrineStep.objects.exists()

    def test_with_a_wrong_pin_keeps_what_was_typed(self, nurse, drawn, today) -> None:
        answer = nurse.send("take_urine", drawn.id, **taken(today, pin="000000"))

        assert answer.context["form"].errors["pin"]
        assert 'value="a-17"' in answer.content.decode()
        assert not UrineStep.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"reference": ""}, "Write the number of the label."),
            ({"reference": "A 17"}, "capital letters, digits"),
            ({"was_seen": ""}, "Tap whether you saw it given."),
            ({"is_sealed": ""}, "Tap whether it is sealed."),
            ({"pin": ""}, "Type your signing PIN."),
        ],
    )
    def test_says_what_is_missing(self, nurse, drawn, today, changes, words) -> None:
        answer = nurse.send("take_urine", drawn.id, **taken(today, **changes))

        assert words in shown(answer)
        assert "Nothing was saved" in shown(answer)

    def test_with_the_label_of_another_sample_is_refused_and_told_in_the_trail(
        self, room, nurse, drawn, today
    ) -> None:
        other = a_urine_day(room.clinic, room.patient, today - A_WEEK)
        used = steps_of(other, "taken")[0].reference

        answer = nurse.send("take_urine", drawn.id, **taken(today, reference=used))

        assert f"Another sample bears {used}" in shown(answer)
        event = AuditEvent.objects.get(event="outcomes.urine_taken", outcome="refused")
        assert event.detail == {"codes": ["urine_reference_used"]}

    def test_with_the_label_of_a_void_sample_is_stored(self, room, nurse, drawn, today) -> None:
        other = a_urine_day(room.clinic, room.patient, today - A_WEEK)
        written_wrong = steps_of(other, "taken", "void")[0].reference

        answer = nurse.send("take_urine", drawn.id, **taken(today, reference=written_wrong))

        assert "Nothing was saved" not in shown(answer)
        assert UrineStep.objects.get(draw=drawn).reference == written_wrong

    def test_of_one_that_was_taken_meanwhile_says_so(self, nurse, drawn, today) -> None:
        content = nurse.seal("take_urine", drawn.id) | taken(today)
        steps_of(drawn, "taken")

        assert "This sample is taken" in nurse.read("take_urine", drawn.id)
        answer = nurse.client.post(nurse.url("take_urine", drawn.id), content)

        assert "This sample is taken: it cannot be written down as taken." in shown(answer)
        assert UrineStep.objects.count() == 1

    def test_after_the_day_is_written_with_its_day(self, room, nurse, today) -> None:
        earlier = a_urine_day(room.clinic, room.patient, today - (100 % 7 + 1) * A_DAY)

        assert "Not written down: 1" in nurse.read("list_urine")
        nurse.send("take_urine", earlier.id, **taken(earlier.due_on))

        assert UrineStep.objects.get().taken_on == earlier.due_on


class TestNotTaking:
    def test_is_signed_with_its_reason(self, room, nurse, drawn) -> None:
        answer = nurse.send("note_urine_not_taken", drawn.id, because="declined", words="", pin=NURSE_PIN)

        assert f"no sample of {room.patient.full_name} was taken" in shown(answer)
        step = UrineStep.objects.get()
        assert (step.kind, step.because, step.recorded_by) == ("not_taken", "declined", room.nurse)

    def test_for_another_reason_says_which(self, nurse, drawn) -> None:
        answer = nurse.send("note_urine_not_taken", drawn.id, because="other", words="", pin=NURSE_PIN)

        assert "Write the reason in a few words." in shown(answer)
        assert events("outcomes.urine_not_taken") == ["refused"]

    def test_is_followed_by_a_sample_after_all(self, nurse, drawn, today) -> None:
        nurse.send("note_urine_not_taken", drawn.id, because="could_not", words="", pin=NURSE_PIN)
        nurse.send("take_urine", drawn.id, **taken(today))

        kinds = UrineStep.objects.order_by("number").values_list("kind", flat=True)
        assert list(kinds) == ["not_taken", "taken"]


class TestSending:
    def test_signs_for_all_of_them_at_once(self, room, nurse, drawn, today) -> None:
        other = a_urine_day(room.clinic, room.patient, today - A_WEEK)
        for one in (drawn, other):
            steps_of(one, "taken")
        answer = nurse.send("send_urine", samples=[str(drawn.id), str(other.id)], pin=NURSE_PIN)

        assert "2 samples were sent" in shown(answer)
        assert UrineStep.objects.filter(kind="sent", recorded_by=room.nurse).count() == 2

    def test_twice_stores_once(self, nurse, drawn) -> None:
        steps_of(drawn, "taken")
        content = nurse.seal("send_urine") | {"samples": [str(drawn.id)], "pin": NURSE_PIN}
        answers = [nurse.client.post(nurse.url("send_urine"), content) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert UrineStep.objects.filter(kind="sent").count() == 1

    def test_of_one_that_is_gone_sends_none(self, room, nurse, drawn, today) -> None:
        other = a_urine_day(room.clinic, room.patient, today - A_WEEK)
        steps_of(drawn, "taken")
        reference = steps_of(other, "taken", "sent")[0].reference

        answer = nurse.send("send_urine", samples=[str(drawn.id), str(other.id)], pin=NURSE_PIN)

        assert f"{reference}: This sample is sent" in shown(answer)
        assert not UrineStep.objects.filter(draw=drawn, kind="sent").exists()

    @pytest.mark.parametrize("samples", [[], ["nonsense"], [str(uuid.uuid4())]])
    def test_of_nothing_or_of_strangers_stores_nothing(self, nurse, drawn, samples) -> None:
        steps_of(drawn, "taken")

        answer = nurse.send("send_urine", samples=samples, pin=NURSE_PIN)

        assert answer.context["form"].errors
        assert not UrineStep.objects.filter(kind="sent").exists()

    def test_waits_for_nothing_where_none_was_taken(self, nurse) -> None:
        assert "No sample waits to be sent." in nurse.read("send_urine")


class TestVoiding:
    def test_is_signed_with_its_reason(self, room, nurse, drawn) -> None:
        steps_of(drawn, "taken", "sent")

        answer = nurse.send("void_urine", drawn.id, because="lost", words="", pin=NURSE_PIN)

        assert "is void" in shown(answer)
        assert "Lost on the way" in nurse.read("see_urine", room.patient.id)

    def test_of_a_sample_with_a_result_leaves_both_to_be_read(self, room, nurse, drawn) -> None:
        steps_of(drawn, "taken", "sent", "result", found="positive")
        assert "There is a result of this sample" in nurse.read("void_urine", drawn.id)

        words = "The laboratory mixed two up."
        nurse.send("void_urine", drawn.id, because="lab_spoiled", words=words, pin=NURSE_PIN)

        step = UrineStep.objects.get(kind="void")
        assert (step.before, step.words, step.recorded_by) == ("result", words, room.nurse)
        page = nurse.read("see_urine", room.patient.id)
        assert "Positive" in page and "the sample is void" in page and words in page
        assert "Street-heroin marker: <s>positive</s>, counts for nothing" in nurse.read("list_urine")
        assert events("outcomes.urine_voided") == ["done"]

    def test_of_a_sample_with_a_result_without_words_is_refused(self, nurse, drawn) -> None:
        steps_of(drawn, "taken", "sent", "result")

        answer = nurse.send("void_urine", drawn.id, because="chain_broken", words="", pin=NURSE_PIN)

        assert "Write the reason in a few words." in shown(answer)
        assert not UrineStep.objects.filter(kind="void").exists()
        assert events("outcomes.urine_voided") == ["refused"]


class TestOnePersonsSamples:
    def test_stand_with_their_chain_and_with_what_was_imported(self, room, desk, drawn, today) -> None:
        steps_of(drawn, "taken", "sent")
        UrineTestFactory(
            clinic=room.clinic,
            patient=room.patient,
            due_on=today - A_WEEK,
            taken_on=today - A_WEEK,
            assay="generic_opiate",
            result="positive",
        )

        page = desk.read("see_urine", room.patient.id)

        assert "Sent to the laboratory" in page
        assert "From earlier records" in page and "Positive on the prescribed medicine, always." in page

    def test_of_nobody_known_are_missing(self, desk) -> None:
        assert desk.client.get(desk.url("see_urine", uuid.uuid4())).status_code == 404

    def test_that_are_none_say_so(self, room, desk) -> None:
        assert "No day has come" in desk.read("see_urine", room.patient.id)


class TestACaseWorker:
    @pytest.fixture
    def worker(self, room, make_member, sign_in) -> Visitor:
        return Visitor(sign_in(Client(), make_member(room.clinic, Role.CASE_WORKER, "maya")), room)

    @pytest.mark.parametrize(
        ("kinds", "word"),
        [
            ((), "due"),
            (("taken",), "taken"),
            (("taken", "sent"), "taken"),
            (("taken", "void"), "taken"),
            (("taken", "sent", "result"), "taken"),
            (("not_taken", "taken"), "taken"),
            (("not_taken",), "not taken"),
        ],
    )
    def test_is_told_due_taken_or_not_taken(self, worker, drawn, kinds, word) -> None:
        steps_of(drawn, *kinds, found="positive")

        answer = worker.client.get(worker.url("list_sample_days"))

        assert [one.word for day in answer.context["page"].days for one in day.people] == [word]

    def test_reads_the_same_page_whatever_the_result(self, worker, room, today) -> None:
        pages = []
        for week, found in enumerate(("positive", "negative", "void")):
            draw = a_urine_day(room.clinic, room.patient, today - week * A_WEEK)
            steps_of(draw, "taken", "sent", "result", found=found)
        for found in ("positive", "negative", "void", "sent", "reference"):
            page = worker.read("list_sample_days").lower()
            assert found not in page
            pages.append(page)
        assert len(set(pages)) == 1

    def test_is_not_told_tomorrows(self, worker, room, today) -> None:
        a_urine_day(room.clinic, room.patient, today + A_DAY)

        assert room.patient.full_name not in worker.read("list_sample_days")
        assert "Nobody is asked for a sample today" in worker.read("list_sample_days")

    @pytest.mark.parametrize("name", ["list_urine", "see_urine", "enter_urine_result"])
    def test_finds_no_way_to_a_result(self, worker, drawn, name) -> None:
        parts = {"see_urine": [drawn.patient_id], "enter_urine_result": [drawn.id]}.get(name, [])

        assert worker.client.get(worker.url(name, *parts)).status_code == 403
