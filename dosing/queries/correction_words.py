"""Who put a line right, in words."""

from __future__ import annotations

from dosing.models import Correction
from dosing.rules.corrections import CorrectedFor
from hat_clinic.core.clock import LONDON


def correction_in_words(correction: Correction) -> str:
    """Return who put a line right, when and why. Its person is loaded."""
    why = CorrectedFor(correction.reason).label
    words = f" ({correction.words})" if correction.words else ""
    at = correction.corrected_at.astimezone(LONDON)
    return f"Put right at {at:%H:%M} on {at.day} {at:%B} by {correction.corrected_by.full_name}: {why}{words}"
