"""What is typed and not sent, kept for the person who typed it. JSON, for the pages' own script."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from hat_clinic.accounts.access import SignedInRequest, present
from hat_clinic.accounts.actions import empty_draft
from hat_clinic.accounts.actions import save_draft as keep_draft
from hat_clinic.accounts.presence import handed_over
from hat_clinic.accounts.queries import get_draft
from hat_clinic.core.clock import now

LONGEST_PATH = 300


@present
@require_POST
def save_draft(request: SignedInRequest) -> HttpResponse:
    """Keep `fields` (name to list of texts) of the page `path`, opened at `opened_at`; without fields forget them.

    Whoever holds a browser that was handed over writes nothing into another page of the person who signed in.
    """
    try:
        sent = json.loads(request.body)
        path = str(sent["path"])
        opened_at = datetime.fromisoformat(sent["opened_at"])
        fields = {str(name): [str(value) for value in values] for name, values in sent["fields"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return HttpResponse(status=400)
    if not path.startswith("/") or len(path) > LONGEST_PATH or opened_at.tzinfo is None:
        return HttpResponse(status=400)
    if (handed := handed_over(request)) and path not in handed:
        return HttpResponse(status=403)
    if not fields:
        empty_draft(path=path, by=request.user, at=now())
    elif not keep_draft(path=path, fields=fields, by=request.user, at=now(), opened_at=opened_at):
        return HttpResponse(status=413)
    return HttpResponse(status=204)


@present
@require_safe
def load_draft(request: SignedInRequest) -> JsonResponse:
    """Give what this person typed on the page `path`, if anything, when, and what time it is."""
    at = now()
    draft = get_draft(user=request.user, path=request.GET.get("path", ""), at=at)
    answer: dict[str, Any] = {"at": at.isoformat()}
    if draft is not None:
        saved_at = timezone.localtime(draft.saved_at)
        answer |= {"fields": draft.fields, "saved_at": saved_at.strftime("%H:%M")}
    return JsonResponse(answer)
