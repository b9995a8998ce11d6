"""What somebody agreed to, or took back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row, Submit
from django import forms

from hat_clinic.core.clock import LONDON
from patients.forms.fields import CarriedForm, choice, day
from patients.rules.consents import How, Purpose, WithdrawalReason

# Where on the page each reason of the rule is about.
REASON_FIELDS = {
    "agency_missing": "agency",
    "witness_missing": "witness",
    "witness_not_asked": "witness",
    "witness_is_recorder": "witness",
    "given_in_future": "given_on",
    "given_before_withdrawal": "given_on",
}
WRONG_CHOICE = {"invalid_choice": "Choose one of the list."}


class RecordConsent(CarriedForm):
    """One yes to one purpose, in the wording shown above the form."""

    agency = forms.ChoiceField(
        label="Which agency",
        error_messages={
            "required": "Choose the agency. Each agency is asked about by itself.",
            **WRONG_CHOICE,
        },
    )
    how = choice(
        "How they said yes",
        [
            (How.IN_WRITING.value, "In writing: they signed the paper"),
            (How.SPOKEN.value, "Spoken, with a witness"),
        ],
        required="Choose how they said yes.",
    )
    witness = forms.ChoiceField(
        label="Who heard it with you",
        help_text="Only for a spoken yes.",
        required=False,
        error_messages=WRONG_CHOICE,
    )
    given_on = day("Day they said yes", required="Write the day they said yes.")
    given_time = forms.TimeField(
        label="Time",
        help_text="Such as 14:30.",
        input_formats=["%H:%M", "%H.%M"],
        widget=forms.TimeInput(
            format="%H:%M", attrs={"autocomplete": "off", "class": "nhsuk-input--width-5"}
        ),
        error_messages={
            "required": "Write the time they said yes.",
            "invalid": "Write the time with hours and minutes, such as 14:30.",
        },
    )

    def __init__(
        self,
        *args: Any,
        purpose: Purpose,
        agencies: list[tuple[str, str]],
        witnesses: list[tuple[str, str]],
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        wall = at.astimezone(LONDON)
        self.fields["given_on"].initial = wall.date()
        self.fields["given_time"].initial = wall.time()
        self._offer("agency", agencies, "Choose the agency")
        self._offer("witness", witnesses, "Nobody: it is in writing")
        if not purpose.needs_agency:
            del self.fields["agency"]
        self.helper = FormHelper()
        self.helper.show_optional = False  # the labels say what need not be answered
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            *(["agency"] if purpose.needs_agency else []),
            "how",
            "witness",
            Row(Column("given_on"), Column("given_time")),
            Submit("save", f"Record: yes to {purpose.label}"),
        )

    def _offer(self, name: str, choices: list[tuple[str, str]], empty: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", empty), *choices]

    @property
    def given_at(self) -> datetime:
        """Return when it was said, from the day and time on the clinic's wall."""
        data = self.cleaned_data
        return datetime.combine(data["given_on"], data["given_time"], tzinfo=LONDON)


class WithdrawConsent(CarriedForm):
    """One consent taken back; why is asked and need not be said."""

    reason = choice(
        "Why, if they want to say",
        [
            ("", "They did not say"),
            *((one.value, one.label.capitalize()) for one in WithdrawalReason if one.is_said),
        ],
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.show_optional = False  # the labels say what need not be answered
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            "reason",
            Submit("withdraw", f"Take back: {label}", css_class="hat-button--stop"),
        )
