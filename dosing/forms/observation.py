"""Readings after the injection, and leaving."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from dosing.forms.keys import ReadingsForm
from dosing.rules.observation import TAKEN_TO_HOSPITAL, NaloxoneHeld
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between


class RecordReading(ReadingsForm, RefusableForm):
    """One set of readings, for a due minute or beside them."""

    seal = forms.CharField(widget=forms.HiddenInput)
    minute = WholeNumberField(
        parse=whole_between(1, 600),
        how="The page could not tell which reading is due. Open it again.",
        required=False,
        widget=forms.HiddenInput(),
    )


class ReleasePerson(RefusableForm):
    """The three sentences that let somebody go, as the button says them, and why a reading is missing."""

    seal = forms.CharField(widget=forms.HiddenInput)
    leaves = forms.ChoiceField(
        choices=[
            *((answer.value, answer.label) for answer in NaloxoneHeld),
            ("not_steady", "not steady"),
            ("no_advice", "advice not given"),
        ],
        error_messages={
            "required": "Press the button that says how they leave.",
            "invalid_choice": "Press the button that says how they leave.",
        },
    )
    missing_reason = forms.CharField(
        label="Why is a reading missing?",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    @property
    def naloxone(self) -> NaloxoneHeld | None:
        """Whether they leave with naloxone, None where the button said something else."""
        leaves = self.cleaned_data["leaves"]
        return NaloxoneHeld(leaves) if leaves in set(NaloxoneHeld) else None


EARLY_REASONS = (
    ("against advice", "Against advice, on foot"),
    (TAKEN_TO_HOSPITAL, "Taken to hospital by ambulance"),
    ("removed by the police", "Taken away by the police"),
    ("left unseen", "Left without anybody seeing it"),
)


class RecordEarlyLeaving(RefusableForm):
    """Why somebody left before the observation was over."""

    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label="How did they leave?",
        choices=EARLY_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they left."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            Field("seal"), Field("reason"), Submit("save", "Record that they left early")
        )
