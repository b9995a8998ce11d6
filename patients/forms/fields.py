"""Fields that say in words what to write."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Hidden
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision


def text(
    label: str, *, longest: int, required: str = "", hint: str = "", rows: int = 0, **attributes: str
) -> forms.CharField:
    """Return a field for words; `required` is the sentence when it is empty, `rows` makes it a box."""
    widget = forms.Textarea if rows else forms.TextInput
    extra: dict[str, Any] = {"rows": rows} if rows else {}
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(required),
        max_length=longest,
        widget=widget(attrs={"autocomplete": "off", **extra, **attributes}),
        error_messages={
            "required": required,
            "max_length": f"Write this in at most {longest} letters.",
        },
    )


def choice(
    label: str, choices: Iterable[tuple[str, str]], *, required: str = "", hint: str = ""
) -> forms.ChoiceField:
    """Return radio buttons; `required` is the sentence when none is chosen."""
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        required=bool(required),
        choices=list(choices),
        widget=forms.RadioSelect,
        error_messages={"required": required, "invalid_choice": "Choose one of the answers that are shown."},
    )


def day(label: str, *, required: str, example: str = "23/11/2026") -> DayField:
    """Return a field for a day, written as people here write it."""
    return DayField(
        label=label,
        help_text=f"Day, month and year, such as {example}.",
        input_formats=["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"],
        widget=forms.DateInput(
            format="%d/%m/%Y", attrs={"autocomplete": "off", "class": "nhsuk-input--width-10"}
        ),
        error_messages={
            "required": required,
            "invalid": f"Write the day as day/month/year, such as {example}.",
        },
    )


class CarriedForm(forms.Form):
    """A form of a person's page: laid out in `helper`, tied by a seal to who opened it and for whom."""

    helper: FormHelper

    def carry(self, seal: str) -> None:
        """Take the seal along. It is made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def refuse(self, decision: Decision, fields: dict[str, str] | None = None) -> None:
        """Put every reason at the field it is about; at the top of the page where there is no such field.

        A finding's code names its field, or is translated by `fields`.
        """
        for finding in decision.refusals:
            name = (fields or {}).get(finding.code, finding.code)
            self.add_error(name if name in self.fields else None, finding.message)
