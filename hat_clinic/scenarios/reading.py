"""Reading a folder of scenarios: facts that are true, one act, and what must come of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import yaml

from hat_clinic.core.clock import LONDON

Content = dict[str, Any]


class Unreadable(Exception):
    """The folder holds something that is not a scenario; the message names the file."""


class NotBuilt(Exception):
    """The program has no such fact or act yet; the message says which."""


class _Loader(yaml.SafeLoader):
    """Text, whole numbers, true and false: no dates, no base 60, no yes and no."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]*)$"), list("-0123456789")
)


@dataclass(frozen=True, slots=True)
class Named:
    """One fact or one act: what kind it is, and what is written of it."""

    kind: str
    content: Content


@dataclass(frozen=True, slots=True)
class Scenario:
    """Facts, one attempted act, and what is expected of it."""

    id: str
    title: str
    setup: tuple[Named, ...]
    act: Named
    expect: Content


def read_folder(folder: Path) -> list[Scenario]:
    """Return every scenario of the YAML files of a folder, in the order of the files' names.

    Raises Unreadable for a file that is no list of scenarios, and for an id that comes twice.
    """
    raw: dict[str, Content] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        for entry in _entries(path):
            if entry["id"] in raw:
                raise Unreadable(f"{path.name}: {entry['id']} is there twice.")
            raw[entry["id"]] = entry
    return [
        Scenario(
            id=entry["id"],
            title=str(entry.get("title", "")),
            setup=tuple(_facts(entry, raw, ())),
            act=_named(entry["act"], entry["id"]),
            expect=entry["expect"],
        )
        for entry in raw.values()
    ]


def _entries(path: Path) -> list[Content]:
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path.name} cannot be read: {error}") from error
    if not isinstance(entries, list):
        raise Unreadable(f"{path.name} is not a list of scenarios.")
    for place, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not {"id", "setup", "act", "expect"} <= set(entry):
            raise Unreadable(f"{path.name}: entry {place} lacks id, setup, act or expect.")
        if not all(isinstance(entry[part], kind) for part, kind in (("id", str), ("expect", dict))):
            raise Unreadable(f"{path.name}: entry {place} has an id or an expect of the wrong kind.")
    return entries


def _facts(entry: Content, raw: dict[str, Content], seen: tuple[str, ...]) -> Iterable[Named]:
    if entry["id"] in seen:
        raise Unreadable(f"{entry['id']} takes its facts from itself.")
    for one in entry["setup"] or ():
        fact = _named(one, entry["id"])
        if fact.kind != "same_as":
            yield fact
            continue
        other = fact.content["scenario"]
        if other not in raw:
            raise Unreadable(f"{entry['id']} takes the facts of {other}, which is not in this folder.")
        yield from _facts(raw[other], raw, (*seen, entry["id"]))


def _named(one: Any, where: str) -> Named:
    if not isinstance(one, dict) or len(one) != 1:
        raise Unreadable(f"{where}: a fact or an act is one word with what is written of it.")
    ((kind, content),) = one.items()
    if kind == "same_as" and isinstance(content, str):
        return Named(kind, {"scenario": content})
    if not isinstance(content, dict):
        raise Unreadable(f"{where}: {kind} has no content.")
    return Named(kind, content)


def latest_of_each(facts: Iterable[Named]) -> list[Named]:
    """Return the facts where a later one of the same kind and id takes the place of an earlier one."""
    found: dict[object, Named] = {}
    for place, fact in enumerate(facts):
        key: object = (fact.kind, fact.content["id"]) if "id" in fact.content else place
        found[key] = fact
    return list(found.values())


def moment(text: str) -> datetime:
    """Return a written moment: wall time in Europe/London, unless an offset is written."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=LONDON)


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins in Europe/London."""
    return datetime.combine(day, time(0, 0), tzinfo=LONDON)
