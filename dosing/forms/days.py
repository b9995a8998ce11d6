"""What is counted and signed before the day opens. Forms parse; they decide nothing and write nothing.

No field of a count is ever filled in beforehand, not even with what its counter typed before a lock, and no hint
holds a figure: a count is blind.
"""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout, Submit
from django import forms

from dosing.queries.days import CountPage
from dosing.rules.days import Count, parse_count
from hat_clinic.core.whole_numbers import WholeNumberField

REASON_LENGTH = 300


def _number(label: str, missing: str) -> WholeNumberField:
    how = "Write a whole number with the digits 0 to 9 only, four at most."
    return WholeNumberField(label, parse=parse_count, how=how, missing=missing)


def _pin() -> forms.CharField:
    return forms.CharField(
        label="Your signing PIN",
        help_text="It says: I counted these myself.",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Type your signing PIN."},
    )


class CountStock(forms.Form):
    """One person's count of one register: full boxes, loose ampoules, who counts, and their PIN."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    counter = forms.UUIDField(
        label="Who counts second?", error_messages={"required": "Choose who counts second."}
    )
    full_boxes = _number(
        "Full boxes of 5", "Write how many full boxes there are. If there are none, write 0."
    )
    loose = _number("Loose ampoules", "Write how many loose ampoules there are. If there are none, write 0.")
    pin = _pin()

    def __init__(self, *args: Any, page: CountPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counter = self.fields["counter"]
        if page.is_own:
            counter.widget = forms.RadioSelect(choices=[(str(key), name) for key, name in page.counters])
            self.fields["pin"].label = "The second counter's own signing PIN"
        else:
            counter.widget = forms.HiddenInput()
            self.initial["counter"] = page.counters[0][0] if page.counters else ""
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.attrs = {"data-hat-count": ""}
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Field("counter", css_class="hat-keys"),
            Div(
                Div(
                    Field("full_boxes", css_class="hat-tally__number nhsuk-input--width-5"),
                    Field("loose", css_class="hat-tally__number nhsuk-input--width-5"),
                    HTML('<p class="hat-tally__sum" data-hat-count-sum aria-live="polite" hidden></p>'),
                ),
                HTML('{% include "dosing/parts/count_keys.html" %}'),
                Field("pin", css_class="nhsuk-input--width-5"),
                Submit("sign", "This is my count: sign it", css_class="hat-tally__sign"),
                css_class="hat-tally__hands",
            ),
        )

    @property
    def counted(self) -> Count:
        """What was counted."""
        return Count(full_boxes=self.cleaned_data["full_boxes"], loose=self.cleaned_data["loose"])


class OpenDay(forms.Form):
    """The one button that opens the day."""

    seal = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "The day was not opened"
        self.helper.layout = Layout(Field("seal"), Submit("open", "Open the day"))


class OpenDayUnchecked(forms.Form):
    """The controlled-drug lead's reason and PIN."""

    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why the day is opened without a balance check that agrees",
        help_text="Everybody at the board reads it. Name no patient.",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Write why the day is opened without a balance check that agrees.",
            "max_length": f"Write the reason in at most {REASON_LENGTH} characters.",
        },
    )
    pin = forms.CharField(
        label="Your signing PIN",
        help_text="It says: I answer for opening the day.",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Type your signing PIN."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "The day was not opened"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(
            Field("seal"),
            Field("reason"),
            Field("pin", css_class="nhsuk-input--width-5"),
            Submit("open", "Open the day with this reason"),
        )


def new_count(seal: str) -> dict[str, Any]:
    """Return what an empty count begins with: a key of its own and the seal, and no figure."""
    return {"key": uuid.uuid4(), "seal": seal}
