"""A check before a dose put right: both lines stay, it opens no way to a dose, and what it asks for is done now."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, connection

from dosing.actions.check_corrections import amend_check
from dosing.actions.injections import InjectionRefused
from dosing.actions.observation import NoSuchVisit
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.models import Correction, Emergency, Hold, PreInjectionCheck, Visit
from dosing.queries.timeline import get_timeline
from dosing.queries.visits import get_latest_check, get_visit_facts
from dosing.queries.worklist_clinic import stop_rows
from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.corrections import CorrectedFor
from dosing.rules.visits import VisitState
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock

READ = {"sedation": Sedation.ALERT, "breaths": 14, "oxygen": 97, "pulse": 70}
ASKED = {
    "alcohol_ug": 0,
    "took_other_drugs": False,
    "oral_as_ordered": True,
    "is_intoxicated": False,
    "sites_are_well": True,
}


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    room = a_treatment_room()
    room.open_day()
    return room


def why(room: TreatmentRoom, **changes: Any) -> SignedWhy:
    content: dict[str, Any] = {
        "reason": CorrectedFor.WRONG_KEY,
        "words": "",
        "pin": NURSE_PIN,
        "terminal_id": room.terminal.id,
        "key": uuid.uuid4(),
    }
    return SignedWhy(**(content | changes))


def amend(
    room: TreatmentRoom, check: PreInjectionCheck, signed: SignedWhy | None = None, **changes: Any
) -> PreInjectionCheck:
    by, clinic = changes.pop("by", room.nurse), changes.pop("clinic", room.clinic)
    read = {name: changes.pop(name, value) for name, value in READ.items()}
    asked = {name: changes.pop(name, value) for name, value in ASKED.items()}
    return amend_check(
        clinic=clinic,
        check_id=check.id,
        answers=CheckAnswers(readings=Readings(**read), **asked),  # type: ignore[arg-type]
        unable_reason=changes.pop("unable", ""),
        why=signed or why(room),
        by=by,
        at=now(),
    )


def checked(room: TreatmentRoom, **said: Any) -> PreInjectionCheck:
    visit = room.identify()
    room.check(visit, **said)
    return PreInjectionCheck.objects.get(session_id=visit.session_id)


def visit_of(check: PreInjectionCheck) -> Visit:
    return Visit.objects.get(session_id=check.session_id)


def codes(refused: pytest.ExceptionInfo[CorrectionRefused]) -> set[str]:
    return {finding.code for finding in refused.value.decision.refusals}


class TestACheckPutRight:
    def test_stands_beside_the_first_which_stays(self, room: TreatmentRoom) -> None:
        first = checked(room, pulse=75)

        second = amend(room, first)

        first.refresh_from_db()
        assert (first.pulse, second.pulse, second.amends, second.made_at) == (75, 70, first, first.made_at)
        assert Correction.objects.get(check_made=second).corrected_by == room.nurse
        assert (visit_of(first).check_made, visit_of(first).state) == (second, VisitState.CHECKED)
        assert get_latest_check(patient_id=room.patient.id) == second
        event = AuditEvent.objects.get(event="dosing.check_amended")
        assert event.detail == {"amends": str(first.id), "correction": "wrong_key"}

    def test_is_told_on_the_line_of_time_with_the_first(self, room: TreatmentRoom) -> None:
        amend(room, checked(room, breaths=16))

        page = get_timeline(clinic=room.clinic, patient_id=room.patient.id, days=7, at=now())

        assert page is not None
        notes = [note for session in page.known.sessions for note in session.notes]
        assert any("First line: POSS 1, breathing 16" in note and "Wrong key" in note for note in notes)

    def test_is_no_fresher_than_the_first(self, room: TreatmentRoom, clock: Clock) -> None:
        first = checked(room, pulse=75)
        clock.pass_by(minutes=29)

        amend(room, first)
        clock.pass_by(minutes=2)

        facts = get_visit_facts(patient_id=room.patient.id, visit=visit_of(first), at=now())
        assert facts.check_made_at == first.made_at

    def test_sent_twice_is_once(self, room: TreatmentRoom) -> None:
        first, signed = checked(room, pulse=75), why(room)

        assert amend(room, first, signed) == amend(room, first, signed)

        with pytest.raises(CorrectionRefused) as refused:
            amend(room, first, signed, breaths=16)
        assert codes(refused) == {"key_reused"} and Correction.objects.count() == 1

    def test_is_the_last_of_a_chain_that_does_not_branch(self, room: TreatmentRoom) -> None:
        first = checked(room, pulse=75)
        second = amend(room, first)

        with pytest.raises(CorrectionRefused) as refused:
            amend(room, first, pulse=60)
        third = amend(room, second, pulse=60)

        assert codes(refused) == {"amended_meanwhile"}
        assert visit_of(first).check_made == third

    @pytest.mark.parametrize(
        ("said", "code"),
        [({"pulse": 75}, "nothing_changed"), ({"pulse": None}, "no_reason")],
        ids=["the same", "a value that could not be had without a reason"],
    )
    def test_says_something_else_and_all_of_it(
        self, room: TreatmentRoom, said: dict[str, Any], code: str
    ) -> None:
        first = checked(room, pulse=75)

        with pytest.raises(CorrectionRefused) as refused:
            amend(room, first, **said)

        assert codes(refused) == {code}

    def test_needs_the_own_pin_and_the_own_clinic(self, room: TreatmentRoom) -> None:
        first = checked(room, pulse=75)

        with pytest.raises(PinRefused):
            amend(room, first, why(room, pin=SECOND_PIN))
        with pytest.raises(NoSuchVisit):
            amend(room, first, clinic=a_treatment_room().clinic)

        assert not Correction.objects.exists()

    def test_of_an_earlier_check_leaves_the_visit_on_the_later(self, room: TreatmentRoom) -> None:
        first = checked(room, pulse=75)
        room.check(visit_of(first))
        later = visit_of(first).check_made

        amend(room, first, took_other_drugs=True)

        assert visit_of(first).check_made == later and visit_of(first).state == VisitState.CHECKED


class TestBeforeADoseIsDrawnUp:
    def test_it_holds_where_the_right_values_hold(self, room: TreatmentRoom) -> None:
        first = checked(room)

        second = amend(room, first, breaths=11)

        assert Hold.objects.get().check_made == second and Hold.objects.get().codes == ["breathing"]
        assert visit_of(first).state == VisitState.IDENTIFIED

    def test_it_opens_no_way_to_a_dose(self, room: TreatmentRoom) -> None:
        first = checked(room, breaths=11)

        second = amend(room, first)

        assert not second.lets_a_dose_go_ahead and visit_of(first).state == VisitState.IDENTIFIED
        assert Hold.objects.get().check_made == first and Hold.objects.get().lifted_at is None

    def test_nor_over_a_stop(self, room: TreatmentRoom) -> None:
        first = checked(room, alcohol_ug=24)
        assert [row.patient_id for row in stop_rows(room.clinic, now())] == [room.patient.id]

        second = amend(room, first)
        third = amend(room, second, alcohol_ug=0, pulse=65)

        facts = get_visit_facts(patient_id=room.patient.id, visit=visit_of(first), at=now())
        assert facts.check_made_at is None and not third.lets_a_dose_go_ahead
        assert stop_rows(room.clinic, now()) == [] and not Hold.objects.exists()

    def test_a_stop_is_asked_of_the_doctor(self, room: TreatmentRoom) -> None:
        first = checked(room)

        amend(room, first, alcohol_ug=24)

        assert not Hold.objects.exists() and visit_of(first).state == VisitState.IDENTIFIED
        assert [row.patient_id for row in stop_rows(room.clinic, now())] == [room.patient.id]

    def test_nothing_is_drawn_up_or_let_pass_on_the_first_values(self, room: TreatmentRoom) -> None:
        first = checked(room)
        amend(room, first, pulse=65)
        Visit.objects.filter(session_id=first.session_id).update(check_made=first)

        with pytest.raises(IntegrityError, match="put right meanwhile"):
            room.prepare(visit_of(first))
        assert triggers("rests_on_a_standing_check") == ["dosing_authorisation", "dosing_preparation"]


def triggers(name: str) -> list[str]:
    """Return the tables on which a trigger of a name always fires."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s AND tgenabled = 'A' ORDER BY 1",
            [name],
        )
        return [table for (table,) in cursor]


