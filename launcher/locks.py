"""Lock files. The kernel frees them when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.problems import say


class LockFile:
    """One lock file of a checkout, held by at most one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Take the lock if it is free; say whether it was."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def give_back(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def is_taken(self) -> bool:
        """Whether another process holds it now."""
        if not self.path.exists():
            return False
        if self.take():
            self.give_back()
            return False
        return True

    @contextmanager
    def waited_for(self, sentence: str) -> Iterator[None]:
        """Hold the lock for a block, waiting for as long as it takes; `sentence` is said once if it does."""
        told = False
        while not self.take():
            if not told:
                say(sentence)
                told = True
            time.sleep(0.2)
        try:
            yield
        finally:
            self.give_back()
