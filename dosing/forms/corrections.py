"""What somebody fills in to put a line of the treatment room right."""

from __future__ import annotations

from django import forms

from dosing.forms.fields import RefusableForm, pin_field
from dosing.forms.keys import ReadingsForm
from dosing.forms.visits import NOT_GIVEN, CheckAnswersForm
from dosing.rules.corrections import CorrectedFor
from dosing.rules.sessions import Outcome, Reason


class CorrectionForm(RefusableForm):
    """Why a line is put right. Nothing is chosen beforehand."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label="Why is it put right?",
        choices=[(why.value, why.label) for why in CorrectedFor],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why it is put right.", "invalid_choice": "Choose from the list."},
    )
    words = forms.CharField(
        label="In words, where the list does not say it",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SignedCorrection(CorrectionForm):
    """Why a line is put right, and the PIN of who does it."""

    pin = pin_field("Your PIN", "It says: this is what was right.", "Type your PIN, six digits.")


class AmendReading(ReadingsForm, SignedCorrection):
    """The same keys as of a reading, and why."""


class AmendCheck(CheckAnswersForm, SignedCorrection):
    """The same keys as of a check, and why."""


class EndingForm(forms.Form):
    """How a session really ended without a dose."""

    ended = forms.ChoiceField(
        label="How did this session end?",
        choices=NOT_GIVEN,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it ended.", "invalid_choice": "Choose from the list."},
    )

    def outcome_and_reason(self) -> tuple[Outcome, Reason]:
        """Return both parts of the choice."""
        outcome, reason = self.cleaned_data["ended"].split("/")
        return Outcome(outcome), Reason(reason)


class AmendOutcome(EndingForm, SignedCorrection):
    """How the session really ended without a dose, and why the first line is put right."""


class AmendReadingLater(ReadingsForm, CorrectionForm):
    """A reading, put right by the clinical lead once its day is over."""


class AmendCheckLater(CheckAnswersForm, CorrectionForm):
    """A check, put right by the clinical lead once its day is over."""


class AmendOutcomeLater(EndingForm, CorrectionForm):
    """An ending without a dose, put right by the clinical lead once its day is over."""