class TestOverADrawnDose:
    @pytest.mark.parametrize(
        ("said", "code"),
        [({"breaths": 11}, "breathing"), ({"alcohol_ug": 24}, "alcohol_stop"), ({"sedation": "S"}, "asleep")],
        ids=["a hold", "a stop", "asleep"],
    )
    def test_whatever_stands_against_it_holds_it(
        self, room: TreatmentRoom, said: dict[str, Any], code: str
    ) -> None:
        drawn = room.prepare(room.checked())
        said = {name: Sedation(value) if name == "sedation" else value for name, value in said.items()}
        first = PreInjectionCheck.objects.get()

        amend(room, first, **said)

        assert Hold.objects.get().codes == [code] and Hold.objects.get().severity == "hold"
        assert visit_of(first).state == VisitState.PREPARED
        with pytest.raises(InjectionRefused) as refused:
            room.inject(drawn)
        assert "hold" in {finding.code for finding in refused.value.decision.refusals}

    def test_what_asks_for_longer_watching_is_read_at_the_injection(self, room: TreatmentRoom) -> None:
        drawn = room.prepare(room.checked())
        first = PreInjectionCheck.objects.get()

        amend(room, first, took_other_drugs=True)
        room.inject(drawn)

        assert visit_of(first).observe_minutes == 30
        assert not Hold.objects.exists()


