"""Whether a programme closes, pauses or goes on, as it is typed. Nothing is chosen beforehand."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from patients.rules.closings import LONGEST_WORDS, ClosingContent, ClosingKind


def _day(label: str, hint: str) -> DayField:
    return DayField(
        label=label,
        help_text=hint,
        required=False,
        input_formats=["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-10"}),
        error_messages={"invalid": "Write the day as day/month/year, such as 31/03/2027."},
    )


class CloseProgramme(RefusableForm):
    """The decision, its last day, and why."""

    seal = forms.CharField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="What is decided?",
        required=False,
        choices=[(kind.value, kind.label) for kind in ClosingKind],
        widget=forms.RadioSelect,
    )
    last_on = _day("Last day of doses", "Day, month and year, such as 31/03/2027.")
    resumes_on = _day("Day on which it goes on again", "For a pause, where it is known.")
    words = forms.CharField(
        label="Why",
        help_text="Who decided it, and where it is written. Name no patient.",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was decided"
        self.helper.show_optional = False
        self.helper.layout = Layout(
            Field("seal"),
            "kind",
            "last_on",
            "resumes_on",
            "words",
            Submit("decide", "Decide this", css_class="hat-button--stop-outline"),
        )

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the field it is about; at the top of the page where there is no such field."""
        for finding in decision.refusals:
            self.add_error(finding.code if finding.code in self.fields else None, finding.message)

    def content(self) -> ClosingContent:
        """Return what was typed; what was left empty is empty."""
        typed = self.cleaned_data
        return ClosingContent(
            kind=ClosingKind(typed["kind"]) if typed["kind"] else None,
            last_on=typed["last_on"],
            resumes_on=typed["resumes_on"],
            words=typed["words"],
        )
