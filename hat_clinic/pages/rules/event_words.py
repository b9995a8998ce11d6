"""What an event of the trail is called: a pair of words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What stands after a colleague's name: for an act that was done or a look, and for one that was refused."""

    done: str
    refused: str = ""
