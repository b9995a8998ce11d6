"""Who a last-dose statement is for, and why it cannot wait for a consent. Forms parse, and decide nothing."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from dosing.forms.order_doses import a_choice
from patients.rules.disclosures import LONGEST_WORDS, RecipientKind

KINDS = [(kind.value, f"{kind.label[0].upper()}{kind.label[1:]}") for kind in RecipientKind]


class GiveStatement(RefusableForm):
    """The kind of place, its name, an agency of the list where the person agreed, and the emergency in words."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    agency = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = a_choice("Who is it for?", KINDS, "Choose who it is for.")
    recipient = forms.CharField(
        label="Name of the place, and who asked",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    emergency_words = forms.CharField(
        label="Why it cannot wait for a consent",
        help_text="Who asked, how you know it is them, and what happens without it.",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was printed"
        self.helper.show_optional = False
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "kind",
            "recipient",
            "emergency_words",
            Submit("print", "Print in an emergency", css_class="hat-button--stop-outline"),
        )
