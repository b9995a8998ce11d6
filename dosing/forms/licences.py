"""What is written of a doctor's licence, and why one is revoked. Forms parse; they decide and write nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from dosing.rules.moments import end_of_day
from dosing.rules.orders import Product
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField

REASON_LENGTH = 300


def _day(label: str, hint: str) -> DayField:
    wrong = "Write the day as day/month/year, such as 31/12/2026."
    return DayField(
        label=label,
        help_text=hint,
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": wrong, "invalid": wrong},
    )


class RecordLicence(RefusableForm):
    """One doctor, one premises, one drug, and the first and the last day."""

    doctor = forms.ChoiceField(
        label="Doctor", widget=forms.RadioSelect, error_messages={"required": "Choose the doctor."}
    )
    premises = forms.ChoiceField(
        label="Premises", widget=forms.RadioSelect, error_messages={"required": "Choose the premises."}
    )
    product = forms.ChoiceField(
        label="Drug",
        widget=forms.RadioSelect,
        choices=[(Product.DIAMORPHINE.value, Product.DIAMORPHINE.label)],
        error_messages={"required": "Choose the drug."},
    )
    first_day = _day("First day", "As printed on the licence, such as 01/12/2026.")
    last_day = _day("Last day", "The licence covers this whole day, until 23:59.")

    def __init__(
        self, *args: Any, doctors: list[tuple[str, str]], places: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("doctor", doctors), ("premises", places)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = choices
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            Field("doctor"),
            Field("premises"),
            Field("product"),
            Field("first_day", css_class="nhsuk-input--width-10"),
            Field("last_day", css_class="nhsuk-input--width-10"),
            Submit("record", "Record this licence"),
        )

    @property
    def starts_at(self) -> datetime:
        """The first moment of the first day."""
        day: date = self.cleaned_data["first_day"]
        return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the last day."""
        return end_of_day(self.cleaned_data["last_day"]).astimezone(UTC)


class RevokeLicence(RefusableForm):
    """Why the licence is revoked."""

    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why the licence is revoked",
        help_text="Name no patient.",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why the licence is revoked."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout(
            Field("seal"), Field("reason"), Submit("revoke", "Revoke this licence now")
        )
