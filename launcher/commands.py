"""The smaller verbs: manage, code, fix, lock, stop, reset."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from launcher.checkout import Checkout
from launcher.demo import running_urls, stop_demo
from launcher.django import ensure_migrated, manage
from launcher.install import ensure_installed, ensure_uv
from launcher.interrupts import Interrupts
from launcher.keys import load_keys
from launcher.locks import LockFile
from launcher.problems import Problem, say
from launcher.processes import Run, living_runs
from launcher.servers import LONG_STATEMENTS, Servers, django_environment, start_servers
from launcher.testing import list_templates

# These are about the tables themselves: the tables must not have been changed just before.
LEAVES_TABLES_ALONE = {"migrate", "makemigrations", "showmigrations", "sqlmigrate"}
LOCKS = {"app": [], "demo": ["--extra", "demo"], "test": ["--extra", "demo", "--extra", "test"]}


def manage_verb(checkout: Checkout, interrupts: Interrupts, words: Sequence[str]) -> int:
    """Run `manage.py` in the demo's environment: with its servers, or with servers for the while."""
    with Run(checkout, interrupts, verb="manage") as run:
        lock = checkout.servers_lock
        urls = _wait_for_servers(checkout, lock)
        try:
            ensure_installed(checkout, "demo")
            keys = load_keys(checkout)
            servers = Servers(urls) if urls is not None else start_servers(run, keys)
            environment = django_environment(
                checkout, keys, servers.urls, HAT_STATEMENT_TIMEOUT=LONG_STATEMENTS
            )
            if urls is None and words and words[0] not in LEAVES_TABLES_ALONE:
                ensure_migrated(run, environment, servers)
            code = run.attach(manage(checkout, *words), environment=environment, cwd=checkout.called_from)
        finally:
            # Only after the servers are down may somebody else start them.
            run.stop_all()
            lock.give_back()
    return code if code >= 0 else 128 - code


def _wait_for_servers(checkout: Checkout, lock: LockFile) -> dict[str, str] | None:
    """The running demo's servers; or None, the lock being ours then."""
    told = False
    while not lock.take():
        urls = running_urls(checkout)
        if urls is not None:
            return urls
        if not told:
            say("Waiting for another ./hat command in this folder to end.")
            told = True
        time.sleep(0.2)
    checkout.begin_servers()
    return None


def code(checkout: Checkout, interrupts: Interrupts, words: Sequence[str]) -> int:
    """Print the current second factor of a demo user of the given role."""
    if len(words) != 1:
        raise Problem("Name one role, as in ./hat code nurse; ./hat demo lists them.")
    if running_urls(checkout) is None:
        raise Problem("No demo is running in this folder: start it with ./hat demo in another window first.")
    return manage_verb(checkout, interrupts, ["code", *words])


def fix(checkout: Checkout, interrupts: Interrupts) -> int:
    """Format the code and the templates and repair what can be; 1 if something is left to a person."""
    with Run(checkout, interrupts, verb="fix") as run:
        ensure_installed(checkout, "test")
        environment = django_environment(checkout, load_keys(checkout), {})
        python = checkout.python
        left = run.attach([python, "-m", "ruff", "check", "--fix", "."], environment=environment)
        run.attach([python, "-m", "ruff", "format", "."], environment=environment)
        templates = list_templates(checkout)
        if templates:
            run.attach(
                [checkout.venv / "bin" / "djade", "--target-version", "5.2", *templates],
                environment=environment,
            )
    return left


def lock(checkout: Checkout, interrupts: Interrupts) -> int:
    """Write the lock files anew from pyproject.toml. No address of a package index is written into them."""
    with Run(checkout, interrupts, verb="lock") as run:
        ensure_installed(checkout, "demo")
        command: list[str | Path] = [
            *(ensure_uv(checkout), "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
            *(
                "--no-emit-index-url",
                "--no-header",
                "--python-version",
                "3.11",
                "--upgrade",
                "pyproject.toml",
            ),
        ]
        for name, extras in LOCKS.items():
            say(f"Locking requirements/{name}.txt ...")
            output = f"requirements/{name}.txt"
            code = run.attach(
                [*command, *extras, "-o", output],
                environment=django_environment(checkout, load_keys(checkout), {}),
            )
            if code:
                raise Problem(f"uv could not lock {output}; what it says is above.", code=code)
    return 0


def stop(checkout: Checkout) -> int:
    """Stop the demo of this checkout, from any window."""
    if stop_demo(checkout):
        say("The demo of this folder has stopped.")
    else:
        say("No demo is running in this folder.")
    return 0


def reset(checkout: Checkout, words: Sequence[str]) -> int:
    """Stop the demo and delete its data, its keys and its logs."""
    if list(words) not in ([], ["--yes"]):
        raise Problem("./hat reset takes nothing but --yes.")
    if not words:
        print(
            f"This deletes the demo's data, keys and logs in {checkout.state}. Type yes to go on: ",
            end="",
            flush=True,
        )
        try:
            answer = input()
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise Problem("Nothing was deleted; say yes, or use ./hat reset --yes.")
    stop_demo(checkout)
    busy = living_runs(checkout)
    lock = checkout.servers_lock
    if busy or not lock.take():
        who = f"./hat {busy[0]['verb']} (process {busy[0]['pid']})" if busy else "Another ./hat"
        raise Problem(f"{who} is using this folder: wait for it, or stop it first.")
    try:
        shutil.rmtree(checkout.private_folder(), ignore_errors=True)
        for path in checkout.state.iterdir():
            # The lock stays, so that nobody starts a demo in the middle of this.
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != lock.path:
                path.unlink()
    finally:
        lock.give_back()
    say("The demo's data, keys and logs are deleted; ./hat demo makes new ones.")
    return 0
