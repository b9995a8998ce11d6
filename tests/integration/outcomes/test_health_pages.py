"""The pages of health checks as browsers use them: nurse, case worker, and whoever is neither."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dosing.models import Injection
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from outcomes.models import HealthLine
from tests.factories import EpisodeFactory, HealthLineFactory, PersonFactory
from tests.factories.health import a_health_step, a_kit, a_wound
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.factories.urine_pages import Visitor, events
from tests.factories.visits import ReleaseFactory
from tests.pages import shown

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
SOME_DAY = date(2025, 3, 2)


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
def worker(room, make_member, at_desk) -> Visitor:
    return at_desk(make_member(room.clinic, Role.CASE_WORKER, "maya"))


def filled(visitor: Visitor, name: str, *parts: Any, **changes: str) -> dict[str, str]:
    """Open a form and return what is posted when a step of hepatitis C is tapped, or what is changed of it."""
    form = visitor.client.get(visitor.url(name, *parts)).context["form"]
    fixed = {field: str(form[field].value()) for field in ("seal", "key")}
    return {**fixed, "step": "rna_found", "on": "02/03/2025", "source": "record", **changes}


class TestAStep:
    def test_is_recorded_at_the_terminal_and_shown(self, room, nurse):
        where = (room.patient.id, "hcv")
        content = filled(nurse, "record_health_step", *where)

        answers = [
            nurse.client.post(nurse.url("record_health_step", *where), content, follow=True) for _ in range(2)
        ]

        row = HealthLine.objects.get()
        assert (row.step, row.happened_on, row.recorded_by) == ("rna_found", SOME_DAY, room.nurse)
        assert "Now: <strong>RNA test: virus found</strong>, 2 March 2025." in shown(answers[0])
        assert "Next: Refer for treatment." in shown(answers[0])
        assert events("outcomes.health_seen")

    def test_is_recorded_from_a_desk(self, room, nurse_at_desk):
        where = (room.patient.id, "hcv")
        content = filled(nurse_at_desk, "record_health_step", *where)

        nurse_at_desk.client.post(nurse_at_desk.url("record_health_step", *where), content)

        assert HealthLine.objects.get().step == "rna_found"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"step": ""}, "Tap what was done."),
            ({"source": ""}, "Tap how you know."),
            ({"on": ""}, "Write on which day."),
            ({"on": "March"}, "Write the day as day/month/year"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"step": "cured", "source": "here"}, "Before it stands “Treatment completed”."),
            ({"seal": "of nobody"}, "opened by somebody else"),
        ],
    )
    def test_that_is_refused_says_why_and_keeps_what_was_typed(self, room, nurse, changes, words):
        where = (room.patient.id, "hcv")
        content = filled(nurse, "record_health_step", *where, **changes)

        text = shown(nurse.client.post(nurse.url("record_health_step", *where), content))

        assert words in text
        assert content["key"] in text
        assert not content["on"] or content["on"] in text
        assert not HealthLine.objects.exists()

    def test_asks_only_what_its_topic_asks(self, room, nurse):
        asked = {
            topic: set(
                nurse.client.get(nurse.url("record_health_step", room.patient.id, topic))
                .context["form"]
                .fields
            )
            - {"seal", "key", "step", "on", "source"}
            for topic in ("hbv", "hcv", "kit", "wound")
        }

        assert asked == {
            "hbv": {"batch"},
            "hcv": set(),
            "kit": {"expires_on"},
            "wound": {"kind", "site", "size", "care", "review_on"},
        }

    def test_says_at_each_question_what_a_new_wound_lacks(self, room, nurse):
        where = (room.patient.id, "wound")
        content = filled(nurse, "record_health_step", *where, step="found", site="left shin")

        text = shown(nurse.client.post(nurse.url("record_health_step", *where), content))

        for words in ("what sort of wound", "how big it is", "what was done for it", "looks at it again"):
            assert words in text
        assert "left shin" in text

    def test_may_be_about_a_kit_that_is_held_and_no_other(self, room, nurse):
        kit = a_kit(room.clinic, room.patient.id, by=room.nurse)
        where = (room.patient.id, "kit")
        content = filled(
            nurse, "record_health_step", *where, step="used", on="24/11/2099", about=str(uuid.uuid4())
        )
        page = nurse.client.post(nurse.url("record_health_step", *where), content)
        assert "Tap one that stands in the list." in shown(page)

        today = f"{kit.happened_on:%d/%m/%Y}"
        nurse.client.post(
            nurse.url("record_health_step", *where), content | {"about": str(kit.id), "on": today}
        )

        assert HealthLine.objects.get(step="used").about == kit

    def test_sent_again_with_other_answers_is_told_so(self, room, nurse):
        where = (room.patient.id, "hcv")
        content = filled(nurse, "record_health_step", *where)
        url = nurse.url("record_health_step", *where)
        nurse.client.post(url, content)

        assert "sent before with other answers" in shown(nurse.client.post(url, content | {"step": "cured"}))

    def test_is_not_taken_from_the_form_of_another_topic_or_person(self, room, nurse):
        content = filled(nurse, "record_health_step", room.patient.id, "hcv", step="offered")
        elsewhere = another(room)

        for where in ((room.patient.id, "hiv"), (elsewhere.patient.id, "hcv")):
            answer = nurse.client.post(nurse.url("record_health_step", *where), content)
            assert "opened by somebody else" in shown(answer)
        assert not HealthLine.objects.exists()

    def test_of_no_topic_or_nobody_is_not_found(self, room, nurse):
        there = nurse.url("record_health_step", room.patient.id, "hcv")

        assert nurse.client.get(there.replace("hcv", "hxv")).status_code == 404
        for stranger in (PersonFactory(), a_treatment_room().patient):
            assert nurse.client.get(nurse.url("see_health", stranger.id)).status_code == 404
            assert nurse.client.get(nurse.url("record_health_step", stranger.id, "hcv")).status_code == 404


class TestACorrection:
    def test_shows_both_lines(self, room, nurse):
        row = a_health_step(room.clinic, room.patient.id, "hcv", "rna_found", by=room.nurse, on=SOME_DAY)
        where = (room.patient.id, row.id)
        content = filled(nurse, "amend_health_step", *where, step="rna_not_found", correction="learned_later")

        text = shown(nurse.client.post(nurse.url("amend_health_step", *where), content, follow=True))

        assert "Now: <strong>RNA test: no virus found</strong>" in text
        assert "Before: RNA test: virus found, 2 March 2025" in text
        assert "learned more later" in text

    def test_begins_with_the_line_as_it_stands_and_stays_with_its_kit(self, room, nurse):
        kit = a_kit(room.clinic, room.patient.id, by=room.nurse)
        a_kit(room.clinic, room.patient.id, by=room.nurse)
        used = a_health_step(room.clinic, room.patient.id, "kit", "used", by=room.nurse, about=kit.id)

        form = nurse.client.get(nurse.url("amend_health_step", room.patient.id, used.id)).context["form"]

        assert [value for value, _ in form.fields["about"].choices] == [str(kit.id)]
        assert [value for value, _ in form.fields["step"].choices] == ["used", "lost"]
        assert (form["step"].value(), str(form["about"].value())) == ("used", str(kit.id))

    def test_says_why_it_is_refused(self, room, nurse):
        row = a_health_step(room.clinic, room.patient.id, "hcv", "rna_found", by=room.nurse, on=SOME_DAY)
        where = (room.patient.id, row.id)
        url = nurse.url("amend_health_step", *where)
        content = filled(nurse, "amend_health_step", *where, correction="wrong_key")

        for changes, words in (
            ({"seal": "x"}, "opened by somebody else"),
            ({"on": "02/03/2199"}, "That day has not come yet."),
            ({"correction": ""}, "Tap why it is written again."),
        ):
            assert words in shown(nurse.client.post(url, content | changes))
        nurse.client.post(url, content)
        again = content | filled(nurse, "amend_health_step", *where)
        assert "corrected meanwhile" in shown(nurse.client.post(url, again))

    def test_knows_no_line_of_somebody_else(self, room, nurse):
        strange = HealthLineFactory(clinic=room.clinic)

        assert (
            nurse.client.get(nurse.url("amend_health_step", room.patient.id, strange.id)).status_code == 404
        )


class TestTheList:
    def test_tells_of_wounds_to_look_at_and_kits_to_hand_out(self, room, nurse, today):
        text = nurse.read("list_health")
        assert "Wounds to look at: 0" in text
        assert "Naloxone kits to hand out: 1" in text
        a_wound(room.clinic, room.patient.id, by=room.nurse, days_ago=3)
        a_kit(room.clinic, room.patient.id, by=room.nurse)

        text = nurse.read("list_health")

        assert "Wounds to look at: 1" in text
        assert "overdue" in text
        assert "Naloxone kits to hand out: 0" in text

    def test_says_what_was_said_of_a_kit_at_the_last_release(self, room, nurse):
        injection = Injection.objects.get(id=room.give().injection_id)
        ReleaseFactory(
            injection=injection,
            left_early=True,
            naloxone="has",
            released_at=now(),
            is_tolerated=False,
            reason="had to go",
        )

        text = nurse.read("list_health")

        assert "At the last release: has naloxone." in text

    def test_counts_the_vaccinated_of_those_who_are_not_immune(self, room, nurse):
        assert "course complete for 0 of 1" in nurse.read("list_health")
        a_health_step(room.clinic, room.patient.id, "hbv", "immune", by=room.nurse)
        assert "course complete for 0 of 0" in nurse.read("list_health")
        a_health_step(room.clinic, room.patient.id, "hbv", "complete", by=room.nurse)

        assert "course complete for 1 of 1" in nurse.read("list_health")

    def test_asks_the_database_as_often_for_many_as_for_one(self, room, nurse, django_assert_num_queries):
        nurse.read("list_health")
        with CaptureQueriesContext(connection) as one:
            nurse.read("list_health")
        for number in range(9):
            someone = EpisodeFactory(clinic=room.clinic).person
            HealthLineFactory(clinic=room.clinic, patient=someone, happened_on=SOME_DAY + number * A_DAY)

        with django_assert_num_queries(len(one)):
            nurse.read("list_health")


class TestACaseWorker:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("hcv", "antibody_negative"), ("hcv", "cured")),
            (("hiv", "negative"), ("hiv", "positive")),
            (("hbv", "immune"), ("hbv", "complete")),
        ],
    )
    def test_reads_the_same_page_whatever_was_found(self, room, worker, one, other):
        pages = []
        for found in (one, other):
            row = HealthLineFactory(clinic=room.clinic, patient=room.patient, topic=found[0], step=found[1])
            pages.append(worker.read("list_health_due"))
            HealthLineFactory(
                clinic=room.clinic,
                patient=room.patient,
                topic=row.topic,
                step=row.step,
                amends=row,
                correction="entered_twice",
            )

        assert "done" in pages[0]
        assert pages[0] == pages[1]

    def test_is_told_of_no_wound(self, room, worker):
        before = worker.read("list_health_due")
        a_wound(room.clinic, room.patient.id, by=room.nurse)

        assert worker.read("list_health_due") == before

    def test_finds_no_way_to_a_result(self, room, worker):
        row = a_health_step(room.clinic, room.patient.id, "hiv", "positive", by=room.nurse)

        for name, parts in (
            ("list_health", ()),
            ("see_health", (room.patient.id,)),
            ("record_health_step", (room.patient.id, "hiv")),
            ("amend_health_step", (room.patient.id, row.id)),
        ):
            assert worker.client.get(worker.url(name, *parts)).status_code == 403

    def test_sees_no_result_in_the_list_of_acts(self, room, worker, at_desk, make_member):
        a_health_step(room.clinic, room.patient.id, "hiv", "positive", by=room.nurse)
        manager = at_desk(make_member(room.clinic, Role.MANAGER, "mona"))

        text = manager.client.get(f"/clinics/{room.clinic.code}/acts/").content.decode()

        assert "positive" not in text
