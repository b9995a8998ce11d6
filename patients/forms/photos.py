"""A photo that is handed in."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from patients.forms.fields import CarriedForm


class AddPhoto(CarriedForm):
    """One file. What it is, the action finds out from its content."""

    photo = forms.FileField(
        label="Photo",
        help_text="JPEG or PNG, at most 8 MB. The face in the middle, nobody else in it.",
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
        error_messages=dict.fromkeys(("required", "missing", "invalid"), "Choose a photo."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout("photo", Submit("save", "Keep this photo"))
