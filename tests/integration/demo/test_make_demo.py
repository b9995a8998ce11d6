"""The demo clinic: made once, renewed when things run out, its history filled in behind it."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Sum

from dosing.models import Batch, Injection, Order, RegisterEntry, RegisterHead
from dosing.queries.orders import get_order_in_force
from dosing.rules.orders import Product
from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import has_second_factor, roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from hat_clinic.demo.actions import ORDER_DAYS, RELEASED, fill_in_history, make_demo
from hat_clinic.demo.cast import CLINIC_CODE, COHORT_CODE, PATIENTS, STAFF
from outcomes.models import ReportNotice, ReportRelease, ReportRequest, UrineDraw
from patients.models import Episode, ImportRun, Person

pytestmark = pytest.mark.django_db
JUSTICE = {"public", "justice"}
FULL = JUSTICE | {"restricted"}


@pytest.fixture
def by() -> User:
    return get_program(name="demo", at=now())


class TestTheDemoClinic:
    def test_has_staff_who_can_sign_in_each_with_a_role(self, by):
        clinic = make_demo(by=by, at=now())

        for actor in STAFF:
            user = User.objects.get(email=actor.email)
            assert user.check_password(actor.password)
            assert has_second_factor(user=user)
            assert actor.role in roles_of(user=user, clinic=clinic, at=now())
            assert hasattr(user, "signing_pin") is actor.signs_by_pin

    def test_has_a_day_of_this_week_drawn_for_everybody_in_treatment_once(self, by):
        for _ in range(2):
            clinic = make_demo(by=by, at=now())

        treated = Episode.objects.filter(clinic=clinic, started_on__isnull=False, exited_on__isnull=True)
        drawn = UrineDraw.objects.filter(clinic=clinic).values_list("patient_id", flat=True)
        assert treated.exists()
        assert sorted(drawn) == sorted(treated.values_list("person_id", flat=True))

    def test_has_invented_people_with_an_order_in_force(self, by):
        clinic = make_demo(by=by, at=now())

        people = Person.objects.filter(episodes__clinic=clinic)
        assert clinic.has_invented_people
        assert {person.nhs_number for person in people} == {patient.nhs_number for patient in PATIENTS}
        for person in people:
            assert person.is_invented
            assert get_order_in_force(patient_id=person.id, product=Product.DIAMORPHINE, at=now())

    def test_is_the_same_when_it_is_made_again(self, by):
        make_demo(by=by, at=now())
        before = [model.objects.count() for model in (Clinic, User, Person, Episode, Order, RegisterEntry)]

        make_demo(by=by, at=now())

        assert before == [
            model.objects.count() for model in (Clinic, User, Person, Episode, Order, RegisterEntry)
        ]

    def test_gets_new_orders_once_the_old_ones_have_ended(self, by):
        # Two days, so that the orders of then end well before the last evening, at whatever hour this runs.
        make_demo(by=by, at=now() - timedelta(days=ORDER_DAYS + 2))

        make_demo(by=by, at=now())

        assert Order.objects.filter(ends_at__gt=now()).count() == len(PATIENTS)
        assert Injection.objects.count() == 2 * len(PATIENTS)
        head = RegisterHead.objects.get()
        assert head.balance == Batch.objects.aggregate(left=Sum("ampoules"))["left"]

    def test_has_a_tolerated_dose_behind_everybody(self, by):
        make_demo(by=by, at=now())

        for injection in Injection.objects.select_related("order", "session__release"):
            assert injection.session.release.is_tolerated
            assert injection.given_mg == injection.order.dose_mg
            assert injection.started_at < now()


def told_of() -> dict[str, set[str]]:
    """Which editions each reader outside is told of, by address: those that an agreement gives them."""
    told: dict[str, set[str]] = {}
    for email, edition in ReportNotice.objects.values_list("reader__email", "release__run__edition"):
        told.setdefault(email, set()).add(edition)
    return told


class TestItsHistory:
    def test_is_taken_in_once_its_reports_asked_for_and_its_readers_given_theirs(self, by):
        make_demo(by=by, at=now())

        fill_in_history(by=by, at=now())
        fill_in_history(by=by, at=now())

        clinic = Clinic.objects.get(code=COHORT_CODE)
        commissioner = next(actor for actor in STAFF if actor.role is Role.COMMISSIONER)
        assert ImportRun.objects.filter(clinic=clinic).count() == 1
        assert clinic.has_invented_people
        assert ReportRequest.objects.filter(clinic=clinic).count() == 2
        released = ReportRelease.objects.filter(run__clinic=clinic).values_list("run__month", "run__edition")
        assert set(released) == set(RELEASED)
        assert len(released) == ReportRelease.objects.count()
        assert told_of() == {
            actor.email: FULL if actor.role in (Role.COMMISSIONER, Role.BOARD, Role.EVALUATOR) else JUSTICE
            for actor in STAFF
            if actor.sees_cohort and actor.role not in (Role.CLINICAL_LEAD, Role.MANAGER)
        }
        user = User.objects.get(email=commissioner.email)
        assert roles_of(user=user, clinic=clinic, at=now()) == roles_of(
            user=user, clinic=Clinic.objects.get(code=CLINIC_CODE), at=now()
        )


class TestMakeDemo:
    def test_prints_one_sign_in_per_role(self, settings):
        settings.IS_DEMO = True
        said = io.StringIO()

        call_command("make_demo", stdout=said)

        sign_ins = json.loads(said.getvalue())["sign_ins"]
        assert [sign_in["role"] for sign_in in sign_ins] == [actor.word for actor in STAFF]
        assert all(
            bool(sign_in["pin"]) is actor.signs_by_pin for sign_in, actor in zip(sign_ins, STAFF, strict=True)
        )

    def test_prints_a_link_that_leads_to_the_faces_and_a_new_one_each_time(self, client, settings):
        settings.IS_DEMO = True
        links = []
        for _ in range(2):
            said = io.StringIO()
            call_command("make_demo", stdout=said)
            links.append(json.loads(said.getvalue())["terminal"])

        client.post(links[0])
        faces = client.get("/terminal/").content.decode()

        assert links[0] != links[1]
        for actor in STAFF:
            assert (actor.full_name in faces) is actor.signs_by_pin
        nurse = next(actor for actor in STAFF if actor.signs_by_pin)
        user = User.objects.get(email=nurse.email)
        assert client.post("/terminal/", {"person": str(user.pk), "pin": nurse.pin}).url == "/"

    def test_fills_in_the_history_where_asked(self, settings):
        settings.IS_DEMO = True
        call_command("make_demo", stdout=io.StringIO())

        call_command("make_demo", "--history", stdout=io.StringIO())

        assert Clinic.objects.filter(code=COHORT_CODE).exists()

    def test_makes_nothing_outside_the_demo(self, settings):
        settings.IS_DEMO = False

        with pytest.raises(CommandError, match=r"HAT_DEMO is not set\. Nothing was made"):
            call_command("make_demo")

        assert not Clinic.objects.exists()
