"""Loading a code set, and asking for the file."""

from __future__ import annotations

from typing import Any

from django import forms

from hat_clinic.core.days import DayField
from outcomes.forms.fields import DAY, SealedForm, line
from outcomes.rules.ndtms import LONGEST_LINE, MOST_BYTES, CodeSetSaid


class LoadCodeSet(SealedForm):
    """What the file is, where it comes from, and the file."""

    FIELD_OF = {
        **{f"ndtms_{name}_missing": name for name in ("dataset", "version", "source")},
        **{f"ndtms_{name}_long": name for name in ("dataset", "version", "source", "verified_by")},
        "ndtms_version_known": "version",
    }

    dataset = line("Name of the dataset", longest=LONGEST_LINE)
    version = line("Its version", longest=LONGEST_LINE)
    valid_from = DayField(
        label="Valid from which day?",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="Such as 24/11/2026",
        error_messages={"required": "Write from which day it is valid.", "invalid": DAY},
    )
    source = line("Where does the file come from?", longest=LONGEST_LINE)
    verified_by = line(
        "Who checked it against the national documents?",
        longest=LONGEST_LINE,
        hint="Leave it empty where nobody did: every file then says “not verified”.",
    )
    file = forms.FileField(
        label="The file",
        help_text="CSV in UTF-8, at most 500 kB. A spreadsheet is saved as CSV first.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("dataset", "version", "valid_from", "source", "verified_by", "file", save="Load it")
        self.helper.form_error_title = "Nothing was loaded"
        self.helper.attrs = {
            "enctype": "multipart/form-data",
            "data-hat-busy": "Reading…",
            "data-hat-draft": "",
        }

    def clean_file(self) -> Any:
        """Refuse a file that is too large, before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 500 kB.")
        return file

    def said(self) -> CodeSetSaid:
        """Return what was typed."""
        typed = self.cleaned_data
        return CodeSetSaid(
            dataset=typed["dataset"],
            version=typed["version"],
            valid_from=typed["valid_from"],
            source=typed["source"],
            verified_by=typed["verified_by"],
        )

    def content(self) -> bytes:
        """Return what the file holds."""
        content: bytes = self.cleaned_data["file"].read()
        return content


class ExportNdtms(SealedForm):
    """The button that makes the file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(save="Make the file")
        self.helper.form_error_title = "No file was made"
        self.helper.attrs = {}
