"""What a nurse writes beside the facts of a handover, and the PIN that signs it. Forms parse, and decide nothing."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm, pin_field
from dosing.rules.handovers import GENERAL_LENGTH, NOTE_LENGTH


class SignHandover(RefusableForm):
    """One line for each person that the facts name, one for all, and the PIN. Nothing has to be written."""

    seal = forms.CharField(widget=forms.HiddenInput)
    words = forms.CharField(
        label="For everybody of the next team",
        max_length=GENERAL_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": f"Write it in at most {GENERAL_LENGTH} characters."},
    )
    pin = pin_field("Your signing PIN", "It says: this is how we leave it.", "Type your signing PIN.")

    def __init__(self, *args: Any, people: list[tuple[uuid.UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = [person for person, _ in people]
        for person, name in people:
            self.fields[f"note_{person}"] = forms.CharField(
                label=name,
                max_length=NOTE_LENGTH,
                required=False,
                error_messages={"max_length": f"Write it in at most {NOTE_LENGTH} characters."},
            )
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was signed"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(
            Field("seal"),
            *(f"note_{person}" for person in self.people),
            "words",
            Field("pin", css_class="nhsuk-input--width-5"),
            Submit("sign", "Hand over: sign this"),
        )

    @property
    def notes(self) -> dict[uuid.UUID, str]:
        """What was written, by person."""
        return {person: self.cleaned_data.get(f"note_{person}", "") for person in self.people}


class AcknowledgeHandover(RefusableForm):
    """The PIN of whoever has read it."""

    seal = forms.CharField(widget=forms.HiddenInput)
    pin = pin_field("Your signing PIN", "It says: I have read this.", "Type your signing PIN.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was signed"
        self.helper.layout = Layout(
            Field("seal"),
            Field("pin", css_class="nhsuk-input--width-5"),
            Submit("read", "I have read it: sign this"),
        )
