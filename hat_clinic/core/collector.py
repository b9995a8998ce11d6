"""Python's search for circles of objects, put off while much is made that is kept to the end anyway."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_search_for_circles() -> Iterator[None]:
    """Let nothing search the memory for circles of objects meanwhile; what was left is found soon afterwards.

    For a work that makes some hundred thousand objects and keeps nearly all of them until it is done: the search
    would look through all of them over and over. It holds for every thread of the process, so only a worker, which
    does one thing at a time, should use it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
