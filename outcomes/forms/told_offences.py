"""An offence that a person tells of, as a case worker writes it down. Forms parse; the rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Hidden, Layout, Submit
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from outcomes.forms.fields import offer
from outcomes.rules.support import Correction
from outcomes.rules.told_offences import OffenceTold


class RecordToldOffence(forms.Form):
    """What it was, and the day."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="What was it?",
        error_messages={
            "required": "Choose what it was.",
            "invalid_choice": "Choose what it was from the list.",
        },
    )
    on = DayField(
        label="On which day?",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="Such as 24/11/2026. If they are not sure, the nearest day they can say.",
        error_messages={
            "required": "Write on which day.",
            "invalid": "Write the day as day/month/year, such as 24/11/2026.",
        },
    )

    save_words = "Save what they told"

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        """Take the codes of the offence table with their words."""
        super().__init__(*args, **kwargs)
        offer(self, "kind", [("", "Choose one"), *kinds])
        self.helper = FormHelper()
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(*self.rows(), Submit("save", self.save_words))

    def rows(self) -> list[Any]:
        """The fields in the order of the talk."""
        return [Field("key"), Field("kind"), Field("on", css_class="nhsuk-input--width-10")]

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def said(self) -> OffenceTold:
        """Return what was written."""
        return OffenceTold(on=self.cleaned_data["on"], kind=self.cleaned_data["kind"])

    def refuse(self, decision: Decision) -> None:
        """Put every reason where it belongs: at the kind or at the day."""
        for finding in decision.refusals:
            self.add_error("kind" if finding.code == "offence_kind_unknown" else "on", finding.message)


class AmendToldOffence(RecordToldOffence):
    """An offence written again, with the reason; what was written before stays beside it."""

    correction = forms.ChoiceField(
        label="Why is it written again?",
        choices=[(correction.value, correction.label) for correction in Correction],
        widget=forms.RadioSelect,
        error_messages={"required": "Tap why it is written again."},
        help_text="What was logged for the wrong person, or twice, then counts for nothing.",
    )

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the offence as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]
