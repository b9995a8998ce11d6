"""Every event that the program writes into the audit trail can be read there: it has a sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hat_clinic.pages.rules.events import WORDS, Words
from tests.architecture.house import Module, copy_of_the_house, modules, plant

RECORDERS = {"hat_clinic.audit.actions.record", "hat_clinic.audit.actions.record_look"}
EVENT = re.compile(r"[a-z_]+\.[a-z_]+\Z")


@dataclass(frozen=True)
class Telling:
    """One call that writes an event: the names it may write, and whether the act may be refused."""

    where: str
    events: frozenset[str]
    may_be_refused: bool


def tellings(houses: list[Module]) -> Iterator[Telling]:
    """Yield every call of the two recorders, with the names of events that stand in it.

    A name that is chosen just before, or passed in, is looked for among all texts of the module.
    """
    for module in houses:
        if module.name == "hat_clinic.audit.actions":
            continue
        for call in ast.walk(module.tree):
            if not isinstance(call, ast.Call) or _called(module, call.func) not in RECORDERS:
                continue
            written = _texts(call.args[0]) if call.args else frozenset()
            room = module.name.split(".")[1 if module.name.startswith("hat_clinic.") else 0]
            yield Telling(
                where=f"{module.name}:{call.lineno}",
                events=written or frozenset(t for t in _texts(module.tree) if t.startswith(f"{room}.")),
                may_be_refused=any(keyword.arg == "refused" for keyword in call.keywords),
            )


def _called(module: Module, target: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    origin = module.imports.get(target.id, "") if isinstance(target, ast.Name) else ""
    return ".".join([origin, *reversed(parts)])


def _texts(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.match(node.value)
    )


def unreadable(houses: list[Module], words: dict[str, Words]) -> list[str]:
    """Return a sentence for each event without words, refusal without words, and words without an event."""
    told = list(tellings(houses))
    events = frozenset[str]().union(*(telling.events for telling in told))
    refusable = frozenset[str]().union(*(telling.events for telling in told if telling.may_be_refused))
    return [
        *(
            f"{telling.where} writes an event whose name is nowhere near"
            for telling in told
            if not telling.events
        ),
        *(f"{event} has no words: add it to pages.rules.events" for event in sorted(events - set(words))),
        *(
            f"{event} may be refused and has no words for it"
            for event in sorted(refusable & set(words))
            if not words[event].refused
        ),
        *(f"{event} has words and is written nowhere" for event in sorted(set(words) - events)),
    ]


class TestEvents:
    def test_all_have_words(self) -> None:
        assert unreadable(modules(), WORDS) == []

    def test_are_found_at_all(self) -> None:
        events = frozenset[str]().union(*(telling.events for telling in tellings(modules())))

        assert {"accounts.signed_in", "dosing.injection_recorded", "dosing.board_seen"} <= events

    def test_without_words_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(
            house,
            "patients.actions.planted",
            "from hat_clinic.audit import actions as audit\n"
            "from hat_clinic.audit.actions import record, record_look as tell\n"
            "def act(name):\n"
            "    record('patients.planted' if name else 'patients.planted_otherwise')\n"
            "    audit.record('patients.person_registered', refused=True)\n"
            "    tell('patients.planted_seen')\n",
        )

        assert unreadable(modules(house), WORDS) == [
            "patients.planted has no words: add it to pages.rules.events",
            "patients.planted_otherwise has no words: add it to pages.rules.events",
            "patients.planted_seen has no words: add it to pages.rules.events",
            "patients.person_registered may be refused and has no words for it",
        ]

    def test_named_elsewhere_in_the_module_are_found_and_named_nowhere_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(
            house,
            "patients.actions.near",
            "from hat_clinic.audit.actions import record\n"
            "NAME = 'patients.planted'\ndef act():\n    record(NAME)\n",
        )
        plant(
            house,
            "patients.actions.nowhere",
            "from hat_clinic.audit.actions import record\ndef act(name):\n    record(name)\n",
        )

        assert unreadable(modules(house), WORDS) == [
            "patients.actions.nowhere:4 writes an event whose name is nowhere near",
            "patients.planted has no words: add it to pages.rules.events",
        ]

    def test_with_words_and_written_nowhere_are_seen(self) -> None:
        words = {**WORDS, "patients.gone": Words("went")}

        assert unreadable(modules(), words) == ["patients.gone has words and is written nowhere"]
