"""The questions of the sign-in pages, in our words. What they check is django-allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ConfirmCodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.cache import cache

# A code is good for its own 30 seconds and one step either way; it stays used for longer than that.
CODE_STAYS_USED_SECONDS = 120


class SignIn(LoginForm):
    """Who are you, and your password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail address"
        self.fields["login"].error_messages["required"] = "Write your e-mail address."
        self.fields["login"].error_messages["invalid"] = (
            "Write the whole e-mail address, like name@clinic.example."
        )
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].label = "Password"
        self.fields["password"].help_text = "Forgotten? Ask your manager for a new one."
        self.fields["password"].error_messages["required"] = "Write your password."


class ConfirmPassword(ReauthenticateForm):
    """Your password once more, before something about your sign-in is changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "Password"
        self.fields["password"].help_text = ""
        self.fields["password"].error_messages["required"] = "Write your password."


def _asks_for_a_code(field: forms.Field, label: str, hint: str) -> None:
    field.label, field.help_text = label, hint
    field.error_messages["required"] = "Write the code."
    field.widget.attrs.update(inputmode="numeric", autocomplete="one-time-code")


def _refuse_a_used_code(user_id: object, code: str) -> None:
    """Take a code once. django-allauth remembers it for one step of 30 seconds; we accept three steps."""
    if not cache.add(
        f"used-code:{user_id}:{normalize_user_code(code)}", "used", timeout=CODE_STAYS_USED_SECONDS
    ):
        raise get_adapter().validation_error("incorrect_code")


class SecondFactor(AuthenticateForm):
    """The code of the authenticator app, or one of the recovery codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _asks_for_a_code(
            self.fields["code"],
            "Code",
            "The 6 digits that your authenticator app shows now, or one of your recovery codes.",
        )

    def clean_code(self) -> str:
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            _refuse_a_used_code(self.user.pk, code)
        return code


class ConfirmSecondFactor(ConfirmCodeForm):
    """A code once more, before something about your sign-in is changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _asks_for_a_code(self.fields["code"], "Code", "The 6 digits that your authenticator app shows now.")

    def clean_code(self) -> str:
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            _refuse_a_used_code(self.user.pk, code)
        return code


class SetUpApp(ActivateTOTPForm):
    """The first code of an authenticator app, as proof that it has the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _asks_for_a_code(self.fields["code"], "Code", "The 6 digits that the app shows now.")

    def clean_code(self) -> str:
        code = super().clean_code()
        _refuse_a_used_code(self.user.pk, code)
        return code


class AddKey(AddWebAuthnForm):
    """A name for a security key; the key itself answers the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name of the key"
        self.fields["name"].help_text = "For yourself, such as “on my key ring”."
