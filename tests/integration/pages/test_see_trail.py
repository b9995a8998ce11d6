"""The pages that read the audit trail: what they tell, to whom, and in how many questions."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hat_clinic.accounts.actions import end_role, grant_role
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record, record_look
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def manager(room, make_member) -> User:
    return make_member(room.clinic, Role.MANAGER)


@pytest.fixture
def officer(room, make_member) -> User:
    return make_member(room.clinic, Role.PRIVACY_OFFICER)


@pytest.fixture
def see(room, sign_in):
    """Return a function that opens one of the two pages as somebody and gives the answer."""

    def open_page(user: User, page: str, **asked: Any) -> Any:
        client = sign_in(Client(), user)
        answer = client.get(f"/clinics/{room.clinic.code}/{page}/", asked)
        assert answer.status_code == 200
        return answer

    return open_page


def words(answer: Any) -> str:
    """Return what is read on the page, without tags and repeated spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def an_act(user: User | None, room: TreatmentRoom | None = None, **more: Any) -> AuditEvent:
    """Write one act, and return its row."""
    with transaction.atomic():
        record(
            more.pop("event", "accounts.pin_set"),
            by=user,
            at=more.pop("at", now()),
            clinic=room.clinic.id if room else None,
            **more,
        )
    return AuditEvent.objects.latest("id")


def a_look(user: User, room: TreatmentRoom, *people: uuid.UUID, at: datetime | None = None) -> None:
    record_look("dosing.board_seen", by=user, at=at or now(), clinic=room.clinic.id, people=people)


def what(answer: Any) -> list[str]:
    return [f"{act.who} {act.what}" for act in answer.context["page"].acts]


