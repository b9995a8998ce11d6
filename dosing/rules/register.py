"""The register's vocabulary."""

from __future__ import annotations

from enum import StrEnum


class EntryKind(StrEnum):
    """What a register line tells of."""

    OBTAINED = "obtained"
    SUPPLIED = "supplied"

    @property
    def label(self) -> str:
        """The kind as it is printed."""
        return self.value.capitalize()
