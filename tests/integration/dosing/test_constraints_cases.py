"""What the tables of cases, of the day's closing and of legal holds refuse, whoever asks."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import InternalError, ProgrammingError

from dosing.models import CaseEvent, DayClosing, Discrepancy, LegalHold, LegalHoldLift
from hat_clinic.core.clock import london_date, now
from tests.factories import NINE, UserFactory
from tests.factories.cases import (
    CaseEventFactory,
    DayClosingFactory,
    LegalHoldFactory,
    LegalHoldLiftFactory,
    a_case,
    a_closed_day,
    both_count_at_closing,
    classified,
)
from tests.factories.days import BalanceCheckFactory, DiscrepancyFactory
from tests.factories.patients import PersonFactory
from tests.factories.register import an_open_register, receive
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
CLASSIFIED = {"kind": "classified", "classification": "found"}
TOLD = {"kind": "told", "destination": "officer", "told_name": "Ana Roy", "told_moment": NINE, "words": ""}


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room(ampoules=12)


class TestACaseLine:
    def test_is_numbered_one_above_the_line_before(self) -> None:
        first = CaseEventFactory()
        for number in (1, 3, 0):
            with refused_by("case_line_follows"):
                CaseEventFactory(discrepancy=first.discrepancy, number=number)

        CaseEventFactory(discrepancy=first.discrepancy, number=2)

    def test_names_its_unique_constraint(self) -> None:
        assert {one.name for one in CaseEvent._meta.constraints} >= {
            "case_lines_are_numbered_once",
            "a_case_is_closed_once",
        }

    def test_closes_a_case_once_and_only_a_classified_one(self) -> None:
        case = DiscrepancyFactory()
        with refused_by("case_is_classified_before_it_is_closed"):
            CaseEventFactory(discrepancy=case, kind="closed")
        CaseEventFactory(discrepancy=case, **CLASSIFIED)
        CaseEventFactory(discrepancy=case, kind="closed", number=2)

        with refused_by("a_case_is_closed_once"):
            CaseEventFactory(discrepancy=case, kind="closed", number=3)
        with refused_by("case_is_classified_before_it_is_closed"):
            CaseEventFactory(discrepancy=case, number=3, **CLASSIFIED)
        CaseEventFactory(discrepancy=case, number=3)
        CaseEventFactory(discrepancy=case, number=4, **TOLD)

    @pytest.mark.parametrize(
        "fault",
        [
            {"words": ""},
            {"classification": "found"},
            {"destination": "officer"},
            {"kind": "classified"},
            {**CLASSIFIED, "words": ""},
            {**CLASSIFIED, "classification": "misplaced"},
            {**CLASSIFIED, "destination": "officer"},
            {**TOLD, "told_name": ""},
            {**TOLD, "told_moment": None},
            {**TOLD, "destination": "press"},
            {**TOLD, "classification": "found"},
            {"kind": "rumour"},
        ],
    )
    def test_has_what_its_kind_needs(self, fault: dict[str, object]) -> None:
        with refused_by("case_line_has_what_its_kind_needs"):
            CaseEventFactory(**fault)

    @pytest.mark.parametrize("fault", [{"told_name": "Ana"}, {"told_moment": NINE}, {"reference": "17"}])
    def test_names_who_was_told_only_where_somebody_was(self, fault: dict[str, object]) -> None:
        with refused_by("only_who_was_told_is_named_as_told"):
            CaseEventFactory(**fault)

    def test_is_seen_with_somebody_else_and_only_a_classification_is(self) -> None:
        lead, other = UserFactory(), UserFactory()
        for fault in ({**CLASSIFIED, "seen_with": lead}, {"seen_with": other}):
            with refused_by("case_is_seen_with_somebody_else"):
                CaseEventFactory(recorded_by=lead, **fault)

        CaseEventFactory(recorded_by=lead, seen_with=other, **CLASSIFIED)

    def test_has_a_key_of_its_own(self) -> None:
        key = uuid.uuid4()
        CaseEventFactory(key=key)

        with refused_by("dosing_caseevent_key_key"):
            CaseEventFactory(key=key)

    def test_and_its_case_are_never_changed(self) -> None:
        line = CaseEventFactory()
        for change in (
            lambda: CaseEvent.objects.filter(id=line.id).update(words="Nothing."),
            lambda: CaseEvent.objects.filter(id=line.id).delete(),
            lambda: Discrepancy.objects.filter(id=line.discrepancy_id).update(opened_at=now()),
        ):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                change()


class TestADaysClosing:
    def test_is_there_once(self) -> None:
        closing = DayClosingFactory()

        with refused_by("dosing_dayclosing_day_id_key"):
            DayClosingFactory(day=closing.day)

    def test_is_on_its_own_date(self) -> None:
        for wrong in (NINE + timedelta(days=1), NINE - timedelta(days=1)):
            with refused_by("day_is_closed_on_its_date"):
                DayClosingFactory(closed_at=wrong)

    def test_rests_on_counts_of_every_register(self, room) -> None:
        room.open_day()
        day = room.premises.clinic_days.get()
        with refused_by("day_closing_rests_on_its_checks"):
            DayClosingFactory(day=day, closed_at=now())
        both_count_at_closing(room, 11, 12)
        with refused_by("day_closing_rests_on_its_checks"):
            DayClosingFactory(day=day, closed_at=now())
        both_count_at_closing(room, 12, 12)
        an_open_register(room.premises, strength_mg=500)
        with refused_by("day_closing_rests_on_its_checks"):
            DayClosingFactory(day=day, closed_at=now())

    def test_rests_on_counts_at_the_last_line(self, room) -> None:
        room.open_day()
        both_count_at_closing(room, 12, 12)
        receive(room.line, 5)

        with refused_by("day_closing_rests_on_its_checks"):
            DayClosingFactory(day=room.premises.clinic_days.get(), closed_at=now())

    def test_rests_on_a_difference_at_the_last_line_alone(self, room) -> None:
        room.open_day()
        classified(room, a_case(room))
        receive(room.line, 5)

        with refused_by("day_closing_rests_on_its_checks"):
            DayClosingFactory(day=room.premises.clinic_days.get(), closed_at=now())

    def test_waits_for_every_difference_to_be_classified(self, room) -> None:
        room.open_day()
        case = a_case(room)
        day = room.premises.clinic_days.get()
        with refused_by("day_is_closed_on_classified_differences"):
            DayClosingFactory(day=day, closed_at=now())
        classified(room, case)

        DayClosingFactory(day=day, closed_at=now())

    def test_is_never_changed(self, room) -> None:
        closing = a_closed_day(room)
        for change in (
            lambda: DayClosing.objects.filter(id=closing.id).update(open_draws=1),
            lambda: DayClosing.objects.filter(id=closing.id).delete(),
        ):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                change()


class TestAClosingCount:
    def test_that_agrees_is_made_anew_only_when_a_line_was_written(self, room) -> None:
        room.open_day()
        both_count_at_closing(room, 12, 12)
        today = london_date(now())
        again = {"line": room.line, "on": today, "kind": "closing", "number": 2, "round": 1}
        with refused_by("balance_check_follows"):
            BalanceCheckFactory(**again)
        receive(room.line, 5)
        with refused_by("balance_check_follows"):
            BalanceCheckFactory(**again | {"round": 2})
        with refused_by("balance_check_follows"):
            BalanceCheckFactory(**again | {"kind": "opening"})

        BalanceCheckFactory(**again)


class TestALegalHold:
    def test_stands_on_one_thing(self) -> None:
        LegalHoldFactory(person=PersonFactory())
        line = an_open_register()
        LegalHoldFactory(line=line)
        with refused_by("legal_hold_is_on_one_thing"):
            LegalHoldFactory(person=PersonFactory(), line=line)

    def test_is_set_and_lifted_with_a_reason_and_lifted_once(self) -> None:
        with refused_by("legal_hold_has_a_reason"):
            LegalHoldFactory(reason="")
        with refused_by("lifted_legal_hold_has_a_reason"):
            LegalHoldLiftFactory(reason="")
        lift = LegalHoldLiftFactory()

        with refused_by("dosing_legalholdlift_pkey"):
            LegalHoldLiftFactory(hold=lift.hold)

    def test_is_never_changed(self) -> None:
        lift = LegalHoldLiftFactory()
        for change in (
            lambda: LegalHold.objects.filter(id=lift.hold_id).update(reason="None."),
            lambda: LegalHoldLift.objects.all().delete(),
        ):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                change()
