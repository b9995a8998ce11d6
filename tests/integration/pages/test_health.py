from __future__ import annotations

from collections import namedtuple

import pytest
import redis
from django.db import OperationalError, connection
from django.test import Client

from hat_clinic.core import health
from hat_clinic.core.health import Check, Health

Disk = namedtuple("Disk", "total used free")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch) -> None:
    """No test here talks to a broker; each says what it answers."""
    monkeypatch.setattr(redis.Redis, "ping", lambda self: True)


class TestLivez:
    def test_answers_without_a_database(self, client) -> None:
        answer = client.get("/livez")

        assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
class TestReadyz:
    def test_is_open_to_all_and_tells_no_names(self, client, settings) -> None:
        settings.IS_DEMO = True

        answer = client.get("/readyz")

        assert answer.status_code == 200
        assert set(answer.json()["checks"]) == {
            "database",
            "tables",
            "heartbeat",
            "durability",
            "clock",
            "clocks",
            "disk",
            "messages",
            "checkpoints",
        }
        text = answer.content.decode()
        for secret in (connection.settings_dict["NAME"], connection.settings_dict["USER"], "redis://"):
            assert secret not in text

    def test_goes_on_without_the_broker(self, client, settings, monkeypatch) -> None:
        settings.IS_DEMO = True

        def dead(self) -> None:
            raise redis.ConnectionError("secret-host:6379")

        monkeypatch.setattr(redis.Redis, "ping", dead)
        answer = client.get("/readyz")

        assert answer.status_code == 200
        assert answer.json()["status"] == "degraded"
        assert (
            answer.json()["checks"]["messages"]["words"] == "Messages and reports are delayed; dosing works."
        )
        assert "secret-host" not in answer.content.decode()

    def test_refuses_a_clock_that_can_be_set(self, client, settings) -> None:
        settings.IS_DEMO = False
        settings.SECURE_SSL_REDIRECT = False

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["checks"]["clock"]["is_well"] is False

    def test_refuses_tables_of_another_version(self, client, settings, monkeypatch) -> None:
        settings.IS_DEMO = True
        monkeypatch.setattr(health, "_migrations_of_the_code", lambda: frozenset({("dosing", "9999_next")}))

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["checks"]["tables"]["words"].startswith("1 migrations wait")

    @pytest.mark.parametrize(("is_demo", "status"), [(True, 200), (False, 503)])
    def test_refuses_a_database_that_forgets_except_in_the_demo(
        self, client, settings, monkeypatch, is_demo, status
    ) -> None:
        settings.IS_DEMO = is_demo
        settings.SECURE_SSL_REDIRECT = False
        monkeypatch.setattr(health, "_clock", lambda: Check("clock", True, ""))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")

        answer = client.get("/readyz")

        assert answer.status_code == status
        assert "synchronous_commit" in answer.json()["checks"]["durability"]["words"]

    def test_refuses_a_database_that_only_reads(self, client, settings) -> None:
        settings.IS_DEMO = True
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert "paper pack" in answer.json()["checks"]["database"]["words"]


@pytest.mark.django_db
class TestHeartbeat:
    def test_is_one_row_however_often_it_is_written(self, client, settings) -> None:
        settings.IS_DEMO = True
        for _ in range(2):
            assert client.get("/readyz").status_code == 200

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), bool_and(at > now() - interval '1 minute') FROM heartbeat")
            assert cursor.fetchone() == (1, True)

    def test_that_cannot_be_written_is_said(self, client, settings, monkeypatch) -> None:
        settings.IS_DEMO = True
        # The check itself let a database through that only reads.
        monkeypatch.setattr(health, "_database", lambda: Check("database", True, ""))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["checks"]["heartbeat"]["words"].startswith("The database takes nothing in")


@pytest.mark.django_db
class TestClocks:
    @pytest.mark.parametrize(("ahead", "is_well"), [(0.9, True), (-0.9, True), (1.2, False), (-1.2, False)])
    def test_may_differ_by_a_second(self, monkeypatch, ahead, is_well) -> None:
        monkeypatch.setattr(health.time, "time", lambda here=health.time.time: here() + ahead)

        assert health._skew().is_well is is_well


class TestDisk:
    @pytest.mark.parametrize(("free", "is_well"), [(100, True), (99, False)])
    def test_has_a_tenth_left(self, monkeypatch, settings, free, is_well) -> None:
        settings.IS_DEMO = False
        monkeypatch.setattr(health.shutil, "disk_usage", lambda path: Disk(1000, 1000 - free, free))

        found = health._disk()

        assert found.is_well is is_well
        assert found.is_needed

    def test_of_the_demo_is_not_ours_to_judge(self, monkeypatch, settings) -> None:
        settings.IS_DEMO = True
        monkeypatch.setattr(health.shutil, "disk_usage", lambda path: Disk(1000, 1000, 0))

        assert (health._disk().is_well, health._disk().is_needed) == (False, False)


class TestReadyzWithoutADatabase:
    def test_says_so(self, monkeypatch) -> None:
        def gone() -> None:
            raise OperationalError("connection to secret-host failed")

        monkeypatch.setattr(health, "_database", gone)
        monkeypatch.setattr(connection, "close", lambda: None)

        answer = Client().get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["status"] == "not ready"
        assert "secret-host" not in answer.content.decode()


class TestHealth:
    @pytest.mark.parametrize(
        ("needed", "optional", "word"),
        [
            (True, True, "ready"),
            (True, False, "degraded"),
            (False, True, "not ready"),
            (False, False, "not ready"),
        ],
    )
    def test_has_one_word(self, needed, optional, word) -> None:
        found = Health((Check("a", needed, ""), Check("b", optional, "", is_needed=False)))

        assert found.word == word
        assert found.is_ready is needed
