"""Fields that several forms of the referrals have."""

from __future__ import annotations

from typing import Any

from django import forms

from hat_clinic.core.days import DayField
from referrals.rules.whens import FIRST_YEAR, When, read_when

DATE_FORMATS = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d"]


def date_field(label: str, *, help_text: str = "", required: bool = False, missing: str = "") -> DayField:
    """Return a question for one day, typed as day, month and year."""
    return DayField(
        label=label,
        help_text=help_text,
        required=required,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(
            format="%d/%m/%Y", attrs={"autocomplete": "off", "class": "nhsuk-input--width-10"}
        ),
        error_messages={
            "required": missing,
            "invalid": f"{label}: there is no such day. Write it as day/month/year, such as 03/12/2026.",
        },
    )


class WhenField(forms.CharField):
    """A year, a month of a year or a day, whatever is known; empty is None, anything else is refused."""

    def __init__(self, name: str, *, label: str) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=20,
            widget=forms.TextInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-10"}),
        )
        self.name = name

    def clean(self, value: Any) -> When | None:
        """Return what was typed as far as it is known, or say how to write it."""
        text = super().clean(value)
        if not text:
            return None
        when = read_when(text)
        if when is None:
            raise forms.ValidationError(
                f"{self.name}: write a year from {FIRST_YEAR}, a month such as 3/2024, a day, or nothing."
            )
        return when
