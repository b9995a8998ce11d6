"""What somebody writes about their own sign-in: the code of an invitation, a first password, a PIN."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms


class OpenInvitation(forms.Form):
    """The code that stands at the end of an invitation's link."""

    code = forms.CharField(
        label="Code of the invitation",
        help_text="The part of the link after the # sign. Most browsers write it here by themselves.",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Write the code: the part of the link after the # sign.",
            "max_length": "That is longer than any code. Copy the part of the link after the # sign.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_id = "invitation-code"
        self.helper.layout = Layout("code", Submit("open", "Go on"))

    def clean_code(self) -> str:
        """Take the whole link too."""
        return str(self.cleaned_data["code"]).rpartition("#")[2].strip()


class AcceptInvitation(forms.Form):
    """A first password, typed twice."""

    password = forms.CharField(
        label="Choose a password",
        help_text="At least 12 characters. Three or four words that do not belong together are good.",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password.", "max_length": "Use at most 200 characters."},
    )
    password_again = forms.CharField(
        label="The same password again",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={
            "required": "Write the password once more.",
            "max_length": "Use at most 200 characters.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "The invitation is not accepted yet"
        self.helper.layout = Layout("password", "password_again", Submit("accept", "Accept the invitation"))

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ."""
        data = super().clean() or {}
        if {"password", "password_again"} <= data.keys() and data["password"] != data["password_again"]:
            self.add_error("password_again", "The two passwords differ. Write the same one twice.")
        return data


class ChoosePin(forms.Form):
    """Six digits, typed twice."""

    pin = forms.CharField(
        label="New PIN",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Type 6 digits.", "max_length": "A PIN has exactly 6 digits, 0 to 9."},
    )
    pin_again = forms.CharField(
        label="The same PIN again",
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Type the 6 digits once more.",
            "max_length": "A PIN has exactly 6 digits, 0 to 9.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Your PIN is as it was"
        self.helper.layout = Layout(
            Field("pin", css_class="nhsuk-input--width-5"),
            Field("pin_again", css_class="nhsuk-input--width-5"),
            Submit("choose", "Set my PIN"),
        )

    def clean(self) -> dict[str, Any]:
        """Refuse two PINs that differ."""
        data = super().clean() or {}
        if {"pin", "pin_again"} <= data.keys() and data["pin"] != data["pin_again"]:
            self.add_error("pin_again", "The two PINs differ. Type the same 6 digits twice.")
        return data
