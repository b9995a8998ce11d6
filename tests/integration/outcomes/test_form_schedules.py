"""How often a clinic asks the outcome form: written by one, approved by another, in force from its day on."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.form_schedules import (
    ScheduleKeyReused,
    ScheduleRefused,
    approve_form_schedule,
    write_form_schedule,
)
from outcomes.models import FormSchedule, FormScheduleApproval
from outcomes.queries.form_schedules import get_schedules
from outcomes.rules.due_forms import PROPOSED
from outcomes.rules.form_schedules import ScheduleSaid
from tests.factories import ClinicFactory
from tests.factories.form_schedules import FormScheduleApprovalFactory, FormScheduleFactory
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)


@pytest.fixture
def clinic():
    return ClinicFactory()


@pytest.fixture
def lead(clinic, make_member):
    return make_member(clinic, Role.CLINICAL_LEAD, "lead")


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER, "manager")


def said(**changes) -> ScheduleSaid:
    asked = {
        "from_day": london_date(now()) + TOMORROW,
        "every_days": 28,
        "window_days": 7,
        "source": "Guidance",
    }
    return ScheduleSaid(**(asked | changes))


def write(clinic, by, *, key: uuid.UUID | None = None, **changes) -> FormSchedule:
    return write_form_schedule(clinic=clinic, said=said(**changes), key=key or uuid.uuid4(), by=by, at=now())


def approve(clinic, schedule, by, *, is_confirmed: bool = True) -> FormScheduleApproval:
    return approve_form_schedule(
        clinic=clinic, schedule=schedule.pk, is_confirmed=is_confirmed, by=by, at=now()
    )


class TestTheNumbers:
    def test_are_in_force_from_their_first_day_once_another_approved_them(self, clinic, lead, manager):
        today = london_date(now())
        written = write(clinic, lead)
        assert get_schedules(clinic).on(today + TOMORROW) == PROPOSED

        approve(clinic, written, manager)

        found = get_schedules(clinic)
        assert found.on(today) == PROPOSED
        assert (found.on(today + TOMORROW).every_days, found.on(today + TOMORROW).window_days) == (28, 7)
        assert "approved by" in found.on(today + TOMORROW).words
        assert get_schedules(ClinicFactory()).on(today + TOMORROW) == PROPOSED

    def test_are_stored_once(self, clinic, lead, manager):
        key = uuid.uuid4()
        written = write(clinic, lead, key=key)

        assert write(clinic, lead, key=key) == written
        with pytest.raises(ScheduleKeyReused):
            write(clinic, lead, key=key, every_days=30)
        assert approve(clinic, written, manager) == approve(clinic, written, manager)
        assert (FormSchedule.objects.count(), FormScheduleApproval.objects.count()) == (1, 1)

    def test_are_refused_with_every_reason_and_the_trail_knows(self, clinic, lead):
        with pytest.raises(ScheduleRefused) as refusal:
            write(clinic, lead, every_days=2, source="")

        assert len(refusal.value.decision.refusals) == 3
        event = AuditEvent.objects.get(event="outcomes.form_schedule_written")
        assert event.outcome == "refused" and FormSchedule.objects.count() == 0

    def test_are_not_approved_by_whoever_wrote_them_twice_or_without_reading(
        self, clinic, lead, manager, make_member
    ):
        written = write(clinic, lead)

        for by, confirmed in ((lead, True), (manager, False)):
            with pytest.raises(ScheduleRefused):
                approve(clinic, written, by, is_confirmed=confirmed)
        approve(clinic, written, manager)
        with pytest.raises(ScheduleRefused, match="approved already"):
            approve(clinic, written, make_member(clinic, Role.MANAGER, "second"))
        assert (
            AuditEvent.objects.filter(event="outcomes.form_schedule_approved", outcome="refused").count() == 3
        )

    def test_of_another_clinic_are_not_there(self, lead, clinic):
        with pytest.raises(FormSchedule.DoesNotExist):
            approve(clinic, FormScheduleFactory(), lead)


class TestInTheDatabase:
    def test_numbers_are_plausible_and_stored_once(self):
        for changes in ({"every_days": 13}, {"every_days": 367}, {"window_days": 14}, {"source": ""}):
            with refused_by("form_schedule_is_plausible"):
                FormScheduleFactory(**changes)
        with refused_by("one_form_schedule_per_key"):
            FormScheduleFactory(key=FormScheduleFactory().key)

    def test_another_approves_before_the_first_day(self):
        written = FormScheduleFactory()
        with refused_by("form_schedule_is_approved_by_another"):
            FormScheduleApprovalFactory(schedule=written, approved_by=written.written_by)
        with refused_by("form_schedule_is_approved_before_it_begins"):
            FormScheduleApprovalFactory(schedule=FormScheduleFactory(from_day=date(2020, 1, 1)))


class TestThePages:
    def test_take_numbers_from_one_and_the_approval_from_another(
        self, client, sign_in, clinic, lead, manager
    ):
        sign_in(client, lead)
        page = client.get(reverse("outcomes:write_form_schedule", args=[clinic.code]))
        assert "nobody has verified them" in page.content.decode()
        day = london_date(now()) + TOMORROW

        sent = client.post(
            reverse("outcomes:write_form_schedule", args=[clinic.code]),
            hidden_fields(page)
            | {"from_day": f"{day:%d/%m/%Y}", "every_days": "28", "window_days": "7", "source": "Guidance"},
        )
        assert sent.status_code == 302
        listed = client.get(reverse("outcomes:list_form_schedules", args=[clinic.code])).content.decode()
        assert "Waits for a colleague" in listed

        sign_in(client, manager)
        address = reverse("outcomes:approve_form_schedule", args=[clinic.code, FormSchedule.objects.get().pk])
        page = client.get(address)
        assert "Nobody has verified these numbers outside this clinic" in page.content.decode()
        refused = client.post(address, hidden_fields(page))
        assert "Tick that you read" in refused.content.decode()
        assert client.post(address, hidden_fields(page) | {"is_confirmed": "on"}).status_code == 302
        assert FormScheduleApproval.objects.get().approved_by == manager

    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, sign_in, clinic, lead):
        sign_in(client, lead)
        address = reverse("outcomes:write_form_schedule", args=[clinic.code])

        page = client.post(
            address,
            hidden_fields(client.get(address))
            | {"from_day": "1/1/2020", "every_days": "7", "window_days": "x", "source": "kept"},
        ).content.decode()

        assert "Write whole days" in page and 'value="kept"' in page and 'value="1/1/2020"' in page
        assert FormSchedule.objects.count() == 0

    def test_refuse_a_form_that_somebody_else_opened(self, client, sign_in, clinic, lead, manager):
        address = reverse("outcomes:write_form_schedule", args=[clinic.code])
        sign_in(client, manager)
        theirs = hidden_fields(client.get(address))
        sign_in(client, lead)

        page = client.post(address, theirs | {"every_days": "28"}).content.decode()

        assert "opened by somebody else" in page and FormSchedule.objects.count() == 0

    def test_are_refused_for_numbers_of_another_clinic(self, client, sign_in, clinic, lead):
        sign_in(client, lead)
        address = reverse("outcomes:approve_form_schedule", args=[clinic.code, FormScheduleFactory().pk])

        assert client.get(address).status_code == 404
