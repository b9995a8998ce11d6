"""What a prescriber writes of oral medicine and of naloxone. Forms parse; they decide and write nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Layout, Row, Submit
from django import forms

from dosing.forms.fields import JudgedLaterUUID, NotesRead, RefusableForm
from dosing.forms.order_doses import StartsNowOrLater, a_number
from dosing.forms.orders import SignOrder
from dosing.queries.oral_pages import OralSigningPage
from dosing.rules.moments import end_of_day
from dosing.rules.oral import NaloxoneDraft, OralDraft, OralDrug, parse_kits
from dosing.rules.orders import REASONS_TO_END, EndReason
from hat_clinic.core.clock import LONDON
from hat_clinic.core.decisions import Decision, Finding
from hat_clinic.core.templatetags.nhsuk_fields import error_target

YES, NO = "yes", "no"
# Where a reason is put right.
FIELD_OF = {
    "basis": "basis",
    "daily_is_none": "daily_mg",
    "daily_limit": "daily_mg",
    "drug": "drug",
    "ends_before_it_starts": "ends_on",
    "starts_in_the_past": "starts_on",
    "too_long": "ends_on",
}


class SignOralOrder(StartsNowOrLater, RefusableForm):
    """One oral order: drug, milligrams a day, how it is taken, from when until when, and why.

    No number is filled in. The last day is, as orders usually run, and may be changed. Source: clinical rule 6.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    drug = forms.ChoiceField(
        label="Drug",
        choices=[(drug.value, f"{drug.label[0].upper()}{drug.label[1:]}") for drug in OralDrug],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the drug.", "invalid_choice": "Choose the drug from the list."},
    )
    daily_mg = a_number(
        "Dose each day",
        "Write the milligrams of one day.",
        how="Write whole milligrams with the digits 0 to 9 only, such as 40.",
    )
    supervised = forms.ChoiceField(
        label="How it is taken",
        choices=[(YES, "Taken here, a nurse watching"), (NO, "Handed over to take away")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how it is taken.",
            "invalid_choice": "Choose how it is taken.",
        },
    )
    starts = SignOrder.base_fields["starts"]
    starts_on = SignOrder.base_fields["starts_on"]
    starts_time = SignOrder.base_fields["starts_time"]
    ends_on = SignOrder.base_fields["ends_on"]
    premises = SignOrder.base_fields["premises"]
    basis = SignOrder.base_fields["basis"]
    acknowledged = NotesRead(label="Notes", required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, page: OralSigningPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(str(place.id), place.name) for place in page.premises]
        field = self.fields["premises"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = places
        if len(places) == 1:
            field.initial, field.widget = places[0][0], forms.HiddenInput()
        self.fields["daily_mg"].help_text = "Whole milligrams. The limits stand beside this form."
        self.fields["ends_on"].initial = page.usual_last_day
        self.fields["ends_on"].help_text = (
            f"Day/month/year. Filled in as an order usually runs, {page.usual_days} days from today. You may change it"
            + (f"; {page.order_days_max} days at most." if page.order_days_max else ".")
        )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.form_error_title = "You cannot sign yet"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "premises",
            Field("drug", css_class="hat-keys"),
            Field("daily_mg", suffix="mg", css_class="nhsuk-input--width-5"),
            Field("supervised", css_class="hat-keys"),
            Field("starts", css_class="hat-keys"),
            Row(
                Column(Field("starts_on", css_class="nhsuk-input--width-10")),
                Column(Field("starts_time", css_class="nhsuk-input--width-5")),
            ),
            Field("ends_on", css_class="nhsuk-input--width-10"),
            "basis",
        )

    def draft(self, at: datetime) -> OralDraft:
        """Return the order as the rule reads it; one that starts at once is read as if it were signed now."""
        data = self.cleaned_data
        later = None if self.starts_at_once else (data["starts_on"], data["starts_time"])
        return OralDraft(
            drug=data["drug"],
            daily_mg=data["daily_mg"],
            is_supervised=data["supervised"] == YES,
            starts_at=datetime.combine(*later, tzinfo=LONDON).astimezone(UTC) if later else at,
            ends_at=end_of_day(data["ends_on"]).astimezone(UTC),
            basis=data["basis"],
        )

    def linked(self, decision: Decision) -> list[tuple[Finding, str, str]]:
        """Return the findings, those against first, each with the field to go to and its label; empty if none."""
        found = []
        for finding in sorted(decision, key=lambda finding: -finding.level):
            name = FIELD_OF.get(finding.code, "")
            field = self[name] if name else None
            found.append(
                (finding, error_target(field), str(field.label).lower()) if field else (finding, "", "")
            )
        return found


class EndOralOrder(RefusableForm):
    """Which oral order ends now, why, and in a sentence."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    drug = forms.ChoiceField(
        label="Which order ends?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose which order ends.",
            "invalid_choice": "No order of that drug stands. Open the person's orders again.",
        },
    )
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
        help_text="What was seen or said. It stands beside the order.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write a sentence that says why."},
    )

    def __init__(self, *args: Any, drugs: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["drug"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(drug.value, drug.label) for drug in OralDrug] if self.is_bound else list(drugs)
        if len(drugs) == 1 and not self.is_bound:
            field.initial, field.widget = drugs[0][0], forms.HiddenInput()
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "drug",
            "reason",
            "words",
            Submit("save", "End this oral medicine now", css_class="hat-button--stop"),
        )

    @property
    def chosen(self) -> EndReason:
        """The reason that was chosen."""
        return EndReason(self.cleaned_data["reason"])


class OrderNaloxone(RefusableForm):
    """Naloxone to take home: micrograms in one dose of the kit, and how many kits. Nothing is filled in."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    dose_ug = a_number(
        "Dose of the kit",
        "Write the micrograms in one dose of the kit.",
        how="Write whole micrograms with the digits 0 to 9 only, 1 to 9999.",
    )
    kits = a_number(
        "Kits", "Write how many kits.", how="Write how many kits with one digit, 1 to 9.", parse=parse_kits
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dose_ug"].help_text = "Whole micrograms, as printed on the kit."
        self.fields["kits"].help_text = "1 to 9."
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was ordered"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Field("dose_ug", suffix="micrograms", css_class="nhsuk-input--width-5"),
            Field("kits", css_class="nhsuk-input--width-2"),
            Submit("save", "Sign: order these kits"),
        )

    def draft(self) -> NaloxoneDraft:
        """Return the kits as the rule reads them."""
        return NaloxoneDraft(dose_ug=self.cleaned_data["dose_ug"], kits=self.cleaned_data["kits"])


class AllowOral(RefusableForm):
    """Which oral dose goes ahead although an injection was withheld today, and why."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    order = JudgedLaterUUID(
        label="Which oral medicine?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which oral medicine."},
    )
    reason = forms.CharField(
        label="What did you decide, and why?",
        help_text="It stands in the record with your name. It holds for today.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what you decided, and why."},
    )

    def __init__(self, *args: Any, orders: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["order"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = list(orders)
        if len(orders) == 1:
            field.initial, field.widget = orders[0][0], forms.HiddenInput()
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was decided"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "order",
            "reason",
            Submit("save", "Let the oral dose go ahead today"),
        )
