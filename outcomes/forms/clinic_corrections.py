"""What a clinic is known by, as it is corrected; and the tick of whoever approves it."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field
from django import forms

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.fields import SealedForm, day, keys, line
from outcomes.rules.clinic_corrections import LONGEST_NAME, LONGEST_WHY, MOST_PLACES, ClinicSaid

NARROW = "nhsuk-input--width-10"


class CorrectClinic(SealedForm):
    """What it is called, when it opened, its places and sessions a day, and why that is corrected."""

    FIELD_OF = {
        "no_name": "name",
        "long_name": "name",
        "bad_name": "name",
        "clinic_opens_ahead": "opened_on",
        "clinic_opens_late": "opened_on",
        "clinic_places": "places",
        "clinic_sessions": "sessions_per_day",
        "clinic_slots": "sessions_per_day",
        "no_why": "why",
        "long_why": "why",
        "bad_why": "why",
    }

    name = line("What is the clinic called?", longest=LONGEST_NAME)
    opened_on = day("Which day did it open?", missing="Write the day it opened.")
    places = WholeNumberField(
        "How many places?",
        parse=whole_between(1, MOST_PLACES),
        how="Write a whole number with the digits 0 to 9 only, such as 20.",
        missing="Write how many places there are.",
    )
    sessions_per_day = keys(
        "How many sessions a day?",
        [("1", "One"), ("2", "Two"), ("3", "Three")],
        error_messages={"required": "Tap how many sessions a day has."},
    )
    why = line("Why is it corrected?", longest=LONGEST_WHY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [Field(name, css_class=NARROW) for name in ("opened_on", "places")]
        sessions = Field("sessions_per_day", css_class="hat-keys")
        self.lay_out("name", *numbers, sessions, "why", save="Send to a colleague to approve")

    def said(self) -> ClinicSaid:
        """Return what was typed and tapped."""
        typed = self.cleaned_data
        return ClinicSaid(
            name=typed["name"],
            opened_on=typed["opened_on"],
            places=typed["places"],
            sessions_per_day=int(typed["sessions_per_day"]),
        )


class ApproveClinicCorrection(SealedForm):
    """That whoever approves has checked it."""

    FIELD_OF = {"clinic_unconfirmed": "is_confirmed"}

    is_confirmed = forms.BooleanField(
        label="I checked this, and it is right for this clinic.", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("is_confirmed", save="Approve this correction")
