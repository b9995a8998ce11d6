"""A real server on a database of its own, and windows of a real Chromium on it.

One server and one database for each pytest process; each test makes its own clinic in it, so that no test sees
what another did. The clock of that database stands at ten in the morning, whenever the tests run.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

from hat_clinic.accounts.models import User
from tests.browser.windows import Website, Window, session_cookies, terminal_cookie
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.owner import as_owner

ROOT = Path(__file__).resolve().parents[2]
SERVER_MUST_ANSWER_WITHIN = 60
PATIENCE_MS = 20_000  # two slow cores, shared with the other half of the tests
WITHOUT_CHROMIUM = "Chromium is missing, and these tests press real buttons in it: apt-get install chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def website(
    template_database: str, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Website]:
    """Serve a clone of the template as the demo is served: plain HTTP on the loopback address."""
    shared = connections["default"].settings_dict["NAME"]
    database = f"{shared}_browser"
    with as_owner(shared) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE {template_database}")
    with as_owner(database) as cursor:
        cursor.execute(
            "INSERT INTO clock_override"
            " SELECT (date_trunc('day', now() AT TIME ZONE 'Europe/London') + interval '10 hours')"
            " AT TIME ZONE 'Europe/London'"
        )
    log = tmp_path_factory.mktemp("website") / "web.log"
    try:
        with closing(socket.create_server(("127.0.0.1", 0))) as listener, log.open("wb") as written:
            server = _start(database, listener.fileno(), written.fileno())
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            try:
                _wait_for(server, address, log)
                yield Website(address, database)
            finally:
                _stop(server)
    finally:
        with as_owner(shared) as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def _start(database: str, listener: int, log: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "hat_clinic.wsgi:application", "--bind", f"fd://{listener}"),
            *("--worker-class", "gthread", "--workers", "1", "--threads", "4", "--no-control-socket"),
            *("--graceful-timeout", "1"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{database}",
            "HAT_DEMO": "1",
        },
        pass_fds=(listener,),
        stdout=log,
        stderr=log,
    )


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + SERVER_MUST_ANSWER_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{address}/livez", timeout=5):  # noqa: S310 - our own server on the loopback address
                return
        except (URLError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"The server of the browser tests does not answer. It wrote:\n{log.read_text()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(10)


@pytest.fixture(autouse=True)
def on_the_same_database(website: Website, django_db_blocker) -> Iterator[None]:
    """Let the test look at, and act in, the database that the server works on; what it does is committed."""
    kept = connections["default"].settings_dict["NAME"]
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = website.database
    with django_db_blocker.unblock():
        yield
        connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = kept


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Chromium. For one module, because playwright's event loop may not reach into other tests.

    While it runs, Django would take this thread for one of an asynchronous program and refuse every query;
    the queries of a test are made between two calls to playwright, when its loop stands still.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(WITHOUT_CHROMIUM, pytrace=False)
        pytest.skip(WITHOUT_CHROMIUM)
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=program,
            args=FLAGS,
            # People's browsers keep the page before this one whole; playwright would switch that off.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_window(website: Website, chromium: Browser, sign_in) -> Iterator[Callable[..., Window]]:
    """Return a function that opens a window of a browser of its own, signed in as `user` if there is one.

    `at` makes the browser the terminal of a room, where nobody is signed in yet.

    At the end no window may have met an error: none in its scripts, no refused style or script, no missing file.
    """
    windows: list[Window] = []

    def open_one(
        user: User | None = None,
        *,
        at: TreatmentRoom | None = None,
        javascript: bool = True,
        touch: bool = False,
        width: int = 1366,
        height: int = 768,
    ) -> Window:
        context = chromium.new_context(
            base_url=website.address,
            java_script_enabled=javascript,
            has_touch=touch,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        if user is not None:
            context.add_cookies(session_cookies(website, sign_in, user))
        if at is not None:
            context.add_cookies([terminal_cookie(website, at.terminal_secret)])
        window = Window(context)
        windows.append(window)
        return window

    yield open_one
    troubles = [trouble for window in windows for trouble in window.troubles]
    for window in windows:
        window.close()
    assert troubles == []


@pytest.fixture
def let_pass(website: Website) -> Iterator[Callable[..., None]]:
    """Return a function that moves the database's clock on; for the next test it stands at ten again."""
    with as_owner(website.database) as cursor:
        cursor.execute("SELECT at FROM clock_override")
        (stood_at,) = cursor.fetchone()

        def let(*, minutes: float) -> None:
            cursor.execute("UPDATE clock_override SET at = at + make_interval(secs => %s)", [minutes * 60])

        yield let
        cursor.execute("UPDATE clock_override SET at = %s", [stood_at])


@pytest.fixture
def room() -> TreatmentRoom:
    """A clinic of this test's own: a session that is open, two nurses, stock, one person due with a first dose."""
    return a_treatment_room()
