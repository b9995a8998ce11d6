"""What is asked of the controlled-drug register's page. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between


class SeeRegister(forms.Form):
    """Which lines of the register to show: a ledger, a period of Europe/London days, and where to begin."""

    since = DayField(
        label="Period",
        required=False,
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y"),
        error_messages={"invalid": "Write the first day as day/month/year, such as 23/11/2026."},
    )
    until = DayField(
        label="to",
        required=False,
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y"),
        error_messages={"invalid": "Write the last day as day/month/year, such as 24/11/2026."},
    )
    line = forms.UUIDField(required=False, widget=forms.HiddenInput)
    before = WholeNumberField(
        parse=whole_between(1, 2_147_483_647),
        how="Follow the link to earlier lines.",
        required=False,
        widget=forms.HiddenInput(),
    )
    after = WholeNumberField(
        parse=whole_between(0, 2_147_483_647),
        how="Follow the link to later lines.",
        required=False,
        widget=forms.HiddenInput(),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "The last day is before the first. Write the later day second.")
        return data

    def period(self) -> tuple[date, date]:
        """Return the first and last day asked for; by default, and for what could not be read, two days."""
        self.is_valid()
        until = self.cleaned_data.get("until") or max(
            self.cleaned_data.get("since") or self.today, self.today
        )
        since = self.cleaned_data.get("since") or until - timedelta(days=1)
        return min(since, until), until
