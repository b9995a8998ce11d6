"""A file of unit costs, and the tick of whoever approves it."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Hidden, Layout, Submit
from django import forms

from hat_clinic.core.decisions import Decision
from outcomes.forms.fields import SealedForm, day
from outcomes.rules.evaluation.unit_costs import MOST_BYTES, TOO_LARGE


class LoadUnitCosts(forms.Form):
    """From when on, and one CSV file; its size is looked at before it is read."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)
    from_day = day("From which day on?", missing="Write the first day.")
    file = forms.FileField(
        label="The file of unit costs",
        help_text="CSV in UTF-8, at most 256 kB. A spreadsheet is saved as CSV first.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was loaded"
        self.helper.attrs = {"enctype": "multipart/form-data", "data-hat-busy": "Reading…"}
        self.helper.layout = Layout("from_day", "file", Submit("load", "Check and send to a colleague"))

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def clean_file(self) -> Any:
        """Refuse a file that is too large before a byte of it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE[0].upper() + TOO_LARGE[1:])
        return file

    def content(self) -> bytes:
        """Return what the file holds."""
        content: bytes = self.cleaned_data["file"].read()
        return content

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the day, in the words of the rule: it is all that can be refused here."""
        for finding in decision.refusals:
            self.add_error("from_day", finding.message)


class ApproveUnitCosts(SealedForm):
    """That whoever approves has compared the table with where it is from."""

    FIELD_OF = {"unit_costs_unconfirmed": "is_confirmed"}

    is_confirmed = forms.BooleanField(
        label="I compared each row with where it is from, and it says there what it says here.",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("is_confirmed", save="Approve this table")
