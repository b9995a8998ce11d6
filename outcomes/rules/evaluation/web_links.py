"""From a figure of a report to what it means and back, inside one file of HTML: links and nothing else.

Source: Indicators 5 (evaluation).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import unescape
from types import MappingProxyType
from typing import Final

from outcomes.rules.evaluation.definitions import DEFINITIONS, definition_of
from outcomes.rules.evaluation.indicators import Definition
from outcomes.rules.evaluation.words import sentence_case

# Where the figures of a domain stand when no page has its name.
PAGE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dosing": "attendance",
        "candidates": "offending",
        "top": "answers",
        "cost": "costs",
        "crime_cost": "costs",
        "need": "area",
    }
)
WITHOUT_FIGURES: Final = frozenset({"cover", "methods", "changes", "reading", "unit-costs", "benchmarks"})
_SECTION = re.compile(
    r'(<section class="page page-([\w-]+)" id="[^"]*">\s*<p class="running">)(.*?)(</p>)', re.DOTALL
)
_SHEETS = re.compile(r'(<table class="sheets">\s*<caption)(>)(.*?)(</caption>)', re.DOTALL)
_SHEET = re.compile(r'<th scope="row">(.*?)<div class="sheet-id">(.*?)</div></th>')
_NAME = re.compile(r'(<th scope="row">|<h3>)([^<]+)(</th>|</h3>)')


def with_definitions(html: str) -> str:
    """A report of HTML in which each figure that stands under its name, and each page, leads to what it means and back.

    A page whose figures have other names in its tables leads to the sheets of its subject.
    """
    pages = {found[2]: found[3].strip() for found in _SECTION.finditer(html)}
    subjects: dict[str, list[str]] = {}
    for domain in dict.fromkeys(str(one.domain) for one in DEFINITIONS):
        subjects.setdefault(_page_of(domain, pages), []).append(domain)
    html = "".join(_named(part, pages) for part in re.split(r'(?=<section class="page page-)', html))
    html = _SHEET.sub(lambda sheet: _sheet(sheet, pages), html)
    html = _SHEETS.sub(
        lambda table: f'{table[1]} id="{_subject_anchor(table[3])}"{table[2]}{table[3]}{table[4]}', html
    )
    return _SECTION.sub(lambda section: _section(section, subjects), html)


def _section(section: re.Match[str], subjects: Mapping[str, list[str]]) -> str:
    opening, key, name, closing = section.groups()
    if key in WITHOUT_FIGURES:
        return section[0]
    found = [
        (sentence_case(domain.replace("_", " ")), _subject_anchor(domain)) for domain in subjects.get(key, [])
    ]
    words = "What these figures mean"
    if len(found) == 1 or not found:
        target = found[0][1] if found else "methods"
        links = f'<a href="#{target}" aria-label="{words}: {name}">{words}</a>'
    else:
        links = f"{words}: " + ", ".join(
            f'<a href="#{target}" aria-label="{words}: {subject}">{subject}</a>' for subject, target in found
        )
    return f"{opening}{name} · {links}{closing}"


def _sheet(sheet: re.Match[str], pages: Mapping[str, str]) -> str:
    label, written = sheet.groups()
    definition = definition_of(unescape(written))
    page = _page_of(str(definition.domain), pages) if definition else ""
    back = (
        f'<a href="#{page}" aria-label="Back to {pages[page]}, from {label}">Back to {pages[page]}</a>'
        if page in pages
        else ""
    )
    return (
        f'<th scope="row" id="{_anchor(unescape(written))}">{label}'
        f'<div class="sheet-id">{written}</div>{back}</th>'
    )


def _named(part: str, pages: Mapping[str, str]) -> str:
    """One page with a link at the name of every figure that has a sheet."""
    section = _SECTION.match(part)
    key = section[2] if section else ""

    def linked(name: re.Match[str]) -> str:
        opening, text, closing = name.groups()
        found = _named_by(unescape(text).replace("\xa0", " ").strip())
        here = [one for one in found if "{}" not in one.label or _page_of(str(one.domain), pages) == key]
        return f'{opening}<a href="#{_anchor(here[0].id)}">{text}</a>{closing}' if here else name[0]

    return _NAME.sub(linked, part)


@cache
def _named_by(label: str) -> tuple[Definition, ...]:
    """The definitions that a label is the name of: first those by that very name, then those with a place filled in."""
    exact = [one for one in DEFINITIONS if one.label == label]
    return (*exact, *(one for one in DEFINITIONS if "{}" in one.label and _fits(one.label, label)))


def _fits(name: str, label: str) -> bool:
    pattern = ".+".join(re.escape(part) for part in name.split("{}"))
    return re.fullmatch(pattern, label) is not None


def _page_of(domain: str, pages: Mapping[str, str]) -> str:
    own = domain.replace("_", "-")
    return own if own in pages else PAGE_OF.get(domain, own)


def _anchor(identifier: str) -> str:
    return "means-" + re.sub(r"[^a-z0-9]+", "-", identifier.lower()).strip("-")


def _subject_anchor(domain: str) -> str:
    return "subject-" + re.sub(r"[^a-z0-9]+", "-", domain.lower()).strip("-")
