"""The files of the programme that a manager brings in; their size is looked at before they are read."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Hidden, Layout, Submit
from django import forms

from outcomes.rules.costs_file import MOST_BYTES, TOO_LARGE
from outcomes.rules.programme_files import AREA, DISRUPTIONS, NEED, NO_FILE, PHASES

FIELDS = {"phases": PHASES, "disruptions": DISRUPTIONS, "area": AREA, "need": NEED}


def _file(label: str, name: str) -> forms.FileField:
    return forms.FileField(
        label=label, help_text=f"{name}, at most 1 MB", required=False, allow_empty_file=True
    )


class ImportProgrammeFiles(forms.Form):
    """Up to four CSV files, one of each kind."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)
    phases = _file("Phases", PHASES)
    disruptions = _file("Disruptions", DISRUPTIONS)
    area = _file("Counts of the area", AREA)
    need = _file("Estimates of need", NEED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was brought in"
        self.helper.show_optional = False
        self.helper.attrs = {"enctype": "multipart/form-data", "data-hat-busy": "Reading…"}
        self.helper.layout = Layout(*FIELDS, Submit("import", "Check and bring in all"))

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def clean(self) -> dict[str, Any]:
        """Refuse a file that is too large before a byte of it is read, and a form without a file."""
        data = super().clean() or {}
        sent = {name: data[name] for name in FIELDS if data.get(name) is not None}
        if not sent:
            raise forms.ValidationError(NO_FILE)
        for name, file in sent.items():
            if file.size > MOST_BYTES:
                self.add_error(name, TOO_LARGE[0].upper() + TOO_LARGE[1:])
        return data

    def content(self) -> dict[str, bytes]:
        """Return what the files hold, by the names of the formats."""
        chosen = ((name, self.cleaned_data[field]) for field, name in FIELDS.items())
        return {name: file.read() for name, file in chosen if file is not None}
