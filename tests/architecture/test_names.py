"""One verb phrase names the URL, the view and the template of a thing people do."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver, path

from tests.architecture.house import PACKAGES

# Views of libraries that our addresses include, by the beginning of their module.
FOREIGN = ("allauth.", "django.")
# Names by which django-allauth looks its own pages up, also where we answer.
FOREIGN_NAMES = ("account_", "mfa_")
# Whose addresses have no prefix: django-allauth looks its own up among them.
WITHOUT_NAMESPACE = "accounts"

_ROUTE = re.compile(r"[a-z0-9/.-]*\Z")
_PLACEHOLDER = re.compile(r"<(?:(?P<kind>[^:>]+):)?(?P<name>[^>]+)>")
# Parts of a regular expression that are as narrow as a converter of Django's.
_AS_CONVERTERS = [
    (re.compile(r"\(\?P<(\w+)>\[0-9a-f-\]\{36\}\)"), r"<uuid:\1>"),
    (re.compile(r"\(\?P<(\w+)>\[-a-zA-Z0-9_\]\+\)"), r"<slug:\1>"),
    (re.compile(r"\(\?P<(\w+)>\[0-9\]\{4\}-\[0-9\]\{2\}\)"), r"<month:\1>"),
    (re.compile(r"\(\?P<\w+>([a-z|]+)\)"), r"word"),
    (re.compile(r"[$^]|\\(?=[./])"), ""),
]
# What an address may carry: identifiers, the calendar, a clinic's code, and the random token of a link that is
# used once; never a name, a number or a reference of a person.
KINDS = {"uuid", "month", "date", "edition"}
# A line of a paper pack is called by its number, as on the paper.
# A topic is one of a fixed list of words, the same for everybody.
NAMED = {
    ("slug", "clinic_code"),
    ("slug", "criterion"),
    ("slug", "topic"),
    ("slug", "money_topic"),
    ("token", "token"),
    ("int", "line"),
}


@dataclass(frozen=True)
class Address:
    """One URL pattern: where it is, what it is called and what answers."""

    route: str
    namespace: str
    name: str | None
    view: Callable[..., Any]


def addresses(resolver: URLResolver | Any, route: str = "", namespace: str = "") -> Iterator[Address]:
    """Yield every address below a resolver."""
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(here, namespace, pattern.name, pattern.callback)
        else:
            yield from addresses(pattern, here, pattern.namespace or namespace)


def is_foreign(address: Address) -> bool:
    """Tell whether a library answers at an address."""
    return address.view.__module__.startswith(FOREIGN) or (address.name or "").startswith(FOREIGN_NAMES)


def unclaimed(found: list[Address]) -> list[str]:
    """Return a sentence for each address whose view is neither ours nor listed as foreign."""
    return [
        f"{address.route} is answered by {address.view.__module__}: list it as foreign"
        for address in found
        if not is_foreign(address) and address.view.__module__.split(".")[0] not in {*PACKAGES, "tests"}
    ]


def misnamed(found: list[Address]) -> list[str]:
    """Return a sentence for each of our addresses not called what its view is called."""
    return [
        f"{address.route} is called {address.name}, its view {getattr(address.view, '__name__', '?')}"
        for address in found
        if not is_foreign(address) and address.name != getattr(address.view, "__name__", None)
    ]


def ill_formed(found: list[Address]) -> list[str]:
    """Return a sentence for each of our addresses that is not a sentence in kebab case with UUIDs."""
    violations = []
    for address in found:
        if is_foreign(address):
            continue
        route = address.route
        for pattern, converter in _AS_CONVERTERS:
            route = pattern.sub(converter, route)
        if not _ROUTE.match(_PLACEHOLDER.sub("", route)):
            violations.append(f"{address.route} is not kebab case")
        violations += [
            f"{address.route} carries a {match['kind'] or 'str'}"
            for match in _PLACEHOLDER.finditer(route)
            if match["kind"] not in KINDS and (match["kind"], match["name"]) not in NAMED
        ]
    return violations


def templates_of(view: Callable[..., Any]) -> set[str]:
    """Return the template names written in a view function."""
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(view)))
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html")
    }


def mistemplated(found: list[Address]) -> list[str]:
    """Return a sentence for each template of our views that is not named after its view, or is not there.

    A part of a page that is fetched alone is named after the page with a suffix: board.html, board_rows.html.
    """
    violations = []
    for address in found:
        if is_foreign(address):
            continue
        stem = f"{address.namespace or WITHOUT_NAMESPACE}/{address.name}"
        for template in sorted(templates_of(address.view)):
            if not re.fullmatch(rf"{re.escape(stem)}(_[a-z_]+)?\.html", template):
                violations.append(f"{address.route} draws {template}, not {stem}.html")
            try:
                get_template(template)
            except TemplateDoesNotExist:
                violations.append(f"{address.route} draws {template}, which is not there")
    return violations


def pass_dose(request: HttpRequest) -> HttpResponse:
    return render(request, "dosing/pass_the_dose.html")


PLANTED = SimpleNamespace(url_patterns=[path("pass_dose/<int:number>", pass_dose, name="give_dose")])


class TestOurAddresses:
    def test_are_answered_by_us_or_by_a_listed_library(self) -> None:
        assert unclaimed(list(addresses(get_resolver()))) == []

    def test_answered_by_a_stranger_are_seen(self) -> None:
        stranger = Address("odd/", "", "odd", Path.exists)

        assert unclaimed([stranger]) == ["odd/ is answered by pathlib: list it as foreign"]

    def test_are_called_what_their_view_is_called(self) -> None:
        assert misnamed(list(addresses(get_resolver()))) == []

    def test_called_otherwise_are_seen(self) -> None:
        assert misnamed(list(addresses(PLANTED))) == [
            "pass_dose/<int:number> is called give_dose, its view pass_dose"
        ]

    def test_are_sentences_in_kebab_case_with_uuids(self) -> None:
        assert ill_formed(list(addresses(get_resolver()))) == []

    def test_of_another_form_are_seen(self) -> None:
        assert ill_formed(list(addresses(PLANTED))) == [
            "pass_dose/<int:number> is not kebab case",
            "pass_dose/<int:number> carries a int",
        ]

    def test_draw_the_template_of_their_name(self) -> None:
        assert mistemplated(list(addresses(get_resolver()))) == []

    def test_drawing_another_are_seen(self) -> None:
        assert mistemplated(list(addresses(PLANTED, namespace="dosing"))) == [
            "pass_dose/<int:number> draws dosing/pass_the_dose.html, not dosing/give_dose.html",
            "pass_dose/<int:number> draws dosing/pass_the_dose.html, which is not there",
        ]
