"""A police reference that matched the wrong person is taken back: what it brought leaves them and finds the right one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.pages.queries.subject_access import get_held
from outcomes.actions.police import (
    TakingBackRefused,
    end_police_agreement,
    give_police_reference,
    take_back_police_reference,
)
from outcomes.models import (
    PoliceAgreement,
    PoliceFile,
    PoliceOffence,
    PoliceReference,
    PoliceReferenceEnd,
    PoliceStrike,
)
from outcomes.models.police import POLICE
from outcomes.queries.police import list_police_agreements
from outcomes.queries.recorded_offences import get_recorded_page, list_recorded_for_report
from outcomes.rules.police import Basis, WhyTakenBack
from tests.factories import (
    PoliceFileFactory,
    PoliceReferenceEndFactory,
    PoliceReferenceFactory,
    PoliceStrikeFactory,
)
from tests.factories.police import a_police_file, a_reference, an_agreement
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
)
from tests.refusals import refused_by

A_DAY = timedelta(days=1)


@pytest.fixture
def apart(own_database: str) -> Iterator[str]:
    """Point the alias of the police schema at the test's own database too; what is written is committed."""
    police = connections[POLICE]
    shared = police.settings_dict["NAME"]
    police.close()
    police.settings_dict["NAME"] = own_database
    yield own_database
    police.close()
    police.settings_dict["NAME"] = shared


@pytest.fixture
def room(apart: str) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def manager(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.MANAGER, name="Imran Shah")


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


@pytest.fixture
def agreement(room: TreatmentRoom, manager: User, worker: User) -> PoliceAgreement:
    """Return an agreement under which the person of the room has a reference that is somebody else's."""
    made = an_agreement(room, by=manager, basis=Basis.LAW)
    a_reference(room, made, by=worker)
    return made


@pytest.fixture
def line() -> str:
    return f"QX7TR2,{london_date(now()) - A_DAY},robbery"


def take_back(
    room: TreatmentRoom, *, by: User, why: WhyTakenBack = WhyTakenBack.WRONG_PERSON
) -> PoliceReferenceEnd:
    reference = PoliceReference.objects.filter(patient=room.patient).order_by("-given_at")[0]
    return take_back_police_reference(clinic=room.clinic, reference=reference.id, why=why, by=by, at=now())


def shown(room: TreatmentRoom, person: uuid.UUID | None = None) -> list[str]:
    page = get_recorded_page(
        clinic=room.clinic, person_id=person or room.patient.id, today=london_date(now()), at=now()
    )
    assert page is not None
    return [offence.kind for offence in page.offences]


def counted(room: TreatmentRoom) -> list[tuple[str, str]]:
    rows = list_recorded_for_report(clinic_id=room.clinic.id, as_of=london_date(now()) + A_DAY)
    return [(row["person"], row["offence"]) for row in rows]


