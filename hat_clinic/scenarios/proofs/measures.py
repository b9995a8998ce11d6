"""Writing what was measured, with what it was measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from hat_clinic.core.clock import LONDON


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a page of measures; `is_kept` says whether the promise held."""

    what: str
    how: str
    count: str
    result: str
    is_kept: bool


def page_of(
    title: str, figures: Sequence[Figure], *, seed: int, commit: str, at: datetime, remarks: str
) -> str:
    """Return the page in Markdown, one row for each figure."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
    day = f"{at.astimezone(LONDON):%d %B %Y}".lstrip("0")
    head = (
        f"# {title}\n\n"
        f"Measured on {day} at commit {commit} with `./hat prove`, seed {seed}, on a machine\nwith {os.cpu_count()} "
        f"cores ({platform.machine()}), CPython {platform.python_version()}, PostgreSQL {version.split()[0]} "
        f"(fsync {fsync}), load {os.getloadavg()[0]:.1f} at the end.\nTimes are of this machine and this load; counts "
        "are not affected. With no failure in N trials the 95 % upper limit of the rate is about 3/N.\n\n"
        "| What | How | N | Result |\n|---|---|---|---|\n"
    )
    rows = "".join(f"| {one.what} | {one.how} | {one.count} | {one.result} |\n" for one in figures)
    return f"{head}{rows}\n{remarks}\n"
