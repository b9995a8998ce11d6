"""What is sent when an order that another doctor wrote is signed, sent back or withdrawn."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import NotesRead, RefusableForm


class AuthoriseOrder(RefusableForm):
    """The notes that were read. Nothing of the order itself is sent: what was written is signed as it stands."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    acknowledged = NotesRead(label="Notes", required=False, widget=forms.MultipleHiddenInput)


class EndRequest(RefusableForm):
    """Why a request ends without an order. Nothing is filled in."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why, in a sentence."},
    )

    def __init__(self, *args: Any, help_text: str, button: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = help_text
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout(Field("reason"), Submit("save", button))
