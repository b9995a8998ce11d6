"""PostgreSQL and Valkey for one use of the launcher, ours or the environment's, and what Django is told."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launcher.checkout import Checkout
from launcher.keys import Keys
from launcher.postgres import Postgres
from launcher.problems import Problem, say
from launcher.processes import Child, Run
from launcher.valkey import Valkey

# A report may compute for longer than a page may wait.
LONG_STATEMENTS = "60s"
NOT_FOR_CHILDREN = ("HAT_CALLED_FROM", "HAT_PYTHON", "DJANGO_SETTINGS_MODULE", "HAT_DATABASE_ROLE")


@dataclass
class Server:
    """One server that this launcher runs: the child, and how to start it again (None: never)."""

    name: str
    child: Child
    restart: Callable[[], Child] | None


@dataclass
class Servers:
    """The addresses of the servers in use, and those among them that are ours."""

    urls: dict[str, str]
    started: list[Server] = field(default_factory=list)
    postgres: Postgres | None = None

    @property
    def data_folder(self) -> Path | None:
        """Where our own PostgreSQL keeps its data; None if the database is somebody else's."""
        return self.postgres.data if self.postgres else None


def start_servers(run: Run, keys: Keys, *, test_folder: Path | None = None, durable: bool = False) -> Servers:
    """Start what the environment does not name. With `test_folder` the data lives there, unflushed unless durable."""
    given = {name: os.environ.get(name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}
    if bool(given["DATABASE_URL"]) != bool(given["DATABASE_OWNER_URL"]):
        raise Problem(
            "Set both DATABASE_URL (the role hat_app) and DATABASE_OWNER_URL (the role hat_owner), "
            "or neither: the one may not change tables, the other makes them."
        )
    servers = Servers({name: value for name, value in given.items() if value})
    if given["DATABASE_URL"]:
        say("Using the database that DATABASE_URL and DATABASE_OWNER_URL name.")
    else:
        postgres = Postgres(run, folder=test_folder, durable=durable)
        servers.started.append(Server("PostgreSQL", postgres.start(), None))
        servers.postgres = postgres
        servers.urls["DATABASE_URL"] = postgres.url("hat_app")
        servers.urls["DATABASE_OWNER_URL"] = postgres.url("hat_owner")
    if given["REDIS_URL"]:
        say("Using the broker that REDIS_URL names.")
    else:
        name = "test-valkey" if test_folder else "valkey"
        valkey = Valkey(run, password=keys.valkey_password, name=name)
        servers.started.append(Server("Valkey", valkey.start(), valkey.start))
        servers.urls["REDIS_URL"] = valkey.url
    return servers


def django_environment(
    checkout: Checkout, keys: Keys, urls: dict[str, str], *, demo: bool = True, **more: str
) -> dict[str, str]:
    """The environment of every Django process; what the caller's environment already sets is kept."""
    # PYTHONDONTWRITEBYTECODE would have every process compile a hundred thousand lines anew.
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in (*NOT_FOR_CHILDREN, "PYTHONDONTWRITEBYTECODE", "HAT_RUN")
    }
    ours = {
        "SECRET_KEY": keys.secret_key,
        "PIN_PEPPER": keys.pin_pepper,
        "FIELD_KEY": keys.field_key,
        "CHECKPOINT_KEY": keys.checkpoint_key,
        # In a clinic this folder lies on another machine; the demo has but one.
        "CHECKPOINT_FOLDER": str(checkout.state / "checkpoints"),
        "HAT_STATIC_ROOT": str(checkout.state / "static"),
    }
    environment = {**ours, **kept, **urls, "PYTHONUNBUFFERED": "1", **more}
    environment["PATH"] = f"{checkout.venv / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    environment.pop("HAT_DEMO", None)
    if demo:
        environment["HAT_DEMO"] = "1"
    return environment
