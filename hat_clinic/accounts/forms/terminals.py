"""What is tapped and typed at a terminal's door, and on the manager's page of terminals."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from hat_clinic.accounts.queries import Face
from hat_clinic.accounts.rules import PIN_DIGITS


def _pin_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=PIN_DIGITS,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Type your PIN: 6 digits.",
            "max_length": "A PIN has exactly 6 digits, 0 to 9.",
        },
    )


class ChoosePerson(forms.Form):
    """Whose face, and their PIN."""

    person = forms.ChoiceField(
        error_messages={
            "required": "Tap your face first.",
            "invalid_choice": "That person is not shown any more. Tap your face.",
        }
    )
    pin = _pin_field("PIN")

    def __init__(self, *args: Any, faces: list[Face], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.faces = faces
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(str(face.user_id), face.full_name) for face in faces]

    @property
    def chosen(self) -> Face | None:
        """Whose face was tapped."""
        tapped = self["person"].value()
        return next((face for face in self.faces if str(face.user_id) == tapped), None)


class UnlockTerminal(forms.Form):
    """The PIN of the person who is locked."""

    pin = _pin_field("PIN")


class AddTerminal(forms.Form):
    """What a terminal is called, and where it stands."""

    name = forms.CharField(
        label="Name of the terminal",
        help_text="It stands at the top of its pages, such as Treatment room 1.",
        max_length=60,
        error_messages={
            "required": "Write what the terminal is called.",
            "max_length": "Write a shorter name: 60 letters at most.",
        },
    )
    premises = forms.ChoiceField(
        label="Premises",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose where it stands.",
            "invalid_choice": "Choose premises of this clinic.",
        },
    )

    def __init__(self, *args: Any, premises: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["premises"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = premises
        field.required = bool(premises)
        if len(premises) == 1:
            field.initial = premises[0][0]
        self.helper = FormHelper()
        self.helper.form_error_title = "No link was made"
        self.helper.layout = Layout(
            "name", *(["premises"] if premises else []), Submit("save", "Make a one-time link")
        )
        self.helper.layout.fields[0] = Field("name", css_class="nhsuk-input--width-20")

    def premises_id(self) -> uuid.UUID | None:
        """Return where it stands, None where the clinic has no premises yet."""
        return uuid.UUID(self.cleaned_data["premises"]) if self.cleaned_data["premises"] else None
