"""What the launcher says: progress on standard error, and refusals as one sentence that tells what to do."""

import contextlib
import sys


class Problem(Exception):
    """Something the person at the keyboard can put right. The message is one sentence that says how."""

    def __init__(self, sentence: str, *, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def say(sentence: str) -> None:
    """Print one line of progress; a closed terminal is no reason to stop cleaning up."""
    with contextlib.suppress(OSError, ValueError):
        print(f"hat: {sentence}", file=sys.stderr, flush=True)
