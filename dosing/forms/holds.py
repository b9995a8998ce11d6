"""What is written when doses are held by hand, and when a hold is lifted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from dosing.rules.holds import HoldReason, HoldSeverity
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField

WRITE_A_DAY = "Write the day as day/month/year, such as 31/12/2026."
WRITE_A_TIME = "Write the time with four digits, such as 14:30."


def _day(label: str, hint: str) -> DayField:
    return DayField(
        label=label,
        help_text=hint,
        required=False,
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": WRITE_A_DAY},
    )


class PlaceHold(RefusableForm):
    """How severe a hold is, what for, and what the next colleague has to know. Nothing is chosen beforehand."""

    seal = forms.CharField(widget=forms.HiddenInput)
    severity = forms.ChoiceField(
        label="What is to stop",
        widget=forms.RadioSelect,
        choices=[
            (
                HoldSeverity.HOLD.value,
                "Hold: no dose until a doctor licensed here lifts it, after a new check",
            ),
            (
                HoldSeverity.SUSPENSION.value,
                "Suspend treatment: the same, and a new order has to be signed first",
            ),
        ],
        error_messages={"required": "Choose a hold or a suspension."},
    )
    reason = forms.ChoiceField(
        label="For what",
        widget=forms.RadioSelect,
        choices=[(reason.value, reason.label[:1].upper() + reason.label[1:]) for reason in HoldReason],
        error_messages={"required": "Choose what it is for."},
    )
    happened_on = _day(
        "If an overdose away from the clinic: day",
        "As it was told. Doses of the 24 hours before count no more.",
    )
    happened_time = forms.TimeField(
        label="If an overdose away from the clinic: time",
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": WRITE_A_TIME},
    )
    words = forms.CharField(
        label="What was seen or told",
        help_text="The next colleague and the doctor read this.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what was seen or told."},
    )
    review_on = _day(
        "Look again on (if a day is agreed)", "It stands on the worklist. A hold never ends by itself."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing is held"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(
            Field("seal"),
            Field("severity"),
            Field("reason"),
            Field("happened_on", css_class="nhsuk-input--width-10"),
            Field("happened_time", css_class="nhsuk-input--width-5"),
            Field("words"),
            Field("review_on", css_class="nhsuk-input--width-10"),
            Submit("save", "Hold doses"),
        )

    def clean(self) -> dict[str, Any]:
        """Ask for day and time of an overdose, and take them for nothing else."""
        data = super().clean() or {}
        if data.get("reason") != HoldReason.OVERDOSE_AWAY:
            return data
        for name, missing in (("happened_on", WRITE_A_DAY), ("happened_time", WRITE_A_TIME)):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, missing)
        return data

    @property
    def happened_at(self) -> datetime | None:
        """The moment of an overdose away from the clinic, by the clock in London."""
        data = self.cleaned_data
        if data["reason"] != HoldReason.OVERDOSE_AWAY:
            return None
        return datetime.combine(data["happened_on"], data["happened_time"], tzinfo=LONDON)


class LiftHold(RefusableForm):
    """Why a doctor lifts a hold."""

    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why can this hold be lifted?",
        help_text="What you looked at, and what you decided. It stands in the record with your name.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why the hold can be lifted."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "The hold stands"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(Field("seal"), Field("reason"), Submit("save", "Lift the hold"))
