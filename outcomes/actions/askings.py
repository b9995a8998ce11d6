"""Why answers of a person were not stored, whatever was asked."""

from __future__ import annotations

from outcomes.queries.askings import NeverAskedHere

__all__ = ["CORRECTED_MEANWHILE", "SENT_BEFORE", "AnswersAmended", "AnswersKeyReused", "NeverAskedHere"]

SENT_BEFORE = "This form was sent before with other answers. Open a new one and write them there."
CORRECTED_MEANWHILE = (
    "These answers were corrected meanwhile. Open the newest correction and correct that one."
)


class AnswersKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class AnswersAmended(Exception):
    """Somebody else corrected these answers first: nothing was stored."""
