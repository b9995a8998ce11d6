"""The one field in which a day is typed: a day that something here can be about, or a sentence that says why not."""

from __future__ import annotations

from datetime import date
from typing import Final

from django import forms

# No person, no programme and no stay that is told here lies outside; beside the first and the last of all days no
# other day can be reckoned.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200


def in_a_plausible_year(on: date) -> None:
    """Refuse a day that nothing here is about."""
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise forms.ValidationError(f"Check the year: write a day from {FIRST_YEAR} to {LAST_YEAR}.")


class DayField(forms.DateField):
    """A day, in a plausible year. What was typed stays in the page."""

    default_validators = [in_a_plausible_year]
