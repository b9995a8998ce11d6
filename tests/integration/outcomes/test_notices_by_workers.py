"""Several workers that tell readers of a report at once: one letter for a reader and a report."""

from __future__ import annotations

import email
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.scenarios.proofs.workers import Broker, a_broker, a_worker
from outcomes.actions.notices import send_notice
from outcomes.models import NoticeLetter, ReportNotice
from outcomes.tasks import send_notices
from tests.factories import ClinicFactory, ReportFileFactory, ReportRunFactory
from tests.factories.releases import sign_off

pytestmark = pytest.mark.race
READERS, RIVALS = 12, 4


@pytest.fixture
def broker(worker_id: str) -> Iterator[Broker]:
    """A numbered database of the broker: another one for each process of the tests, and none of the demo's."""
    with a_broker(1 + int(worker_id.removeprefix("gw") if worker_id != "master" else 0) % 14) as broker:
        yield broker


@pytest.fixture
def told(own_database, make_member) -> set[str]:
    """The addresses of those who are to be told of one report."""
    clinic = ClinicFactory()
    readers = {make_member(clinic, Role.COMMISSIONER, f"reader{n}").email for n in range(READERS)}
    run = ReportRunFactory(clinic=clinic, figures={"indicators": []})
    for kind in ("pdf", "html"):
        ReportFileFactory(run=run, kind=kind)
    sign_off(run, by=make_member(clinic, Role.CLINICAL_LEAD))
    return readers


def is_settled() -> bool:
    return NoticeLetter.objects.count() == READERS


def addressed_by(content: bytes) -> list[str]:
    """Whom the letters of a file go to: two that were sent in one second may stand in one, each with a line below it."""
    return [
        email.message_from_bytes(letter.lstrip())["To"]
        for letter in content.split(b"-" * 79)
        if letter.strip()
    ]


class TestEachReader:
    def test_gets_one_letter_of_two_workers_and_of_jobs_that_come_again(
        self, told, own_database, broker, tmp_path: Path
    ):
        letters = tmp_path / "letters"
        letters.mkdir()
        settings = {
            "database": own_database,
            "broker": broker,
            "environment": {"EMAIL_URL": f"filemail:///{letters}"},
        }
        for _ in range(2 * RIVALS):
            broker.publish(send_notices)

        with (
            a_worker(log=tmp_path / "first.log", **settings) as worker,
            a_worker(log=tmp_path / "second.log", **settings),
        ):
            worker.wait_until(is_settled, "every reader is told")
            worker.wait_until(broker.is_idle, "every job is done")

        sent = Counter(to for file in letters.iterdir() for to in addressed_by(file.read_bytes()))
        assert sent == Counter(told)
        assert AuditEvent.objects.filter(event="outcomes.notice_settled").count() == READERS

    def test_gets_one_letter_of_threads_that_are_let_go_together_at_each_notice(self, told):
        program = get_program(name="report post", at=now())
        notices = list(ReportNotice.objects.values_list("pk", flat=True))
        barrier, sent = threading.Barrier(RIVALS), []

        def work() -> None:
            try:
                for notice in notices:
                    barrier.wait(timeout=60)
                    sent.append(send_notice(notice=notice, by=program, at=now()))
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(RIVALS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert Counter(sent) == {True: READERS, False: READERS * (RIVALS - 1)}
        assert Counter(one for letter in mail.outbox for one in letter.to) == Counter(told)
