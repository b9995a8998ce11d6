"""What of a group of clinics could not be put together: stored once a try, tried again later, shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from hat_clinic.accounts.models import Clinic
from hat_clinic.audit.models import AuditEvent
from hat_clinic.celery import app
from outcomes.actions.rollup_failures import put_off_rollup
from outcomes.models import Rollup, RollupFailure, RollupRequest
from outcomes.queries.networks import NetworkRow, RollupRow
from outcomes.queries.rollup_failures import list_due_rollups, list_failures
from outcomes.rules.evaluation.schedule import FIRST_WAIT, MOST_TRIES
from outcomes.tasks import build_requested_rollups
from tests.factories.moments import NINE
from tests.factories.networks import (
    NetworkClinicFactory,
    RollupFactory,
    RollupFailureFactory,
    RollupRequestFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def asked() -> RollupRequest:
    asked = RollupRequestFactory()
    for _ in range(2):
        NetworkClinicFactory(network=asked.network)
    return asked


@pytest.fixture
def clinics(asked) -> list[Clinic]:
    return [member.clinic for member in asked.network.members.order_by("pk")]


@pytest.fixture
def eager():
    """Let every job run at once, where it is begun; what fails goes to the log."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def put_off(asked: RollupRequest, clinic: Clinic | None = None, at=NINE) -> RollupFailure | None:
    return put_off_rollup(
        request=asked.pk, clinic=clinic.pk if clinic else None, by=asked.requested_by, at=at
    )


def is_due(at) -> bool:
    return bool(list_due_rollups(at=at))


def shown(*requests: RollupRequest):
    rollups = tuple(
        RollupRow(
            id=one.pk,
            month=one.month,
            requested_at=one.requested_at,
            built_at=None,
            sha256="",
            clinics=0,
            missing=(),
        )
        for one in requests
    )
    network = NetworkRow(
        id=requests[0].network_id, name="Teesside", kind="Nation", members=(), rollups=rollups, ended=None
    )
    return list_failures([network])


class TestATry:
    def test_that_failed_begins_again_when_its_time_has_come(self, asked, clinics):
        assert is_due(NINE)

        put_off(asked, clinics[1])

        assert not is_due(NINE + FIRST_WAIT - SECOND)
        assert is_due(NINE + FIRST_WAIT)
        event = AuditEvent.objects.get(event="outcomes.rollup_put_off")
        assert (event.outcome, event.detail["tries"]) == ("refused", 1)

    def test_counts_once_however_many_parts_fail(self, asked, clinics):
        first = put_off(asked, clinics[0])

        assert put_off(asked, clinics[1], at=NINE + FIRST_WAIT - SECOND) == first
        assert RollupFailure.objects.count() == 1

    def test_is_not_made_after_the_fifth(self, asked):
        at = NINE
        for number in range(1, MOST_TRIES + 1):
            assert put_off(asked, at=at).number == number
            at += timedelta(hours=1)

        assert not is_due(at + timedelta(days=30))
        assert put_off(asked, at=at).number == MOST_TRIES

    def test_stores_nothing_once_the_figures_stand(self, asked):
        RollupFactory(request=asked)

        assert put_off(asked) is None
        assert not RollupFailure.objects.exists()

    def test_that_fails_at_the_sum_is_put_off_as_well(self, asked, eager, monkeypatch):
        monkeypatch.setattr("outcomes.actions.networks.roll_up", lambda **_: 1 // 0)

        build_requested_rollups()

        assert RollupFailure.objects.get().clinic is None
        assert not Rollup.objects.exists()


class TestTheList:
    def test_says_what_failed_where_and_when_it_is_tried_again(self, asked, clinics):
        RollupFailureFactory(request=asked, clinic=clinics[1])

        (row,) = shown(asked)

        assert (row.network, row.month, row.code) == ("Teesside", asked.month, clinics[1].code)
        assert (row.again_at, row.tries_left, row.is_newest) == (NINE + FIRST_WAIT, MOST_TRIES - 1, True)

    def test_knows_what_is_given_up_and_what_was_asked_for_again(self, asked):
        RollupFailureFactory(request=asked, number=MOST_TRIES)
        again = RollupRequestFactory(network=asked.network)

        (row,) = shown(again, asked)

        assert (row.again_at, row.tries_left, row.is_newest) == (None, 0, False)


class TestTheTable:
    def test_holds_each_try_once_and_five_at_most(self, asked):
        RollupFailureFactory(request=asked)

        with refused_by("one_failure_of_a_number_per_rollup"):
            RollupFailureFactory(request=asked)
        with refused_by("rollup_is_tried_five_times_at_most"):
            RollupFailureFactory(request=asked, number=MOST_TRIES + 1)

    def test_keeps_its_rows(self, asked):
        RollupFailureFactory(request=asked)

        for statement in (
            "DELETE FROM outcomes_rollupfailure",
            "UPDATE outcomes_rollupfailure SET number = 2",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
