"""What a doctor writes when the next dose may be given after a gap."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.order_doses import a_number
from hat_clinic.core.decisions import Decision


class DecideGap(forms.Form):
    """A ceiling for the next dose, and why. Nothing is filled in."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    ceiling_mg = a_number(
        "The next dose, at most",
        "Write the most milligrams of the next dose.",
        how="Write whole milligrams with the digits 0 to 9 only, such as 40.",
    )
    reason = forms.CharField(
        label="Why it may be given",
        help_text="What was seen and said. It stays with the decision.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why the next dose may be given."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was decided"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Field("ceiling_mg", suffix="mg", css_class="nhsuk-input--width-5"),
            "reason",
            Submit("save", "Sign this decision"),
        )

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, in the words of the rule, with what would make it go away."""
        for finding in decision.refusals:
            self.add_error(None, finding.told)
