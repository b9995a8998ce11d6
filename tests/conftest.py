"""The test database, and the people of the tests.

The database is made once by the owner as a template, cloned for every worker, used as the app role.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from django.conf import settings
from django.db import connections
from django.test import Client

from hat_clinic.accounts.actions import create_user, enrol_totp, grant_role, pins
from hat_clinic.accounts.models import Clinic, Terminal, User
from hat_clinic.accounts.presence import SECOND_FACTOR_KEY, TERMINAL_COOKIE, TERMINAL_KEY
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from hat_clinic.scenarios.scratch import drop_database, owner_of, run_as_owner
from tests.factories.accounts import what_role_needs

# A test holds one transaction open all the while it prints a report; the application's login would be cut off.
settings.DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
    "-c idle_in_transaction_session_timeout=120s"
)
# The signing PIN's hash costs 35 ms each time, and a tested dose proves four of them.
pins.PIN_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ROOT = Path(__file__).resolve().parent.parent


def _exists(database: str, within: str) -> bool:
    with closing(owner_of(within)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        return cursor.fetchone() is not None


def _migration_key() -> str:
    """Return a short hash of every file that shapes the database."""
    digest = hashlib.sha256()
    for path in (
        sorted(ROOT.glob("**/migrations/*.py")) + sorted(ROOT.glob("*/data/*.csv")) + [Path(__file__)]
    ):
        if ".venv" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def template_database() -> str:
    """Return the name of a migrated database that has no connection and can be cloned."""
    home = settings.DATABASES["default"]["NAME"]
    template = f"{home}_template_{_migration_key()}"
    lock = owner_of(home)
    with lock.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        if not _exists(template, home):
            making = f"{template}_making"
            drop_database(home, making)
            run_as_owner(home, "CREATE DATABASE {making}", making=making)
            owner_url = os.environ["DATABASE_OWNER_URL"].rsplit("/", 1)[0]
            subprocess.run(
                [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"],
                check=True,
                cwd=ROOT,
                env={**os.environ, "DATABASE_OWNER_URL": f"{owner_url}/{making}"},
            )
            run_as_owner(making, "CREATE TABLE clock_override (at timestamptz)")
            run_as_owner(making, "REVOKE ALL ON clock_override FROM {role}", role=settings.DATABASE_APP_ROLE)
            run_as_owner(making, "GRANT SELECT ON clock_override TO {role}", role=settings.DATABASE_APP_ROLE)
            run_as_owner(
                home, "ALTER DATABASE {making} RENAME TO {template}", making=making, template=template
            )
    lock.close()
    return template


def clone(template: str, name: str) -> None:
    """Make a fresh copy of the template under a name."""
    home = settings.DATABASES["default"]["NAME"]
    drop_database(home, name)
    run_as_owner(home, "CREATE DATABASE {name} TEMPLATE {template}", name=name, template=template)


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, worker_id: str) -> Iterator[None]:
    """Point Django at this worker's own clone, for the whole run."""
    home = settings.DATABASES["default"]["NAME"]
    name = f"{home}_{worker_id}_{os.getpid()}"
    clone(template_database, name)
    _point_at(name)
    yield
    _point_at(home)
    drop_database(home, name)


def _point_at(name: str) -> None:
    """Let both logins, the application's and the one that reads what police recorded, use a database from now on."""
    for alias in ("default", "police"):
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name


@pytest.fixture
def own_database(
    template_database: str, django_db_setup: None, worker_id: str, django_db_blocker
) -> Iterator[str]:
    """Give one test a clone for itself, with real commits: for races, kills and browser tests."""
    name = f"{settings.DATABASES['default']['NAME']}_own"
    shared = connections["default"].settings_dict["NAME"]
    clone(template_database, name)
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name
    with django_db_blocker.unblock():
        yield name
        connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = shared
    drop_database(shared, name)


# --- people ----------------------------------------------------------------------------------------------
# Made by the real actions, in whatever database the test asked for (the `django_db` mark or `own_database`).
PASSWORD = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def settings_of_tests(settings) -> None:
    """Hash passwords quickly (Argon2 costs 130 ms each time), and do without collected static files."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def make_clinic() -> Callable[..., Clinic]:
    """Return a function that makes a clinic of a code."""

    def make(code: str = "CLINIC1", name: str = "The clinic") -> Clinic:
        return Clinic.objects.create(
            code=code, name=name, opened_on=date(2020, 1, 6), places=15, sessions_per_day=2
        )

    return make


@pytest.fixture
def clinic(make_clinic) -> Clinic:
    return make_clinic()


@pytest.fixture
def make_member() -> Callable[..., User]:
    """Return a function that makes a person with a second factor and one role in a clinic."""

    def make(clinic: Clinic, role: Role, name: str = "") -> User:
        name = name or role.value
        at = now() - timedelta(days=1)
        user = create_user(
            email=f"{name}@{clinic.code}.example", full_name=name.title(), password=PASSWORD, by=None, at=at
        )
        enrol_totp(user=user, secret=None, by=None, at=at)
        grant_role(user=user, clinic=clinic, role=role, by=None, at=at, **what_role_needs(role, at))
        return user

    return make


@pytest.fixture
def nurse(clinic, make_member) -> User:
    return make_member(clinic, Role.NURSE)


@pytest.fixture
def second_nurse(clinic, make_member) -> User:
    return make_member(clinic, Role.NURSE, "nurse2")


@pytest.fixture
def doctor(clinic, make_member) -> User:
    return make_member(clinic, Role.DOCTOR)


@pytest.fixture
def case_worker(clinic, make_member) -> User:
    return make_member(clinic, Role.CASE_WORKER)


@pytest.fixture
def commissioner(clinic, make_member) -> User:
    return make_member(clinic, Role.COMMISSIONER)


@pytest.fixture
def inspector(clinic, make_member) -> User:
    return make_member(clinic, Role.INSPECTOR)


@pytest.fixture
def manager(clinic, make_member) -> User:
    return make_member(clinic, Role.MANAGER)


@pytest.fixture
def cd_lead(clinic, make_member) -> User:
    return make_member(clinic, Role.CD_LEAD)


@pytest.fixture
def clinical_lead(clinic, make_member) -> User:
    return make_member(clinic, Role.CLINICAL_LEAD)


@pytest.fixture
def sign_in() -> Callable[[Client, User], Client]:
    """Return a function that leaves a client with the session of a whole sign-in, second factor included.

    tests/integration/accounts/test_sign_in.py goes the real way and ends with the same session.
    """

    def sign(client: Client, user: User) -> Client:
        client.force_login(user)
        session = client.session
        session[SECOND_FACTOR_KEY] = str(user.pk)
        session.save()
        return client

    return sign


@pytest.fixture
def sign_in_at_terminal(sign_in) -> Callable[..., Client]:
    """Return a function that signs somebody in, wholly, in the browser of a terminal."""

    def sign(client: Client, user: User, terminal: Terminal, secret: str) -> Client:
        sign_in(client, user)
        client.cookies[TERMINAL_COOKIE] = secret
        session = client.session
        session[TERMINAL_KEY] = str(terminal.pk)
        session.save()
        return client

    return sign
