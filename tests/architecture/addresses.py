"""Every address of the program, found by walking its resolver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Address:
    """One address of the program: its full name, its pattern, and the view that answers."""

    name: str
    pattern: str
    view: Callable[..., Any]


def addresses(resolver: Any, before: str = "", space: str = "") -> Iterator[Address]:
    """Walk the addresses below a resolver."""
    for pattern in resolver.url_patterns:
        here = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, here, pattern.namespace or space)
        else:
            yield Address(f"{space}:{pattern.name}" if space else str(pattern.name), here, pattern.callback)
