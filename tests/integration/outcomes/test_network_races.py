"""A group that ends, shrinks or is asked for by two people at once: one of them is told no."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection

from hat_clinic.accounts.actions import grant_role
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from outcomes.actions.networks import (
    EndingRefused,
    RollupRefused,
    end_network,
    leave_network,
    request_rollup,
)
from outcomes.models import NetworkEnd, NetworkLeaving, RollupRequest
from tests.factories import (
    ClinicFactory,
    ReportFileFactory,
    ReportReleaseFactory,
    ReportRunFactory,
    UserFactory,
)
from tests.factories.networks import NetworkClinicFactory, NetworkFactory

MARCH = date(2026, 3, 1)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Do all of it at the same moment, and return which refusals came of it."""
    ready, refused = threading.Barrier(len(acts)), list[str]()

    def work(act: Callable[[], Any]) -> None:
        try:
            ready.wait()
            act()
        except (EndingRefused, RollupRefused) as refusal:
            refused.extend(refusal.decision.refusal_codes)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


class TestAGroup:
    def a_group(self) -> tuple[Any, list[Any], Any]:
        """Return a group of three clinics with reports of March, its clinics, and who manages it."""
        network, clinics, manager = NetworkFactory(), [ClinicFactory() for _ in range(3)], UserFactory()
        for clinic in clinics:
            NetworkClinicFactory(network=network, clinic=clinic)
            grant_role(user=manager, clinic=clinic, role=Role.MANAGER, by=None, at=now())
            run = ReportRunFactory(clinic=clinic, month=MARCH)
            ReportFileFactory(run=run, kind="pdf")
            ReportReleaseFactory(run=run)
        return network, clinics, manager

    def test_that_ends_while_a_later_month_is_asked_for_does_one_of_both(self, own_database):
        network, clinics, manager = self.a_group()
        given = {"network": network.pk, "by": manager, "at": now()}

        refused = at_once(
            lambda: end_network(clinic=clinics[0], ended_on=date(2026, 2, 28), why="Over.", **given),
            lambda: request_rollup(clinic=clinics[1], month=MARCH, key=uuid.uuid4(), **given),
        )

        assert refused in (["ending_asked"], ["rollup_ended"])
        assert NetworkEnd.objects.count() + RollupRequest.objects.count() == 1

    def test_of_three_is_left_by_one(self, own_database):
        network, clinics, manager = self.a_group()
        given = {"network": network.pk, "left_on": MARCH, "why": "Over.", "by": manager, "at": now()}

        refused = at_once(
            *(
                lambda leaver=leaver: leave_network(clinic=leaver, leaver=leaver.pk, **given)
                for leaver in clinics[:2]
            )
        )

        assert refused == ["leaving_last"]
        assert NetworkLeaving.objects.count() == 1
