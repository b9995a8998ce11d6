"""What the database refuses of the acts with the stock when the application's own login writes the rows by hand."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dosing.actions.register import take_into_batch
from dosing.models import (
    Batch,
    Quarantine,
    RegisterLine,
)
from dosing.rules.register import EntryKind
from dosing.rules.stock import Supply
from hat_clinic.core.clock import london_date, now
from patients.models import Person
from tests.factories import NINE, OrderFactory, PersonFactory, UserFactory
from tests.factories.drawn import a_drawn_dose
from tests.factories.register import a_stocked_batch, an_open_register, receive
from tests.factories.stock import (
    a_stock_room,
    an_own_ledger,
    put_apart,
    take_in_own,
)
from tests.factories.stock_rows import a_line, a_quarantine, commit, signed
from tests.factories.treatment import TreatmentRoom
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_stock_room()


class TestALine:
    @pytest.mark.parametrize(
        ("kind", "ampoules"),
        [(EntryKind.SENT, -1), (EntryKind.RECEIVED, 1), (EntryKind.ADJUSTED, -1), (EntryKind.NOTE, 0)],
    )
    def test_has_the_act_that_it_tells_of(self, room, kind: EntryKind, ampoules: int) -> None:
        with refused_by("register_line_has_its_act"):
            a_line(room, kind, ampoules)
            commit()

    def test_of_destruction_has_its_destruction(self, room) -> None:
        put_apart(room, 3)

        with refused_by("register_line_has_its_act"):
            a_line(room, EntryKind.DESTROYED, -3)
            commit()

    def test_of_waste_has_the_dose_that_two_wasted(self, room) -> None:
        mg = room.line.strength_mg
        drawn = {"drawn_mg": mg, "given_mg": 0, "wasted_mg": mg}

        with refused_by("register_line_has_its_act"):
            a_line(room, EntryKind.WASTED, -1, patient_id=room.patient.id, order_id=room.order.id, **drawn)
            commit()

    @pytest.mark.parametrize(
        ("kind", "ampoules"),
        [
            (EntryKind.SENT, 1),
            (EntryKind.DESTROYED, 1),
            (EntryKind.RECEIVED, -1),
            (EntryKind.ADJUSTED, 0),
            (EntryKind.NOTE, 1),
        ],
    )
    def test_comes_in_or_goes_out_as_its_kind_says(self, room, kind: EntryKind, ampoules: int) -> None:
        with pytest.raises(Exception, match="comes in, what is sent"):
            a_line(room, kind, ampoules)  # register_kind_fits_its_ampoules

    def test_of_stock_has_no_milligrams(self, room) -> None:
        with pytest.raises(
            Exception, match="Only a dose has milligrams"
        ):  # register_only_doses_have_milligrams
            a_line(room, EntryKind.SENT, -1, drawn_mg=10, given_mg=10, wasted_mg=0)

    def test_of_stock_names_two_people(self, room) -> None:
        with pytest.raises(Exception, match="Two people send"):  # register_stock_acts_name_two_people
            a_line(room, EntryKind.SENT, -1, witness_id=None)

    @pytest.mark.parametrize(("kind", "ampoules"), [(EntryKind.SENT, -1), (EntryKind.NOTE, 0)])
    def test_says_what_it_is_for(self, room, kind: EntryKind, ampoules: int) -> None:
        with pytest.raises(Exception, match="what this line is for"):  # register_stock_acts_say_what_they_are
            a_line(room, kind, ampoules, reference="")


class TestABatch:
    def test_destroys_nothing_that_is_not_in_quarantine(self, room) -> None:
        put_apart(room, 3)

        with pytest.raises(Exception, match="in that place"):  # what_is_quarantined_is_part_of_the_batch
            a_line(room, EntryKind.DESTROYED, -4)

    def test_keeps_what_is_quarantined_from_every_other_way_out(self, room) -> None:
        put_apart(room, 50)

        with pytest.raises(Exception, match="in that place"):
            a_line(room, EntryKind.SENT, -1)

    def test_is_in_the_register_of_its_kind(self, room) -> None:
        ledger = an_own_ledger(room)
        content = {"number": "X", "expires_on": london_date(now()), "ampoules": 0}

        for line, patient in ((room.line, PersonFactory()), (ledger, None)):
            with refused_by("batch_is_in_the_register_of_its_kind"):
                Batch.objects.create(line=line, patient=patient, **content)

    def test_begins_with_nothing_in_quarantine(self, room) -> None:
        with refused_by("batch_begins_empty"):
            Batch.objects.create(
                line=room.line, number="X", expires_on=london_date(now()), ampoules=0, quarantined=1
            )

    @pytest.mark.parametrize("column", ["quarantined", "patient_id"])
    def test_is_not_changed_by_the_application(self, room, column: str) -> None:
        with pytest.raises(Exception, match="permission denied"), _statement() as cursor:
            cursor.execute(f"UPDATE dosing_batch SET {column} = NULL")

    def test_of_one_patient_is_not_moved_by_anybody_elses_line(self, room) -> None:
        ledger = an_own_ledger(room)
        take_in_own(room, ledger, 10)
        batch = Batch.objects.get(line=ledger)

        with refused_by("patients_own_is_theirs_alone"):
            a_line(
                room,
                EntryKind.OBTAINED,
                1,
                line_id=ledger.id,
                batch_id=batch.id,
                patient_id=PersonFactory().id,
            )
            commit()

    def test_of_one_patient_is_drawn_up_for_nobody_else(self) -> None:
        line = an_open_register(supply=Supply.NAMED)
        theirs = _own_batch(line, PersonFactory())
        one = OrderFactory(premises=line.premises)

        with refused_by("patients_own_is_theirs_alone"):
            a_drawn_dose(theirs, order=one)
            commit()
        a_drawn_dose(_own_batch(line, one.patient), order=one)
        commit()


def _own_batch(line: RegisterLine, patient: Person) -> Batch:
    with transaction.atomic():
        take_into_batch(
            line=line,
            kind=EntryKind.OBTAINED,
            batch_number="P1",
            expires_on=london_date(NINE) + timedelta(days=300),
            ampoules=10,
            party_name="Quay Pharmacy (invented)",
            party_address="3 Quay",
            reference="FP10MDA 0001",
            key=uuid.uuid4(),
            by=UserFactory(),
            witness=UserFactory(),
            at=NINE,
            occurred_at=NINE - timedelta(hours=1),
            patient_id=patient.id,
        )
    return Batch.objects.select_related("line__premises").get(line=line, patient=patient)


def _statement() -> Any:
    wrapper: BaseDatabaseWrapper = connection
    return wrapper.cursor()


class TestADrawnDose:
    def test_is_not_of_a_batch_past_its_day(self) -> None:
        batch = a_stocked_batch()
        past = _batch_that_ended(batch)

        with refused_by("preparation_is_in_date"):
            a_drawn_dose(past)
            commit()

    def test_is_of_a_batch_on_its_last_day(self) -> None:
        batch = a_stocked_batch()
        receive(batch.line, 10, batch_number="LAST", expires_on=london_date(NINE))

        a_drawn_dose(Batch.objects.select_related("line__premises").get(number="LAST"))

        commit()

    def test_is_not_of_what_is_in_quarantine(self) -> None:
        batch = a_stocked_batch(3)
        one, other = UserFactory(), UserFactory()
        Quarantine.objects.create(
            batch=batch,
            ampoules=2,
            reason="broken",
            key=uuid.uuid4(),
            quarantined_at=now(),
            quarantined_by=one,
            witness=other,
            **signed(one, other),
        )

        with refused_by("drawn_ampoules_are_in_the_cabinet"):
            a_drawn_dose(batch)
            commit()


def _batch_that_ended(batch: Batch) -> Batch:
    receive(batch.line, 10, batch_number="OLD", expires_on=london_date(NINE) - timedelta(days=1))
    return Batch.objects.select_related("line__premises").get(number="OLD")


class TestAQuarantine:
    def test_is_signed_by_its_two(self, room) -> None:
        with refused_by("stock_act_is_signed_by_its_two"):
            a_quarantine(room, **signed(room.cd_lead, room.cd_lead))

    def test_is_seen_by_two_people(self, room) -> None:
        with refused_by("quarantine_is_seen_by_two_people"):
            a_quarantine(room, witness=room.cd_lead)

    @pytest.mark.parametrize("wrong", [{"ampoules": 0}, {"reason": "bored"}])
    def test_moves_something_for_a_reason(self, room, wrong: dict[str, Any]) -> None:
        with refused_by("quarantine_moves_something_for_a_reason"):
            a_quarantine(room, **wrong)

    def test_is_of_no_more_than_there_is(self, room) -> None:
        a_quarantine(room, 50)

        with refused_by("what_is_quarantined_is_part_of_the_batch"):
            a_quarantine(room, 1)

    def test_leaves_what_is_drawn_up(self, room) -> None:
        room.prepare()

        with refused_by("drawn_ampoules_are_in_the_cabinet"):
            a_quarantine(room, 49)
