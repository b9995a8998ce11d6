"""What the manager writes about the clinic's staff. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from hat_clinic.accounts.queries import AGENCY_KINDS, AgencyChoice
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision

# Where each reason of the rule is shown; every other one stands at the top.
FIELD_OF = {
    "role_is_held": "role",
    "no_role": "roles",
    "referrer_without_agency": "agency",
    "agency_without_referrer": "agency",
    "role_ends_before_it_starts": "last_day",
    "inspection_has_no_end": "last_day",
    "invitation_waits": "email",
    "is_program": "email",
}


def _agency_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Agency",
        required=False,
        help_text="Only for an agency referrer: where they work.",
        error_messages={"invalid_choice": "Choose an agency from the list."},
    )


def _last_day_field() -> DayField:
    return DayField(
        label="Last day",
        required=False,
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write the last day as day/month/year, such as 23/11/2026."},
    )


class _WithAgencyAndLastDay(forms.Form):
    """What a role may need besides: an agency, and a last day."""

    def __init__(
        self, *args: Any, agencies: list[AgencyChoice], latest_for_inspector: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared in every subclass
        field.choices = [("", "None"), *((str(agency.id), agency.name) for agency in agencies)]
        self.fields["last_day"].help_text = (
            "Day/month/year. Leave it empty for a role without an end. "
            f"An inspector needs one: {latest_for_inspector:%d/%m/%Y} at the latest."
        )

    def clean_last_day(self) -> date | None:
        """Refuse a year that no calendar of ours reaches."""
        day: date | None = self.cleaned_data["last_day"]
        if day is not None and not 2000 <= day.year <= 2999:
            raise forms.ValidationError("Write a year from 2000 to 2999.")
        return day

    @property
    def agency_id(self) -> uuid.UUID | None:
        """The agency that was chosen."""
        chosen: str = self.cleaned_data["agency"]
        return uuid.UUID(chosen) if chosen else None

    @property
    def ends_at(self) -> datetime | None:
        """The end of the last day, Europe/London, or None."""
        day: date | None = self.cleaned_data["last_day"]
        return None if day is None else datetime.combine(day + timedelta(days=1), time(), tzinfo=LONDON)

    def refuse(self, decision: Decision) -> None:
        """Put every reason of the rule where it belongs, in the words of the rule."""
        for finding in decision.refusals:
            field = FIELD_OF.get(finding.code)
            if field == "role" and "role" not in self.fields:
                field = "roles"
            self.add_error(field if field in self.fields else None, finding.message)


class InvitePerson(_WithAgencyAndLastDay):
    """Who is asked to come, and as what."""

    full_name = forms.CharField(
        label="Full name",
        help_text="As it is to stand beside what they sign.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the person's full name.",
            "max_length": "Write at most 120 characters.",
        },
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="They sign in with it. Their own address, not a shared one.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the person's e-mail address.",
            "invalid": "Write the whole e-mail address, like name@clinic.example.",
            "max_length": "Write at most 254 characters.",
        },
    )
    roles = forms.TypedMultipleChoiceField(
        label="Roles in this clinic",
        coerce=Role,
        choices=[(role.value, role.label.capitalize()) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one role.",
            "invalid_choice": "Choose roles from the list.",
        },
    )
    agency = _agency_field()
    last_day = _last_day_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nobody was invited"
        self.helper.layout = Layout(
            "full_name",
            "email",
            Field("roles", css_class="hat-keys"),
            "agency",
            Field("last_day", css_class="nhsuk-input--width-10"),
            Submit("invite", "Make the invitation"),
        )


class GrantRole(_WithAgencyAndLastDay):
    """One more role of somebody who has an account."""

    role = forms.TypedChoiceField(
        label="Role",
        coerce=Role,
        choices=[("", "Choose a role"), *((role.value, role.label.capitalize()) for role in Role)],
        error_messages={"required": "Choose the role.", "invalid_choice": "Choose a role from the list."},
    )
    agency = _agency_field()
    last_day = _last_day_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "No role was given"
        self.helper.layout = Layout(
            "role",
            "agency",
            Field("last_day", css_class="nhsuk-input--width-10"),
            Submit("grant", "Give this role"),
        )


class EndRole(forms.Form):
    """Which role ends: a button beside it says so."""

    role = forms.TypedChoiceField(coerce=Role, choices=[(role.value, role.label) for role in Role])


class AddAgency(forms.Form):
    """An agency that refers people or works with them."""

    name = forms.CharField(
        label="Name of the agency",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the agency's name.",
            "max_length": "Write at most 200 characters.",
        },
    )
    kind = forms.ChoiceField(
        label="What kind of agency?",
        choices=AGENCY_KINDS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what kind of agency it is.",
            "invalid_choice": "Choose a kind from the list.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "No agency was added"
        self.helper.layout = Layout("name", "kind", Submit("add", "Add this agency"))
