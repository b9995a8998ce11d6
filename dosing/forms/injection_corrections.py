"""What somebody fills in to put an injection right. Nothing is filled in before."""

from __future__ import annotations

from typing import Any

from django import forms

from dosing.forms.corrections import SignedCorrection
from dosing.forms.fields import JudgedLaterUUID, pin_field
from dosing.rules.injection_corrections import InjectionSaid
from dosing.rules.orders import Route, Site
from dosing.rules.sessions import parse_mg
from hat_clinic.core.whole_numbers import WholeNumberField


def _one(label: str, choices: list[tuple[str, str]], required: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": required, "invalid_choice": "Choose from the list."},
    )


class AmendInjection(SignedCorrection):
    """Milligrams, route, site and syringe as they were, why, and a second person where the milligrams change."""

    given_mg = WholeNumberField(
        "Milligrams that went in",
        parse=parse_mg,
        how="Write whole milligrams with the digits 0 to 9 only, such as 120.",
        missing="Write the milligrams that went in, also where they were right.",
    )
    route = _one("Route", [(route.value, route.label) for route in Route], "Choose the route.")
    site = _one("Where?", [(site.value, site.label) for site in Site], "Choose where.")
    syringe = _one(
        "The used syringe",
        [("back", "came back"), ("missing", "did not come back")],
        "Say whether the syringe came back.",
    )
    second = JudgedLaterUUID(label="Who signs second, where the milligrams change", required=False)
    second_pin = pin_field("Second PIN", "It says: I saw all of this.", "The second person types their PIN.")

    def __init__(self, *args: Any, seconds: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        second = self.fields["second"]
        assert isinstance(second, forms.ChoiceField)  # noqa: S101 - declared above
        second.choices = [("", "Nobody: the milligrams are the same"), *seconds]
        self.fields["second_pin"].required = False

    def clean(self) -> dict[str, Any]:
        """Ask for the PIN of a second person who was chosen."""
        data = super().clean() or {}
        if data.get("second") and not data.get("second_pin"):
            self.add_error("second_pin", "The second person types their PIN.")
        return data

    def said(self) -> InjectionSaid:
        """Return what the injection should have said."""
        data = self.cleaned_data
        return InjectionSaid(
            given_mg=data["given_mg"],
            route=data["route"],
            site=data["site"],
            syringe_returned=data["syringe"] == "back",
        )
