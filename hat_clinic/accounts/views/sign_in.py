"""The sign-in pages: django-allauth's views, each behind the door it belongs to.

Only what is listed in urls.py can be reached: no sign-up, no password by mail, no sign-in by mailed code, no
trusted browser, no removal of the last second factor.
"""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as second_factor
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic.edit import FormView

from hat_clinic.accounts.access import SignedInRequest, note_second_factor, public, setting_up, signed_in
from hat_clinic.accounts.queries import has_second_factor

sign_in = public(account.login)
sign_out = public(account.logout)
prove_second_factor = public(sensitive_post_parameters("code")(second_factor.authenticate))

see_second_factors = signed_in(second_factor.index)
confirm_password = setting_up(account.reauthenticate)
confirm_code = signed_in(second_factor.reauthenticate)
confirm_key = signed_in(keys.reauthenticate_webauthn)
add_key = setting_up(keys.add_webauthn)
list_keys = signed_in(keys.list_webauthn)
see_recovery_codes = signed_in(recovery_codes.view_recovery_codes)
renew_recovery_codes = signed_in(recovery_codes.generate_recovery_codes)


class SetUpApp(totp.ActivateTOTPView):
    """Set an authenticator app up, or put a new phone in the place of the old one.

    django-allauth removes the old one first, in a step of its own; here both are one transaction, so that no
    account is ever without a second factor once it had one.
    """

    @method_decorator(reauthentication_required(app="allauth.mfa"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return FormView.dispatch(self, request, *args, **kwargs)

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        Authenticator.objects.filter(user=form.user, type=Authenticator.Type.TOTP).delete()
        answer = super().form_valid(form)
        note_second_factor(self.request, form.user)
        return answer


@setting_up
def set_up_app(request: HttpRequest) -> HttpResponseBase:
    """Set an authenticator app up, or replace it."""
    return SetUpApp.as_view()(request)


@signed_in
@require_POST
def remove_key(request: SignedInRequest) -> HttpResponseBase:
    """Remove the security key whose number the form names, unless it is the last second factor."""
    number = request.POST.get("key", "")
    key = int(number) if number.isascii() and number.isdigit() else 0
    if has_second_factor(user=request.user, besides=key):
        return keys.remove_webauthn(request, pk=key)
    messages.error(
        request,
        "This is your only second factor, so it stays. Set up an authenticator app or add another key first.",
    )
    return redirect("mfa_list_webauthn")
