"""The system libraries and programs that no Python package brings: Pango for PDFs, Chromium for tests."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Sequence

from launcher.checkout import Checkout
from launcher.problems import Problem, say

# Shared library -> the Debian package that has it. WeasyPrint loads them to set the report's text.
PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
MAC_LIBRARIES = {"libpango-1.0.dylib": "pango", "libharfbuzz-subset.dylib": "harfbuzz"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def missing_packages(*, browser: bool) -> list[str]:
    """The Debian packages this machine lacks, in the order to name them."""
    missing = [package for library, package in PDF_LIBRARIES.items() if not _can_load(library)]
    if browser and not any(map(shutil.which, BROWSERS)):
        missing.append("chromium")
    return missing


def ensure_libraries(checkout: Checkout, *, browser: bool = False) -> None:
    """Install what is missing where that can be done (root on Debian or Ubuntu), else say the one command."""
    missing = missing_packages(browser=browser)
    if not missing:
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
        raise Problem(
            f"{what} system packages that are missing here: run  sudo {command}  and then ./hat again.",
            code=2,
        )
    say(f"{what} system packages that are missing here; installing {', '.join(missing)} ...")
    _apt_get(checkout, missing)
    left = missing_packages(browser=browser)
    if left:
        raise Problem(
            f"{', '.join(left)} is still missing after {command}; see {checkout.log('apt')}.", code=2
        )


def _apt_get(checkout: Checkout, packages: Sequence[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patient = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    log = checkout.log("apt")
    with log.open("w") as output:
        for words in (["update"], ["install", "--no-install-recommends", *packages]):
            done = subprocess.run(
                [*patient, *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                check=False,
            )
    if done.returncode:
        raise Problem(
            f"apt-get could not install {' '.join(packages)}: connect this machine to its package archive "
            f"and run ./hat again; details are in {log}.",
            code=2,
        )


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
