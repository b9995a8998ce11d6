"""`./hat demo`: everything from a bare checkout to a page in the browser, watched until it is stopped."""

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from launcher.checkout import Checkout, write_private
from launcher.django import call_manage, ensure_migrated, manage
from launcher.install import ensure_installed
from launcher.interrupts import Interrupted, Interrupts
from launcher.keys import load_keys
from launcher.libraries import libraries_beside
from launcher.locks import LockFile
from launcher.problems import Problem, say
from launcher.processes import Child, Run, living_runs
from launcher.servers import LONG_STATEMENTS, django_environment, start_servers

FIRST_PORT = 8000
PORTS_TO_TRY = 50
START_SECONDS = 120.0
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0

# Beat first, so that nothing new is scheduled; the worker before the web server, which may still be asked.
BEAT_ORDER, WORKER_ORDER, WEB_ORDER = 10, 20, 30
# Celery finishes what it does on SIGTERM and gives it back to the queue on SIGQUIT.
WORKER_SIGNALS = ((signal.SIGTERM, 8.0), (signal.SIGQUIT, 3.0))


@dataclass
class Service:
    """A program that is started again when it ends, later each time."""

    name: str
    child: Child
    restart: Callable[[], Child] | None
    started_at: float
    delay: float = 1.0
    restart_at: float | None = None


def demo(checkout: Checkout, interrupts: Interrupts) -> int:
    """Run the demo until it is stopped; a second call in the same checkout only says where the first is."""
    begun = time.monotonic()
    lock = checkout.servers_lock
    if not _take(checkout, lock):
        return _say_where_it_runs(checkout)
    try:
        with Run(checkout, interrupts, verb="demo") as run:
            try:
                with libraries_beside(checkout):
                    ensure_installed(checkout, "demo")
                _run_demo(run, begun)
            except Interrupted:
                say("Stopping ...")
        say("Stopped; nothing is left running. ./hat demo starts it again, faster.")
        return 0
    finally:
        checkout.running_file.unlink(missing_ok=True)
        (checkout.state / "address").unlink(missing_ok=True)
        lock.give_back()


def _take(checkout: Checkout, lock: LockFile) -> bool:
    """Take the servers' lock, waiting for a `./hat manage`; False if a demo has it."""
    told = False
    while not lock.take():
        owners = living_runs(checkout)
        if any(owner["verb"] == "demo" for owner in owners):
            return False
        if not told:
            say("Waiting for another ./hat command in this folder to end.")
            told = True
        time.sleep(0.3)
    checkout.begin_servers()
    return True


def _say_where_it_runs(checkout: Checkout) -> int:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        running = checkout.read_running()
        if running is None:
            raise Problem("The demo that was starting here has stopped; run ./hat demo again.")
        if "address" in running:
            print(f"The demo of this folder is already running (process {running['pid']}).")
            _print_ways_in(running["address"], running["sign_ins"], running["terminal"])
            return 0
        time.sleep(0.3)
    raise Problem(
        "Another ./hat demo has been starting here for two minutes; stop it with ./hat stop and try again."
    )


def _run_demo(run: Run, begun: float) -> None:
    checkout = run.checkout
    keys = load_keys(checkout)
    servers = start_servers(run, keys)
    checkout.write_running(pid=os.getpid(), urls=servers.urls)
    # A worker that is stopped in the middle leaves its temporary files; these go with the run.
    temporary = str(run.temporary_folder())
    environment = django_environment(checkout, keys, servers.urls, TMPDIR=temporary)
    patient = {**environment, "HAT_STATEMENT_TIMEOUT": LONG_STATEMENTS}
    ensure_migrated(run, patient, servers)

    with open_listener(_wanted_port()) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        programs = _programs(run, environment, patient, listener.fileno())
        now = time.monotonic()
        services = [Service(one.name, one.child, one.restart, now) for one in servers.started]
        # The web server takes as long to start as the clinic takes to lay out, so they go side by side; the
        # worker and the schedule come after, since they would work on half a clinic.
        services.append(Service("web", programs["web"](), programs["web"], now))
        say("Laying out the demo clinic ...")
        sign_ins, terminal = _read_ways_in(call_manage(run, patient, "make_demo"))
        services += [Service(name, programs[name](), programs[name], now) for name in ("worker", "beat")]
        _wait_until_alive(listener.getsockname()[1], services)
        history = run.start("history", manage(checkout, "make_demo", "--history"), environment=patient)
        checkout.write_running(
            pid=os.getpid(), urls=servers.urls, address=address, sign_ins=sign_ins, terminal=terminal
        )
        write_private(checkout.state / "address", f"{address}\n")
        _print_ways_in(address, sign_ins, terminal)
        print(
            f"Ready after {time.monotonic() - begun:.1f} s. The demo's past months are filled in behind it."
        )
        print("Ctrl-C stops everything.", flush=True)
        watch(services, history)


def _programs(
    run: Run, environment: dict[str, str], patient: dict[str, str], listener: int
) -> dict[str, Callable[[], Child]]:
    python = str(run.checkout.python)
    gunicorn = [
        *(python, "-m", "gunicorn", "hat_clinic.wsgi:application", "--bind", f"fd://{listener}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"),
        *("--access-logfile", "-", "--graceful-timeout", "5"),
    ]
    celery = [python, "-m", "celery", "-A", "hat_clinic.celery"]
    worker = [*celery, "worker", "-c", "1", "--loglevel", "INFO"]
    scheduler = "django_celery_beat.schedulers:DatabaseScheduler"
    beat = [*celery, "beat", "--scheduler", scheduler, "--pidfile=", "--loglevel", "INFO"]
    return {
        "web": lambda: run.start(
            "web", gunicorn, environment=environment, order=WEB_ORDER, keep_open=(listener,)
        ),
        "worker": lambda: run.start(
            "worker", worker, environment=patient, order=WORKER_ORDER, signals=WORKER_SIGNALS
        ),
        "beat": lambda: run.start("beat", beat, environment=environment, order=BEAT_ORDER),
    }


