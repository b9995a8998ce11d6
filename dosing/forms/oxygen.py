"""What a doctor writes when somebody has a target for oxygen of their own."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from dosing.rules.oxygen import OxygenScale, PersonalTarget
from hat_clinic.core.days import DayField
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between


class SetOxygenTarget(RefusableForm):
    """The lower limit in percent, the scale, what it rests on, and the day of review. Nothing is filled in."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    percent = WholeNumberField(
        "Hold under",
        parse=whole_between(1, 100),
        how="Write whole percent with the digits 0 to 9 only.",
        missing="Write the percent under which a dose is held.",
    )
    scale = forms.ChoiceField(
        label="Scale",
        choices=[(str(scale.value), f"{scale.label}: {scale.least} % or more") for scale in OxygenScale],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the scale.", "invalid_choice": "Choose the scale."},
    )
    evidence = forms.CharField(
        label="What it rests on",
        help_text="Such as a letter of the chest clinic and its date. It stands with the target.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write what the target rests on."},
    )
    review_on = DayField(
        label="To be reviewed by",
        help_text="Day, month and year, such as 31/12/2027. After that day the clinic's limit is back.",
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the day of the review.",
            "invalid": "Write the day as day/month/year, such as 31/12/2027.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was set"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Field("percent", suffix="%", css_class="nhsuk-input--width-3"),
            "scale",
            "evidence",
            Field("review_on", css_class="nhsuk-input--width-10"),
            Submit("save", "Sign this target"),
        )

    def target(self) -> PersonalTarget:
        """Return what was written as the rule reads it."""
        data = self.cleaned_data
        return PersonalTarget(
            percent=data["percent"], scale=OxygenScale(int(data["scale"])), review_on=data["review_on"]
        )
