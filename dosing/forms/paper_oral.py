"""What is typed of an oral dose on a paper pack, and how a contested one is settled. Forms parse; they decide nothing."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms

from dosing.forms.fields import RefusableForm, pin_field
from dosing.forms.order_doses import a_number
from dosing.forms.paper import CHOOSE, SEDATION, clock_field, name_field, number_field
from dosing.rules.checks import Sedation
from dosing.rules.paper import REASON_LENGTH, Stands
from dosing.rules.paper_oral import OralOnPaper
from hat_clinic.core.clock import LONDON

NOT_WRITTEN = "none"


class EnterPaperOral(RefusableForm):
    """One oral dose of a line. `shown` is what the rules said on the page before, so that nobody signs unread."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    order = name_field("Which medicine, of which order?")
    mg = a_number(
        "Milligrams taken",
        "Write the milligrams that stand on paper.",
        how="Write whole milligrams with the digits 0 to 9 only, such as 40.",
    )
    given = clock_field("Taken at")
    sedation = forms.ChoiceField(
        label="POSS",
        choices=[CHOOSE, *SEDATION, (NOT_WRITTEN, "Not on the paper")],
        error_messages={"required": "Choose the POSS that stands on paper, or that there is none."},
    )
    breaths = number_field("Breaths a minute, where they were counted", 0, 60)
    giver = name_field("Given by, on paper")
    signer = name_field("Who signs")
    away_reason = forms.CharField(
        label="If somebody signs for one who is away: why they are away",
        help_text="The clinical lead signs for one who is away.",
        required=False,
        max_length=REASON_LENGTH,
    )
    pin = pin_field("PIN of who signs", "It says: this is what happened.", "Type the PIN, six digits.")

    NEEDED = {
        "order": "Choose the medicine.",
        "given": "Write the time that stands on paper, such as 09:30.",
        "giver": "Choose who gave it.",
        "signer": "Choose who signs.",
    }

    def __init__(self, *args: Any, service_date: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service_date = service_date
        self.is_shown = bool(self.data.get("shown"))
        self.fields["pin"].required = self.is_shown

    def offer(self, **choices: tuple[tuple[str, str], ...]) -> None:
        """Show choices."""
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared as one
            field.choices = [CHOOSE, *found]

    def clean(self) -> dict[str, Any]:
        """Ask for what an oral dose needs."""
        data = super().clean() or {}
        for name, words in self.NEEDED.items():
            if data.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, words)
        return data

    def dose(self) -> OralOnPaper:
        """Return what the paper says, of a form that is valid."""
        data = self.cleaned_data
        given: time = data["given"]
        said = data["sedation"]
        return OralOnPaper(
            order_id=uuid.UUID(data["order"]),
            mg=data["mg"],
            sedation=None if said == NOT_WRITTEN else Sedation(said),
            breaths=data["breaths"],
            given_at=datetime.combine(self.service_date, given, tzinfo=LONDON).astimezone(UTC),
            giver_id=uuid.UUID(data["giver"]),
        )


class SettlePaperOral(RefusableForm):
    """Whether a contested oral dose stands, how it is known, and the PIN of the clinical lead."""

    seal = forms.CharField(widget=forms.HiddenInput)
    stands = forms.ChoiceField(
        label="Does what the paper says stand?",
        choices=[
            (Stands.PAPER.value, "The paper is right: this dose was taken"),
            (
                Stands.COMPUTER.value,
                "It does not count: the same dose is recorded already, or none was taken",
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it stands.", "invalid_choice": "Choose from the list."},
    )
    why = forms.CharField(
        label="How do you know?",
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write how you know whether it stands."},
    )
    pin = pin_field("Your PIN", "It says: this is what stands.", "Type your PIN, six digits.")
