"""Text files that grow line by line, in a folder that lies elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


class KeptUnreadable(Exception):
    """A file or folder of kept lines cannot be read; the message names it and says why."""


def append_missing(file: Path, lines: Iterable[str]) -> int:
    """Add to a file the lines that it has not, flushed to the disk; never takes one away. Returns how many.

    A database that was restored from a backup knows fewer lines than the file: those stay.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    known = set(text.splitlines())
    missing = [line for line in lines if line not in known]
    if missing:
        # A line that a crash cut short stays alone, and the whole one is added again.
        begin = "\n" if text and not text.endswith("\n") else ""
        with file.open("a", encoding="utf-8") as opened:
            opened.write(begin + "".join(f"{line}\n" for line in missing))
            opened.flush()
            os.fsync(opened.fileno())
    return len(missing)


def read_kept(path: Path) -> list[tuple[str, str]]:
    """Return every line of a file, or of all .jsonl files of a folder, each with where it stands.

    Raises KeptUnreadable, also for a folder without any such file: nothing was compared then.
    """
    try:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not files:
            raise KeptUnreadable(f"{path} is a folder without any .jsonl file.")
        return [
            (f"{file}:{number}", line)
            for file in files
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
            if line.strip()
        ]
    except (OSError, UnicodeDecodeError) as error:
        raise KeptUnreadable(f"{path} cannot be read ({type(error).__name__}).") from error
