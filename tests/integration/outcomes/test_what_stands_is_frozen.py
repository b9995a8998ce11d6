"""Of a line that was put right, what stands is frozen for the report, once; of one that was struck out, nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.extract import freeze_extract
from outcomes.models import ExtractSegment
from outcomes.rules.evaluation.indicators import next_month
from outcomes.rules.support import STRIKING
from tests.factories.outcomes import (
    HousingRecordFactory,
    OffenceFactory,
    OutcomeFormFactory,
    ProgrammeCostFactory,
    ServiceUseFactory,
)
from tests.factories.treatment import TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.django_db

# Table: who makes a line, the field that is put right, from what, to what.
AMENDABLE: dict[str, tuple[Any, str, Any, Any]] = {
    "service_use": (ServiceUseFactory, "ambulance", 5, 2),
    "costs": (ProgrammeCostFactory, "amount_pence", 500, 200),
    "offences": (OffenceFactory, "type_id", "shoplifting", "burglary_dwelling"),
    "housing": (HousingRecordFactory, "state", "rough", "own"),
    "top": (OutcomeFormFactory, "crack_days", 9, 3),
}
NAME_WHEN_FROZEN = {"type_id": "offence"}


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


def whose(table: str, room: TreatmentRoom) -> dict[str, Any]:
    if table == "offences":
        return {"clinic_id": room.clinic.pk, "person_id": room.patient.pk}
    return {"clinic": room.clinic} if table == "costs" else {"clinic": room.clinic, "patient": room.patient}


def frozen(table: str, field: str, room: TreatmentRoom) -> list[Any]:
    """Return what the extract of this month holds of one field of one table."""
    as_of: date = next_month(london_date(now()).replace(day=1))
    with transaction.atomic():
        extract = freeze_extract(clinic=room.clinic.pk, as_of=as_of, by=room.doctor, at=now())
    name = NAME_WHEN_FROZEN.get(field, field)
    segments = ExtractSegment.objects.filter(id__in=extract.segment_ids, table_name=table)
    return [(row.get("items") or row)[name] for segment in segments for row in segment.rows]


@pytest.mark.parametrize("table", list(AMENDABLE))
class TestALine:
    def test_that_was_put_right_counts_as_it_stands(self, room: TreatmentRoom, table: str) -> None:
        make, field, wrong, right = AMENDABLE[table]
        first = make(**whose(table, room), **{field: wrong})
        before = frozen(table, field, room)
        make(**whose(table, room), **{field: right}, amends=first, correction="wrong_key")

        assert before == [wrong]
        assert frozen(table, field, room) == [right]

    def test_that_was_struck_out_counts_for_nothing(self, room: TreatmentRoom, table: str) -> None:
        make, field, wrong, _ = AMENDABLE[table]
        first = make(**whose(table, room), **{field: wrong})
        make(**whose(table, room), **{field: wrong}, amends=first, correction=next(iter(STRIKING)))

        assert frozen(table, field, room) == []
