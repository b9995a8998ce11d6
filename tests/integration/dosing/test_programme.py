"""The end of a programme: nobody accepted, no order past its last day, and who has no whole plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from dosing.actions.orders import OrderRefused
from dosing.actions.programme import ClosingRefused, close_programme
from dosing.models import OralOrderPeriod, OrderPeriod
from dosing.queries.worklist import get_worklist
from dosing.rules.worklist import Matter
from hat_clinic.accounts.models import Clinic
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Episode, ProgrammeClosing
from patients.queries.closings import get_closing_page, get_last_day
from patients.rules.closings import ClosingContent, ClosingKind, end_of
from referrals.actions import AcceptanceRefused
from tests.factories import ClinicFactory, EpisodeFactory, PhaseFactory
from tests.factories.around import ProgrammeClosingFactory, end_the_programme, plan_for
from tests.factories.order_pages import Desk
from tests.factories.orders import OrderFactory
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)
from tests.integration.patients.pages import words
from tests.integration.patients.rivals import in_a_thread, wait_for_somebody_waiting
from tests.refusals import refused_by

GOES_ON = ClosingContent(ClosingKind.GOES_ON, None, None, "It is paid for again.")


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.mark.django_db
class TestDeciding:
    def test_cuts_the_orders_that_reach_past_the_last_day_and_no_other(self, room: TreatmentRoom) -> None:
        period = OrderPeriod.objects.get(order=room.order)
        last_on = london_date(now()) + timedelta(days=2)
        assert period.during.upper > end_of(last_on)

        end_the_programme(room.clinic, by=room.doctor, days=2)

        period.refresh_from_db()
        assert period.during.upper == end_of(last_on)
        assert (period.ended_by, period.end_words) == (room.doctor, "The programme ends.")
        event = AuditEvent.objects.get(event="dosing.programme_decided")
        assert event.detail == {"kind": "closes", "orders_cut": 1}
        assert not OralOrderPeriod.objects.exists()

    def test_leaves_orders_that_end_before(self, room: TreatmentRoom) -> None:
        before = OrderPeriod.objects.get(order=room.order).during
        end_the_programme(room.clinic, by=room.doctor, days=80)
        assert OrderPeriod.objects.get(order=room.order).during == before

    def test_lets_no_order_be_signed_past_it(self, room: TreatmentRoom) -> None:
        end_the_programme(room.clinic, by=room.doctor, days=2)
        with pytest.raises(OrderRefused, match="The programme ends on"):
            an_order(room.episode, room.premises, doctor=room.doctor)

        close_programme(clinic=room.clinic, content=GOES_ON, follows=1, by=room.doctor, at=now())
        assert an_order(room.episode, room.premises, doctor=room.doctor).pk

    def test_lets_nobody_be_accepted(self, room: TreatmentRoom) -> None:
        end_the_programme(room.clinic, by=room.doctor, days=80, kind="pauses")
        with pytest.raises(AcceptanceRefused, match="nobody is accepted any more"):
            a_patient_in_treatment(room.clinic, by=room.doctor)

    def test_stands_until_another_and_not_beside_one_unread(self, room: TreatmentRoom) -> None:
        end_the_programme(room.clinic, by=room.doctor, days=80)
        with pytest.raises(ClosingRefused, match="meanwhile"):
            end_the_programme(room.clinic, by=room.doctor, days=70)

        close_programme(clinic=room.clinic, content=GOES_ON, follows=1, by=room.doctor, at=now())
        assert get_last_day(clinic_id=room.clinic.id) is None
        refused = AuditEvent.objects.get(event="dosing.programme_decided", outcome="refused")
        assert refused.detail == {"codes": ["decided_meanwhile"]}

    def test_leaves_no_time_to_an_order_that_was_to_begin_later(self, room: TreatmentRoom) -> None:
        begins = now() + timedelta(days=20)
        order = OrderFactory(
            premises=room.premises,
            protocol=room.order.protocol,
            starts_at=begins,
            ends_at=begins + timedelta(days=7),
        )
        period = OrderPeriod.objects.get(order=order)

        end_the_programme(room.clinic, by=room.doctor, days=2)

        period.refresh_from_db()
        assert period.during.isempty


@pytest.mark.django_db
class TestInTheDatabase:
    @pytest.mark.parametrize("kind", ["closes", "pauses"])
    def test_nobody_enters_a_programme_that_ends(self, room: TreatmentRoom, kind: str) -> None:
        end_the_programme(room.clinic, by=room.doctor, days=80, kind=kind)
        with refused_by("nobody_enters_an_ending_programme"):
            EpisodeFactory(clinic=room.clinic)
        left = EpisodeFactory(
            clinic=room.clinic,
            started_on=london_date(now()),
            exited_on=london_date(now()),
            exit_reason="completed",
        )
        with refused_by("nobody_enters_an_ending_programme"):
            Episode.objects.filter(id=left.id).update(exited_on=None, exit_reason="")
        Episode.objects.filter(id=left.id).update(exit_reason="transferred")
        assert EpisodeFactory().pk

        close_programme(clinic=room.clinic, content=GOES_ON, follows=1, by=room.doctor, at=now())
        assert EpisodeFactory(clinic=room.clinic).pk

    def test_no_order_ends_after_the_last_day(self, room: TreatmentRoom) -> None:
        closing = ProgrammeClosingFactory(clinic=room.clinic)
        last = end_of(closing.last_on)
        same = {
            "premises": room.premises,
            "episode": room.episode,
            "patient": room.patient,
            "protocol": room.order.protocol,
        }
        assert OrderFactory(**same, ends_at=last, version=7).pk
        with refused_by("order_ends_with_the_programme"):
            OrderFactory(**same, ends_at=last + timedelta(seconds=1), version=8)

    def test_closings_are_numbered_once(self) -> None:
        first = ProgrammeClosingFactory()
        with refused_by("closings_of_a_programme_are_numbered_once"):
            ProgrammeClosingFactory(clinic=first.clinic)

    @pytest.mark.parametrize(
        "changes", [{"words": ""}, {"last_on": None}, {"kind": "goes_on"}], ids=["words", "last", "kind"]
    )
    def test_a_closing_has_its_last_day_and_a_reason(self, changes: dict) -> None:
        with refused_by("closing_has_its_last_day_and_a_reason"):
            ProgrammeClosingFactory(**changes)

    def test_a_pause_goes_on_after_its_last_day(self) -> None:
        closing = ProgrammeClosingFactory.build()
        assert ProgrammeClosingFactory(kind="pauses", resumes_on=closing.last_on + timedelta(days=1)).pk
        for changes in ({"kind": "pauses", "resumes_on": closing.last_on}, {"resumes_on": closing.last_on}):
            with refused_by("pause_goes_on_after_its_last_day"):
                ProgrammeClosingFactory(**changes)


@pytest.mark.race
class TestADecisionAndAnOrder:
    def test_signed_in_the_same_moment_the_order_waits_and_is_refused(self, own_database: str) -> None:
        room = a_treatment_room()
        refused: list[str] = []

        def sign() -> None:
            try:
                an_order(room.episode, room.premises, doctor=room.doctor)
            except (OrderRefused, IntegrityError) as refusal:
                refused.append(str(refusal))

        work = in_a_thread(sign)
        with transaction.atomic():
            Clinic.objects.select_for_update(no_key=True).get(id=room.clinic.id)
            work.start()
            wait_for_somebody_waiting()
            ProgrammeClosing.objects.create(
                clinic=room.clinic,
                number=1,
                kind="closes",
                last_on=london_date(now()),
                words="Funding ends.",
                decided_by=room.doctor,
                decided_at=now(),
            )
        work.join(timeout=60)

        assert len(refused) == 1 and "programme" in refused[0]


@pytest.mark.django_db
class TestTheDayThatIsPaidFor:
    @pytest.mark.parametrize("newest", [None, date(2027, 3, 31)])
    def test_is_that_of_the_newest_phase_alone(self, newest: date | None) -> None:
        clinic = ClinicFactory()
        old = DateRange(date(2025, 10, 1), date(2026, 10, 1))
        PhaseFactory(clinic=clinic, during=old, funded_until=date(2026, 9, 30))
        PhaseFactory(
            clinic=clinic,
            name="second year",
            during=DateRange(date(2026, 10, 1), date(2027, 10, 1)),
            funded_until=newest,
        )
        at = datetime(2026, 11, 24, 9, tzinfo=UTC)
        assert get_closing_page(clinic=clinic, at=at).funded_until == newest


@pytest.mark.django_db
class TestTheWorklist:
    def test_shows_who_has_no_whole_plan_until_they_have_one(self, room: TreatmentRoom) -> None:
        def rows() -> list[str]:
            worklist = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now())
            return [row.facts for row in worklist.rows if row.matter is Matter.NO_PLAN]

        before = rows()
        end_the_programme(room.clinic, by=room.doctor, days=60)
        (row,) = rows()
        plan_for(room.episode, by=room.doctor)

        assert before == [] and "Missing: receiving service, receiving prescriber" in row
        assert rows() == []


@pytest.mark.django_db
class TestThePages:
    def test_decide_and_name_nobody(self, room: TreatmentRoom, at_a_desk: Callable[..., Desk]) -> None:
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Priya Shah")
        desk = at_a_desk(room, manager)
        path = reverse("dosing:close_programme", args=[room.clinic.code])
        page = desk.client.get(path)
        seal = page.context["form"]["seal"].value()
        last_on = london_date(now()) + timedelta(days=60)

        empty = desk.client.post(path, {"seal": seal})
        stolen = desk.client.post(path, {"seal": "x", "kind": "closes"})
        done = desk.client.post(
            path, {"seal": seal, "kind": "closes", "last_on": f"{last_on:%d/%m/%Y}", "words": "Funding ends."}
        )

        assert "No end is decided." in words(page)
        assert "Choose whether it closes" in words(empty)
        assert set(empty.context["form"].errors) == {"kind", "words"}
        assert "opened by somebody else" in words(stolen)
        assert done.status_code == 302
        shown = words(desk.client.get(path))
        assert "1 of 1 in treatment has no whole plan" in shown
        assert room.patient.family_name not in shown

    def test_warn_on_the_board(self, room: TreatmentRoom, at_a_desk: Callable[..., Desk]) -> None:
        desk = at_a_desk(room, room.nurse)
        path = reverse("dosing:see_board", args=[room.clinic.code])
        before = words(desk.client.get(path))
        end_the_programme(room.clinic, by=room.doctor, days=60)

        after = words(desk.client.get(path))

        assert "last day of doses" not in before
        assert "in 60 days. 1 person has no whole transfer plan" in after
