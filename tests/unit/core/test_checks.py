from __future__ import annotations

import importlib.util

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from hat_clinic.core import checks


def ids(messages) -> list[str]:
    return [message.id for message in messages]


class TestDriver:
    def test_is_psycopg2_here(self) -> None:
        assert checks.check_driver() == []

    def test_is_refused_when_psycopg_3_lies_beside_it(self, monkeypatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())

        assert ids(checks.check_driver()) == ["hat.E001"]


class TestRoles:
    def test_may_not_be_one(self, settings) -> None:
        settings.DATABASE_OWNER_ROLE = settings.DATABASE_APP_ROLE

        assert ids(checks.roles_differ(None)) == ["hat.E002"]

    @pytest.mark.parametrize("owner", ["somebody_else", None])
    def test_differ_or_the_owner_is_not_known_here(self, settings, owner) -> None:
        settings.DATABASE_OWNER_ROLE = owner

        assert checks.roles_differ(None) == []


class TestFieldKey:
    @pytest.mark.parametrize("key", [None, b"", bytes(31), bytes(33)])
    def test_must_be_32_bytes(self, settings, key) -> None:
        settings.FIELD_KEY = key

        assert ids(checks.field_key_is_there(None)) == ["hat.E003"]

    def test_of_32_bytes_will_do(self, settings) -> None:
        settings.FIELD_KEY = bytes(32)

        assert checks.field_key_is_there(None) == []

    def test_stops_every_command(self, settings) -> None:
        settings.FIELD_KEY = None

        with pytest.raises(SystemCheckError, match="FIELD_KEY is missing"):
            call_command("check")


class TestCheckpointKeys:
    @pytest.mark.parametrize(("own", "others"), [(bytes(31), []), (None, [bytes(33)]), (bytes(32), [b""])])
    def test_must_be_32_bytes_each(self, settings, own, others) -> None:
        settings.CHECKPOINT_KEY, settings.CHECKPOINT_PUBLIC_KEYS = own, others

        assert ids(checks.checkpoint_keys_are_keys(None)) == ["hat.E007"]

    @pytest.mark.parametrize(("own", "others"), [(None, []), (bytes(32), [bytes(32)])])
    def test_of_32_bytes_or_none_will_do(self, settings, own, others) -> None:
        settings.CHECKPOINT_KEY, settings.CHECKPOINT_PUBLIC_KEYS = own, others

        assert checks.checkpoint_keys_are_keys(None) == []

    def test_are_asked_for_where_a_clinic_is(self, settings) -> None:
        settings.CHECKPOINT_KEY = None
        assert ids(checks.checkpoints_are_signed(None)) == ["hat.E008"]
        settings.CHECKPOINT_KEY = bytes(32)
        assert checks.checkpoints_are_signed(None) == []


class TestDeployment:
    def test_refuses_a_borrowed_pepper(self, settings) -> None:
        settings.PIN_PEPPER = settings.SECRET_KEY.encode()
        assert ids(checks.pepper_is_its_own(None)) == ["hat.E004"]

        settings.PIN_PEPPER = b"its own"
        assert checks.pepper_is_its_own(None) == []

    def test_refuses_the_demo(self, settings) -> None:
        settings.IS_DEMO = True
        assert ids(checks.is_not_the_demo(None)) == ["hat.E005"]

        settings.IS_DEMO = False
        assert checks.is_not_the_demo(None) == []

    @pytest.mark.django_db
    def test_refuses_a_clock_that_can_be_set(self) -> None:
        assert ids(checks.clock_is_the_databases(None)) == ["hat.E006"]
