"""A doctor lets one dose go ahead over a finding: at the hatch, at a desk, once, and never over what nobody lifts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.authorisations import NotAuthorised
from dosing.actions.holds import lift_hold
from dosing.actions.preparations import PreparationRefused, waste_dose
from dosing.models import (
    Acknowledgement,
    Authorisation,
    AuthorisationUse,
    Hold,
    Injection,
    PreInjectionCheck,
    Preparation,
    Visit,
)
from dosing.queries.worklist import get_worklist
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.actions import PinRefused, enrol_totp, grant_role
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, now
from tests.factories.checks import DOCTOR_PIN, authorise, with_pin
from tests.factories.order_pages import Desk
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_member_of_staff,
    a_treatment_room,
)
from tests.integration.dosing.conftest import Clock

SitDown = Callable[..., Desk]


@pytest.fixture
def room(own_database: str) -> TreatmentRoom:
    room = a_treatment_room()
    with_pin(room.doctor)
    room.open_day()
    return room


@pytest.fixture
def stopped(room: TreatmentRoom) -> Visit:
    """Somebody at the hatch with a breath alcohol of 25."""
    visit = room.identify()
    room.check(visit, alcohol_ug=25)
    return visit


def codes(refusal: Any) -> set[str]:
    return {finding.code for finding in refusal.value.decision.refusals}


def state_of(visit: Visit) -> str:
    visit.refresh_from_db()
    return visit.state


class TestAStop:
    def test_opens_no_hold_and_bars_the_dose_until_a_doctor_decides(
        self, room: TreatmentRoom, stopped: Visit
    ) -> None:
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(stopped)

        assert codes(refusal) == {"alcohol_stop"}
        assert not Hold.objects.exists()
        assert state_of(stopped) == "identified"

    @pytest.mark.parametrize("alcohol", [20, 34, None])
    def test_is_passed_once_by_a_licensed_doctors_reason(
        self, room: TreatmentRoom, alcohol: int | None
    ) -> None:
        visit = room.identify()
        room.check(visit, alcohol_ug=alcohol)

        authorise(room)
        assert state_of(visit) == "checked"
        drawn = room.prepare(visit)

        row = Authorisation.objects.get()
        assert (row.authorised_by, row.entered_by, row.code) == (room.doctor, room.nurse, "alcohol_stop")
        assert row.signature is not None and row.signature.signed_by == room.doctor
        assert AuthorisationUse.objects.get().preparation_id == drawn
        events = AuditEvent.objects.filter(
            event__in=["dosing.finding_authorised", "dosing.authorisation_used"]
        )
        assert [event.detail["codes"] for event in events] == [["alcohol_stop"]] * 2

    def test_makes_the_watching_longer(self, room: TreatmentRoom, stopped: Visit) -> None:
        authorise(room)
        room.inject(room.prepare(stopped))

        stopped.refresh_from_db()
        assert stopped.observe_minutes == 30

    def test_is_passed_again_only_after_a_new_check_where_the_dose_was_wasted(
        self, room: TreatmentRoom, stopped: Visit
    ) -> None:
        authorise(room)
        waste_dose(
            clinic=room.clinic,
            preparation_id=room.prepare(stopped),
            reason="declined",
            witness_id=room.second_nurse.id,
            waster_pin=NURSE_PIN,
            witness_pin=SECOND_PIN,
            terminal_id=room.terminal.id,
            by=room.nurse,
            at=now(),
        )

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(stopped)
        assert codes(refusal) == {"no_check"}

        room.check(stopped, alcohol_ug=25)
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(stopped)
        assert codes(refusal) == {"alcohol_stop"}

    def test_stands_after_a_hold_was_lifted(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, breaths=11)
        room.check(visit, alcohol_ug=25)
        lift_hold(
            clinic=room.clinic,
            hold_id=Hold.objects.get().id,
            reason="Seen and well.",
            by=room.doctor,
            at=now(),
        )

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"alcohol_stop"}

        authorise(room)
        assert room.prepare(visit)


class TestADoctorsReason:
    @pytest.mark.parametrize(
        ("finding", "code"),
        [
            ({"alcohol_ug": 35}, "alcohol"),
            ({"breaths": 11}, "breathing"),
            ({"oxygen": 93}, "oxygen"),
            ({"is_intoxicated": True}, "intoxicated"),
        ],
    )
    def test_lifts_no_hold(self, room: TreatmentRoom, finding: dict[str, Any], code: str) -> None:
        visit = room.identify()
        room.check(visit, **finding)

        with pytest.raises(NotAuthorised) as refusal:
            authorise(room, code=code)

        assert codes(refusal) == {"not_to_be_lifted"}
        assert not Authorisation.objects.exists()
        event = AuditEvent.objects.get(event="dosing.finding_authorised")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["not_to_be_lifted"])

    def test_lets_nothing_pass_beside_a_hold(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, alcohol_ug=25, breaths=11)

        with pytest.raises(NotAuthorised) as refusal:
            authorise(room)
        assert codes(refusal) == {"something_stands"}

    def test_is_a_licensed_doctors(self, room: TreatmentRoom, stopped: Visit) -> None:
        other = with_pin(a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Kim Brandt"))

        with pytest.raises(NotAuthorised) as refusal:
            authorise(room, doctor=other)
        assert codes(refusal) == {"no_licence"}

    def test_is_not_a_nurses(self, room: TreatmentRoom, stopped: Visit) -> None:
        with pytest.raises(NotAuthorised) as refusal:
            authorise(room, doctor=room.second_nurse)
        assert codes(refusal) == {"not_a_doctor"}
        assert AuditEvent.objects.get(event="dosing.finding_authorised").outcome == "refused"

    def test_needs_the_doctors_own_pin(self, room: TreatmentRoom, stopped: Visit) -> None:
        with pytest.raises(PinRefused):
            authorise(room, pin="000000")
        assert not Authorisation.objects.exists()

    def test_is_of_the_newest_check(self, room: TreatmentRoom, stopped: Visit) -> None:
        first = PreInjectionCheck.objects.get().id
        room.check(stopped, alcohol_ug=30)

        with pytest.raises(NotAuthorised) as refusal:
            authorise(room, check_id=first)
        assert codes(refusal) == {"check_changed"}

    def test_lasts_no_longer_than_its_check(self, clock: Clock) -> None:
        room = a_treatment_room()
        with_pin(room.doctor)
        visit = room.identify()
        room.check(visit, alcohol_ug=25)
        room.open_day()
        authorise(room)

        clock.pass_by(seconds=1801)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"check_is_old"}

    def test_is_stored_once_however_often_it_is_sent(self, room: TreatmentRoom, stopped: Visit) -> None:
        key = uuid.uuid4()

        assert authorise(room, key=key) == authorise(room, key=key)
        with pytest.raises(NotAuthorised) as again:
            authorise(room)
        with pytest.raises(NotAuthorised) as other:
            authorise(room, key=key, words="Something else.")

        assert codes(again) == {"authorised_already"}
        assert codes(other) == {"authorised_already", "key_reused"}
        assert Authorisation.objects.count() == 1

    def test_makes_neither_giver_nor_witness_of_the_doctor(self, room: TreatmentRoom, stopped: Visit) -> None:
        grant_role(user=room.doctor, clinic=room.clinic, role=Role.NURSE, by=room.nurse, at=now())
        authorise(room)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(stopped, witness_id=room.doctor.id, witness_pin=DOCTOR_PIN)
        assert codes(refusal) == {"authoriser_signs"}
        assert not Preparation.objects.exists()

    def test_raises_no_dose(self, room: TreatmentRoom, stopped: Visit) -> None:
        authorise(room)

        with pytest.raises(PreparationRefused):
            room.prepare(stopped, dose_mg=room.order.dose_mg + 1, ampoules=1)


class TestANoteThatIsTicked:
    def test_stands_with_the_dose_and_who_ticked_it(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        room.give()
        clock.pass_by(hours=3, minutes=30)
        visit = room.checked()
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"unread_short_interval"}

        drawn = room.prepare(visit, acknowledged=frozenset({"short_interval"}))

        tick = Acknowledgement.objects.get()
        ended = Injection.objects.latest("ended_at").ended_at.astimezone(LONDON)
        assert (tick.code, tick.preparation_id, tick.acknowledged_by) == ("short_interval", drawn, room.nurse)
        assert tick.message == f"The last injection ended at {ended:%H:%M}, under 240 minutes ago."
        event = AuditEvent.objects.get(event="dosing.notes_acknowledged")
        assert event.detail["codes"] == ["short_interval"]


class TestANoteOfTheCheck:
    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            ({"took_other_drugs": True}, "other_drugs"),
            ({"oral_as_ordered": False}, "oral_not_as_ordered"),
            ({"sites_are_well": False}, "sites_of_concern"),
        ],
        ids=["drugs", "oral", "sites"],
    )
    def test_is_ticked_before_the_dose_and_stands_with_it(
        self, room: TreatmentRoom, answer: dict[str, bool], code: str
    ) -> None:
        visit = room.identify()
        room.check(visit, **answer)
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)

        drawn = room.prepare(visit, acknowledged=frozenset({code}))

        assert codes(refusal) == {f"unread_{code}"}
        assert Acknowledgement.objects.get(preparation=drawn).code == code


@pytest.fixture
def screen(room: TreatmentRoom, sign_in_at_terminal) -> Client:
    enrol_totp(user=room.nurse, secret=None, by=None, at=now())
    client: Client = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)
    return client


def address(room: TreatmentRoom, name: str, visit: Visit) -> str:
    return reverse(f"dosing:{name}", args=[room.clinic.code, visit.session_id])


def filled(client: Client, where: str, **changes: str) -> dict[str, str]:
    form = client.get(where).context["form"]
    answers = {
        "key": str(form["key"].value()),
        "seal": form["seal"].value(),
        "code": "alcohol_stop",
        "reason": "known_and_alert",
        "words": "Known to me, and alert.",
    }
    return answers | changes


class TestThePageAtTheHatch:
    def test_is_reached_from_the_check_and_leads_on_to_the_dose(
        self, room: TreatmentRoom, stopped: Visit, screen: Client
    ) -> None:
        check = address(room, "record_check", stopped)
        where = address(room, "authorise_at_hatch", stopped)
        page = screen.get(check).content.decode()
        assert where in page
        assert "A doctor licensed here can let this one dose go ahead" in page

        sent = filled(screen, where, doctor=str(room.doctor.id), pin=DOCTOR_PIN)
        answer = screen.post(where, sent, follow=True)

        words = answer.content.decode()
        assert answer.redirect_chain[-1][0] == check
        assert "A doctor has decided." in words and "“Known to me, and alert.”" in words
        assert address(room, "prepare_dose", stopped) in words
        assert screen.get(address(room, "prepare_dose", stopped)).context["decision"].is_allowed

    def test_says_what_stands_when_it_is_refused(
        self, room: TreatmentRoom, stopped: Visit, screen: Client
    ) -> None:
        where = address(room, "authorise_at_hatch", stopped)
        sent = filled(screen, where, doctor=str(room.doctor.id), pin="000000")

        wrong_pin = screen.post(where, sent).content.decode()
        empty = screen.post(where, {}).content.decode()
        no_seal = screen.post(where, sent | {"seal": "x"}).content.decode()
        room.check(stopped, alcohol_ug=30)
        changed = screen.post(where, sent | {"pin": DOCTOR_PIN}).content.decode()

        assert "PIN" in wrong_pin
        assert "Choose why it can go ahead." in empty
        assert "somebody else opened this page" in no_seal
        assert "A new check was made since." in changed
        assert not Authorisation.objects.exists()

    def test_offers_nothing_over_a_hold(self, room: TreatmentRoom, screen: Client) -> None:
        visit = room.identify()
        room.check(visit, alcohol_ug=25, breaths=11)

        page = screen.get(address(room, "authorise_at_hatch", visit)).content.decode()

        assert "No reason lets a dose go ahead" in page
        assert "Let this one dose go ahead</button>" not in page
        assert (
            address(room, "authorise_at_hatch", visit)
            not in screen.get(address(room, "record_check", visit)).content.decode()
        )

    def test_is_empty_where_nothing_waits(self, room: TreatmentRoom, screen: Client) -> None:
        visit = room.checked()
        page = screen.get(address(room, "authorise_at_hatch", visit)).content.decode()
        assert "Nothing of this check waits for a doctor’s reason." in page

    def test_is_not_there_before_a_check(self, room: TreatmentRoom, screen: Client) -> None:
        visit = room.identify()
        assert screen.get(address(room, "authorise_at_hatch", visit)).status_code == 404


class TestThePageAtADesk:
    def test_is_reached_from_the_worklist_and_signed_with_the_password(
        self, room: TreatmentRoom, stopped: Visit, at_a_desk: SitDown
    ) -> None:
        desk = at_a_desk(room, room.doctor)
        where = address(room, "authorise_finding", stopped)
        (row,) = [
            row
            for row in get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
            if row.matter is Matter.AT_HATCH
        ]
        assert (row.group, row.session_id) == (Group.NOW, stopped.session_id)
        assert (
            where in desk.client.get(reverse("dosing:see_worklist", args=[room.clinic.code])).content.decode()
        )

        answer = desk.client.post(where, filled(desk.client, where))

        row = Authorisation.objects.get()
        assert answer.status_code == 302
        assert (row.authorised_by, row.entered_by, row.signature) == (room.doctor, room.doctor, None)
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        assert Matter.AT_HATCH not in {row.matter for row in rows}

    def test_asks_for_the_password_again(
        self, room: TreatmentRoom, stopped: Visit, at_a_desk: SitDown
    ) -> None:
        desk = at_a_desk(room, room.doctor, is_fresh=False)
        where = address(room, "authorise_finding", stopped)

        answer = desk.client.post(where, filled(desk.client, where))

        assert "/confirm-password/" in answer.headers["Location"]
        assert not Authorisation.objects.exists()

    def test_tells_a_doctor_without_a_licence_so(
        self, room: TreatmentRoom, stopped: Visit, at_a_desk: SitDown
    ) -> None:
        other = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Kim Brandt")
        desk = at_a_desk(room, other)
        page = desk.client.get(address(room, "authorise_finding", stopped)).content.decode()
        assert "Only a doctor licensed here lets a dose go ahead." in page

    def test_waits_on_no_worklist_once_the_check_is_old(self, clock: Clock) -> None:
        room = a_treatment_room()
        visit = room.identify()
        room.check(visit, alcohol_ug=25)
        clock.pass_by(seconds=1801)

        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        assert Matter.AT_HATCH not in {row.matter for row in rows}
