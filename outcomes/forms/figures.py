"""Which months of the figures are shown."""

from __future__ import annotations

from datetime import date

from django import forms

from hat_clinic.core.days import DayField


class ChooseMonths(forms.Form):
    """A month, and another to hold it against; what is no month that was built is answered with the newest."""

    month = DayField(required=False)
    beside = DayField(required=False)

    @property
    def months(self) -> tuple[date | None, date | None]:
        """The two months asked for; None for one that was not, or that is no day at all."""
        self.is_valid()
        return self.cleaned_data.get("month"), self.cleaned_data.get("beside")
