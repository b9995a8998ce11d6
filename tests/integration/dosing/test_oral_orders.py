"""Signing, ending and deciding on oral medicine through the real pages: the right people, once, on what they saw."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from dosing.actions.oral import OralRefused, order_naloxone
from dosing.actions.visits import record_not_given
from dosing.models import NaloxoneOrder, OralDecision, OralOrder, OralOrderPeriod
from dosing.queries.oral import get_last_oral_orders, what_stands_oral
from dosing.rules.oral import NaloxoneDraft
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories.oral import OralDesk, OralOrderFactory, an_oral_order, give
from tests.factories.order_pages import give_password_now
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

SitDown = Callable[..., OralDesk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def sit_down(sign_in) -> SitDown:
    def sit(room: TreatmentRoom, user: User, *, is_fresh: bool = True) -> OralDesk:
        enrol_totp(user=user, secret=None, by=None, at=now())
        client = sign_in(Client(), user)
        if is_fresh:
            give_password_now(client, user)
        return OralDesk(client, room)

    return sit


@pytest.fixture
def prescriber(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya")


@pytest.fixture
def desk(room: TreatmentRoom, prescriber: User, sit_down: SitDown) -> OralDesk:
    return sit_down(room, prescriber)


def withhold(room: TreatmentRoom, reason: Reason = Reason.INTOXICATED) -> None:
    record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=Outcome.WITHHELD,
        reason=reason,
        by=room.nurse,
        at=now(),
    )


class TestSigningAnOralOrder:
    def test_by_a_nurse_prescriber_is_read_in_figures_and_words_and_signed(self, desk: OralDesk) -> None:
        page = desk.open_oral()

        read = desk.send("sign_oral_order", page, step="read").content.decode()
        signed = desk.send("sign_oral_order", page, step="sign")

        assert "40 mg" in read and "forty milligrams a day" in read
        assert "methadone 1 mg/ml oral solution" in read
        assert signed.headers["Location"] == desk.address("see_orders")
        order = OralOrder.objects.get()
        assert (order.drug, order.daily_mg, order.version, order.is_supervised) == ("methadone", 40, 1, True)
        assert order.starts_at == order.signed_at == order.period.during.lower
        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert "Methadone 1 mg/ml oral solution, order 1, in force now" in text

    def test_fills_nothing_in_and_prints_the_limits_as_unverified(self, desk: OralDesk) -> None:
        answer = desk.client.get(desk.address("sign_oral_order"))

        text = answer.content.decode()
        assert answer.context["form"]["daily_mg"].value() is None
        assert "150 mg a day, not verified: confirm locally" in text
        assert "never compares one opioid with another" in text

    def test_asks_for_the_password_when_it_was_given_long_ago(self, room, prescriber, sit_down) -> None:
        desk = sit_down(room, prescriber, is_fresh=False)

        answer = desk.send("sign_oral_order", desk.open_oral(), step="sign")

        assert "confirm" in answer.headers["Location"] or "reauth" in answer.headers["Location"]
        assert not OralOrder.objects.exists()

    @pytest.mark.parametrize(
        "mg", ["", "0", "40.5", "+40", "-40", "1e2", "1_000", "40 mg", "٤٠", "040", "10000"]
    )
    def test_reads_whole_milligrams_and_nothing_else(self, desk: OralDesk, mg: str) -> None:
        answer = desk.send("sign_oral_order", desk.open_oral(daily_mg=mg), step="read")

        assert "daily_mg" in answer.context["form"].errors

    def test_over_the_limit_is_refused_before_it_is_read(self, desk: OralDesk) -> None:
        answer = desk.send("sign_oral_order", desk.open_oral(daily_mg="151"), step="read")

        assert answer.context["review"] is None
        assert "151 mg is over the clinic&#x27;s limit for methadone" in answer.content.decode()

    def test_over_the_limit_is_refused_when_it_is_signed_all_the_same(self, room, desk: OralDesk) -> None:
        desk.send("sign_oral_order", desk.open_oral(daily_mg="151"), step="sign")

        assert not OralOrder.objects.exists()
        event = AuditEvent.objects.get(event="dosing.oral_order_signed")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["daily_limit"])

    def test_later_asks_for_day_and_time(self, desk: OralDesk) -> None:
        answer = desk.send("sign_oral_order", desk.open_oral(starts="later"), step="read")

        assert set(answer.context["form"].errors) == {"starts_on", "starts_time"}

    def test_later_is_shown_as_signed_for_later(self, desk: OralDesk) -> None:
        day = london_date(now()) + timedelta(days=2)

        desk.send(
            "sign_oral_order",
            desk.open_oral(starts="later", starts_on=f"{day:%d/%m/%Y}", starts_time="08:00", supervised="no"),
            step="sign",
        )

        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert "order 1, signed for later" in text
        assert "Handed over to take away" in text

    def test_twice_is_signed_once(self, desk: OralDesk) -> None:
        page = desk.open_oral()

        answers = [desk.send("sign_oral_order", page, step="sign").status_code for _ in range(2)]

        assert answers == [302, 302]
        assert OralOrder.objects.count() == 1

    def test_under_the_key_of_something_else_is_refused(self, desk: OralDesk) -> None:
        first = desk.open_oral()
        desk.send("sign_oral_order", first, step="sign")

        answer = desk.send("sign_oral_order", desk.open_oral(key=first["key"], daily_mg="50"), step="sign")

        assert "already used for something else" in answer.content.decode()
        assert OralOrder.objects.count() == 1

    def test_replaces_the_one_of_the_same_drug_at_that_moment(self, room, desk: OralDesk) -> None:
        first = an_oral_order(room)

        desk.send("sign_oral_order", desk.open_oral(daily_mg="50"), step="sign")

        second = OralOrder.objects.get(version=2)
        period = OralOrderPeriod.objects.get(order=first)
        assert second.replaces == first
        assert (period.end_reason, period.during.upper) == ("replaced", second.starts_at)
        assert "Earlier oral orders" in desk.client.get(desk.address("see_orders")).content.decode()

    def test_on_a_stale_page_is_refused_with_what_changed(self, room, desk: OralDesk) -> None:
        page = desk.open_oral()
        an_oral_order(room, daily_mg=60)

        for step in ("read", "sign"):
            answer = desk.send("sign_oral_order", page, step=step)
            assert "Methadone 1 mg/ml oral solution, 60 mg a day (order 1): signed by Dr Priya Nair" in (
                answer.content.decode()
            )
        assert OralOrder.objects.count() == 1

    def test_beside_another_opioid_goes_ahead_once_the_note_is_ticked(self, room, desk: OralDesk) -> None:
        an_oral_order(room, drug="morphine", daily_mg=200)
        page = desk.open_oral()

        unread = desk.send("sign_oral_order", page, step="sign").content.decode()
        desk.send("sign_oral_order", page, step="sign", acknowledged=["other_oral_1"])

        assert "Tick that you have read: Another oral opioid is ordered too" in unread
        assert OralOrder.objects.filter(drug="methadone").count() == 1

    def test_can_be_changed_after_it_was_read(self, desk: OralDesk) -> None:
        answer = desk.send("sign_oral_order", desk.open_oral(), step="change")

        assert answer.context["review"] is None
        assert answer.context["form"]["daily_mg"].value() == "40"

    def test_from_somebody_else_is_refused(self, room, desk: OralDesk, sit_down: SitDown) -> None:
        other = sit_down(room, room.doctor)

        answer = other.send("sign_oral_order", desk.open_oral(), step="sign")

        assert "opened by somebody else" in answer.content.decode()
        assert not OralOrder.objects.exists()

    def test_without_consent_is_barred(self, room, desk: OralDesk) -> None:
        page = desk.open_oral()
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        desk.send("sign_oral_order", page, step="sign")

        assert "No treatment consent" in desk.client.get(desk.address("sign_oral_order")).content.decode()
        assert not OralOrder.objects.exists()


class TestWhatStands:
    def test_is_said_of_an_order_that_ran_its_time(self, db: None) -> None:
        order = OralOrderFactory()

        assert what_stands_oral(get_last_oral_orders(patient_id=order.patient_id), at=order.ends_at) == (
            "Methadone 1 mg/ml oral solution, 40 mg a day (order 1): it ended on 15 February 2026 at 09:00."
        )
        assert what_stands_oral({}, at=order.ends_at) == "There is no order of oral medicine."


class TestEndingAnOralOrder:
    def test_ends_it_now_with_who_and_why(self, room, desk: OralDesk) -> None:
        order = an_oral_order(room)
        later = an_oral_order(
            room, starts_at_once=False, starts_at=now() + timedelta(days=2), ends_at=now() + timedelta(days=5)
        )
        page = desk.open_page("end_oral_order", drug="methadone", reason="safety", words="Found asleep.")

        answers = [desk.send("end_oral_order", page).status_code for _ in range(2)]

        assert answers == [302, 302]
        period = OralOrderPeriod.objects.get(order=order)
        assert period.during.upper <= now()
        assert OralOrderPeriod.objects.get(order=later).during.isempty
        assert AuditEvent.objects.filter(event="dosing.oral_order_ended").count() == 2
        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert "No order of oral medicine is in force." in text
        assert "“Found asleep.”" in text
        with pytest.raises(OralRefused, match="not in force any more"):
            give(room, order)

    def test_leaves_another_drug_as_it_is(self, room, desk: OralDesk) -> None:
        an_oral_order(room)
        other = an_oral_order(room, drug="morphine", daily_mg=200)

        desk.send(
            "end_oral_order",
            desk.open_page("end_oral_order", drug="methadone", reason="asked", words="Wants less."),
        )

        assert OralOrderPeriod.objects.get(order=other).ended_at is None

    def test_on_a_stale_page_is_refused_with_what_changed(self, room, desk: OralDesk) -> None:
        an_oral_order(room)
        page = desk.open_page("end_oral_order", drug="methadone", reason="asked", words="Wants less.")
        an_oral_order(room, daily_mg=60)

        answer = desk.send("end_oral_order", page).content.decode()

        assert "60 mg a day (order 2): signed by Dr Priya Nair" in answer
        assert OralOrderPeriod.objects.get(order__version=2).ended_at is None

    def test_asks_for_drug_reason_and_sentence(self, room, desk: OralDesk) -> None:
        an_oral_order(room)

        answer = desk.send("end_oral_order", desk.open_page("end_oral_order"))

        assert set(answer.context["form"].errors) == {"drug", "reason", "words"}

    def test_from_somebody_else_or_under_a_used_key_is_refused(self, room, desk, sit_down: SitDown) -> None:
        an_oral_order(room)
        answers = {"drug": "methadone", "reason": "asked", "words": "Wants less."}
        page = desk.open_page("end_oral_order", **answers)

        other = sit_down(room, room.doctor).send("end_oral_order", page).content.decode()
        desk.send("end_oral_order", page)
        an_oral_order(room)
        again = desk.open_page("end_oral_order", **answers | {"key": page["key"], "words": "Other."})

        assert "opened by somebody else" in other
        assert "already used" in desk.send("end_oral_order", again).content.decode()

    def test_has_nothing_to_end_where_nothing_stands(self, desk: OralDesk) -> None:
        assert "there is nothing to end" in desk.client.get(desk.address("end_oral_order")).content.decode()

    def test_that_has_ended_is_not_ended_again(self, room, desk: OralDesk) -> None:
        answers = {"drug": "methadone", "reason": "asked", "words": "Wants less."}

        answer = desk.send("end_oral_order", desk.open_page("end_oral_order", **answers))

        assert "No order of this drug stands" in answer.content.decode()


class TestNaloxone:
    def test_is_ordered_once_and_shown(self, room, desk: OralDesk) -> None:
        page = desk.open_page("order_naloxone", dose_ug="400", kits="2")

        answers = [desk.send("order_naloxone", page).status_code for _ in range(2)]

        assert answers == [302, 302]
        order = NaloxoneOrder.objects.get()
        assert (order.dose_ug, order.kits, order.signed_by.full_name) == (400, 2, "Sol Oduya")
        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert "2 kits of 400 micrograms a dose, ordered by Sol Oduya" in text

    def test_is_ordered_by_nobody_but_a_prescriber(self, room) -> None:
        with pytest.raises(OralRefused, match="Only a doctor or another prescriber"):
            order_naloxone(
                clinic=room.clinic,
                episode=room.episode,
                draft=NaloxoneDraft(dose_ug=400, kits=1),
                key=uuid.uuid4(),
                by=room.nurse,
                at=now(),
            )
        assert AuditEvent.objects.get(event="dosing.naloxone_ordered").outcome == "refused"

    def test_reads_digits_only(self, desk: OralDesk) -> None:
        answer = desk.send("order_naloxone", desk.open_page("order_naloxone", dose_ug="0.4", kits="10"))

        assert set(answer.context["form"].errors) == {"dose_ug", "kits"}

    def test_waits_for_no_consent(self, room, desk: OralDesk) -> None:
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        desk.send("order_naloxone", desk.open_page("order_naloxone", dose_ug="400", kits="1"))

        assert NaloxoneOrder.objects.count() == 1

    def test_from_somebody_else_or_under_a_used_key_is_refused(self, room, desk, sit_down: SitDown) -> None:
        page = desk.open_page("order_naloxone", dose_ug="400", kits="1")

        other = sit_down(room, room.doctor).send("order_naloxone", page).content.decode()
        desk.send("order_naloxone", page)
        again = desk.open_page("order_naloxone", dose_ug="800", kits="1", key=page["key"])

        assert "opened by somebody else" in other
        assert "already used" in desk.send("order_naloxone", again).content.decode()
        assert NaloxoneOrder.objects.count() == 1


class TestADecisionAfterAWithheldInjection:
    def test_lets_the_oral_dose_go_ahead_with_breathing_counted(self, room, desk: OralDesk) -> None:
        order = an_oral_order(room)
        withhold(room)
        with pytest.raises(OralRefused, match="A prescriber decides"):
            give(room, order, breaths=14)
        page = desk.open_page("allow_oral", order=str(order.id), reason="Seen, awake, asks for it.")

        answers = [desk.send("allow_oral", page).status_code for _ in range(2)]

        assert answers == [302, 302]
        decision = OralDecision.objects.get()
        assert decision.decided_by.full_name == "Sol Oduya"
        with pytest.raises(OralRefused, match="Count the breathing"):
            give(room, order)
        assert give(room, order, breaths=12).decision == decision

    def test_is_asked_for_on_the_persons_orders(self, room, desk: OralDesk) -> None:
        an_oral_order(room)
        before = desk.client.get(desk.address("see_orders")).content.decode()
        withhold(room)

        after = desk.client.get(desk.address("see_orders")).content.decode()

        assert "Decide after a withheld injection" not in before
        assert "Decide after a withheld injection" in after
        assert "was withheld today. An oral dose waits" in after

    def test_is_needed_while_a_hold_stands(self, room, desk: OralDesk) -> None:
        order = an_oral_order(room)
        room.check(room.identify(), alcohol_ug=40)
        with pytest.raises(OralRefused, match="On hold since"):
            give(room, order, breaths=14)

        desk.send("allow_oral", desk.open_page("allow_oral", order=str(order.id), reason="Seen, awake."))

        assert give(room, order, breaths=14).decision is not None

    def test_is_not_needed_where_the_person_did_not_want_the_injection(self, room) -> None:
        order = an_oral_order(room)
        withhold(room, Reason.DECLINED)

        assert give(room, order).decision is None

    def test_has_nothing_to_decide_where_none_was_withheld(self, room, desk: OralDesk) -> None:
        order = an_oral_order(room)

        assert "nothing waits for a decision" in desk.client.get(desk.address("allow_oral")).content.decode()
        answer = desk.client.get(desk.address("allow_oral"))
        form = answer.context["form"]
        page = {"key": str(form["key"].value()), "seal": form["seal"].value(), "order": str(order.id)}
        refused = desk.send("allow_oral", page, reason="Because.").content.decode()
        assert "No injection was withheld today, so no decision is needed." in refused

    def test_is_refused_when_more_was_found_meanwhile_or_from_somebody_else(
        self, room, desk: OralDesk, sit_down: SitDown
    ) -> None:
        order = an_oral_order(room)
        page = desk.open_page("allow_oral", order=str(order.id), reason="Seen.")
        withhold(room)

        assert "changed, or somebody else" in desk.send("allow_oral", page).content.decode()
        other = sit_down(room, room.doctor)
        page = desk.open_page("allow_oral", order=str(order.id), reason="Seen.")
        assert "changed, or somebody else" in other.send("allow_oral", page).content.decode()
        assert not OralDecision.objects.exists()

    def test_of_an_order_that_has_gone_or_under_a_used_key_is_refused(self, room, desk: OralDesk) -> None:
        order = an_oral_order(room)
        withhold(room)
        page = desk.open_page("allow_oral", order=str(order.id), reason="Seen.")
        desk.send("allow_oral", page)

        gone = desk.open_page("allow_oral", order=str(uuid.uuid4()), reason="Seen.")
        again = desk.open_page("allow_oral", order=str(order.id), reason="Another.", key=page["key"])

        assert "not in force any more" in desk.send("allow_oral", gone).content.decode()
        assert "already used" in desk.send("allow_oral", again).content.decode()
        assert OralDecision.objects.count() == 1


class TestSomebodyElse:
    PAGES = ("sign_oral_order", "end_oral_order", "order_naloxone", "allow_oral")

    def test_of_another_clinic_has_no_page(self, desk: OralDesk) -> None:
        desk.person = a_treatment_room().patient

        assert {desk.client.get(desk.address(name)).status_code for name in self.PAGES} == {404}

    @pytest.mark.parametrize("role", [Role.NURSE, Role.CASE_WORKER, Role.CLINICAL_LEAD])
    def test_has_no_page_either(self, room, sit_down: SitDown, role: Role) -> None:
        desk = sit_down(room, a_member_of_staff(room.clinic, role, name="Somebody Else"))

        assert {desk.client.get(desk.address(name)).status_code for name in self.PAGES} == {403}
