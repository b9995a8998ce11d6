"""Groups of clinics: who makes and reads them, and how a chord of jobs freezes their figures once."""

from __future__ import annotations

import json
import uuid
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.celery import app
from hat_clinic.core.clock import now
from outcomes.actions.networks import (
    NetworkKeyReused,
    NetworkRefused,
    RollupRefused,
    add_network,
    freeze_rollup,
    request_rollup,
    take_part,
)
from outcomes.models import Network, NetworkClinic, Rollup, RollupPart, RollupRequest
from outcomes.rules.evaluation.fingerprints import hash_of_document
from outcomes.rules.evaluation.rollup import NetworkKind
from outcomes.tasks import build_requested_rollups
from tests.factories import ClinicFactory, ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.networks import (
    NetworkClinicFactory,
    NetworkFactory,
    RollupFactory,
    RollupPartFactory,
    RollupRequestFactory,
    a_manager_who_reads,
)
from tests.pages import hidden_fields
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
JANUARY = date(2026, 1, 1)


@pytest.fixture
def clinics():
    return [ClinicFactory(opened_on=date(2025, 1, 6)) for _ in range(3)]


@pytest.fixture
def manager(clinics, make_member):
    return a_manager_who_reads(clinics, make_member)


@pytest.fixture
def network(clinics, manager):
    return group(clinics, manager)


@pytest.fixture
def eager():
    """Let every job run at once, where it is begun."""
    app.conf.task_always_eager, app.conf.task_eager_propagates = True, True
    yield
    app.conf.task_always_eager, app.conf.task_eager_propagates = False, False


def group(clinics, by: Any, **more: Any) -> Network:
    given = {
        "clinic": clinics[0],
        "name": "Teesside",
        "kind": NetworkKind.FORCE_AREA,
        "clinics": [clinic.pk for clinic in clinics],
        "key": uuid.uuid4(),
        **more,
    }
    return add_network(by=by, at=now(), **given)


def ask(network, clinic, by: Any, **more: Any) -> RollupRequest:
    given = {"network": network.pk, "month": JANUARY, "key": uuid.uuid4(), **more}
    return request_rollup(clinic=clinic, by=by, at=now(), **given)


def a_report(clinic, *, referred: int, issue: int = 1, is_released: bool = True, **more: Any) -> Any:
    figures = {
        "indicators": [
            {
                "id": "flow.referred",
                "source": "clinic_record",
                "label": "People referred",
                "unit": "people",
                "numerator": referred,
                "denominator": None,
                "value": referred,
                "interval": None,
            }
        ]
    }
    sha256 = hash_of_document(figures)
    run = ReportRunFactory(clinic=clinic, issue=issue, figures=figures, figures_sha256=sha256, **more)
    ReportFileFactory(run=run, kind="pdf")
    if is_released:
        ReportReleaseFactory(run=run)
    return run


class TestMakingAGroup:
    def test_keeps_its_clinics_once(self, clinics, manager):
        key = uuid.uuid4()

        first = group(clinics, manager, key=key)

        assert group(clinics, manager, key=key) == first
        assert set(first.members.values_list("clinic", flat=True)) == {clinic.pk for clinic in clinics}
        assert AuditEvent.objects.get(event="outcomes.network_added").detail == {"clinics": 3}
        with pytest.raises(NetworkKeyReused):
            group(clinics, manager, key=key, name="Other")

    def test_is_refused_with_every_reason_and_told(self, clinics, manager):
        group(clinics, manager)
        theirs = ClinicFactory()

        with pytest.raises(NetworkRefused) as refusal:
            group([clinics[0], theirs], manager, name=" teesside ")

        codes = ["network_taken", "network_reader"]
        assert refusal.value.decision.refusal_codes == codes
        event = AuditEvent.objects.get(event="outcomes.network_added", outcome="refused")
        assert event.detail["codes"] == codes