def open_listener(first: int) -> socket.socket:
    """A listening socket on the loopback address: the wanted port, or the next free one and a word on it."""
    for port in range(first, min(first + PORTS_TO_TRY, 65536)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        if port != first:
            say(f"Port {first} is taken; using {port}.")
        return listener
    raise Problem(
        f"Ports {first} to {first + PORTS_TO_TRY - 1} are all taken: "
        "name a free one, as in HAT_PORT=9000 ./hat demo."
    )


def _wanted_port() -> int:
    text = os.environ.get("HAT_PORT", str(FIRST_PORT))
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Problem(
            f"HAT_PORT is {text!r}: give it a number from 1 to 65535, as in HAT_PORT=9000 ./hat demo."
        )
    return int(text)


def _read_ways_in(printed: str) -> tuple[list[dict[str, str]], str]:
    """Read who may sign in, and the path of the link that makes a browser the treatment-room terminal."""
    try:
        ways = json.loads(printed)
        return [dict(one) for one in ways["sign_ins"]], str(ways["terminal"])
    except (ValueError, TypeError, KeyError) as error:
        raise Problem(
            "manage.py make_demo printed no list of sign-ins; run ./hat manage make_demo to see."
        ) from error


def _print_ways_in(address: str, sign_ins: list[dict[str, str]], terminal: str) -> None:
    print(f"\n  HAT Clinic demo:  {address}\n\n  Every person in it is invented. Sign in as:\n")
    titles = {"role": "ROLE", "label": "WHO", "email": "E-MAIL", "password": "PASSWORD", "pin": "PIN"}
    rows = [titles, *sign_ins]
    widths = [max(len(row.get(key) or "") for row in rows) for key in titles]
    for row in rows:
        cells = ((row.get(key) or "").ljust(width) for key, width in zip(titles, widths, strict=True))
        print("  " + "  ".join(cells).rstrip())
    role = sign_ins[0]["role"] if sign_ins else "ROLE"
    print(f"\n  The second factor of a role, from another window:  ./hat code {role}")
    print("\n  Doses are recorded at a treatment-room terminal, with face and PIN. To make your browser one,")
    print(f"  open this link (it works once, within 12 hours):\n\n  {address}{terminal}\n", flush=True)


def _wait_until_alive(port: int, services: list[Service]) -> None:
    """Wait for the first answer of the web server; a program that ends before it stops the start."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        for service in services:
            if service.child.has_ended():
                log = service.child.log
                raise Problem(
                    f"{service.name} did not start; {log} has all of it, and it ends:\n"
                    f"{service.child.log_tail()}"
                )
        if _is_alive(port):
            return
        time.sleep(0.1)
    raise Problem(f"The web server did not answer within {START_SECONDS:.0f} s; .hat/logs/web.log says why.")


def _is_alive(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(services: list[Service], history: Child | None, *, pause: float = 0.3) -> None:
    """Start again what ends, a little later each time, until somebody stops the demo."""
    while True:
        time.sleep(pause)
        now = time.monotonic()
        for service in services:
            look_after(service, now)
        if history is not None and history.has_ended():
            if history.process.returncode == 0:
                say("The demo's past months are filled in.")
            else:
                say(f"The demo's past months could not be filled in; {history.log} says why. The rest works.")
            history = None


def look_after(service: Service, now: float) -> None:
    """One look at one program: nothing if it runs, else put its restart off, or restart it when due."""
    if service.restart_at is not None:
        if now >= service.restart_at and service.restart is not None:
            service.child = service.restart()
            service.started_at, service.restart_at = now, None
        return
    if not service.child.has_ended():
        return
    log = service.child.log
    if service.restart is None:
        raise Problem(
            f"{service.name} has stopped, so the demo stops too; {log} says why. Run ./hat demo again."
        )
    if now - service.started_at > STEADY_SECONDS:
        service.delay = 1.0
    say(f"{service.name} has stopped and is started again in {service.delay:.0f} s; {log} says why.")
    service.restart_at = now + service.delay
    service.delay = min(service.delay * 2, LONGEST_DELAY)


def stop_demo(checkout: Checkout, *, seconds: float = 60.0) -> bool:
    """Stop the demo of this checkout from another window; whether one ran. A killed one's rests go too."""
    owners = [owner for owner in living_runs(checkout) if owner["verb"] == "demo"]
    for owner in owners:
        os.kill(owner["pid"], signal.SIGTERM)
    end = time.monotonic() + seconds
    while owners and checkout.servers_lock.is_taken():
        if time.monotonic() > end:
            raise Problem(
                f"The demo (process {owners[0]['pid']}) has not stopped within {seconds:.0f} s; "
                "its window says why."
            )
        time.sleep(0.1)
    return bool(owners)


def running_urls(checkout: Checkout) -> dict[str, Any] | None:
    """The servers of the running demo, waiting for one that is just starting; None if no demo runs."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if not any(owner["verb"] == "demo" for owner in living_runs(checkout)):
            return None
        running = checkout.read_running()
        if running and "address" in running:
            return dict(running["urls"])
        time.sleep(0.3)
    return None
