"""What a doctor writes when an order is signed, and who ends one. Forms parse; they decide and write nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Layout, Row, Submit
from django import forms

from dosing.forms.fields import NotesRead
from dosing.forms.order_doses import LATER, ONCE, DosesOfAnOrder, StartsNowOrLater, a_number
from dosing.queries.missed import SLOT_ORDER
from dosing.queries.order_pages import SigningPage, minutes_in_words
from dosing.rules.moments import end_of_day
from dosing.rules.orders import (
    REASONS_TO_END,
    EndReason,
    OrderDraft,
    OrderTerms,
    Route,
    Site,
)
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision, Finding
from hat_clinic.core.templatetags.nhsuk_fields import error_target

# Where a reason is put right.
FIELD_OF = {
    "first_day": "step_1_mg",
    "first_dose": "dose_mg",
    "first_repeat": "repeat_mg",
    "gap_plan": "gap_cap_percent",
    "half_of_yesterday": "dose_mg",
    "hold_criteria": "hold",
    "no_plan": "step_1_mg",
    "not_tolerated": "dose_mg",
    "oral_plan": "oral",
    "plan_days": "step_2_day",
    "range": "least_mg",
    "range_over_day": "daily_max_mg",
    "restart": "kind",
    "slots": "kind",
    "step": "dose_mg",
    "basis": "basis",
    "daily_maximum": "daily_max_mg",
    "dose_is_none": "dose_mg",
    "ends_before_it_starts": "ends_on",
    "high_dose_reason": "high_dose_reason",
    "injections": "injections_per_session",
    "repeat_needs_two": "injections_per_session",
    "interval": "interval_minutes",
    "observation": "observation_minutes",
    "outlives_every_licence": "ends_on",
    "outlives_licence": "ends_on",
    "own_daily_maximum": "daily_max_mg",
    "routes": "routes",
    "sessions": "sessions_per_day",
    "sessions_limit": "sessions_per_day",
    "single_dose": "dose_mg",
    "sites": "sites",
    "starts_in_the_past": "starts_on",
    "too_long": "ends_on",
}


class SignOrder(StartsNowOrLater, DosesOfAnOrder):
    """One order: doses, sessions, minutes, where, from when until when, and why.

    No number is filled in. The last day is, as orders usually run, and may be changed. Source: clinical rule 6.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    sessions_per_day = forms.ChoiceField(
        label="Sessions a day",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how many sessions a day.",
            "invalid_choice": "Choose how many sessions a day.",
        },
    )
    injections_per_session = forms.ChoiceField(
        label="Injections a session",
        choices=[("1", "One"), ("2", "Up to two"), ("3", "Up to three")],
        widget=forms.RadioSelect,
        help_text="All of them together stay within the dose of the session. A repeat on the first day needs two.",
        error_messages={
            "required": "Choose how many injections a session may have.",
            "invalid_choice": "Choose how many injections a session may have.",
        },
    )
    daily_max_mg = a_number(
        "Most in one day",
        "Write the most milligrams of one day.",
        how="Write whole milligrams with the digits 0 to 9 only, such as 360.",
    )
    interval_minutes = a_number(
        "Time between sessions, at least",
        "Write the minutes between sessions.",
        how="Write whole minutes with the digits 0 to 9 only, such as 180.",
    )
    observation_minutes = a_number(
        "Watch after injecting, at least",
        "Write the minutes of watching.",
        how="Write whole minutes with the digits 0 to 9 only, such as 20.",
    )
    routes = forms.MultipleChoiceField(
        label="Routes allowed",
        choices=[(route.value, route.label.capitalize()) for route in Route],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one route.",
            "invalid_choice": "Choose the routes from the list.",
        },
    )
    sites = forms.MultipleChoiceField(
        label="Sites allowed",
        choices=[(site.value, site.label.capitalize()) for site in Site],
        widget=forms.CheckboxSelectMultiple,
        help_text="Right is the person’s right.",
        error_messages={
            "required": "Choose at least one site.",
            "invalid_choice": "Choose the sites from the list.",
        },
    )
    starts = forms.ChoiceField(
        label="Starts",
        choices=[(ONCE, "The moment I sign"), (LATER, "Later")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose when the order starts.",
            "invalid_choice": "Choose when the order starts.",
        },
    )
    starts_on = DayField(
        label="If later: day",
        required=False,
        input_formats=["%d/%m/%Y"],
        help_text="Day/month/year",
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write the first day as day/month/year, such as 25/11/2026."},
    )
    starts_time = forms.TimeField(
        label="If later: time",
        required=False,
        input_formats=["%H:%M"],
        help_text="24 hours, such as 08:00",
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write the time as hours and minutes, such as 08:00."},
    )
    ends_on = DayField(
        label="Until and including",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the last day of the order.",
            "invalid": "Write the last day as day/month/year, such as 08/12/2026.",
        },
    )
    premises = forms.ChoiceField(
        label="Premises",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the premises.",
            "invalid_choice": "Choose the premises from the list.",
        },
    )
    basis = forms.CharField(
        label="What the dose rests on",
        help_text="In your own words, such as what was tolerated and what was seen.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what the dose rests on."},
    )
    high_dose_reason = forms.CharField(
        label="Reason for a high dose",
        required=False,
        max_length=2000,
        help_text="Only where one dose is over the limit that asks for one. It stays with the order.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    acknowledged = NotesRead(label="Notes", required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, page: SigningPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        places = [(str(place.id), place.name) for place in page.premises]
        for name, choices in (
            ("sessions_per_day", [(str(n), str(n)) for n in range(1, page.sessions_per_day + 1)]),
            ("premises", places),
            *((("starts", [(ONCE, "The moment it is signed"), (LATER, "Later")]),) if page.asks else ()),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = choices
        if len(places) == 1:
            self.fields["premises"].initial = places[0][0]
            self.fields["premises"].widget = forms.HiddenInput()
        self._print_limits(page)
        self.fields["ends_on"].initial = page.usual_last_day
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.form_error_title = f"You cannot {'ask' if page.asks else 'sign'} yet"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "premises",
            Field("sessions_per_day", css_class="hat-keys"),
            *self.laid_out([slot.value for slot in SLOT_ORDER][: page.sessions_per_day]),
            Field("injections_per_session", css_class="hat-keys"),
            Field("daily_max_mg", suffix="mg", css_class="nhsuk-input--width-5"),
            Row(
                Column(Field("interval_minutes", suffix="minutes", css_class="nhsuk-input--width-5")),
                Column(Field("observation_minutes", suffix="minutes", css_class="nhsuk-input--width-5")),
            ),
            Field("routes", css_class="hat-keys"),
            Field("sites", css_class="hat-keys"),
            *self.rest_laid_out(),
            Field("starts", css_class="hat-keys"),
            Row(
                Column(Field("starts_on", css_class="nhsuk-input--width-10")),
                Column(Field("starts_time", css_class="nhsuk-input--width-5")),
            ),
            Field("ends_on", css_class="nhsuk-input--width-10"),
            "basis",
            "high_dose_reason",
        )

    def _print_limits(self, page: SigningPage) -> None:
        """Print what is now and what the limits are beside the fields. No button puts them in."""
        now = f"Now {page.now_mg} mg. " if page.now_mg else ""
        hints = {
            "dose_mg": f"{now}Limit {page.single_block_mg} mg." if page.single_block_mg else now,
            "daily_max_mg": f"Limit {page.daily_block_mg} mg." if page.daily_block_mg else "",
            "interval_minutes": (
                f"Not under {page.interval_minutes} minutes ({minutes_in_words(page.interval_minutes)})."
                if page.interval_minutes
                else ""
            ),
            "high_dose_reason": (
                f"Only where one dose is over {page.single_stop_mg} mg. It stays with the order."
                if page.single_stop_mg
                else ""
            ),
            "observation_minutes": f"Not under {page.observation_minutes} minutes.",
            "ends_on": (
                f"Day/month/year. Filled in as an order usually runs, {page.usual_days} days from today. "
                "You may change it"
                + (f"; {page.order_days_max} days at most." if page.order_days_max else ".")
                + (
                    f" {'The last licence here' if page.asks else 'Your licence'}: until {page.licence_until}."
                    if page.licence_until
                    else ""
                )
            ),
        }
        for name, hint in hints.items():
            self.fields[name].help_text = hint

    def draft(self, at: datetime) -> OrderDraft:
        """Return the numbers of the order; one that starts at once is read as if it were signed now."""
        data = self.cleaned_data
        return OrderDraft(
            sessions_per_day=int(data["sessions_per_day"]),
            injections_per_session=int(data["injections_per_session"]),
            daily_max_mg=data["daily_max_mg"],
            interval_minutes=data["interval_minutes"],
            starts_at=at if self.starts_at_once else _moment(data["starts_on"], data["starts_time"]),
            ends_at=end_of_day(data["ends_on"]).astimezone(UTC),
            **self.doses(),
        )

    def terms(self) -> OrderTerms:
        """Return what the order states besides its numbers."""
        data = self.cleaned_data
        return OrderTerms(
            routes=tuple(data["routes"]),
            sites=tuple(data["sites"]),
            observation_minutes=data["observation_minutes"],
            basis=data["basis"],
            high_dose_reason=data["high_dose_reason"],
            **self.rest(),
        )

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, in the words of the rule."""
        for finding in decision.refusals:
            self.add_error(None, finding.message)

    def linked(self, decision: Decision) -> list[tuple[Finding, str, str]]:
        """Return the findings, those against first, each with the field to go to and its label; empty if none."""
        found = []
        for finding in sorted(decision, key=lambda finding: -finding.level):
            name = FIELD_OF.get(finding.code, "")
            if name:
                field = self[name]
                found.append((finding, error_target(field), str(field.label).lower()))
            else:
                found.append((finding, "", ""))
        return found


class EndOrder(forms.Form):
    """Why an order ends now: a reason of the list, and a sentence."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label="Why does it end?",
        choices=[(reason.value, f"{reason.label[0].upper()}{reason.label[1:]}") for reason in REASONS_TO_END],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose why the order ends.",
            "invalid_choice": "Choose why the order ends.",
        },
    )
    words = forms.CharField(
        label="In a sentence",
        help_text="What was seen or said. It stands beside the order and on the worklist.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write a sentence that says why."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "reason",
            "words",
            Submit("save", "End dosing now", css_class="hat-button--stop"),
        )

    @property
    def chosen(self) -> EndReason:
        """The reason that was chosen."""
        return EndReason(self.cleaned_data["reason"])

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, in the words of the rule."""
        for finding in decision.refusals:
            self.add_error(None, finding.message)


def _moment(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, tzinfo=LONDON).astimezone(UTC)
