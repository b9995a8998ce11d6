"""Who inspects, and on which days. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from hat_clinic.accounts.rules import INSPECTOR_LIMIT
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision

# Where each reason of the rule is shown; every other one stands at the top.
FIELD_OF = {
    "role_begins_after_it_ends": "last_day",
    "role_ends_before_it_starts": "last_day",
    "inspection_has_no_end": "last_day",
    "invitation_waits": "email",
    "is_program": "email",
}


def _day(label: str, hint: str, example: str) -> DayField:
    wrong = f"Write the {label.lower()} as day/month/year, such as {example}."
    return DayField(
        label=label,
        help_text=hint,
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": wrong, "invalid": wrong},
    )


class InviteInspector(forms.Form):
    """Name, address, and the first and the last day of the visit."""

    full_name = forms.CharField(
        label="Full name and organisation",
        help_text="Such as Owen Pryce, police controlled-drug liaison officer. It stands beside everything they open.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the inspector's full name.",
            "max_length": "Write at most 120 characters.",
        },
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="They sign in with it. Their own address, not a shared one.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the inspector's e-mail address.",
            "invalid": "Write the whole e-mail address, like name@police.example.",
            "max_length": "Write at most 254 characters.",
        },
    )
    first_day = _day("First day", "They can sign in from the beginning of this day.", "23/11/2026")
    last_day = _day(
        "Last day",
        f"They are cut off at the end of this day. At most {INSPECTOR_LIMIT.days} days after the beginning.",
        "24/11/2026",
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.helper = FormHelper()
        self.helper.form_error_title = "Nobody was invited"
        self.helper.layout = Layout(
            "full_name",
            "email",
            Field("first_day", css_class="nhsuk-input--width-10"),
            Field("last_day", css_class="nhsuk-input--width-10"),
            Submit("invite", "Make the invitation"),
        )

    def clean_first_day(self) -> date:
        """Refuse a day that is over."""
        day: date = self.cleaned_data["first_day"]
        if day < self.today:
            raise forms.ValidationError("Choose a first day that is not over.")
        return day

    @property
    def starts_at(self) -> datetime:
        """The beginning of the first day, Europe/London."""
        return datetime.combine(self.cleaned_data["first_day"], time(), tzinfo=LONDON)

    @property
    def ends_at(self) -> datetime:
        """The end of the last day, Europe/London."""
        return datetime.combine(self.cleaned_data["last_day"] + timedelta(days=1), time(), tzinfo=LONDON)

    def refuse(self, decision: Decision) -> None:
        """Put every reason of the rule where it belongs, in the words of the rule."""
        for finding in decision.refusals:
            self.add_error(FIELD_OF.get(finding.code), finding.message)
