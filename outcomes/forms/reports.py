"""What is asked of the report builder."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms


class RequestReport(forms.Form):
    """Which month to build; `months` are the first days of the clinic's months."""

    month = forms.TypedChoiceField(
        label="Month",
        coerce=date.fromisoformat,
        error_messages={
            "required": "Choose the month.",
            "invalid_choice": "Choose a month from the list: the clinic was not open then, or it has not begun.",
        },
    )

    def __init__(self, *args: Any, months: tuple[date, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["month"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [(month.isoformat(), f"{month:%B %Y}") for month in months]
        self.helper = FormHelper()
        self.helper.layout = Layout("month", Submit("build", "Build this report"))
