"""What a nurse taps and types about a urine sample. Forms parse; the rules decide."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms
from django.core.files.uploadedfile import UploadedFile

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from outcomes.actions.urine_chain import Taken
from outcomes.queries.urine import SampleShown
from outcomes.rules.urine import LONGEST_REASON, Assay, Found, NotTakenBecause, VoidBecause
from outcomes.rules.urine_file import MOST_BYTES, TOO_LARGE
from outcomes.rules.urine_results import ResultSaid

DAY = "Write the day as day/month/year, such as 24/11/2026."
YES_NO = [("yes", "Yes"), ("no", "No")]
# Which field a reason of the rule belongs to; the others stand at the top.
FIELD_OF = {
    "urine_taken_when": "taken_on",
    "urine_reference": "reference",
    "urine_reference_used": "reference",
    "urine_reason": "words",
    "urine_long_reason": "words",
    "urine_result_known": "assay",
    "urine_reported_when": "reported_on",
}


def _keys(label: str, choices: list[tuple[str, str]], required: str, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": required},
        **more,
    )


def _pin(help_text: str) -> forms.CharField:
    return forms.CharField(
        label="Your signing PIN",
        help_text=help_text,
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Type your signing PIN."},
    )


def _line(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=LONGEST_REASON,
        error_messages={"max_length": f"Write it in at most {LONGEST_REASON} characters."},
    )


class UrineForm(forms.Form):
    """A form of one sample: its seal, and every reason of the rule at the field it is about."""

    error_title = "Nothing was saved"
    save_words = "Save"

    seal = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = self.error_title
        self.helper.attrs = {"data-hat-draft": ""}
        rows = [
            Field(name, css_class="nhsuk-input--width-5")
            if name == "pin"
            else Field(name, css_class="hat-keys")
            if isinstance(field.widget, forms.RadioSelect)
            else Field(name)
            for name, field in self.fields.items()
        ]
        self.helper.layout = Layout(*rows, Submit("save", self.save_words))

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the field it is about, in the words of the rule."""
        for finding in decision.refusals:
            field = FIELD_OF.get(finding.code)
            self.add_error(field if field in self.fields else None, finding.message)


