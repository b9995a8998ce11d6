"""What came of a follow-up, as it is typed."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from hat_clinic.core.decisions import Decision
from outcomes.rules.support import LONGEST_LINE


class CloseFollowUp(forms.Form):
    """One line: what came of it."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)
    how = forms.CharField(
        label="What came of it?",
        required=False,
        max_length=LONGEST_LINE,
        help_text="Such as: spoke to them, coming on Thursday.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"Keep the line to {LONGEST_LINE} letters."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.form_error_title = "Nothing was saved"
        self.helper.show_optional = False
        self.helper.layout = Layout("seal", "how", Submit("close", "It is done"))

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the line it is about."""
        for finding in decision.refusals:
            self.add_error("how", finding.message)
