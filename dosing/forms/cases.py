"""What is written in a discrepancy case. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from dosing.rules.cases import SHORT_LENGTH, WORDS_LENGTH, Classification, Destination
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField


def _words(label: str, hint: str, missing: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": missing,
            "max_length": f"Write it in at most {WORDS_LENGTH} characters.",
        },
    )


class _OnACase(RefusableForm):
    """What every form on a case sends along."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    title = "Nothing was saved"

    def _lay_out(self, *fields: Any) -> None:
        self.helper = FormHelper()
        self.helper.form_error_title = self.title
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(Field("key"), Field("seal"), *fields)


class NoteCase(_OnACase):
    """A note."""

    words = _words("Note", "What was done or found. Name no patient.", "Write what was done or found.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lay_out("words", Submit("save", "Add this note"))


class ClassifyCase(_OnACase):
    """What the difference turned out to be."""

    classification = forms.TypedChoiceField(
        label="What the difference turned out to be",
        coerce=Classification,
        choices=[(one.value, one.label) for one in Classification],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what the difference turned out to be.",
            "invalid_choice": "Choose from the list.",
        },
    )
    seen_with = forms.TypedChoiceField(
        label="Who looked into it with you",
        help_text="They are named, and sign nothing.",
        coerce=uuid.UUID,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "Choose from the list."},
    )
    words = _words("What was found, and how", "Name no patient.", "Write what was found, and how.")

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["seen_with"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "Nobody"), *colleagues]
        self._lay_out("classification", "seen_with", "words", Submit("save", "Classify the difference"))


class TellOfCase(_OnACase):
    """That somebody was told."""

    destination = forms.TypedChoiceField(
        label="Who was told",
        coerce=Destination,
        choices=[(one.value, one.label) for one in Destination],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who was told.", "invalid_choice": "Choose from the list."},
    )
    whom = forms.CharField(
        label="Name of the person you told",
        max_length=SHORT_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write whom you told."},
    )
    told_on = DayField(
        label="Day",
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the day as day/month/year, such as 24/11/2026.",
            "invalid": "Write the day as day/month/year, such as 24/11/2026.",
        },
    )
    told_time = forms.TimeField(
        label="Time",
        input_formats=["%H:%M"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the time as hours:minutes, such as 09:45.",
            "invalid": "Write the time as hours:minutes, such as 09:45.",
        },
    )
    reference = forms.CharField(
        label="Reference they gave",
        required=False,
        max_length=SHORT_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    words = _words("What was said", "Name no patient.", "", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lay_out(
            "destination",
            "whom",
            Field("told_on", css_class="nhsuk-input--width-10"),
            Field("told_time", css_class="nhsuk-input--width-5"),
            "reference",
            "words",
            Submit("save", "Write down that they were told"),
        )

    @property
    def told_at(self) -> datetime:
        """The moment they were told, by the clock in Europe/London."""
        return datetime.combine(self.cleaned_data["told_on"], self.cleaned_data["told_time"], tzinfo=LONDON)


class CloseCase(_OnACase):
    """Why the case is closed."""

    title = "The case was not closed"
    words = _words("Why the case is closed", "Name no patient.", "Write why the case is closed.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lay_out("words", Submit("save", "Close this case"))
