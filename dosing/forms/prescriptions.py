"""What a doctor chooses when a prescription is printed. The form parses; it decides and writes nothing."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms

from dosing.forms.fields import NotesRead, RefusableForm
from dosing.forms.orders import a_number
from dosing.queries.prescriptions import PrescriptionPage
from dosing.rules.prescriptions import (
    INSTALMENT_FORM_DAYS,
    USUAL_SUPPLY_DAYS,
    PrescriptionDraft,
    PrescriptionForm,
)
from dosing.rules.wordings import UNVERIFIED, WORDINGS
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision, Finding
from hat_clinic.core.templatetags.nhsuk_fields import error_target

# Where a reason is put right.
FIELD_OF = {
    "first_supply_late": "first_on",
    "first_supply_past": "first_on",
    "instalments_too_long": "first_on",
    "long_supply_reason": "reason",
    "outside_order": "first_on",
    "printed_before": "reason",
    "wording_missing": "wordings",
    "wording_unknown": "wordings",
}


class PrintPrescription(RefusableForm):
    """The paper, the strength, the first day of supply, the phrases, and a reason. Nothing is filled in."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    form = forms.ChoiceField(
        label="Which form",
        choices=[(form.value, f"{form.label[0].upper()}{form.label[1:]}") for form in PrescriptionForm],
        widget=forms.RadioSelect,
        help_text=f"An FP10MDA runs for {INSTALMENT_FORM_DAYS} days at most.",
        error_messages={"required": "Choose the form.", "invalid_choice": "Choose the form from the list."},
    )
    strength_mg = a_number(
        "Strength of one ampoule",
        "Write the milligrams of one ampoule.",
        how="Write whole milligrams with the digits 0 to 9 only, such as 100.",
    )
    first_on = DayField(
        label="First supply on",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the day of the first supply.",
            "invalid": "Write the day as day/month/year, such as 25/11/2026.",
        },
    )
    wordings = forms.MultipleChoiceField(
        label="Wording",
        required=False,
        choices=[(wording.id, wording.text) for wording in WORDINGS],
        widget=forms.CheckboxSelectMultiple,
        help_text=f"{UNVERIFIED} An FP10MDA has at least one; several may stand together.",
        error_messages={"invalid_choice": "Choose the wording from the list."},
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=300,
        help_text=f"Only where a finding asks for one, such as over {USUAL_SUPPLY_DAYS} days. It stands on the paper.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    acknowledged = NotesRead(label="Notes", required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, page: PrescriptionPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if page.first_on:
            self.fields["first_on"].help_text = (
                f"Day/month/year. Order {page.version} runs from {page.first_on} to {page.last_on}; the "
                "prescription runs to its last day."
            )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.form_error_title = "You cannot print yet"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Field("form", css_class="hat-keys"),
            Field("strength_mg", suffix="mg", css_class="nhsuk-input--width-5"),
            Field("first_on", css_class="nhsuk-input--width-10"),
            "wordings",
            "reason",
        )

    def draft(self) -> PrescriptionDraft:
        """Return what was chosen."""
        data = self.cleaned_data
        return PrescriptionDraft(
            form=PrescriptionForm(data["form"]),
            strength_mg=data["strength_mg"],
            first_on=data["first_on"],
            wordings=tuple(data["wordings"]),
            reason=data["reason"],
        )

    def linked(self, decision: Decision) -> list[tuple[Finding, str, str]]:
        """Return the findings, those against first, each with the field to go to and its label; empty if none."""
        found = []
        for finding in sorted(decision, key=lambda finding: -finding.level):
            name = FIELD_OF.get(finding.code, "")
            field = self[name] if name else None
            target = error_target(field) if field is not None else ""
            found.append((finding, target, str(field.label).lower() if field is not None else ""))
        return found