class TestAfterTheDose:
    def test_it_stays_and_the_next_is_held(self, room: TreatmentRoom) -> None:
        given = room.give()
        first = PreInjectionCheck.objects.get()

        second = amend(room, first, oxygen=92)

        assert Hold.objects.get().check_made == second and Hold.objects.get().severity == "hold"
        assert visit_of(first).state == VisitState.OBSERVED and visit_of(first).outcome is not None
        assert visit_of(first).outcome.injection_id == given.injection_id
        assert not Emergency.objects.exists()

    def test_what_a_doctor_could_have_let_pass_is_reviewed(self, room: TreatmentRoom) -> None:
        room.give()

        amend(room, PreInjectionCheck.objects.get(), alcohol_ug=24)

        assert (Hold.objects.get().severity, Hold.objects.get().codes) == ("review", ["alcohol_stop"])

    def test_it_is_watched_longer_and_never_shorter(self, room: TreatmentRoom) -> None:
        room.give()
        first = PreInjectionCheck.objects.get()
        Visit.objects.update(observe_minutes=20)

        second = amend(room, first, took_other_drugs=True)
        long = visit_of(first)
        amend(room, second, pulse=65)

        assert long.observe_minutes == visit_of(first).observe_minutes == 30
        assert (long.observe_until - long.injected_at).total_seconds() == 30 * 60

    def test_values_of_an_emergency_are_one_while_they_are_here(self, room: TreatmentRoom) -> None:
        room.give()

        amend(room, PreInjectionCheck.objects.get(), breaths=8)

        assert Emergency.objects.get().session_id == visit_of(PreInjectionCheck.objects.first()).session_id

    def test_of_a_session_that_ended_the_next_dose_is_held(self, room: TreatmentRoom) -> None:
        room.give()
        first = PreInjectionCheck.objects.get()
        visit = visit_of(first)
        Visit.objects.update(state=VisitState.RELEASED, ended_at=now(), ended_by=room.nurse)

        amend(room, first, breaths=8)

        assert Hold.objects.get().codes == ["breathing"] and not Emergency.objects.exists()
        assert visit_of(first).observe_until == visit.observe_until
