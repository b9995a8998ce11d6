"""What the forms of the plan and of the appointments share: keys to tap, a line, a day, and the seal they carry."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.http import QueryDict
from django.utils import dateformat

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision

DAY = "Write the day as day/month/year, such as 24/11/2026."


def keys(label: str, choices: list[tuple[str, str]], **more: Any) -> forms.ChoiceField:
    """Return a question with keys to tap."""
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **more)


def offer(form: forms.Form, name: str, choices: list[Any]) -> None:
    """Let a question of a form have these choices, which only its page knows."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def line(label: str, *, longest: int, hint: str = "") -> forms.CharField:
    """Return a question with one line as its answer; the rule says whether it may be empty."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=longest,
        help_text=hint,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"Keep the line to {longest} letters."},
    )


def day(label: str, *, hint: str = "Such as 24/11/2026", missing: str = "") -> DayField:
    """Return a question with a day as its answer; without words for `missing` the rule says whether it may be empty."""
    return DayField(
        label=label,
        required=bool(missing),
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text=hint,
        error_messages={"invalid": DAY, "required": missing},
    )


def offer_day_ahead(field: forms.Field, *, ahead: date) -> None:
    """Let the example beside a day to come lie ahead: typed as it stands it is taken."""
    field.help_text = f"Such as {dateformat.format(ahead, 'd/m/Y')}"


class SealedForm(forms.Form):
    """A form that carries who opened it, for whom, and the key under which it is stored once."""

    FIELD_OF: dict[str, str] = {}

    seal = forms.CharField(widget=forms.HiddenInput, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid.uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def lay_out(self, *rows: Any, save: str) -> None:
        """Put the questions in their order, with the button's words."""
        self.helper = FormHelper()
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.form_error_title = "Nothing was saved"
        self.helper.show_optional = False
        self.helper.layout = Layout("seal", "key", *rows, Submit("save", save))

    def carry(self, seal: str) -> None:
        """Tie the form to whoever is shown it now."""
        self.initial["seal"] = seal
        if self.is_bound:
            # What was posted may not be changed in place, and its seal does not stay.
            data = cast(QueryDict, self.data).copy()
            data["seal"] = seal
            self.data = data

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the field it is about, in the words of the rule."""
        for finding in decision.refusals:
            field = self.FIELD_OF.get(finding.code)
            if field not in self.fields:
                field = None
            if field not in self.errors:
                self.add_error(field, finding.message)
