"""`./hat test`, `check` and `bench`: the checks of the house and pytest, on servers made for the run alone."""

import os
import secrets
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from launcher.checkout import Checkout
from launcher.django import manage
from launcher.gates import check_gates, measured
from launcher.install import ensure_installed
from launcher.interrupts import Interrupts
from launcher.keys import make_keys
from launcher.libraries import libraries_beside
from launcher.problems import Problem, say
from launcher.processes import Run
from launcher.servers import django_environment, start_servers


@dataclass(frozen=True)
class Check:
    """One check: a name for the summary, its command line, and what it needs in the environment."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]


def test(
    checkout: Checkout, interrupts: Interrupts, words: Sequence[str], *, with_pytest: bool = True
) -> int:
    """Run every check and then pytest, whatever failed before; 0 only if nothing did.

    The whole suite is counted against the coverage gates; a part of it, chosen by words for pytest, is not.
    """
    with Run(checkout, interrupts, verb="test" if with_pytest else "check") as run:
        with libraries_beside(checkout, browser=with_pytest):
            ensure_installed(checkout, "test")
        begun = time.monotonic()
        keys = make_keys()
        servers = start_servers(run, keys, test_folder=run.temporary_folder())
        environment = django_environment(checkout, keys, servers.urls)
        say(f"Servers for the tests are up after {time.monotonic() - begun:.1f} s.")
        bare = django_environment(checkout, keys, servers.urls, demo=False, **production_like())
        failed = _run_checks(run, list_checks(checkout, environment, bare))
        if with_pytest:
            failed += _run_pytest(run, environment, words)
    if failed:
        raise Problem(
            f"Failed: {', '.join(failed)}. What each found is printed above; ./hat fix repairs the format."
        )
    return 0


def bench(checkout: Checkout, interrupts: Interrupts, words: Sequence[str]) -> int:
    """Measure, on servers made for the run alone, one after the other: rivals for the cores spoil every figure."""
    with Run(checkout, interrupts, verb="bench") as run:
        with libraries_beside(checkout, browser=False):
            ensure_installed(checkout, "test")
        keys = make_keys()
        # A commit is flushed to the disk, as in a clinic: that is a good part of what a dose costs.
        servers = start_servers(run, keys, test_folder=run.temporary_folder(), durable=True)
        environment = django_environment(checkout, keys, servers.urls)
        benchmarks = sorted(str(path) for path in (checkout.root / "tests" / "benchmarks").glob("bench_*.py"))
        pytest = [*("-m", "pytest", "-q", "-p", "no:randomly", "-n", "0"), *benchmarks, *words]
        return run.attach([checkout.python, *pytest], environment=environment)


def _run_pytest(run: Run, environment: dict[str, str], words: Sequence[str]) -> list[str]:
    pytest = ["-m", "pytest", *workers(os.cpu_count() or 1), *words]
    if words:
        code = run.attach([run.checkout.python, *pytest], environment=environment)
    else:
        environment = measured(environment, run.temporary_folder())
        code = run.attach([run.checkout.python, "-m", "coverage", "run", *pytest], environment=environment)
    if code:
        return [f"pytest (exit code {code})"]
    return [] if words else check_gates(run, environment)


def production_like() -> dict[str, str]:
    """What a production server sets, so that `check --deploy` judges the settings it would run with."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "HAT_ALLOWED_HOSTS": "hat.example.org",
        "HAT_TRUSTED_ORIGINS": "https://hat.example.org",
    }


def workers(cores: int) -> list[str]:
    """pytest on two processes where there is more than one core; a `-n` of the caller wins."""
    return ["-n", "2"] if cores > 1 else []


def list_checks(checkout: Checkout, environment: dict[str, str], bare: dict[str, str]) -> list[Check]:
    python = str(checkout.python)
    templates = list_templates(checkout)
    found = [
        Check("ruff check", [python, "-m", "ruff", "check", "--output-format", "concise", "."], environment),
        Check("ruff format", [python, "-m", "ruff", "format", "--check", "."], environment),
        Check("import contracts", [str(checkout.venv / "bin" / "lint-imports"), "--no-cache"], environment),
        Check("mypy", [python, "-m", "mypy"], environment),
        Check("missing migrations", manage(checkout, "makemigrations", "--check", "--dry-run"), environment),
        Check("deploy check", manage(checkout, "check", "--deploy", "--fail-level", "WARNING"), bare),
    ]
    if templates:
        djade = [str(checkout.venv / "bin" / "djade"), "--check", "--target-version", "5.2", *templates]
        found.insert(2, Check("djade", djade, environment))
    if shutil.which("docker-compose"):
        found.append(Check("compose file", ["docker/check-compose"], environment))
    return found


def list_templates(checkout: Checkout) -> list[str]:
    """Every template of the project, as paths from its root."""
    folders: Iterable[str] = ("templates", "*/templates", "hat_clinic/*/templates")
    paths = {path for folder in folders for path in checkout.root.glob(f"{folder}/**/*.html")}
    return sorted(str(path.relative_to(checkout.root)) for path in paths)


def _run_checks(run: Run, checks: Sequence[Check]) -> list[str]:
    failed, summary = [], []
    for check in checks:
        begun = time.monotonic()
        name = f"check-{check.name.replace(' ', '-')}"
        run.checkout.log(name).unlink(missing_ok=True)
        child = run.start(name, check.command, environment=check.environment)
        code = child.process.wait()
        run.forget(child)
        if code:
            failed.append(check.name)
            print(f"--- {check.name} ---\n{child.log.read_text(errors='replace')}", flush=True)
        verdict = "FAILED" if code else "ok"
        summary.append(f"  {check.name:<20} {verdict:<8} {time.monotonic() - begun:5.1f} s")
    print("Checks:", *summary, sep="\n", flush=True)
    return failed