class TestPuttingAMonthTogether:
    def test_sums_what_is_signed_off_by_a_chord_and_names_the_missing(self, clinics, manager, network, eager):
        first = a_report(clinics[0], referred=7)
        a_report(clinics[0], referred=100, issue=2, replaces=first, is_released=False)
        a_report(clinics[1], referred=5)
        asked = ask(network, clinics[0], manager)

        begun = build_requested_rollups()

        rollup = Rollup.objects.get(request=asked)
        (figure,) = rollup.figures["indicators"]
        assert begun == 1
        assert figure["value"] == 12
        assert rollup.figures["clinics"] == sorted(clinic.code for clinic in clinics[:2])
        assert rollup.figures["missing_clinics"] == [clinics[2].code]
        assert rollup.figures_sha256 == hash_of_document(rollup.figures)
        assert AuditEvent.objects.get(event="outcomes.rollup_built").detail["sha256"] == rollup.figures_sha256

    def test_does_it_once_however_often_the_jobs_are_delivered(self, clinics, manager, network, eager):
        for clinic in clinics:
            a_report(clinic, referred=7)
        asked = ask(network, clinics[0], manager)
        build_requested_rollups()
        rollup = Rollup.objects.get()

        for clinic in clinics:
            take_part(request=asked.pk, clinic=clinic.pk, by=manager, at=now())
        again = freeze_rollup(request=asked.pk, by=manager, at=now())

        assert again == rollup
        assert RollupPart.objects.count() == 3
        assert build_requested_rollups() == 0

    def test_waits_for_every_clinic(self, clinics, manager, network):
        for clinic in clinics:
            a_report(clinic, referred=7)
        asked = ask(network, clinics[0], manager)
        take_part(request=asked.pk, clinic=clinics[0].pk, by=manager, at=now())

        assert freeze_rollup(request=asked.pk, by=manager, at=now()) is None

    def test_stays_as_it_was_when_a_clinic_issues_anew(self, clinics, manager, network, eager):
        runs = [a_report(clinic, referred=7) for clinic in clinics]
        ask(network, clinics[0], manager)
        build_requested_rollups()

        a_report(clinics[0], referred=8, issue=2, replaces=runs[0])
        ask(network, clinics[0], manager)
        build_requested_rollups()

        values = [one.figures["indicators"][0]["value"] for one in Rollup.objects.order_by("built_at")]
        assert values == [21, 22]

    def test_takes_no_figures_that_are_not_those_frozen(self, clinics, manager, network):
        for clinic in clinics:
            a_report(clinic, referred=7)
        asked = ask(network, clinics[0], manager)
        other = ClinicFactory()
        NetworkClinicFactory(network=network, clinic=other)
        run = ReportRunFactory(clinic=other, figures={"indicators": []})
        ReportFileFactory(run=run, kind="pdf")
        ReportReleaseFactory(run=run)

        with pytest.raises(ValueError, match="not those that were frozen"):
            take_part(request=asked.pk, clinic=other.pk, by=manager, at=now())

    def test_is_refused_of_too_few_and_told_and_stored_once(self, clinics, manager, network):
        a_report(clinics[0], referred=7)
        with pytest.raises(RollupRefused, match="Fewer than two clinics"):
            ask(network, clinics[0], manager)
        refused = AuditEvent.objects.get(event="outcomes.rollup_requested", outcome="refused")
        assert refused.detail["codes"] == ["rollup_parts"]

        a_report(clinics[1], referred=7)
        key = uuid.uuid4()
        assert ask(network, clinics[0], manager, key=key) == ask(network, clinics[0], manager, key=key)
        with pytest.raises(NetworkKeyReused):
            ask(network, clinics[0], manager, key=key, month=date(2025, 12, 1))


