"""Rows tried alone, and the register's tables written as their owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test import Client

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from hat_clinic.settings import database_from
from tests.factories.order_pages import Desk, give_password_now
from tests.factories.stock_visitor import Visitor
from tests.factories.treatment import TreatmentRoom
from tests.owner import as_owner


@pytest.fixture
def as_database_owner(django_db_setup: None) -> Iterator[None]:
    """Sign Django in as the tables' owner for one test; ask for it before `unfinished`.

    A check constraint refuses a row whoever inserts it, and is all that is tried this way.
    """
    owner = database_from("DATABASE_OWNER_URL")
    settings_dict = connections["default"].settings_dict
    application = {key: settings_dict[key] for key in ("USER", "PASSWORD")}
    connections["default"].close()
    settings_dict.update({key: owner[key] for key in application})
    assert settings.DATABASES["default"]["NAME"] == settings_dict["NAME"]
    yield
    connections["default"].close()
    settings_dict.update(application)


@pytest.fixture
def unfinished(db: None) -> Iterator[None]:
    """Roll the test's transaction back without asking what must stand together when one commits."""
    yield
    transaction.set_rollback(True)


@pytest.fixture
def at_a_desk(sign_in) -> Callable[..., Desk]:
    """Return a function that signs somebody in at a browser in the office, the password just typed."""

    def sit_down(room: TreatmentRoom, user: User, *, is_fresh: bool = True) -> Desk:
        enrol_totp(user=user, secret=None, by=None, at=now())
        client = sign_in(Client(), user)
        if is_fresh:
            give_password_now(client, user)
        return Desk(client, room)

    return sit_down


class Clock:
    """The hand on the clock of one database of its own."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.moment = datetime(2026, 2, 2, 10, 0, tzinfo=UTC)
        with as_owner(database) as owner:
            owner.execute("INSERT INTO clock_override VALUES (%s)", [self.moment])

    def pass_by(self, **span: float) -> datetime:
        """Let so much time pass, and return what the clock shows then."""
        self.moment += timedelta(**span)
        with as_owner(self.database) as owner:
            owner.execute("UPDATE clock_override SET at = %s", [self.moment])
        return self.moment


@pytest.fixture
def clock(own_database: str) -> Clock:
    """A clock that stands at ten on a winter's morning until a test moves it."""
    return Clock(own_database)


@pytest.fixture
def at_terminal(sign_in_at_terminal) -> Callable[[TreatmentRoom, User], Visitor]:
    """Return a function that puts somebody at a room's terminal, wholly signed in."""

    def stand(room: TreatmentRoom, user: User) -> Visitor:
        enrol_totp(user=user, secret=None, by=None, at=now())
        return Visitor(sign_in_at_terminal(Client(), user, room.terminal, room.terminal_secret), room, user)

    return stand
