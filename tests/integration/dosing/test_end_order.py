"""Ending an order through its page: dosing stops at that moment, once, with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.actions.orders import OrderRefused, SentPage, end_order
from dosing.actions.visits import VisitRefused
from dosing.models import Injection, OrderPeriod
from dosing.queries.orders import as_seen, get_last_order
from dosing.rules.orders import EndReason, Product
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order
from tests.owner import as_owner

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"), is_fresh=False)


class TestAnOrderThatIsEnded:
    def test_gives_no_dose_from_that_moment_on(self, room, desk: Desk) -> None:
        answer = desk.end(desk.open_end())

        period = OrderPeriod.objects.get(order=room.order)
        assert answer.headers["Location"] == desk.address("see_orders")
        assert (period.end_reason, period.end_words) == ("safety", "Found asleep at home.")
        assert period.during.upper == period.ended_at
        with pytest.raises(VisitRefused, match="No order is in force"):
            room.give()

    def test_shows_who_when_and_why(self, desk: Desk) -> None:
        desk.end(desk.open_end())

        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert "No order is in force: no dose may be given." in text
        assert "Dosing is not safe now: Sol Oduya," in text
        assert "“Found asleep at home.”" in text

    def test_ends_what_was_signed_for_later_as_well(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.doctor)
        day = london_date(now()) + timedelta(days=1)
        desk.sign(desk.open(starts="later", starts_on=f"{day:%d/%m/%Y}", starts_time="08:00"))

        desk.end(desk.open_end())

        assert OrderPeriod.objects.get(order__version=2).during.isempty
        assert OrderPeriod.objects.get(order__version=1).during.upper <= now()
        assert OrderPeriod.objects.filter(end_reason="safety").count() == 2

    def test_is_in_the_audit_trail(self, room, desk: Desk) -> None:
        desk.end(desk.open_end())

        event = AuditEvent.objects.get(event="dosing.order_ended")
        assert (event.person, event.object_id, event.outcome) == (room.patient.id, str(room.order.id), "done")
        assert event.detail["reason"] == "safety"

    def test_twice_is_ended_once(self, desk: Desk) -> None:
        page = desk.open_end()

        answers = [desk.end(page).status_code for _ in range(2)]

        assert answers == [302, 302]
        assert AuditEvent.objects.filter(event="dosing.order_ended").count() == 1

    def test_at_the_moment_of_a_dose_keeps_the_dose(self, own_database: str) -> None:
        with as_owner(own_database) as owner:
            owner.execute("INSERT INTO clock_override VALUES (now())")
        room = a_treatment_room()
        room.give()

        end_order(
            clinic=room.clinic,
            episode=room.episode,
            reason=EndReason.ASKED,
            words="Wants methadone.",
            page=SentPage(
                key=room.order.id,
                seen=as_seen(get_last_order(patient_id=room.patient.id, product=Product.DIAMORPHINE)),
            ),
            by=room.doctor,
            at=now(),
        )

        period = OrderPeriod.objects.get(order=room.order)
        assert period.during.upper == Injection.objects.get().started_at + timedelta(microseconds=1)


class TestAPageThatIsRefused:
    def test_asks_for_reason_and_sentence(self, desk: Desk) -> None:
        answer = desk.end(desk.open_end(reason="", words=""))

        assert set(answer.context["form"].errors) == {"reason", "words"}
        assert OrderPeriod.objects.get().ended_at is None

    def test_does_not_take_the_reason_of_a_new_order(self, desk: Desk) -> None:
        assert "reason" in desk.end(desk.open_end(reason="replaced")).context["form"].errors

    def test_is_told_when_another_order_was_signed_meanwhile(self, room, desk: Desk) -> None:
        page = desk.open_end()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100)

        answer = desk.end(page).content.decode()

        assert "Order 2 is 100 mg twice a day" in answer
        assert "Nothing was changed." in answer
        assert OrderPeriod.objects.get(order__version=2).ended_at is None

    def test_is_told_when_it_was_ended_meanwhile(self, room, desk: Desk) -> None:
        page = desk.open_end()
        desk.end(desk.open_end())

        assert "ended it on" in desk.end(page).content.decode()

    def test_is_refused_from_somebody_else(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        other = at_a_desk(room, room.doctor)

        assert "opened by somebody else" in other.end(desk.open_end()).content.decode()
        assert OrderPeriod.objects.get().ended_at is None

    def test_is_refused_under_the_key_of_something_else(self, room, desk: Desk) -> None:
        first = desk.open_end()
        desk.end(first)
        an_order(room.episode, room.premises, doctor=room.doctor)

        answer = desk.end(desk.open_end(key=first["key"], words="Another reason."))

        assert "already used for something else" in answer.content.decode()

    def test_has_nothing_to_end_without_an_order(self, desk: Desk) -> None:
        desk.end(desk.open_end())

        text = desk.client.get(desk.address("end_order")).content.decode()
        assert "there is nothing to end" in text

    def test_says_why_in_the_action_too(self, room) -> None:
        with pytest.raises(OrderRefused, match="Nothing was changed"):
            end_order(
                clinic=room.clinic,
                episode=room.episode,
                reason=EndReason.ASKED,
                words="Wants methadone.",
                page=SentPage(key=room.order.id, seen="none"),
                by=room.doctor,
                at=now(),
            )


class TestSomebodyElse:
    def test_of_another_clinic_has_no_page(self, desk: Desk) -> None:
        desk.person = a_treatment_room().patient

        assert desk.client.get(desk.address("end_order")).status_code == 404

    @pytest.mark.parametrize("role", [Role.NURSE, Role.CASE_WORKER])
    def test_may_not_end_an_order(self, room, at_a_desk: SitDown, role: Role) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, role, name="Somebody Else"))

        assert desk.client.get(desk.address("end_order")).status_code == 403
