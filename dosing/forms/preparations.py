"""Drawing up, injecting and wasting a dose."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.http import QueryDict

from dosing.forms.fields import JudgedLater, JudgedLaterUUID, NotesRead, RefusableForm, pin_field
from dosing.queries.preparations import Choice, Chosen
from dosing.rules.sessions import parse_mg
from hat_clinic.core.decisions import Decision, Finding, Level
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between

WASTE_REASONS = (
    ("declined", "They no longer want it"),
    ("could_not_inject", "They could not inject"),
    ("unwell", "They became unwell or too sedated"),
    ("left", "They left"),
    ("order_changed", "The order changed or ended"),
    ("broken", "The syringe broke or was contaminated"),
    ("other", "Another reason"),
)


class ChooseDose(RefusableForm):
    """The milligrams that are to be drawn up where the order leaves a choice, and why less than the full dose.

    Nothing is filled in, and nothing is saved by it: both sign for what is drawn up on the page after it.
    """

    choose = forms.CharField(widget=forms.HiddenInput, initial="1")
    mg = WholeNumberField(
        "Milligrams to give",
        parse=parse_mg,
        how="Write whole milligrams with the digits 0 to 9 only, such as 120.",
        missing="Write the milligrams to give.",
    )
    reduction = forms.ChoiceField(
        label="If it is less than the full dose: why?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose the reason from the list."},
    )

    def __init__(self, *args: Any, choice: Choice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mg"].help_text = f"Whole milligrams, {choice.least_mg} to {choice.most_mg}."
        field = self.fields["reduction"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = list(choice.reasons)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.form_error_title = "Nothing is drawn up yet"
        self.helper.layout = Layout(
            Field("mg", suffix="mg", css_class="nhsuk-input--width-5"),
            Field("reduction", css_class="hat-keys"),
        )

    @property
    def chosen(self) -> Chosen:
        """What was chosen, of a form that is valid."""
        return Chosen(mg=self.cleaned_data["mg"], reduction=self.cleaned_data["reduction"])


class PrepareDose(RefusableForm):
    """One drawn dose: batch, notes read, and the two PINs that sign for it. What is drawn up is in the seal."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    batch = JudgedLaterUUID(
        label="Batch", widget=forms.RadioSelect, error_messages={"required": "Choose the batch."}
    )
    acknowledged = NotesRead(label="Notes", required=False, widget=forms.CheckboxSelectMultiple)
    witness = JudgedLaterUUID(
        label="Witness", widget=forms.RadioSelect, error_messages={"required": "Choose who witnesses it."}
    )
    preparer_pin = pin_field(
        "Your PIN", "It says: I prepare what is written here.", "Type your PIN, six digits."
    )
    witness_pin = pin_field(
        "Witness PIN", "It says: I saw all of this.", "The witness types their PIN, six digits."
    )

    def __init__(
        self,
        *args: Any,
        batches: tuple[tuple[str, str], ...],
        witnesses: tuple[tuple[str, str], ...],
        notes: tuple[Finding, ...],
        preparer_name: str,
        dose_mg: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("batch", batches), ("witness", witnesses)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = list(choices)
        # The open box, and the only other person there is: known, so not asked again.
        if batches:
            self.fields["batch"].initial = batches[0][0]
        if len(witnesses) == 1:
            self.fields["witness"].initial = witnesses[0][0]
        self.fields["preparer_pin"].label = f"{preparer_name}: PIN for {dose_mg} mg"
        self.fields["witness_pin"].label = f"Witness: PIN for {dose_mg} mg"
        self.offer_notes(notes)

    def offer_notes(self, notes: tuple[Finding, ...]) -> None:
        """Show each note as a box to tick; without notes the field goes away."""
        field = self.fields["acknowledged"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(note.code, f"I have read: {note.message}") for note in notes]

    def ask_anew(self, seal: str) -> None:
        """Have every note that is shown now ticked anew: the seal holds their words."""
        assert isinstance(self.data, QueryDict)  # noqa: S101 - what a browser sent
        data = self.data.copy()
        data["seal"] = seal
        data.setlist("acknowledged", [])
        self.data = data

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, and offer the notes that are to be ticked."""
        notes = tuple(finding for finding in decision if finding.level is Level.WARN)
        if notes:
            self.offer_notes(notes)
        super().refuse(decision)


class RecordInjection(RefusableForm):
    """What went in and where. Sent by the button that says it: all of it, or only part."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    site = JudgedLater(
        label="Where?",
        widget=forms.RadioSelect,
        error_messages={"required": "Tap the body or the list: where?"},
    )
    route = JudgedLater(
        label="Route", widget=forms.RadioSelect, error_messages={"required": "Choose the route."}
    )
    seconds_ago = WholeNumberField(
        parse=whole_between(0, 6 * 3600),
        how="The page could not tell how long ago it was. Open it again.",
        required=False,
        widget=forms.HiddenInput(),
    )
    went_in = forms.ChoiceField(
        choices=[("all", "all"), ("part", "part"), ("all_syringe_missing", "all, syringe not back")],
        error_messages={
            "required": "Press the button that says what went in.",
            "invalid_choice": "Press the button that says what went in.",
        },
    )
    given_mg = WholeNumberField(
        "Milligrams that went in",
        parse=parse_mg,
        how="Write whole milligrams with the digits 0 to 9 only, or leave this empty if all of it went in.",
        required=False,
    )
    # Said by the page that asked for it: an emergency began after the dose was drawn up, and it went in before.
    before_emergency = forms.BooleanField(required=False, widget=forms.HiddenInput)
    preparer_pin = pin_field("PIN", "", "Type the PIN.")

    # Whose dose it is, and which: told by the seal, never by a field.
    patient_id: uuid.UUID
    preparation_id: uuid.UUID

    def __init__(self, *args: Any, dose_mg: int, signs_again: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dose_mg = dose_mg
        pin = self.fields["preparer_pin"]
        pin.required = bool(signs_again)
        pin.label = f"{signs_again}: your PIN, because you prepared it" if signs_again else "PIN"

    def offer(self, *, sites: tuple[tuple[str, str], ...], routes: tuple[tuple[str, str], ...]) -> None:
        """Show the sites and routes of the order; a route that is the only one is chosen."""
        for name, choices in (("site", sites), ("route", routes)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = list(choices)
        if len(routes) == 1:
            self.fields["route"].initial = routes[0][0]

    def clean(self) -> dict[str, Any]:
        """Turn what went in into milligrams, or say what to write."""
        data = super().clean() or {}
        data["mg"] = self.dose_mg
        data["syringe_returned"] = data.get("went_in") != "all_syringe_missing"
        if data.get("went_in") != "part" and data.get("given_mg") is not None:
            # Enter in this field presses the first button of the page, which says that all of it went in.
            self.add_error(
                "given_mg",
                "You wrote how much went in. Press “Only part: record it”, or empty this field if all of it did.",
            )
        if data.get("went_in") == "part":
            mg = data.get("given_mg")
            if mg is None or mg >= self.dose_mg:
                self.errors.pop("given_mg", None)
                self.add_error(
                    "given_mg",
                    f"Write the whole milligrams that went in, 1 to {self.dose_mg - 1}, with the digits 0 to 9.",
                )
            data["mg"] = mg
        return data


class WasteDose(RefusableForm):
    """Why a drawn dose is not injected, and the two PINs of those who watch it go."""

    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label="Why is it not injected?",
        choices=WASTE_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why it is not injected."},
    )
    witness = JudgedLaterUUID(
        label="Witness", widget=forms.RadioSelect, error_messages={"required": "Choose who witnesses it."}
    )
    waster_pin = pin_field(
        "Your PIN", "It says: I put it all into the denaturing pot.", "Type your PIN, six digits."
    )
    witness_pin = pin_field(
        "Witness PIN", "It says: I saw all of it go.", "The witness types their PIN, six digits."
    )

    def __init__(
        self, *args: Any, witnesses: tuple[tuple[str, str], ...], waster_name: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["witness"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = list(witnesses)
        if len(witnesses) == 1:
            field.initial = witnesses[0][0]
        self.fields["waster_pin"].label = f"{waster_name}: your PIN"