class TakeUrine(UrineForm):
    """A sample that was taken: its label, and how it was given."""

    save_words = "Sign: the sample was taken"

    reference = forms.CharField(
        label="Number of the label",
        help_text="As printed on the bottle: letters, digits, - and /",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "Write the number of the label."},
    )
    taken_on = _keys("When was it taken?", [], "Tap when it was taken.")
    was_seen = _keys("Did you see it given?", YES_NO, "Tap whether you saw it given.")
    is_sealed = _keys("Is it sealed, with the label on?", YES_NO, "Tap whether it is sealed.")
    pin = _pin("It says: this is their sample, as I write.")

    def __init__(self, *args: Any, sample: SampleShown, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [day for day in sample.days if day <= today]
        field = self.fields["taken_on"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(day.isoformat(), _day_words(day, today)) for day in reversed(days)]
        if len(days) == 1:
            self.initial.setdefault("taken_on", days[0].isoformat())

    def clean_reference(self) -> str:
        """Small letters are the same label as capitals."""
        reference: str = self.cleaned_data["reference"]
        return reference.strip().upper()

    def taken(self) -> Taken:
        """Return what was said of the sample."""
        data = self.cleaned_data
        return Taken(
            taken_on=date.fromisoformat(data["taken_on"]),
            was_seen=data["was_seen"] == "yes",
            is_sealed=data["is_sealed"] == "yes",
            reference=data["reference"],
        )


class NoteUrineNotTaken(UrineForm):
    """A sample that was due and was not taken."""

    save_words = "Sign: it was not taken"

    because = _keys(
        "Why was it not taken?",
        [(why.value, why.label) for why in NotTakenBecause],
        "Tap why it was not taken.",
    )
    words = _line("In a few words", "Needed for another reason only")
    pin = _pin("It says: this is why there is no sample.")


class VoidUrine(UrineForm):
    """A sample that was taken and counts for nothing."""

    save_words = "Sign: it is void"

    because = _keys(
        "Why does it count for nothing?",
        [(why.value, why.label) for why in VoidBecause],
        "Tap why it is void.",
    )
    words = _line("In a few words", "Needed for another reason only")
    pin = _pin("It says: this sample counts for nothing.")

    def __init__(self, *args: Any, has_result: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_result:
            self.fields["words"].help_text = "Needed, since there is a result"


class _Samples(forms.MultipleChoiceField):
    """Samples by id: a page sent twice is read the second time too, when none of them waits any more."""

    def valid_value(self, value: Any) -> bool:
        """Let any identifier pass; the action knows which are samples."""
        try:
            uuid.UUID(str(value))
        except ValueError:
            return False
        return True


class SendUrine(UrineForm):
    """The samples that go to the laboratory together."""

    save_words = "Sign: these were sent"

    samples = _Samples(
        label="Which samples go?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick the samples that go."},
    )
    pin = _pin("It says: I gave these to whoever takes them there.")

    def __init__(self, *args: Any, samples: Sequence[SampleShown], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["samples"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [
            (str(one.draw_id), f"{one.reference}, {one.name}, taken {one.taken_on:%-d %B}") for one in samples
        ]

    def draw_ids(self) -> list[uuid.UUID]:
        """Return which samples go."""
        return [uuid.UUID(one) for one in self.cleaned_data["samples"]]


class EnterUrineResult(UrineForm):
    """What the laboratory found in one test of one sample."""

    save_words = "Save the result"

    assay = _keys(
        "Which test?",
        [(assay.value, f"{assay.label} (not counted)" if assay.caution else assay.label) for assay in Assay],
        "Tap which test it was.",
    )
    found = _keys("What was found?", [(found.value, found.label) for found in Found], "Tap what was found.")
    reported_on = DayField(
        label="Day of the report",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="Such as 24/11/2026",
        error_messages={"required": DAY, "invalid": DAY},
    )

    def said(self) -> ResultSaid:
        """Return what the laboratory reported."""
        data = self.cleaned_data
        return ResultSaid(
            assay=Assay(data["assay"]), found=Found(data["found"]), reported_on=data["reported_on"]
        )


class AmendUrineResult(EnterUrineResult):
    """A result written again, with the reason; what was written before stays beside it."""

    save_words = "Save the correction"

    words = forms.CharField(
        label="Why is it written again?",
        max_length=LONGEST_REASON,
        error_messages={
            "required": "Write why the result is written again.",
            "max_length": f"Write it in at most {LONGEST_REASON} characters.",
        },
    )

    def __init__(self, *args: Any, assay: Assay, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The test of a result never changes: a result of another test is another result.
        self.of_assay = assay
        del self.fields["assay"]
        self.helper.layout = Layout(
            Field("seal"),
            Field("found", css_class="hat-keys"),
            "reported_on",
            "words",
            Submit("save", self.save_words),
        )

    def said(self) -> ResultSaid:
        """Return what the laboratory reported, of the same test."""
        data = self.cleaned_data
        return ResultSaid(assay=self.of_assay, found=Found(data["found"]), reported_on=data["reported_on"])


def _day_words(day: date, today: date) -> str:
    return f"Today, {day:%A %-d %B}" if day == today else f"{day:%A %-d %B}"


class ImportUrineResults(forms.Form):
    """One CSV file of results."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)
    file = forms.FileField(
        label="The laboratory’s file",
        help_text="CSV in UTF-8, at most 1 MB. A spreadsheet is saved as CSV first.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was brought in"
        self.helper.attrs = {"enctype": "multipart/form-data", "data-hat-busy": "Reading…"}
        self.helper.layout = Layout("seal", "file", Submit("import", "Check and bring in all"))

    def clean_file(self) -> UploadedFile:
        """Refuse a file by its size, before any of it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(f"Nothing was read: {TOO_LARGE}")
        return file

    def content(self) -> bytes:
        """Return what the file holds."""
        content: bytes = self.cleaned_data["file"].read()
        return content
