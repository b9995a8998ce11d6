"""What every view needs to know of HTTP: who asks (a person or a poll), and how to send them elsewhere."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

POLL_HEADER = "X-Poll"


def is_poll(request: HttpRequest) -> bool:
    """Return whether the page asked by itself, so that nobody touched anything."""
    return request.headers.get(POLL_HEADER) == "1"


def is_htmx(request: HttpRequest) -> bool:
    """Return whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def page_of(request: HttpRequest) -> str:
    """Return the path to come back to: the page itself, or the page that an htmx part or a form stands on.

    Empty when it cannot be told. A path of another host never comes out of here.
    """
    if request.method in {"GET", "HEAD"} and not is_htmx(request):
        return request.get_full_path()
    there = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    if there.netloc != request.get_host() or not there.path.startswith("/") or there.path.startswith("//"):
        return ""
    return f"{there.path}?{there.query}" if there.query else there.path


def send_to(request: HttpRequest, path: str, *, come_back: bool = False) -> HttpResponse:
    """Send the whole browser window to a path; with `come_back`, `next` names the page it came from.

    A part of a page cannot be redirected by a 302 (htmx would put the sign-in form into a tile), so htmx gets
    a 401 with HX-Redirect.
    """
    page = page_of(request) if come_back else ""
    if page:
        path = f"{path}?{urlencode({'next': page})}"
    if is_htmx(request):
        return HttpResponse(status=401, headers={"HX-Redirect": path})
    return HttpResponseRedirect(path)