class TestTakingBack:
    def test_takes_what_came_in_from_the_record_and_every_later_report(
        self, room, agreement, manager, worker, line
    ) -> None:
        file = a_police_file(room, agreement, line, by=manager)
        assert (shown(room), len(counted(room))) == (["Robbery"], 1)

        end = take_back(room, by=worker)

        assert (shown(room), counted(room)) == ([], [])
        # Kept, and struck with its reason.
        assert PoliceOffence.objects.get().person_id == room.patient.id
        assert (end.why, PoliceStrike.objects.get(end=end).file) == ("wrong_person", file)

    def test_leaves_what_came_in_about_others(self, room, agreement, manager, worker, line) -> None:
        other = a_patient_in_treatment(room.clinic, by=room.nurse).person
        give_police_reference(
            clinic=room.clinic,
            agreement=agreement.id,
            person=other.id,
            reference="ZK4WV9",
            by=worker,
            at=now(),
        )
        a_police_file(room, agreement, line, line.replace("QX7TR2", "ZK4WV9"), by=manager)

        take_back(room, by=worker)

        assert (shown(room), shown(room, other.id)) == ([], ["Robbery"])
        assert counted(room) == [(str(other.id), "robbery")]

    def test_leaves_what_came_in_about_the_same_person_under_another_agreement(
        self, room, agreement, manager, worker, line
    ) -> None:
        other = an_agreement(room, by=manager, basis=Basis.LAW)
        a_reference(room, other, by=worker, reference="ZK4WV9")
        a_police_file(room, other, line.replace("QX7TR2", "ZK4WV9"), by=manager)
        a_police_file(room, agreement, line, by=manager)
        right = PoliceReference.objects.get(agreement=agreement)

        take_back_police_reference(
            clinic=room.clinic, reference=right.id, why=WhyTakenBack.FORCE_ERRED, by=worker, at=now()
        )

        assert (shown(room), len(counted(room))) == (["Robbery"], 1)

    def test_lets_the_same_file_bring_them_to_the_right_person(
        self, room, agreement, manager, worker, line
    ) -> None:
        right = a_patient_in_treatment(room.clinic, by=room.nurse).person
        first = a_police_file(room, agreement, line, by=manager)
        take_back(room, by=worker)
        give_police_reference(
            clinic=room.clinic,
            agreement=agreement.id,
            person=right.id,
            reference="QX7TR2",
            by=worker,
            at=now(),
        )

        again = [a_police_file(room, agreement, line, by=manager, replaces=first.id) for _ in range(2)]

        assert again[0] == again[1] != first
        assert (shown(room), shown(room, right.id)) == ([], ["Robbery"])
        assert counted(room) == [(str(right.id), "robbery")]

    def test_brings_nothing_more_to_the_person_until_they_have_another_reference(
        self, room, agreement, manager, worker, line
    ) -> None:
        take_back(room, by=worker)
        missed = a_police_file(room, agreement, line, by=manager)
        assert (missed.offences, missed.not_stored) == (0, 1)

        a_reference(room, agreement, by=worker, reference="ZK4WV9")
        mine = line.replace("QX7TR2", "ZK4WV9")
        a_police_file(room, agreement, mine, by=manager, replaces=missed.id)

        assert (shown(room), len(counted(room))) == (["Robbery"], 1)

    def test_is_no_new_file_where_nothing_was_taken_back(self, room, agreement, manager, line) -> None:
        first = a_police_file(room, agreement, line, by=manager)

        assert a_police_file(room, agreement, line, by=manager, replaces=first.id) == first
        assert PoliceFile.objects.count() == 1

    def test_leaves_them_out_of_what_the_person_is_told_is_held(
        self, room, agreement, manager, worker, line
    ) -> None:
        a_police_file(room, agreement, line, by=manager)
        take_back(room, by=worker)

        held = {table.label: table.rows for table in get_held(person_id=room.patient.id, at=now()).tables}

        assert held["outcomes.PoliceOffence"] == ()
        assert [row["why"] for row in held["outcomes.PoliceReferenceEnd"]] == ["wrong_person"]

    def test_can_be_done_after_the_agreement_ended(self, room, agreement, manager, worker, line) -> None:
        a_police_file(room, agreement, line, by=manager)
        end_police_agreement(clinic=room.clinic, agreement=agreement.id, why="Over.", by=manager, at=now())

        take_back(room, by=worker)

        assert counted(room) == []

    def test_is_stored_once_and_refused_to_another_with_the_refusal_in_the_trail(
        self, room, agreement, worker
    ) -> None:
        other = a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Ravi Patel")

        assert take_back(room, by=worker) == take_back(room, by=worker)
        with pytest.raises(TakingBackRefused, match="taken back already"):
            take_back(room, by=other)
        with pytest.raises(TakingBackRefused):
            take_back(room, by=worker, why=WhyTakenBack.FORCE_ERRED)

        events = AuditEvent.objects.filter(
            event="outcomes.police_reference_taken_back", person=room.patient.id
        )
        assert sorted(events.values_list("outcome", flat=True)) == ["done", "refused", "refused"]
        assert "QX7TR2" not in str([event.detail for event in events])

    def test_is_of_the_clinic_alone(self, room, agreement, worker) -> None:
        strange = PoliceReferenceFactory()

        with pytest.raises(PoliceReference.DoesNotExist):
            take_back_police_reference(
                clinic=room.clinic, reference=strange.id, why=WhyTakenBack.WRONG_PERSON, by=worker, at=now()
            )

    def test_is_no_reference_in_the_numbers_of_the_agreement(self, room, agreement, worker) -> None:
        def people() -> int:
            return list_police_agreements(clinic=room.clinic, today=london_date(now()))[0].people

        assert people() == 1
        take_back(room, by=worker)
        assert people() == 0


@pytest.mark.django_db
class TestTheTables:
    def test_ask_why(self) -> None:
        with refused_by("police_reference_end_has_its_reason"):
            PoliceReferenceEndFactory(why="")

    def test_strike_a_file_once_and_only_under_its_own_agreement(self) -> None:
        strike = PoliceStrikeFactory()

        with refused_by("one_police_strike_per_file"):
            PoliceStrikeFactory(end=strike.end, file=strike.file)
        with refused_by("police_strike_is_of_its_agreement"):
            PoliceStrikeFactory(end=strike.end, file=PoliceFileFactory())

    def test_hold_a_reference_and_a_person_again_once_it_was_taken_back(self) -> None:
        first = PoliceReferenceEndFactory().reference

        again = PoliceReferenceFactory(agreement=first.agreement, reference=first.reference)
        PoliceReferenceFactory(agreement=first.agreement, patient=first.patient)

        with refused_by("one_person_per_police_reference"):
            PoliceReferenceFactory(agreement=first.agreement, reference=first.reference)
        with refused_by("one_police_reference_per_person"):
            PoliceReferenceFactory(agreement=first.agreement, patient=again.patient)

    @pytest.mark.parametrize("table", ["outcomes_policereferenceend", "outcomes_policestrike"])
    @pytest.mark.parametrize("sql", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
    def test_only_grow(self, table, sql) -> None:
        PoliceStrikeFactory()
        column = "why" if table.endswith("end") else "file_id"

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format(table, column, column))
