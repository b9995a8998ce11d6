"""One oral dose at the terminal: who it is, how awake they are, how much, and the nurse's PIN. Nothing is filled in."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms

from dosing.actions.oral_doses import OralToGive
from dosing.forms.fields import JudgedLater, JudgedLaterUUID, RefusableForm, pin_field
from dosing.forms.keys import (
    BREATHS_KEYS,
    SEDATION_KEYS,
    ExactField,
    Key,
    KeyField,
    KeyRadios,
    ReadingsForm,
    number_of,
)
from dosing.forms.order_doses import a_number
from dosing.queries.oral_doses import GiveOralPage
from dosing.rules.checks import Sedation

KNOWN = "known"


class GiveOral(RefusableForm):
    """One oral dose. What is measured, said and given is asked each time."""

    BOUNDS = {"breaths": ReadingsForm.BOUNDS["breaths"]}

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    order = JudgedLaterUUID(
        label="Which medicine?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which medicine."},
    )
    born = JudgedLater(
        label="Date of birth",
        widget=forms.RadioSelect,
        error_messages={"required": "Tap the date of birth they say, or how they are known."},
    )
    sedation = KeyField(label="Sedation", keys=SEDATION_KEYS, missing="Tap the sedation: 1, 2, 3, 4 or S.")
    breaths = KeyField(
        label="Breathing", keys=BREATHS_KEYS, missing="Tap the breaths counted in a minute.", required=False
    )
    breaths_exact = ExactField(label="Breaths a minute, exactly")
    mg = a_number(
        "Milligrams given now",
        "Write the milligrams that are given now.",
        how="Write whole milligrams with the digits 0 to 9 only, such as 40.",
    )
    pin = pin_field(
        "Your PIN",
        "It says: I gave what is written here, and saw how they are.",
        "Type your PIN, six digits.",
    )

    def __init__(self, *args: Any, page: GiveOralPage, nurse_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order, born = self.fields["order"], self.fields["born"]
        assert isinstance(order, forms.ChoiceField) and isinstance(born, forms.ChoiceField)  # noqa: S101 - declared above
        order.choices = [
            (str(choice.order_id), f"{choice.drug}, {choice.daily_mg} mg a day") for choice in page.choices
        ]
        keys = (
            *(Key(day.isoformat(), f"{day.day} {day:%B %Y}") for day in page.dates),
            Key(KNOWN, "Not said", "Two of us know them"),
        )
        born.widget = KeyRadios(keys)
        born.choices = [(key.value, key.label) for key in keys]
        if len(page.choices) == 1:
            order.initial, order.widget = str(page.choices[0].order_id), forms.HiddenInput()
        self.fields["pin"].label = f"{nurse_name}: your PIN"

    def clean_born(self) -> date | str:
        """Return the date they said, or that they are known."""
        said: str = self.cleaned_data["born"]
        if said == KNOWN:
            return said
        try:
            return date.fromisoformat(said)
        except ValueError:
            raise forms.ValidationError("Tap one of the dates, or how they are known.") from None

    def clean(self) -> dict[str, Any]:
        """Turn the breathing into a number, None where it was not counted."""
        data = super().clean() or {}
        data["breaths_number"] = number_of(self, "breaths", self.BOUNDS["breaths"])
        return data

    def dose(self) -> OralToGive:
        """Return the dose as it is signed."""
        data = self.cleaned_data
        said = data["born"]
        return OralToGive(
            order_id=uuid.UUID(data["order"]),
            mg=data["mg"],
            sedation=Sedation(data["sedation"]),
            breaths=data["breaths_number"],
            born=said if isinstance(said, date) else None,
            is_known=said == KNOWN,
        )
