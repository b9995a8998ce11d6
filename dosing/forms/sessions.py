"""What is typed and tapped in the treatment room. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Layout, Row, Submit
from django import forms

from dosing.actions.sessions import InjectionGiven
from dosing.queries.sessions import InjectionPage
from dosing.rules.sessions import parse_mg
from hat_clinic.core.decisions import Decision, Level


class JudgedLater(forms.ChoiceField):
    """A choice whose value the rule judges: a page sent twice must be read the second time too.

    By then the last ampoule may be gone from the list, and the answer is still the first answer.
    """

    def valid_value(self, value: Any) -> bool:
        """Let any single line of text pass."""
        return True


class JudgedLaterUUID(JudgedLater):
    """The same for a row's identifier."""

    def valid_value(self, value: Any) -> bool:
        """Let any identifier pass."""
        try:
            uuid.UUID(str(value))
        except ValueError:
            return False
        return True


class NotesRead(forms.MultipleChoiceField):
    """The notes that were ticked. Which of them there are is known only when the dose is judged."""

    def valid_value(self, value: Any) -> bool:
        """Let any code pass: one that belongs to no note counts for nothing."""
        return True


class RecordInjection(forms.Form):
    """One dose: milligrams, ampoules, where, and two PINs. `page` gives the choices."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    given_mg = forms.CharField(
        label="Milligrams injected",
        help_text="What went in. Digits only.",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Write the milligrams injected."},
    )
    ampoules = forms.CharField(
        label="Ampoules opened",
        help_text="What is left counts as waste.",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Write how many ampoules were opened."},
    )
    batch = JudgedLaterUUID(
        label="Batch", widget=forms.RadioSelect, error_messages={"required": "Choose the batch."}
    )
    route = JudgedLater(
        label="Route", widget=forms.RadioSelect, error_messages={"required": "Choose the route."}
    )
    site = JudgedLater(
        label="Site", widget=forms.RadioSelect, error_messages={"required": "Choose the site."}
    )
    acknowledged = NotesRead(label="Notes", required=False)
    witness = JudgedLaterUUID(
        label="Witness", widget=forms.RadioSelect, error_messages={"required": "Choose who witnessed it."}
    )
    giver_pin = forms.CharField(
        label="Your signing PIN",
        help_text="It says: I gave what is written here.",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Type your signing PIN."},
    )
    witness_pin = forms.CharField(
        label="Witness: your signing PIN",
        help_text="It says: I saw all of this.",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "The witness types their signing PIN."},
    )

    def __init__(self, *args: Any, page: InjectionPage, giver_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        for name, choices in (
            ("batch", page.batches),
            ("route", page.routes),
            ("site", page.sites),
            ("witness", page.witnesses),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = list(choices)
            if len(choices) == 1 and name in {"batch", "route"}:
                field.initial = choices[0][0]
        self.fields["giver_pin"].label = f"{giver_name}: your signing PIN"
        self.offer_notes(page.decision)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Row(Column(Field("given_mg", suffix="mg")), Column("ampoules")),
            "batch",
            Row(Column(Field("route", css_class="hat-keys")), Column(Field("site", css_class="hat-keys"))),
            "acknowledged",
            Field("witness", css_class="hat-keys"),
            Row(
                Column(Field("giver_pin", css_class="nhsuk-input--width-5")),
                Column(Field("witness_pin", css_class="nhsuk-input--width-5")),
            ),
            Submit("save", "Record the injection"),
        )

    def offer_notes(self, decision: Decision) -> None:
        """Show each note as a box to tick; without notes the field goes away."""
        notes = [
            (finding.code, f"I have read: {finding.message}")
            for finding in decision
            if finding.level is Level.WARN
        ]
        field = self.fields["acknowledged"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.widget = forms.CheckboxSelectMultiple() if notes else forms.MultipleHiddenInput()
        field.choices = notes

    def clean_given_mg(self) -> int:
        """Return whole milligrams, or say what to write."""
        mg = parse_mg(self.cleaned_data["given_mg"])
        if mg is None:
            raise forms.ValidationError("Write whole milligrams with the digits 0 to 9 only, such as 180.")
        return mg

    def clean_ampoules(self) -> int:
        """Return the number of ampoules opened, 1 to 99."""
        ampoules = parse_mg(self.cleaned_data["ampoules"])
        if ampoules is None or ampoules > 99:
            raise forms.ValidationError(
                "Write how many ampoules were opened, as a whole number from 1 to 99."
            )
        return ampoules

    def given(self, sealed: dict[str, str]) -> InjectionGiven:
        """Return what was signed, with what the page was sealed with."""
        data = self.cleaned_data
        return InjectionGiven(
            patient_id=self.page.patient_id,
            service_date=date.fromisoformat(sealed["date"]),
            slot=sealed["slot"],
            order_id=uuid.UUID(sealed["order"]),
            batch_id=uuid.UUID(data["batch"]),
            given_mg=data["given_mg"],
            ampoules=data["ampoules"],
            route=data["route"],
            site=data["site"],
            witness_id=uuid.UUID(data["witness"]),
        )

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, in the words of the rule."""
        self.offer_notes(decision)
        for finding in decision.refusals:
            self.add_error(None, finding.message)