class TestTheTables:
    def test_hold_one_group_per_name_and_per_key(self):
        first = NetworkFactory(name="Teesside")

        with refused_by("one_network_per_name"):
            NetworkFactory(name="TEESSIDE")
        with refused_by("one_network_per_key"):
            NetworkFactory(key=first.key)

    def test_hold_a_clinic_once(self):
        member = NetworkClinicFactory()

        with refused_by("one_place_of_a_clinic_in_a_network"):
            NetworkClinicFactory(network=member.network, clinic=member.clinic)

    def test_hold_one_asking_per_key_of_a_whole_month(self):
        first = RollupRequestFactory()

        with refused_by("one_rollup_request_per_key"):
            RollupRequestFactory(key=first.key)
        with refused_by("rollup_month_is_its_first_day"):
            RollupRequestFactory(month=date(2026, 1, 2))

    def test_hold_one_part_of_a_clinic_of_the_group(self):
        member = NetworkClinicFactory()
        request = RollupRequestFactory(network=member.network)
        RollupPartFactory(request=request, clinic=member.clinic)

        with refused_by("one_part_of_a_clinic_in_a_rollup"):
            RollupPartFactory(request=request, clinic=member.clinic)
        with refused_by("rollup_part_is_of_the_network"):
            RollupPartFactory(request=request)

    def test_hold_released_reports_with_their_hash(self):
        member = NetworkClinicFactory()
        request = RollupRequestFactory(network=member.network)
        unreleased = a_report(member.clinic, referred=7, is_released=False)
        given = {"request": request, "clinic": member.clinic}

        with refused_by("rollup_part_is_a_released_report"):
            RollupPartFactory(run=unreleased, figures_sha256=unreleased.figures_sha256, **given)
        with refused_by("rollup_part_has_a_report_with_its_hash_or_none"):
            RollupPartFactory(figures_sha256="0" * 64, **given)

    def test_keep_their_rows(self):
        RollupFactory()

        for statement in ("UPDATE outcomes_rollup SET figures = '{}'", "DELETE FROM outcomes_network"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestThePages:
    @pytest.fixture
    def visit(self, clinics, sign_in):
        browsers: dict[Any, Client] = {}

        def go(who: Any, name: str, data: dict[str, Any] | None = None, **things: Any):
            browser = browsers.setdefault(who.pk, sign_in(Client(), who))
            address = reverse(f"outcomes:{name}", kwargs={"clinic_code": clinics[0].code, **things})
            return browser.get(address) if data is None else browser.post(address, data)

        return go

    def test_make_a_group_put_a_month_together_and_show_it(self, visit, clinics, manager, eager):
        a_report(clinics[0], referred=7)
        a_report(clinics[1], referred=5)
        form = hidden_fields(visit(manager, "add_network"))
        ticked = [str(clinic.pk) for clinic in clinics[1:]]
        made = visit(
            manager, "add_network", {**form, "name": "Teesside", "kind": "funder", "clinics": ticked}
        )
        network = Network.objects.get()
        assert made.status_code == 302
        form = hidden_fields(visit(manager, "request_rollup", network_id=network.pk))
        visit(manager, "request_rollup", {**form, "month": "2026-01-01"}, network_id=network.pk)
        assert "waits for the worker" in text(visit(manager, "list_networks"))

        build_requested_rollups()

        assert clinics[2].code in text(visit(manager, "list_networks"))
        things = {"network_id": network.pk, "rollup_id": RollupRequest.objects.get().pk}
        page = text(visit(manager, "see_rollup", **things))
        assert f"Missing: {clinics[2].code}." in page
        assert "People referred" in page
        csv = visit(manager, "download_rollup", **things, table_kind="csv").content.decode()
        assert "flow.referred,clinic_record,People referred,people,12,,12" in csv
        told = json.loads(visit(manager, "download_rollup", **things, table_kind="json").content)
        assert told == Rollup.objects.get().figures
        broken = {"network_id": "-" * 36, "rollup_id": "-" * 36, "table_kind": "csv"}
        assert visit(manager, "download_rollup", **broken).status_code == 404
        looks = AuditEvent.objects.filter(event="outcomes.rollup_downloaded").order_by("id")
        assert [look.detail["kind"] for look in looks] == ["csv", "json"]

    def test_show_nothing_to_somebody_who_does_not_read_every_clinic(
        self, visit, clinics, network, make_member
    ):
        of_one = make_member(clinics[0], Role.MANAGER, "of_one")
        rollup = RollupFactory(request=RollupRequestFactory(network=network))
        things = {"network_id": network.pk, "rollup_id": rollup.request_id}

        assert "Teesside" not in text(visit(of_one, "list_networks"))
        assert visit(of_one, "see_rollup", **things).status_code == 404
        assert visit(of_one, "download_rollup", **things, table_kind="csv").status_code == 404
        assert visit(of_one, "request_rollup", network_id=network.pk).status_code == 404

    def test_say_what_is_wrong_beside_the_question(self, visit, manager, network):
        form = hidden_fields(visit(manager, "add_network"))
        answer = text(visit(manager, "add_network", {**form, "name": "Teesside", "kind": "nation"}))
        assert "There is a group of that name already." in answer
        assert "Tick at least two clinics." in answer

        form = hidden_fields(visit(manager, "request_rollup", network_id=network.pk))
        answer = visit(manager, "request_rollup", {**form, "month": "2026-01-01"}, network_id=network.pk)
        assert "Nothing was put together." in text(answer)

    def test_refuse_a_form_sent_before_with_other_answers(self, visit, clinics, manager, network):
        for clinic in clinics:
            a_report(clinic, referred=7)
            a_report(clinic, referred=7, month=date(2025, 12, 1))
        form = hidden_fields(visit(manager, "request_rollup", network_id=network.pk))
        visit(manager, "request_rollup", {**form, "month": "2026-01-01"}, network_id=network.pk)
        again = visit(manager, "request_rollup", {**form, "month": "2025-12-01"}, network_id=network.pk)
        assert "sent before with other answers" in text(again)

        form = hidden_fields(visit(manager, "add_network"))
        ticked = [str(clinics[1].pk)]
        visit(manager, "add_network", {**form, "name": "One", "kind": "nation", "clinics": ticked})
        again = visit(manager, "add_network", {**form, "name": "Two", "kind": "nation", "clinics": ticked})
        assert "sent before with other answers" in text(again)
        assert NetworkClinic.objects.filter(network__name="One").count() == 2


def text(answer: Any) -> str:
    return unescape(answer.content.decode())
