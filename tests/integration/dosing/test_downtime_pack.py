"""The paper pack: equal to the database, printed without the worker, recorded, and never a way round a blind count."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from dosing import tasks
from dosing.actions.downtime import MAKER, NoSessions, make_downtime_pack
from dosing.actions.visits import record_not_given
from dosing.models import DowntimeFile, DowntimePack, Hold, Injection
from dosing.queries.board import get_board
from dosing.queries.downtime import get_changed_at, get_downtime_page, get_downtime_sheet, get_newest_pack
from dosing.queries.downtime_lines import PackLine
from dosing.queries.sessions import get_session_facts
from dosing.rules.downtime import FILES_KEPT, MOST_AGE
from dosing.rules.sessions import Outcome, Reason, least_minutes
from hat_clinic.accounts.actions import enrol_totp, get_program
from hat_clinic.accounts.models import SessionSlot
from hat_clinic.audit.models import AuditEvent
from hat_clinic.celery import app
from hat_clinic.core.clock import LONDON, now
from patients.models import Consent
from patients.rules.consents import Purpose
from tests.factories import ConsentWithdrawalFactory, PersonPhotoFactory
from tests.factories.closures import a_clinical_lead, close
from tests.factories.oral import an_oral_order
from tests.factories.oral import give as give_oral
from tests.factories.prescription_pages import text_of_pdf
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180, places=60)


@pytest.fixture
def nurse(room, sign_in) -> Client:
    enrol_totp(user=room.nurse, secret=None, by=None, at=now())
    return sign_in(Client(), room.nurse)


def make(room: TreatmentRoom) -> DowntimePack:
    return make_downtime_pack(clinic=room.clinic, by=room.nurse, at=now())


def fill(room: TreatmentRoom, people: int) -> None:
    at = now()
    for _ in range(people - 1):
        an_order(
            a_patient_in_treatment(room.clinic, by=room.doctor, at=at),
            room.premises,
            doctor=room.doctor,
            at=at,
        )


def printed(client: Client, room: TreatmentRoom) -> str:
    answer = client.post(reverse("dosing:print_downtime_pack", args=[room.clinic.code]))
    folder = os.environ.get("HAT_LOOK")
    if folder:
        (
            Path(folder) / f"{os.environ['PYTEST_CURRENT_TEST'].rsplit('::', 1)[1].split(' ')[0]}.pdf"
        ).write_bytes(answer.content)
    return " ".join(" ".join(text_of_pdf(answer)).split())


class TestWhatStandsOnIt:
    def test_is_equal_to_the_database_for_everybody(self, room) -> None:
        fill(room, 12)
        at = now()
        sheet = get_downtime_sheet(clinic=room.clinic, maker=room.nurse, at=at)

        assert sheet is not None
        assert len(sheet.lines) == 12 == len(set(sheet.people))
        for line in sheet.lines:
            known = get_session_facts(
                patient_id=line.patient_id, clinic=room.clinic, session=sheet.key, at=at
            )
            order, limits = known.facts.order, known.facts.protocol
            assert order is not None
            assert limits is not None
            last = Injection.objects.filter(patient_id=line.patient_id).order_by("-ended_at").first()
            assert line.ordered == f"{order.dose_mg} mg"
            assert line.volume.split()[0] == f"{order.dose_mg / limits.concentration_mg_per_ml:g}"
            if last is None:
                assert (line.last, line.not_before_at) == ("none recorded here", None)
            else:
                minutes = least_minutes(order, limits, known.facts)
                assert line.not_before_at == last.ended_at + timedelta(minutes=minutes)
                assert line.last.startswith(f"{last.given_mg} mg, ")

    def test_tells_the_wait_after_a_dose(self, db: None) -> None:
        room = a_treatment_room()
        room.give()
        last = Injection.objects.get(patient=room.patient)
        sheet = get_downtime_sheet(clinic=room.clinic, maker=room.nurse, at=now())

        assert sheet is not None
        (line,) = sheet.lines
        assert line.not_before_at is not None
        assert line.not_before_at > last.ended_at
        assert f"{line.not_before_at.astimezone(LONDON):%H:%M}" in line.not_before
        assert line.visit.startswith("being observed until ")
        assert line.capped.startswith("At most 0 mg")

    def test_tells_a_hold_and_a_dose_that_a_gap_lowers(self, room, nurse) -> None:
        Hold.objects.create(
            patient=room.patient,
            clinic=room.clinic,
            codes=["other"],
            reason="seen asleep at the bus stop",
            opened_by=room.nurse,
            opened_at=now(),
        )
        text = printed(nurse, room)

        assert "NO DOSE" in text
        assert "seen asleep at the bus stop" in text

    def test_is_readable_as_text_with_reference_and_page(self, room, nurse) -> None:
        fill(room, 6)
        text = printed(nurse, room)
        pack = DowntimePack.objects.get()

        assert f"Paper pack P{pack.number}" in text
        assert "Page 1 of " in text
        assert f"by {room.nurse.full_name}" in text
        for place, person_id in enumerate(pack.people, start=1):
            assert f"P{pack.number}-{place:02d}" in text
            assert person_id
        assert room.patient.full_name in text
        assert "180 mg" in text
        assert "1.8 ml at 100 mg in 1 ml" in text
        assert "Somebody who is not on this pack" in text
        assert "Emergency" in text

    def test_shows_the_photo_with_consent_alone(self, room) -> None:
        photo = PersonPhotoFactory(person=room.patient, added_at=now())
        with_it = get_downtime_sheet(clinic=room.clinic, maker=room.nurse, at=now())
        consent = Consent.objects.get(person=room.patient, purpose=Purpose.PHOTO)
        ConsentWithdrawalFactory(consent=consent, withdrawn_at=now(), recorded_by=room.nurse)
        without = get_downtime_sheet(clinic=room.clinic, maker=room.nurse, at=now())

        assert without is not None and with_it is not None
        assert with_it.photos == {room.patient.id: bytes(photo.jpeg)}
        assert without.photos == {}

    def test_tells_whether_the_day_was_open(self, room) -> None:
        before = get_downtime_sheet(clinic=room.clinic, maker=room.nurse, at=now())
        room.open_day()
        after = get_downtime_sheet(clinic=room.clinic, maker=room.nurse, at=now())

        assert before is not None and after is not None
        assert before.day.startswith("When made, the day was not open.")
        assert after.day.startswith("Day open")

    def test_is_not_made_for_a_clinic_without_sessions(self, room) -> None:
        with patch("dosing.queries.downtime.openings_of", return_value=[]), pytest.raises(NoSessions):
            make(room)

        assert not DowntimePack.objects.exists()


class TestPrinting:
    def test_asks_neither_the_worker_nor_its_queue(self, room, nurse) -> None:
        with (
            patch.object(app, "send_task", side_effect=AssertionError("the queue was asked")),
            patch("celery.app.task.Task.apply_async", side_effect=AssertionError("the queue was asked")),
        ):
            assert room.patient.full_name in printed(nurse, room)

    def test_records_a_look_at_everybody_on_it(self, room, nurse) -> None:
        fill(room, 3)
        printed(nurse, room)
        pack = DowntimePack.objects.get()
        seen = AuditEvent.objects.filter(event="dosing.downtime_pack_seen", is_look=True)

        assert set(seen.values_list("person", flat=True)) == set(pack.people)
        assert len(pack.people) == 3
        assert AuditEvent.objects.filter(event="dosing.downtime_pack_made", object_id=str(pack.id)).exists()

    def test_opens_a_stored_file_and_records_it(self, room, nurse) -> None:
        pack = make(room)
        answer = nurse.get(reverse("dosing:see_downtime_pack", args=[room.clinic.code, pack.id]))

        assert answer.content == bytes(pack.file.pdf)
        assert AuditEvent.objects.filter(event="dosing.downtime_pack_seen", person=room.patient.id).exists()

    def test_another_clinics_file_is_not_there(self, room, nurse) -> None:
        other = a_treatment_room()
        pack = make(other)

        answer = nurse.get(reverse("dosing:see_downtime_pack", args=[room.clinic.code, pack.id]))
        assert answer.status_code == 404


class TestABlindCount:
    def test_is_told_no_balance_by_a_new_pack_and_no_old_file(self, room, nurse) -> None:
        pack = make(room)
        url = reverse("dosing:see_downtime_pack", args=[room.clinic.code, pack.id])
        with patch("dosing.queries.downtime.is_balance_hidden", return_value=True):
            assert nurse.get(url).status_code == 302
            assert "left out: being counted" in printed(nurse, room)


class TestTheFiles:
    def test_of_a_session_are_emptied_but_three(self, room) -> None:
        packs = [make(room) for _ in range(FILES_KEPT + 2)]
        files = DowntimeFile.objects.in_bulk()

        assert [bool(files[pack.id].pdf) for pack in packs] == [False, False, True, True, True]
        assert [pack.number for pack in packs] == [1, 2, 3, 4, 5]
        assert all(pack.people == [room.patient.id] for pack in packs)

    def test_say_that_they_are_gone(self, room, nurse) -> None:
        first = make(room)
        for _ in range(FILES_KEPT):
            make(room)
        url = reverse("dosing:see_downtime_pack", args=[room.clinic.code, first.id])

        assert "is gone" in nurse.get(url, follow=True).content.decode()

    @pytest.mark.parametrize("change", ["pdf = 'x'", "sha256 = ''", "emptied_at = NULL"])
    def test_are_never_changed(self, room, change) -> None:
        pack = make(room)

        with (
            pytest.raises(IntegrityError, match="emptied once and never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE dosing_downtimefile SET {change} WHERE pack_id = %s", [pack.id])

    def test_are_numbered_once(self, room) -> None:
        pack = make(room)

        with pytest.raises(IntegrityError, match="downtime_packs_are_numbered_once"), transaction.atomic():
            DowntimePack.objects.create(
                clinic=room.clinic,
                number=pack.number,
                service_date=pack.service_date,
                slot=pack.slot,
                people=[],
                made_at=now(),
                made_by=room.nurse,
            )

    def test_are_whole_or_say_when_they_were_emptied(self, room) -> None:
        pack = make(room)
        second = DowntimePack.objects.create(
            clinic=room.clinic,
            number=pack.number + 1,
            service_date=pack.service_date,
            slot=pack.slot,
            people=[],
            made_at=now(),
            made_by=room.nurse,
        )

        with (
            pytest.raises(IntegrityError, match="downtime_file_says_when_it_was_emptied"),
            transaction.atomic(),
        ):
            DowntimeFile.objects.create(pack=second, pdf=b"", sha256="")


class TestTheWorker:
    def test_makes_one_and_no_second_until_it_is_due(self, room) -> None:
        assert tasks.make_downtime_packs() == 1
        assert tasks.make_downtime_packs() == 0

        pack = get_newest_pack(clinic=room.clinic)
        assert pack is not None
        assert pack.made_by == get_program(name=MAKER, at=now())

    def test_makes_one_when_an_order_changed(self, room) -> None:
        tasks.make_downtime_packs()
        fill(room, 2)

        assert get_changed_at(clinic=room.clinic) is not None
        assert tasks.make_downtime_packs() == 1

    def test_goes_on_with_the_next_clinic_and_fails_at_the_end(self, room) -> None:
        other = a_treatment_room()
        real = make_downtime_pack

        def fails_for_one(**told):
            if told["clinic"] == room.clinic:
                raise ValueError("no paper")
            return real(**told)

        with (
            patch("dosing.tasks.make_downtime_pack", fails_for_one),
            pytest.raises(ValueError, match="paper"),
        ):
            tasks.make_downtime_packs()

        assert DowntimePack.objects.filter(clinic=other.clinic).exists()


class TestWhatIsTold:
    def test_on_the_board_without_a_pack_and_with_an_old_one(self, room) -> None:
        at = now()
        missing = get_board(clinic=room.clinic, at=at).paper
        pack = make(room)

        assert missing == "There is no paper pack of this session."
        assert get_board(clinic=room.clinic, at=pack.made_at).paper == ""
        slot = SessionSlot.objects.filter(clinic=room.clinic, name=pack.slot)
        later = pack.made_at + MOST_AGE + timedelta(minutes=11)
        if slot.get().closes_at > later.astimezone(LONDON).time() > pack.made_at.astimezone(LONDON).time():
            assert get_board(clinic=room.clinic, at=later).paper == "The paper pack is 26 minutes old."

    def test_on_the_board_with_the_way_to_print_one(self, room, nurse) -> None:
        text = nurse.get(reverse("dosing:see_board", args=[room.clinic.code])).content.decode()

        assert "There is no paper pack of this session." in text
        assert reverse("dosing:see_downtime", args=[room.clinic.code]) in text

    def test_on_its_page_who_is_on_it(self, room, nurse) -> None:
        make(room)
        page = get_downtime_page(clinic=room.clinic, may_count=True, at=now())
        text = nurse.get(reverse("dosing:see_downtime", args=[room.clinic.code])).content.decode()

        assert [one.patient_id for one in page.people] == [room.patient.id]
        assert room.patient.full_name in text
        assert "P1-01" in text

    def test_that_no_pack_is_stored(self, room, nurse) -> None:
        text = nurse.get(reverse("dosing:see_downtime", args=[room.clinic.code])).content.decode()

        assert "No pack is stored." in text


def lines(room: TreatmentRoom) -> list[PackLine]:
    sheet = get_downtime_sheet(clinic=room.clinic, maker=room.nurse, at=now())
    assert sheet is not None
    return [line for line in sheet.lines if line.patient_id == room.patient.id]


class TestWhatTheHatchWouldSay:
    """Paper asks nothing again, so that it says what bars a dose as the hatch would."""

    def test_of_an_oral_dose_that_was_taken_already(self, room) -> None:
        order = an_oral_order(room)
        assert "none given today when this was made" in lines(room)[0].oral[0]
        give_oral(room, order)

        assert "40 mg given today already, last at" in lines(room)[0].oral[0]

    def test_of_a_session_that_was_ended_without_a_dose(self, room) -> None:
        assert not lines(room)[0].stands
        record_not_given(
            clinic=room.clinic,
            patient_id=room.patient.id,
            session=room.session(),
            outcome=Outcome.WITHHELD,
            reason=Reason.INTOXICATED,
            by=room.nurse,
            at=now(),
        )

        assert "withheld" in lines(room)[0].stands[0]

    def test_of_a_session_that_is_closed(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        made_at = now()
        close(room, by=a_clinical_lead(room))
        clock.pass_by(minutes=1)

        changed_at = get_changed_at(clinic=room.clinic)
        assert changed_at is not None and changed_at >= made_at
        assert lines(room)[0].stands[0].startswith("Closed:")

    def test_of_somebody_who_is_watched_from_the_session_before(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        room.give()
        begun = room.session()
        for hours in range(12):
            clock.pass_by(hours=1)
            (line,) = lines(room)
            assert line.visit.startswith("being observed"), (hours, begun)

    def test_of_a_gap_that_asks_for_more_before_the_session_closes(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        SessionSlot.objects.filter(clinic=room.clinic).update(opens_at="09:00", closes_at="13:00")
        room.give()
        clock.pass_by(hours=25, minutes=30)
        (line,) = lines(room)

        assert not line.capped
        assert line.later == "After 12:00: at most 135 mg."
        clock.pass_by(minutes=31)
        assert not lines(room)[0].later
        assert lines(room)[0].capped.startswith("At most 135 mg")
