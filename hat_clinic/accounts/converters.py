"""What else an address of a terminal may carry."""

from __future__ import annotations


class Token:
    """The secret part of a one-time link: 256 random bits. It names nobody, and is worthless once it was used."""

    regex = "[A-Za-z0-9_-]{43}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
