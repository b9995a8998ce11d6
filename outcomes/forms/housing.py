"""Where somebody lives, as a case worker taps it. Forms parse; the rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Hidden, Layout, Submit
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from outcomes.rules.housing import HousingSaid, HousingState
from outcomes.rules.support import Correction


class RecordHousing(forms.Form):
    """The place, and the day it began."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label="Where do they live?",
        choices=[(state.value, state.label) for state in HousingState],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap where they live."},
    )
    on = DayField(
        label="Since which day?",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="The day it began, such as 24/11/2026",
        error_messages={
            "required": "Write since which day.",
            "invalid": "Write the day as day/month/year, such as 24/11/2026.",
        },
    )

    save_words = "Save where they live"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(*self.rows(), Submit("save", self.save_words))

    def rows(self) -> list[Any]:
        """The fields in the order of the talk."""
        return [
            Field("key"),
            Field("state", css_class="hat-keys"),
            Field("on", css_class="nhsuk-input--width-10"),
        ]

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def said(self) -> HousingSaid:
        """Return what was tapped."""
        return HousingSaid(on=self.cleaned_data["on"], state=self.cleaned_data["state"])

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the day, which all of them are about."""
        for finding in decision.refusals:
            self.add_error("on", finding.message)


class AmendHousing(RecordHousing):
    """A line written again, with the reason; what was written before stays beside it."""

    correction = forms.ChoiceField(
        label="Why is it written again?",
        choices=[(correction.value, correction.label) for correction in Correction],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap why it is written again."},
        help_text="A line for the wrong person, or logged twice, then counts for nothing.",
    )

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the line as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]