class TestActs:
    def test_are_told_newest_first_in_london_time(self, room, manager, see) -> None:
        an_act(room.nurse, room, at=datetime(2027, 7, 1, 8, 0, tzinfo=UTC))
        an_act(room.doctor, room, event="dosing.order_signed", at=datetime(2027, 7, 1, 9, 0, tzinfo=UTC))

        answer = see(manager, "acts", day="01/07/2027")

        assert what(answer) == ["Dr Priya Nair signed an order", "Grace Okafor set a signing PIN"]
        assert "1 Jul 2027 10:00:00" in words(answer)

    def test_of_a_day_are_those_of_the_london_day(self, room, manager, see) -> None:
        midnight = datetime(2027, 7, 1, tzinfo=LONDON)
        an_act(room.nurse, room, at=midnight - timedelta(seconds=1), kind="too early")
        an_act(room.nurse, room, at=midnight, kind="first")
        an_act(room.nurse, room, at=midnight + timedelta(days=1, seconds=-1), kind="last")
        an_act(room.nurse, room, at=midnight + timedelta(days=1), kind="too late")

        acts = see(manager, "acts", day="01/07/2027").context["page"].acts

        assert [act.details for act in acts] == ["kind: last", "kind: first"]

    def test_name_nobody_in_treatment(self, room, manager, see) -> None:
        answer = see(manager, "acts")

        text = answer.content.decode()
        assert "registered a person" in text
        assert f"one person ({room.patient.id.hex[:8]})" in text
        for secret in (room.patient.family_name, "Danny", str(room.patient.id), "Cable Yard"):
            assert secret not in text

    def test_tell_no_dose(self, room, manager, see) -> None:
        an_act(room.nurse, room, given_mg=180, ampoules=["2"], permission="see_board")

        acts = see(manager, "acts", colleague=str(room.nurse.id)).context["page"].acts

        assert acts[0].details == "permission: see board"

    def test_tell_of_sign_ins_of_this_clinics_people_only(self, room, manager, see) -> None:
        stranger = a_treatment_room()
        an_act(room.nurse, event="accounts.signed_in")
        an_act(None, event="accounts.sign_in_failed", refused=True, thing=room.second_nurse)
        an_act(stranger.nurse, event="accounts.signed_in")
        an_act(None, event="accounts.sign_in_failed", refused=True, thing=stranger.nurse)
        an_act(None, event="accounts.sign_in_failed", refused=True)
        an_act(stranger.nurse, stranger)

        acts = see(manager, "acts").context["page"].acts

        assert [(act.who, act.what, act.about) for act in acts if act.who != "Manager"][:2] == [
            ("Nobody signed in", "tried to sign in and was not let in", "Tom Brennan"),
            ("Grace Okafor", "signed in", ""),
        ]
        assert stranger.clinic.id not in set(
            AuditEvent.objects.filter(id__in=[act.id for act in acts]).values_list("clinic", flat=True)
        )

    def test_of_a_leaver_stay(self, room, manager, see) -> None:
        an_act(room.nurse, event="accounts.signed_in")
        end_role(user=room.nurse, clinic=room.clinic, role=Role.NURSE, by=manager, at=now())

        assert "Grace Okafor signed in" in what(see(manager, "acts"))

    def test_mark_what_was_refused_and_can_be_cut_to_it(self, room, manager, see) -> None:
        an_act(room.nurse, room)
        an_act(room.nurse, room, event="accounts.access_refused", refused=True, permission="see_reports")

        answer = see(manager, "acts", refused="on")

        assert what(answer) == ["Grace Okafor tried to open a page that their role does not include"]
        assert "Refused Grace Okafor" in words(answer)

    def test_can_be_cut_to_one_colleague_failed_sign_ins_included(self, room, manager, see) -> None:
        an_act(room.doctor, event="accounts.signed_in")
        an_act(None, event="accounts.sign_in_failed", refused=True, thing=room.doctor)
        an_act(room.nurse, event="accounts.signed_in")

        acts = see(manager, "acts", colleague=str(room.doctor.id)).context["page"].acts

        assert {act.who for act in acts} == {"Dr Priya Nair", "Nobody signed in"}
        assert acts[0].about == "Dr Priya Nair"

    def test_of_a_colleague_done_in_another_clinic_stay_there(self, room, manager, see) -> None:
        elsewhere = a_treatment_room()
        grant_role(user=room.nurse, clinic=elsewhere.clinic, role=Role.NURSE, by=None, at=now())
        there = an_act(room.nurse, elsewhere)

        acts = see(manager, "acts", colleague=str(room.nurse.id)).context["page"].acts

        assert there.id not in {act.id for act in acts}

    def test_hold_no_looks(self, room, manager, see) -> None:
        a_look(room.nurse, room, room.patient.id)
        see(manager, "acts")

        assert not {"Grace Okafor looked at the board", "Manager read who did what"} & set(
            what(see(manager, "acts"))
        )

    def test_come_in_pages_of_fifty_and_none_is_lost_between_them(self, room, manager, see) -> None:
        at = now() + timedelta(days=400)
        written = {an_act(room.nurse, room, at=at + timedelta(seconds=n // 3)).id for n in range(120)}
        day = f"{london_date(at):%d/%m/%Y}"

        seen: list[int] = []
        asked: dict[str, Any] = {"day": day}
        for _ in range(3):
            answer = see(manager, "acts", **asked)
            seen += [act.id for act in answer.context["page"].acts]
            older = answer.context["older"]
            asked = dict(pair.split("=") for pair in older.replace("%2F", "/").split("&")) if older else {}

        assert len(seen) == 120
        assert set(seen) == written
        assert seen == sorted(seen, reverse=True)
        assert older == ""

    def test_say_so_when_there_are_none(self, manager, see) -> None:
        assert "Nothing was done or refused that fits this choice." in words(
            see(manager, "acts", day="01/01/1999")
        )

    @pytest.mark.parametrize("day", ["32/13/2026", "yesterday", "01/01/1800"])
    def test_of_a_day_that_is_none_are_explained(self, manager, see, day) -> None:
        answer = see(manager, "acts", day=day)

        assert "There is a problem" in words(answer)
        assert f'value="{day}"' in answer.content.decode()
        assert answer.context["page"].acts

    def test_of_a_colleague_of_another_clinic_are_not_to_be_had(self, manager, see) -> None:
        answer = see(manager, "acts", colleague=str(a_treatment_room().nurse.id))

        assert "Choose a colleague from the list." in words(answer)

    def test_after_an_event_that_is_not_there_are_none(self, manager, see) -> None:
        assert see(manager, "acts", before=2**62).context["page"].acts == ()

    def test_are_had_with_the_same_questions_for_one_and_for_fifty(self, room, manager, see) -> None:
        at = now() + timedelta(days=400)
        day = f"{london_date(at):%d/%m/%Y}"
        counts = []
        for more in (1, 60):
            for _ in range(more):
                an_act(room.nurse, room, at=at)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                see(manager, "acts", day=day)
            counts.append(len(asked))

        assert counts[0] == counts[1]

    def test_are_a_look_that_is_recorded(self, room, manager, see) -> None:
        answer = see(manager, "acts")

        event = AuditEvent.objects.get(event="pages.acts_seen")
        assert (event.actor, event.clinic, event.is_look) == (manager, room.clinic.id, True)
        assert event.request_id == answer["X-Request-ID"]


class TestLooks:
    def test_are_counted_for_each_colleague_and_day(self, room, officer, see) -> None:
        other = a_patient_in_treatment(room.clinic, by=room.doctor).person
        noon = datetime.combine(london_date(now()), datetime.min.time(), tzinfo=LONDON).replace(hour=12)
        for _ in range(2):
            a_look(room.nurse, room, room.patient.id, other.id, at=noon)
        a_look(room.nurse, room, room.patient.id, at=noon - timedelta(days=6))
        a_look(room.nurse, room, room.patient.id, at=noon - timedelta(days=7))

        rows = see(officer, "looks").context["page"].rows

        (row,) = [row for row in rows if row.colleague.id == room.nurse.id]
        counts = [(count.looks, count.people) if count else None for _, count in row.counts]
        assert counts == [(1, 1), None, None, None, None, None, (4, 2)]

    def test_at_one_person_are_told_without_a_name(self, room, officer, see) -> None:
        other = a_patient_in_treatment(room.clinic, by=room.doctor).person
        a_look(room.nurse, room, room.patient.id, other.id)

        answer = see(officer, "looks", person=str(room.patient.id))

        (look,) = answer.context["page"].looks
        assert (look.who, look.what) == ("Grace Okafor", "looked at the board")
        assert re.fullmatch(r"D\.M\.\d\. born 1979", look.person)
        for secret in ("Danny", "Marsh", "14/03/1979", "14 March"):
            assert secret not in answer.content.decode()

    def test_by_one_colleague_are_those_of_the_days_shown(self, room, officer, see) -> None:
        a_look(room.doctor, room, room.patient.id)
        a_look(room.nurse, room, room.patient.id)
        a_look(room.nurse, room, room.patient.id, at=now() - timedelta(days=8))

        looks = see(officer, "looks", colleague=str(room.nurse.id)).context["page"].looks

        assert [look.who for look in looks] == ["Grace Okafor"]

    def test_of_another_clinic_are_not_told(self, room, officer, see) -> None:
        elsewhere = a_treatment_room()
        a_look(elsewhere.nurse, elsewhere, room.patient.id)

        answer = see(officer, "looks", person=str(room.patient.id))

        assert answer.context["page"].looks == ()
        assert str(elsewhere.patient.id) not in answer.content.decode()
        assert "No look fits this choice." in words(answer)

    def test_say_so_when_there_are_none(self, officer, see) -> None:
        assert "Nobody looked at anybody in these seven days." in words(
            see(officer, "looks", day="01/01/1999")
        )

    def test_are_themselves_looks_at_everybody_listed(self, room, officer, see) -> None:
        answer = see(officer, "looks")

        events = AuditEvent.objects.filter(request_id=answer["X-Request-ID"])
        assert {(event.event, event.person, event.actor_id) for event in events} == {
            ("pages.looks_seen", room.patient.id, officer.id)
        }

    def test_at_a_person_of_another_clinic_are_not_to_be_had(self, officer, see) -> None:
        answer = see(officer, "looks", person=str(a_treatment_room().patient.id))

        assert "Choose a person from the list." in words(answer)

    def test_are_had_with_the_same_questions_for_one_and_for_fifty(self, room, officer, see) -> None:
        counts = []
        for more in (1, 60):
            for _ in range(more):
                a_look(room.nurse, room, room.patient.id)
            with CaptureQueriesContext(connection) as asked:
                see(officer, "looks", person=str(room.patient.id))
            counts.append(len(asked))

        assert counts[0] == counts[1]
