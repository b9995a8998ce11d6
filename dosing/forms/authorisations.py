"""What a doctor fills in to let one dose pass a finding: at the terminal with a PIN, at a desk with the password."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import JudgedLater, JudgedLaterUUID, RefusableForm, pin_field
from dosing.rules.authorisations import AuthorisedFor


class AuthoriseFinding(RefusableForm):
    """One finding, why the dose may go ahead, and words. Nothing is chosen beforehand."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    code = JudgedLater(
        label="The finding",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the finding that the dose may pass."},
    )
    reason = forms.ChoiceField(
        label="Why can this dose go ahead?",
        choices=[(why.value, why.label) for why in AuthorisedFor],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why it can go ahead.", "invalid_choice": "Choose from the list."},
    )
    words = forms.CharField(
        label="In words",
        help_text="What you saw or were told. It stands with the dose, with your name.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write why this dose can go ahead."},
    )

    def __init__(self, *args: Any, findings: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "code", findings)
        self.helper = FormHelper()
        self.helper.form_error_title = "The finding stands"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "code",
            "reason",
            "words",
            Submit("save", "Let this one dose go ahead"),
        )


class AuthoriseAtHatch(AuthoriseFinding):
    """The same at the terminal, where a nurse is active: the doctor is chosen, and types their own PIN."""

    doctor = JudgedLaterUUID(
        label="Doctor", widget=forms.RadioSelect, error_messages={"required": "Choose which doctor signs."}
    )
    pin = pin_field(
        "The doctor's PIN",
        "It says: I let this one dose go ahead.",
        "The doctor types their PIN, six digits.",
    )

    def __init__(self, *args: Any, doctors: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "doctor", doctors)


def _offer(form: forms.Form, name: str, choices: tuple[tuple[str, str], ...]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
    field.choices = list(choices)
    if len(choices) == 1:
        field.initial = choices[0][0]
