"""The system libraries and programs that no Python package brings: Pango for PDFs, Chromium for tests."""

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from launcher.checkout import Checkout
from launcher.problems import Problem, say

# Shared library -> the Debian package that has it. WeasyPrint loads them to set the report's text.
PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
APT_GET = """
patient="apt-get -q -y -o DPkg::Lock::Timeout=120"
$patient update
exec $patient install --no-install-recommends "$@"
"""


def missing_packages(*, browser: bool) -> list[str]:
    """The Debian packages this machine lacks, in the order to name them."""
    missing = [package for library, package in PDF_LIBRARIES.items() if not _can_load(library)]
    if browser and not any(map(shutil.which, BROWSERS)):
        missing.append("chromium")
    return missing


@contextmanager
def libraries_beside(checkout: Checkout, *, browser: bool = False) -> Iterator[None]:
    """Install what is missing while the block runs: it is there when the block is over.

    That can be done for root on Debian or Ubuntu. Anybody else is told the one command, before the block.
    """
    missing = missing_packages(browser=browser)
    if not missing:
        yield
        return
    what = "The PDFs need" if missing != ["chromium"] else "The browser tests need"
    command = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if shutil.which("apt-get") is None:
        raise Problem(
            f"{what} libraries that this machine lacks ({', '.join(missing)} in Debian's words): "
            "install them with its package manager and run ./hat again.",
            code=2,
        )
    if os.geteuid() != 0:
        become_root = "run  sudo" if shutil.which("sudo") else "as root, run "
        raise Problem(
            f"{what} system packages that are missing here: {become_root} {command}  and then ./hat again.",
            code=2,
        )
    say(f"{what} system packages that are missing here; installing {', '.join(missing)} ...")
    with _apt_get(checkout, missing):
        yield
    left = missing_packages(browser=browser)
    if left:
        raise Problem(
            f"{', '.join(left)} is still missing after {command}; see {checkout.log('apt')}.", code=2
        )


@contextmanager
def _apt_get(checkout: Checkout, packages: Sequence[str]) -> Iterator[None]:
    with checkout.log("apt").open("w") as output:
        installing = subprocess.Popen(
            ["/bin/sh", "-c", APT_GET, "apt-get", *packages],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            start_new_session=True,
        )
    try:
        yield
    except BaseException:
        # apt-get puts an interrupt off while packages are being unpacked, so this breaks none.
        with suppress(ProcessLookupError):
            os.killpg(installing.pid, signal.SIGINT)
        raise
    finally:
        installing.wait()
    if installing.returncode:
        raise Problem(
            f"apt-get could not install {' '.join(packages)}: connect this machine to its package archive "
            f"and run ./hat again; details are in {checkout.log('apt')}.",
            code=2,
        )


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
