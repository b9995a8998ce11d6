"""The one button that closes the day. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import NotesRead, RefusableForm
from hat_clinic.core.decisions import Decision, Level


class CloseDay(RefusableForm):
    """The notes that were read, and the button."""

    seal = forms.CharField(widget=forms.HiddenInput)
    acknowledged = NotesRead(
        label="Tick what you have read", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, decision: Decision, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        notes = [(one.code, one.message) for one in decision if one.level is Level.WARN]
        field = self.fields["acknowledged"]
        assert isinstance(field, NotesRead)  # noqa: S101 - declared above
        field.choices = notes
        self.helper = FormHelper()
        self.helper.form_error_title = "The day was not closed"
        self.helper.show_optional = False
        shown = [Field("acknowledged", css_class="hat-keys")] if notes else []
        self.helper.layout = Layout(Field("seal"), *shown, Submit("close", "Close the day"))
