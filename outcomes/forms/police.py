"""Agreements with police forces, references and files, as staff write them down. Forms parse; the rules decide."""

from __future__ import annotations

import base64
import uuid
from datetime import date
from typing import Any, Final

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Hidden, Layout, Submit
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from outcomes.forms.fields import offer
from outcomes.rules.police import (
    LONGEST_REFERENCE,
    LONGEST_WORDS,
    AgreementSaid,
    Basis,
    Importer,
    WhyTakenBack,
)
from outcomes.rules.police_file import MOST_BYTES

CHOOSE: Final = ("", "Choose one")
# Which field a finding of the rules is about; the others are about the whole.
FIELD_OF: Final = {
    "agreement_not_police": "agency",
    "agreement_ends_first": "ends_on",
    "reference_shape": "reference",
    "reference_tells": "reference",
    "reference_taken": "reference",
    "period_backwards": "last",
    "period_overlaps": "replaces",
}


def _day(label: str, missing: str, help_text: str = "") -> DayField:
    return DayField(
        label=label,
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=help_text or "Such as 24/11/2026",
        error_messages={
            "required": missing,
            "invalid": "Write the day as day/month/year, such as 24/11/2026.",
        },
    )


def _words(label: str, missing: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": missing, "max_length": f"Use at most {LONGEST_WORDS} characters."},
    )


class PoliceForm(forms.Form):
    """What every form here does the same way."""

    save_words = "Save"
    title = "Nothing was saved"
    keeps_draft = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"data-hat-draft": ""} if self.keeps_draft else {"data-hat-busy": "Reading…"}
        self.helper.form_error_title = self.title
        self.helper.layout = Layout(*self.rows(), Submit("save", self.save_words))

    def rows(self) -> list[Any]:
        """The fields in their order."""
        return [Field(name) for name in self.fields]

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def refuse(self, decision: Decision) -> None:
        """Put every reason at its field, or over the form."""
        for finding in decision.refusals:
            field = FIELD_OF.get(finding.code)
            self.add_error(field if field in self.fields else None, finding.message)


class RecordPoliceAgreement(PoliceForm):
    """What was agreed, as it stands on the signed paper."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    agency = forms.ChoiceField(
        label="With which police force?",
        error_messages={
            "required": "Choose the police force.",
            "invalid_choice": "Choose the police force from the list.",
        },
    )
    starts_on = _day("First day", "Write the first day.")
    ends_on = _day("Last day", "Write the last day.", "On this day it is looked at again, such as 24/11/2027")
    purpose = _words("What for?", "Write what it is for.")
    basis = forms.ChoiceField(
        label="What does it rest on?",
        choices=[(basis.value, basis.label) for basis in Basis],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap what it rests on."},
    )
    basis_words = _words("The basis in words", "Write the basis in words.", "As it stands in the agreement.")
    signatories = _words(
        "Who signed?", "Write who signed.", "Names and posts, for the clinic and for the force."
    )
    importer = forms.ChoiceField(
        label="Who brings the files in?",
        choices=[(one.value, one.label) for one in Importer],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap who brings the files in."},
    )
    case_workers_see = forms.ChoiceField(
        label="Was it agreed that case workers see the offences?",
        choices=[("yes", "Yes"), ("no", "No: they count in reports only")],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap yes or no."},
    )

    save_words = "Save the agreement"

    def __init__(self, *args: Any, forces: list[tuple[str, str]], **kwargs: Any) -> None:
        """Take the police forces that are known."""
        super().__init__(*args, **kwargs)
        offer(self, "agency", [CHOOSE, *forces])

    def said(self) -> AgreementSaid:
        """Return what was written."""
        given = self.cleaned_data
        return AgreementSaid(
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            purpose=given["purpose"],
            basis=Basis(given["basis"]),
            basis_words=given["basis_words"],
            signatories=given["signatories"],
            importer=Importer(given["importer"]),
            case_workers_see=given["case_workers_see"] == "yes",
        )


class EndPoliceAgreement(PoliceForm):
    """Why it ends early."""

    why = _words("Why does it end now?", "Write why it ends.")
    save_words = "End the agreement now"


class GivePoliceReference(PoliceForm):
    """What the force calls this person."""

    reference = forms.CharField(
        label="Reference",
        max_length=LONGEST_REFERENCE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Made up by chance. Write another only if the force already uses one; it tells nothing of the person.",
        error_messages={
            "required": "Write the reference.",
            "max_length": f"A reference has at most {LONGEST_REFERENCE} letters and digits.",
        },
    )
    save_words = "Save the reference"


class TakeBackPoliceReference(PoliceForm):
    """Why it is taken back."""

    why = forms.ChoiceField(
        label="Why is it taken back?",
        choices=[(why.value, why.label) for why in WhyTakenBack],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap why it is taken back.", "invalid_choice": "Tap one of the reasons."},
    )
    save_words = "Take the reference back"
    title = "Nothing was taken back"


class ImportPoliceFile(PoliceForm):
    """One CSV file of offences and the days it tells of."""

    first = _day("First day the file tells of", "Write the first day.")
    last = _day("Last day the file tells of", "Write the last day.")
    replaces = forms.ChoiceField(
        label="Does it replace a file that was wrong?",
        required=False,
        error_messages={"invalid_choice": "Choose a file of the list."},
    )
    file = forms.FileField(
        label="The police force’s file",
        help_text="CSV in UTF-8, at most 256 kB.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file."},
    )

    save_words = "Check the file"
    title = "Nothing was brought in"
    keeps_draft = False

    def __init__(self, *args: Any, files: list[tuple[str, str]], **kwargs: Any) -> None:
        """Take the files that count."""
        super().__init__(*args, **kwargs)
        offer(self, "replaces", [("", "No"), *files])

    def clean_file(self) -> Any:
        """Refuse what is too large before a byte of it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 256 kB. Send fewer offences at a time.")
        return file

    def content(self) -> bytes:
        """Return what the file holds."""
        content: bytes = self.cleaned_data["file"].read()
        return content

    @property
    def period(self) -> tuple[date, date]:
        """The days the file tells of."""
        return self.cleaned_data["first"], self.cleaned_data["last"]

    @property
    def replaced(self) -> uuid.UUID | None:
        """The file that this one puts right."""
        return uuid.UUID(self.cleaned_data["replaces"]) if self.cleaned_data["replaces"] else None


def as_text(data: bytes) -> str:
    """Return a file as it travels in the page that asks whether to store it."""
    return base64.b64encode(data).decode()


def as_bytes(text: str) -> bytes:
    """Return the file that travelled in the page, or nothing where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
