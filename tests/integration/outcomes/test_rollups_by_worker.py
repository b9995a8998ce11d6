"""The figures of a group of clinics, put together by a real worker over a real broker."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.scenarios.proofs.workers import Broker, Worker, a_broker, a_worker
from outcomes.actions.networks import add_network, request_rollup
from outcomes.models import Rollup, RollupFailure, RollupPart
from outcomes.rules.evaluation.fingerprints import hash_of_document
from outcomes.rules.evaluation.rollup import NetworkKind
from outcomes.tasks import build_requested_rollups
from tests.factories import ClinicFactory, ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.networks import a_manager_who_reads

pytestmark = pytest.mark.race
JANUARY = date(2026, 1, 1)


@pytest.fixture
def broker(worker_id: str) -> Iterator[Broker]:
    """A numbered database of the broker: another one for each process of the tests, and none of the demo's."""
    with a_broker(1 + int(worker_id.removeprefix("gw") if worker_id != "master" else 0) % 14) as broker:
        yield broker


@pytest.fixture
def clinics(own_database):
    return [ClinicFactory(opened_on=date(2025, 1, 6)) for _ in range(3)]


@pytest.fixture
def manager(clinics, make_member):
    return a_manager_who_reads(clinics, make_member)


@pytest.fixture
def worker(own_database: str, broker: Broker, tmp_path: Path) -> Iterator[Worker]:
    with a_worker(database=own_database, broker=broker, log=tmp_path / "worker.log") as worker:
        yield worker


def a_report(clinic, *, referred: int, **more: Any) -> Any:
    figure = {
        "id": "flow.referred",
        "source": "clinic_record",
        "label": "People referred",
        "unit": "people",
        "numerator": referred,
        "denominator": None,
        "value": referred,
        "interval": None,
    }
    figures = {"indicators": [figure]}
    run = ReportRunFactory(
        clinic=clinic, figures=figures, **{"figures_sha256": hash_of_document(figures), **more}
    )
    ReportFileFactory(run=run, kind="pdf")
    ReportReleaseFactory(run=run)
    return run


def ask(clinics, by: Any) -> Any:
    network = add_network(
        clinic=clinics[0],
        name="Teesside",
        kind=NetworkKind.FORCE_AREA,
        clinics=[clinic.pk for clinic in clinics],
        key=uuid.uuid4(),
        by=by,
        at=now(),
    )
    return request_rollup(
        clinic=clinics[0], network=network.pk, month=JANUARY, key=uuid.uuid4(), by=by, at=now()
    )


class TestAChord:
    def test_freezes_the_figures_of_a_group_once(self, clinics, manager, broker, worker):
        a_report(clinics[0], referred=7)
        a_report(clinics[1], referred=5)
        asked = ask(clinics, manager)

        # Beat looks every half minute: two of its looks may fall into one putting together.
        broker.publish(build_requested_rollups)
        broker.publish(build_requested_rollups)
        worker.wait_until(lambda: Rollup.objects.exists(), "the figures of the group stand")
        broker.publish(build_requested_rollups)
        worker.wait_until(broker.is_idle, "every job is done")

        rollup = Rollup.objects.get()
        assert (rollup.request_id, rollup.figures["indicators"][0]["value"]) == (asked.pk, 12)
        assert rollup.figures["missing_clinics"] == [clinics[2].code]
        assert RollupPart.objects.count() == 3
        assert AuditEvent.objects.filter(event="outcomes.rollup_built").count() == 1

    def test_with_a_part_that_fails_shows_why_and_leaves_nothing_half_done(
        self, clinics, manager, broker, worker, sign_in
    ):
        a_report(clinics[0], referred=7)
        a_report(clinics[1], referred=5, figures_sha256="0" * 64)
        asked = ask(clinics, manager)

        broker.publish(build_requested_rollups)
        worker.wait_until(lambda: RollupFailure.objects.exists(), "the failure is stored")
        broker.publish(build_requested_rollups)
        worker.wait_until(broker.is_idle, "every job is done")

        failure = RollupFailure.objects.get()
        assert (failure.request_id, failure.clinic, failure.number) == (asked.pk, clinics[1], 1)
        assert not Rollup.objects.exists()
        assert not RollupPart.objects.filter(clinic=clinics[1]).exists()
        address = reverse("outcomes:list_networks", kwargs={"clinic_code": clinics[0].code})
        page = sign_in(Client(), manager).get(address).content.decode()
        assert f"the figures of {clinics[1].code} could not be taken. It is tried again from" in page
