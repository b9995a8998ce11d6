"""One's own signing PIN."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import (
    is_reauthentication_required,
    raise_if_reauthentication_required,
)
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import SignedInRequest, signed_in
from hat_clinic.accounts.actions import PinRefused, set_pin
from hat_clinic.accounts.forms.own import ChoosePin
from hat_clinic.accounts.queries import get_pin_page
from hat_clinic.accounts.views.invitations import CHOOSE_PIN_KEY
from hat_clinic.core.clock import now

APP = "allauth.mfa"


@signed_in
@sensitive_post_parameters("pin", "pin_again")
@require_http_methods(["GET", "HEAD", "POST"])
def choose_pin(request: SignedInRequest) -> HttpResponse:
    """Set or change one's own PIN, just after proving again who one is.

    A page that was left open too long is asked for anew: django-allauth would keep what was posted, PIN
    included, in the session while it asks for the password.
    """
    if request.method == "POST" and is_reauthentication_required(request, app=APP):
        return redirect("accounts:choose_pin")
    raise_if_reauthentication_required(request, app=APP)
    at = now()
    page = get_pin_page(user=request.user, at=at)
    form = ChoosePin(request.POST or None)
    if request.method == "POST" and page.may_choose and form.is_valid():
        try:
            set_pin(user=request.user, pin=form.cleaned_data["pin"], by=request.user, at=at)
        except PinRefused as refusal:
            form.add_error("pin", str(refusal))
        else:
            request.session.pop(CHOOSE_PIN_KEY, None)
            messages.success(request, "Saved: your PIN signs from now on.")
            return redirect("pages:home")
    return render(request, "accounts/choose_pin.html", {"page": page, "form": form})
