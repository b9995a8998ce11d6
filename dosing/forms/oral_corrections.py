"""What somebody fills in to put an oral dose right. Nothing is filled in before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from dosing.forms.corrections import SignedCorrection
from dosing.forms.keys import BREATHS_KEYS, SEDATION_KEYS, ExactField, KeyField, ReadingsForm, number_of
from dosing.forms.order_doses import a_number
from dosing.rules.checks import Sedation
from dosing.rules.oral_corrections import OralSaid
from hat_clinic.core.clock import LONDON


class AmendOral(SignedCorrection):
    """The milligrams, how awake they were, the breathing where it was counted, and the time where that was wrong."""

    BOUNDS = {"breaths": ReadingsForm.BOUNDS["breaths"]}

    sedation = KeyField(label="Sedation", keys=SEDATION_KEYS, missing="Tap the sedation: 1, 2, 3, 4 or S.")
    breaths = KeyField(
        label="Breathing", keys=BREATHS_KEYS, missing="Tap the breaths counted in a minute.", required=False
    )
    breaths_exact = ExactField(label="Breaths a minute, exactly")
    mg = a_number(
        "Milligrams that were given",
        "Write the milligrams that were given, also where they were right.",
        how="Write whole milligrams with the digits 0 to 9 only, such as 40.",
    )
    time = forms.TimeField(
        label="Time, where that was wrong",
        help_text="Such as 09:30. Leave it empty where it was right.",
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write the time as 09:30."},
    )

    def clean(self) -> dict[str, Any]:
        """Turn the breathing into a number, None where it was not counted."""
        data = super().clean() or {}
        data["breaths_number"] = number_of(self, "breaths", self.BOUNDS["breaths"])
        return data

    def said(self, given_at: datetime) -> OralSaid:
        """Return what the dose should have said; `given_at` is what it says now."""
        data = self.cleaned_data
        if data["time"] is not None:
            given_at = datetime.combine(given_at.astimezone(LONDON).date(), data["time"], tzinfo=LONDON)
        return OralSaid(
            mg=data["mg"],
            sedation=Sedation(data["sedation"]),
            breaths=data["breaths_number"],
            given_at=given_at,
        )
