"""Reads a cohort folder from the disc: its `.csv` files as bytes, and nothing outside it.

Standard library only. What the bytes mean is decided in `outcomes.rules.cohort`.

Source: cohort files (evaluation), files.
"""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outcomes.rules.cohort.columns import FORMAT_OF
from outcomes.rules.cohort.folder import unknown_file
from outcomes.rules.cohort.problems import Problem, shown

LARGEST_FILE_BYTES = 200 * 1024 * 1024
"""A larger file is refused: forty years of a clinic of a hundred people need a tenth of it."""


@dataclass(frozen=True, slots=True)
class LoadedFolder:
    """`files` maps file name to content; `problems` are those of the folder, to be handed to `check_cohort`
    as `found`, so that they are listed with all the others."""

    files: Mapping[str, bytes]
    problems: tuple[Problem, ...]


class FolderUnreadable(Exception):
    """There is no folder to read at this path; the message says what to do."""


class _FileRefused(Exception):
    pass


def load_folder(path: Path, *, largest_file_bytes: int = LARGEST_FILE_BYTES) -> LoadedFolder:
    """The known `.csv` files of the folder at `path`.

    Symbolic links, folders in place of files, `.csv` files with an unknown name or in another case and files
    that are too large or cannot be opened are problems; other files are left alone. Names are opened inside
    the folder only and never through a link. Raises FolderUnreadable.
    """
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except NotADirectoryError:
        raise FolderUnreadable(f"{shown(str(path))} is not a folder; name the folder of the files.") from None
    except FileNotFoundError:
        raise FolderUnreadable(f"{shown(str(path))} does not exist; name the folder of the files.") from None
    except (OSError, ValueError) as error:
        raise FolderUnreadable(f"{shown(str(path))} cannot be opened: {_reason(error)}.") from None
    try:
        return _load(folder, largest_file_bytes)
    finally:
        os.close(folder)


def _load(folder: int, largest: int) -> LoadedFolder:
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise FolderUnreadable(f"the folder cannot be listed: {_reason(error)}.") from None
    for name in names:
        try:
            if _is_link(folder, name):
                raise _FileRefused("it is a symbolic link; put the file itself in its place.")
            if not name.lower().endswith(".csv"):
                continue
            if name not in FORMAT_OF:
                problems.append(unknown_file(name))
                continue
            files[name] = _content(folder, name, largest)
        except _FileRefused as refused:
            problems.append(Problem(shown(name), 0, "", str(refused)))
    return LoadedFolder(files, tuple(problems))


def _is_link(folder: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError as error:
        raise _FileRefused(f"it cannot be read: {_reason(error)}.") from None


def _content(folder: int, name: str, largest: int) -> bytes:
    """Opened without following a link and without waiting, should it be a pipe."""
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            mode = os.fstat(handle).st_mode
            if stat.S_ISDIR(mode):
                raise _FileRefused("it is a folder in place of a file; put the file there.")
            if not stat.S_ISREG(mode):
                raise _FileRefused("it is not an ordinary file; put the file itself there.")
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(largest + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise _FileRefused(f"it cannot be read: {_reason(error)}.") from None
    if len(content) > largest:
        raise _FileRefused(
            f"it is larger than {largest // (1024 * 1024)} MB; divide the people among several folders."
        )
    return content


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "the path is not valid"
