"""Two people at the same moment: one closing, no line slipped in under it, one end of a case."""

from __future__ import annotations

import uuid

import pytest

from dosing.actions.cases import CaseRefused, close_case, note_case
from dosing.actions.closing import DayNotClosed, close_day
from dosing.models import DayClosing, RegisterEntry
from hat_clinic.core.clock import now
from tests.factories.cases import EVERYTHING_LISTED, a_case, both_count_at_closing, classified
from tests.factories.register import receive
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.test_register_race import all_at_once

pytestmark = pytest.mark.race
THREADS = 6


@pytest.fixture
def room(own_database: str) -> TreatmentRoom:
    room = a_treatment_room(ampoules=12)
    room.open_day()
    return room


def closing(room: TreatmentRoom) -> None:
    close_day(
        clinic=room.clinic,
        premises_id=room.premises.id,
        acknowledged=EVERYTHING_LISTED,
        by=room.nurse,
        at=now(),
    )


class TestClosingAtOnce:
    def test_closes_the_day_once(self, room) -> None:
        both_count_at_closing(room, 12, 12)

        assert all_at_once([lambda: closing(room)] * THREADS) == []
        assert DayClosing.objects.count() == 1

    def test_and_a_new_line_leave_the_day_closed_before_it_or_not_at_all(self, room) -> None:
        both_count_at_closing(room, 12, 12)
        failures = all_at_once([lambda: closing(room), lambda: receive(room.line, 5) and None])

        line = RegisterEntry.objects.latest("seq")
        if failures:
            assert [type(failure) for failure in failures] == [DayNotClosed]
            assert not DayClosing.objects.exists()
        else:
            assert DayClosing.objects.get().closed_at <= line.recorded_at


class TestACaseAtOnce:
    def test_gets_every_note_with_a_number_of_its_own(self, room) -> None:
        case = a_case(room)

        def note() -> None:
            note_case(
                clinic=room.clinic,
                case_id=case.id,
                words="Looked.",
                key=uuid.uuid4(),
                by=room.cd_lead,
                at=now(),
            )

        assert all_at_once([note] * THREADS) == []
        assert list(case.events.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]

    def test_is_closed_once(self, room) -> None:
        case = a_case(room)
        classified(room, case)

        def end() -> None:
            close_case(
                clinic=room.clinic,
                case_id=case.id,
                words="Found.",
                key=uuid.uuid4(),
                by=room.cd_lead,
                at=now(),
            )

        failures = all_at_once([end] * THREADS)

        assert {type(failure) for failure in failures} == {CaseRefused}
        assert len(failures) == THREADS - 1
        assert case.events.filter(kind="closed").count() == 1
