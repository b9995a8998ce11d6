"""A file of referrals. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms


class ImportFile(forms.Form):
    """One CSV file."""

    file = forms.FileField(
        label="The CSV file",
        help_text="CSV in UTF-8, at most 1 MB. A spreadsheet is saved as CSV first.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was brought in"
        self.helper.attrs = {"enctype": "multipart/form-data", "data-hat-busy": "Reading…"}
        self.helper.layout = Layout(*self.fields, Submit("import", "Check and send all"))

    def content(self) -> bytes:
        """Return what the file holds."""
        content: bytes = self.cleaned_data["file"].read()
        return content


class ImportForAgency(ImportFile):
    """One CSV file, and which agency gave it."""

    agency = forms.ChoiceField(
        label="Which agency gave it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the agency that gave the file."},
    )
    field_order = ("agency", "file")

    def __init__(self, *args: Any, agencies: list[tuple[uuid.UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(str(agency_id), name) for agency_id, name in agencies]

    def agency_id(self) -> uuid.UUID:
        """Return which agency gave the file."""
        return uuid.UUID(self.cleaned_data["agency"])
