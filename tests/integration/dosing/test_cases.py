"""Working on a discrepancy case by the real actions: every line stays, nobody is told by the program."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions.cases import CaseRefused, NoSuchCase, classify_case, close_case, note_case, tell_of_case
from dosing.models import CaseEvent
from dosing.queries.cases import get_case_page, get_cases_page, list_checks
from dosing.rules.cases import CaseState, Classification, Destination
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories.cases import DayClosingFactory, a_case, a_closed_day, both_count_at_closing, classified
from tests.factories.days import ClinicDayFactory, a_count
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.django_db
STOCK = 12


@pytest.fixture
def room() -> TreatmentRoom:
    room = a_treatment_room(ampoules=STOCK)
    room.open_day()
    return room


@pytest.fixture
def case(room) -> Any:
    return a_case(room)


def arguments(room: TreatmentRoom, case: Any, **changes: Any) -> dict[str, Any]:
    return {
        "clinic": room.clinic,
        "case_id": case.id,
        "words": "Looked behind the safe.",
        "key": uuid.uuid4(),
        "by": room.cd_lead,
        "at": now(),
    } | changes


def told(room: TreatmentRoom, case: Any, destination: Destination, **changes: Any) -> CaseEvent:
    content = {"destination": destination, "whom": "Ana Roy", "told_at": now(), "reference": "CD-17"}
    return tell_of_case(**arguments(room, case, **content | changes))


class TestALine:
    def test_is_added_with_who_and_when_and_an_event(self, room, case) -> None:
        note_case(**arguments(room, case))
        classified(room, case, seen_with_id=room.nurse.id)

        assert list(case.events.order_by("number").values_list("number", "kind", "recorded_by")) == [
            (1, "note", room.cd_lead.id),
            (2, "classified", room.cd_lead.id),
        ]
        event = AuditEvent.objects.get(event="dosing.case_classified")
        assert (event.object_id, event.detail["classification"]) == (str(case.id), "counting")

    def test_sent_twice_is_one(self, room, case) -> None:
        sent = arguments(room, case)
        first = note_case(**sent)

        assert note_case(**sent) == first
        with pytest.raises(CaseRefused, match="already used"):
            note_case(**sent | {"words": "Something else."})
        assert case.events.count() == 1

    def test_is_of_this_clinic(self, room, case) -> None:
        elsewhere = a_treatment_room()
        for wrong in ({"clinic": elsewhere.clinic, "by": elsewhere.cd_lead}, {"case_id": uuid.uuid4()}):
            with pytest.raises(NoSuchCase):
                note_case(**arguments(room, case, **wrong))

    def test_with_a_key_of_another_case_is_no_line_of_this_one(self, room, case) -> None:
        elsewhere = a_treatment_room(ampoules=STOCK)
        other = a_case(elsewhere)
        key = uuid.uuid4()
        note_case(**arguments(elsewhere, other, key=key))

        with pytest.raises((CaseRefused, NoSuchCase)):
            note_case(**arguments(room, case, key=key))
        assert not case.events.exists()

    def test_is_refused_to_whose_role_ended(self, room, case) -> None:
        for act, more in (
            (note_case, {}),
            (close_case, {}),
            (classify_case, {"classification": Classification.FOUND, "seen_with_id": None}),
        ):
            with pytest.raises(CaseRefused, match="Your role"):
                act(**arguments(room, case, by=room.nurse, **more))

    def test_of_a_manager_is_a_note_and_no_classification(self, room, case) -> None:
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Bain")
        note_case(**arguments(room, case, by=manager))

        with pytest.raises(CaseRefused, match="Your role"):
            classified(room, case, by=manager)

    def test_names_a_colleague_of_this_clinic(self, room, case) -> None:
        for wrong in (room.cd_lead.id, a_treatment_room().nurse.id, room.doctor.id):
            with pytest.raises(CaseRefused, match="Choose the colleague"):
                classified(room, case, seen_with_id=wrong)

    def test_without_words_is_refused_and_the_refusal_recorded(self, room, case) -> None:
        with pytest.raises(CaseRefused, match="Write what was done"):
            note_case(**arguments(room, case, words=" "))
        event = AuditEvent.objects.get(event="dosing.case_noted")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["no_words"])


class TestTelling:
    def test_is_written_down_with_whom_when_and_reference(self, room, case) -> None:
        line = told(room, case, Destination.OFFICER)

        assert (line.destination, line.told_name, line.reference) == ("officer", "Ana Roy", "CD-17")
        with pytest.raises(CaseRefused, match="a time that is over"):
            told(room, case, Destination.OFFICER, told_at=now() + timedelta(hours=1))


class TestClosing:
    def test_is_the_leads_and_waits_for_who_must_be_told(self, room, case) -> None:
        with pytest.raises(CaseRefused, match="not classified"):
            close_case(**arguments(room, case))
        classified(room, case, classification=Classification.THEFT)
        with pytest.raises(CaseRefused, match="Police controlled-drug liaison officer"):
            close_case(**arguments(room, case))
        for destination in (
            Destination.OFFICER,
            Destination.POLICE,
            Destination.MANAGER,
            Destination.CQC,
        ):
            told(room, case, destination)
        close_case(**arguments(room, case))

        with pytest.raises(CaseRefused, match="This case is closed"):
            classified(room, case)
        note_case(**arguments(room, case))
        told(room, case, Destination.SUPPLIER)


class TestThePages:
    def test_show_what_is_overdue_in_words_and_first(self, room, case) -> None:
        later = now() + timedelta(hours=24)
        (before,) = get_cases_page(clinic=room.clinic, may_count=False, at=now()).open
        (after,) = get_cases_page(clinic=room.clinic, may_count=False, at=later).open

        assert (before.is_overdue, after.is_overdue) == (False, True)
        assert [one.label for one in after.waiting] == ["Controlled-drug accountable officer’s contact"]

    def test_keep_a_closed_case_whose_officer_was_not_told_in_sight(self, room, case) -> None:
        classified(room, case)
        close_case(**arguments(room, case))
        page = get_cases_page(clinic=room.clinic, may_count=False, at=now())

        assert (page.open, [row.state for row in page.closed]) == ((), [CaseState.CLOSED])

    def test_tell_every_line_and_what_stands_against_closing(self, room, case) -> None:
        classified(room, case, seen_with_id=room.nurse.id)
        told(room, case, Destination.OFFICER, reference="")
        page = get_case_page(clinic=room.clinic, case_id=case.id, may_count=False, at=now())

        assert page is not None
        assert [(line.kind, line.seen_with) for line in page.lines] == [
            ("Classified", room.nurse.full_name),
            ("Told", ""),
        ]
        assert "no reference" in page.lines[1].what
        assert page.closing.is_allowed
        assert page.row.figures is not None
        assert (page.row.figures.first, page.row.figures.expected) == (STOCK - 1, STOCK)
        assert (
            get_case_page(clinic=a_treatment_room().clinic, case_id=case.id, may_count=False, at=now())
            is None
        )

    def test_hide_every_figure_from_counters_during_a_count(self, room) -> None:
        morning = a_treatment_room(ampoules=STOCK)
        case = a_case(morning)
        a_count_open(morning)

        for may_count, is_hidden in ((True, True), (False, False)):
            today = london_date(now())
            page = get_case_page(clinic=morning.clinic, case_id=case.id, may_count=may_count, at=now())
            checks = list_checks(
                clinic=morning.clinic, since=today, until=today, may_count=may_count, at=now()
            )
            assert page is not None
            assert (page.row.figures is None) is is_hidden
            assert all((check.figures is None) is is_hidden for check in checks)

    def test_list_the_checks_of_a_period(self, room) -> None:
        both_count_at_closing(room, STOCK, STOCK)
        today = london_date(now())
        found = list_checks(clinic=room.clinic, since=today, until=today, may_count=True, at=now())
        before = today - timedelta(days=1)

        assert [(check.kind, check.result) for check in found] == [
            ("closing", "All three agree"),
            ("opening", "All three agree"),
        ]
        assert list_checks(clinic=room.clinic, since=before, until=before, may_count=True, at=now()) == ()

    def test_tell_of_days_left_open_and_of_lines_after_a_closing(self, room) -> None:
        yesterday = london_date(now()) - timedelta(days=1)
        ClinicDayFactory(premises=room.premises, on=yesterday)
        closed = ClinicDayFactory(
            premises=room.premises, on=yesterday - timedelta(days=7), opened_at=now() - timedelta(days=8)
        )
        assert closed.on != yesterday
        page = get_cases_page(clinic=room.clinic, may_count=False, at=now())
        assert page.left_open == (yesterday,)

        a_closed_day(room)
        room.give()
        page = get_cases_page(clinic=room.clinic, may_count=False, at=now())
        assert page.after_closing == ((london_date(now()), 1),)
        assert DayClosingFactory._meta.model.objects.count() == 1


def a_count_open(room: TreatmentRoom) -> None:
    """Begin a closing count of a room whose day was opened with a reason."""
    from hat_clinic.accounts.actions import set_pin

    set_pin(user=room.cd_lead, pin="384756", by=room.cd_lead, at=now())
    from dosing.actions.days import open_day_unchecked
    from dosing.rules.days import CheckKind

    open_day_unchecked(
        clinic=room.clinic,
        premises_id=room.premises.id,
        reason="One ampoule is looked for.",
        pin="384756",
        terminal_id=room.terminal.id,
        by=room.cd_lead,
        at=now(),
    )
    a_count(room, STOCK, kind=CheckKind.CLOSING)
