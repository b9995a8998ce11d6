"""Ctrl-C, SIGTERM and SIGHUP as one exception that can be put off while a process is being started."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """Somebody asked the launcher to stop. Not an Exception, so that no `except Exception` swallows it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


class Interrupts:
    """Turns the stop signals into `Interrupted`, once; later ones are ignored while everything is stopped."""

    def __init__(self) -> None:
        self._held = 0
        self._waiting: int | None = None
        self._done = False

    def install(self) -> None:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signum == signal.SIGHUP and signal.getsignal(signum) == signal.SIG_IGN:
                continue  # started under nohup: it means to outlive its terminal
            signal.signal(signum, self._receive)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put a stop off until the block is over, so that no process is started and not written down."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._held == 0 and self._waiting is not None and not self._done:
            self._raise(self._waiting)

    def ignore(self) -> None:
        """From here on the stop signals do nothing: the launcher is already cleaning up."""
        self._done = True

    def _receive(self, signum: int, frame: FrameType | None) -> None:
        if self._done:
            return
        if self._held:
            self._waiting = signum
            return
        self._raise(signum)

    def _raise(self, signum: int) -> None:
        self._done = True
        raise Interrupted(signum)
