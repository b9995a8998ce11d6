"""Makes `.venv` and installs exactly what a lock file names: pinned uv through pip, the rest through uv."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from launcher.checkout import Checkout
from launcher.problems import Problem, say

# The locks that a lock contains, so that a demo does not take the test tools away again.
CONTAINS = {"test": ("test", "demo", "app"), "demo": ("demo", "app"), "app": ("app",)}


def ensure_installed(checkout: Checkout, lock: str) -> None:
    """Bring `.venv` to what `requirements/LOCK.txt` says; at once if it is there already."""
    if _is_installed(checkout, lock):
        return
    with checkout.install_lock.waited_for("Waiting for another ./hat to finish installing in this folder."):
        if _is_installed(checkout, lock):
            return
        begun = time.monotonic()
        say(f"Installing what requirements/{lock}.txt names into .venv ...")
        stamp = checkout.venv / "hat.json"
        stamp.unlink(missing_ok=True)
        _ensure_venv(checkout)
        uv = ensure_uv(checkout)
        command: list[str | Path] = [
            uv,
            "pip",
            "sync",
            "--quiet",
            "--require-hashes",
            "--python",
            checkout.python,
        ]
        _install(checkout, [*command, checkout.root / "requirements" / f"{lock}.txt"])
        wanted = {name: fingerprint(checkout, name) for name in CONTAINS[lock]}
        stamp.write_text(json.dumps({"venv": str(checkout.venv), "locks": wanted}))
        say(f"Installed in {time.monotonic() - begun:.1f} s.")


def fingerprint(checkout: Checkout, lock: str) -> str:
    """The hash of a lock file; an installation is good for as long as it stays the same."""
    path = checkout.root / "requirements" / f"{lock}.txt"
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise Problem(f"{path} is missing: get a whole copy of the project and run ./hat there.") from error


def ensure_uv(checkout: Checkout) -> Path:
    """The pinned uv, installed beside the environment so that it is no part of what the lock names."""
    pinned = fingerprint(checkout, "uv")[:12]
    folder = checkout.venv / f"uv-{pinned}"
    program = folder / "bin" / "uv"
    if not program.exists():
        shutil.rmtree(folder, ignore_errors=True)
        unfinished = folder.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        pip: list[str | Path] = [checkout.python, "-m", "pip", "install", "--quiet", "--require-hashes"]
        lock = checkout.root / "requirements" / "uv.txt"
        _install(
            checkout, [*pip, "--no-deps", "--disable-pip-version-check", "--target", unfinished, "-r", lock]
        )
        unfinished.rename(folder)
    return program


def _is_installed(checkout: Checkout, lock: str) -> bool:
    try:
        stamp = json.loads((checkout.venv / "hat.json").read_text())
        found, place = stamp["locks"].get(lock), stamp["venv"]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return place == str(checkout.venv) and found == fingerprint(checkout, lock) and checkout.python.exists()


def _ensure_venv(checkout: Checkout) -> None:
    """Make `.venv`, anew if it was made elsewhere, for a Python that is gone, or without pip."""
    if checkout.python.exists() and _venv_is_ours(checkout):
        return
    command = [sys.executable, "-m", "venv", "--clear", str(checkout.venv)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        checkout.log("install").write_text(made.stdout + made.stderr)
        if "ensurepip" in made.stdout + made.stderr:
            raise Problem(
                "This Python cannot make a virtual environment: install its venv module "
                "(on Debian or Ubuntu: sudo apt-get install python3-venv) and run ./hat again."
            )
        raise Problem(
            f".venv could not be made; {checkout.log('install')} says why. "
            "Put that right and run ./hat again."
        )


def _venv_is_ours(checkout: Checkout) -> bool:
    program = "import pip, sys; print(sys.prefix, sys.version_info >= (3, 11))"
    found = subprocess.run([checkout.python, "-c", program], capture_output=True, text=True, check=False)
    return found.returncode == 0 and found.stdout.split() == [str(checkout.venv), "True"]


def _install(checkout: Checkout, command: Sequence[str | Path]) -> None:
    log = checkout.log("install")
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    if SYSTEM_CERTIFICATES.exists():
        # Where a network has a certificate of its own, the system knows it and uv's own list does not.
        environment.setdefault("UV_SYSTEM_CERTS", "1")
    if not os.access(Path.home(), os.W_OK):
        environment["UV_CACHE_DIR"] = str(checkout.state / "cache")
    with log.open("w") as output:
        done = subprocess.run(
            list(map(str, command)), stdout=output, stderr=output, env=environment, check=False
        )
    if done.returncode == 0:
        return
    said = log.read_text(errors="replace")
    if "No space left" in said:
        raise Problem(f"The disk is full: the installation needs about 1 GB free at {checkout.root}.")
    if "hash" in said.lower() and "mismatch" in said.lower():
        raise Problem(
            f"A downloaded package is not the one the lock names ({log} says which): "
            "do not use it, try another network, and report it if it stays so."
        )
    if any(words in said.lower() for words in NO_NETWORK):
        raise Problem(
            f"The packages could not be downloaded: connect this machine to the network "
            f"(or name your package index in pip's and uv's settings) "
            f"and run ./hat again; details are in {log}."
        )
    raise Problem(
        f"The installation failed; the last lines of {log} say why. Put that right and run ./hat again."
    )


SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NO_NETWORK = (
    "error sending request",
    "failed to fetch",
    "dns error",
    "connection",
    "network",
    "no matching distribution",
    "name resolution",
    "timed out",
)
