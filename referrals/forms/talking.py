"""What clinic and agency write to each other. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from hat_clinic.core.decisions import Decision
from referrals.forms.fields import date_field
from referrals.rules.talking import MESSAGE_LENGTH, Question


class AskAgency(forms.Form):
    """One question of the clinic."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    question = forms.ChoiceField(
        label="What do you ask?",
        help_text="From a fixed list, so that nothing about health or treatment leaves the clinic.",
        choices=[(question.value, question.label) for question in Question],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a question."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was sent"
        self.helper.layout = Layout("key", "question", Submit("ask", "Ask the agency"))

    def refuse(self, decision: Decision) -> None:
        """Put each reason at the top of the page."""
        for finding in decision.refusals:
            self.add_error(None, finding.message)


class WriteToClinic(forms.Form):
    """What an agency answers, or tells the clinic of its own accord."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="What do you tell the clinic?",
        help_text="Nothing about health or medicine: the clinic asks the person.",
        max_length=MESSAGE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write something, or go back."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was sent"
        self.helper.attrs = {"data-hat-busy": "Sending…"}
        self.helper.layout = Layout("key", "text", Submit("write", "Send to the clinic"))

    def refuse(self, decision: Decision) -> None:
        """Put each reason at what was written."""
        for finding in decision.refusals:
            self.add_error("text" if finding.code in ("no_text", "too_long") else None, finding.message)


class TellRelease(forms.Form):
    """A new day on which the person is expected out of prison."""

    release_on = date_field(
        "Expected release",
        help_text="Such as 03/12/2026. The clinic sees the person on that day.",
        required=True,
        missing="Write the day of the expected release.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout("release_on", Submit("tell", "Tell the clinic"))

    def refuse(self, decision: Decision) -> None:
        """Put each reason at the day, else at the top of the page."""
        for finding in decision.refusals:
            self.add_error(None if finding.code == "closed" else "release_on", finding.message)


class PlanRelease(TellRelease):
    """The day of release with the time of the first appointment on it."""

    appointment_at = forms.TimeField(
        label="First appointment on that day at",
        help_text="Such as 14:30. Leave it empty while no time is set.",
        required=False,
        input_formats=["%H:%M", "%H.%M"],
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-5"}),
        error_messages={"invalid": "Write the time as hour and minute, such as 14:30."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("release_on", "appointment_at", Submit("plan", "Save"))
