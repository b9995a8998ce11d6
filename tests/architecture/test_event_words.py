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

    def with_names_from(self, words: dict[str, Words]) -> Telling:
        """Return the same with each beginning of a name (it ends in a stroke) replaced by the words that have it."""
        whole = frozenset(
            name
            for event in self.events
            for name in (
                [word for word in words if word.startswith(event)] if event.endswith("_") else [event]
            )
        )
        return Telling(self.where, whole, self.may_be_refused)


def tellings(houses: list[Module]) -> Iterator[Telling]:
    """Yield every call of the two recorders, with the names of events that stand in it.

    A name that is passed in is looked for wherever the function is called, and one that is chosen just before among
    all texts of the module. A name that is put together, as in f"patients.person_{what}", is its beginning.
    """
    for module in houses:
        if module.name == "hat_clinic.audit.actions":
            continue
        for call in ast.walk(module.tree):
            if not isinstance(call, ast.Call) or _called(module, call.func) not in RECORDERS:
                continue
            written = _texts(call.args[0]) | _passed_in(houses, module, call) if call.args else frozenset()
            yield Telling(
                where=f"{module.name}:{call.lineno}",
                events=written or _names_in(module),
                may_be_refused=any(keyword.arg == "refused" for keyword in call.keywords),
            )


def _called(module: Module, target: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    origin = module.imports.get(target.id, "") if isinstance(target, ast.Name) else ""
    return ".".join([origin, *reversed(parts)])


def _passed_in(houses: list[Module], module: Module, call: ast.Call) -> frozenset[str]:
    """Return the names given to the function around a call, where its event is one of that function's arguments.

    Another module that gives no name in the call itself, but one that it chose before, may give any name in it.
    """
    event = call.args[0]
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef) or call not in ast.walk(function):
            continue
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if isinstance(event, ast.Name) and event.id in {argument.arg for argument in arguments}:
            return frozenset[str]().union(
                *(_given(other) for other in _calls(module, function.name)),
                *(
                    _given(other) or (_names_in(house) if ".actions" in house.name else frozenset())
                    for house in houses
                    if f"{module.name}.{function.name}" in house.imports.values()
                    for other in _calls(house, f"{module.name}.{function.name}")
                ),
            )
    return frozenset()


def _calls(module: Module, name: str) -> Iterator[ast.Call]:
    """Yield the calls of a function: of the module's own by its bare name, of another's by its whole one."""
    for call in ast.walk(module.tree):
        if isinstance(call, ast.Call):
            own = isinstance(call.func, ast.Name) and call.func.id == name
            if own or ("." in name and _called(module, call.func) == name):
                yield call


def _given(call: ast.Call) -> frozenset[str]:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return frozenset[str]().union(*(_texts(value) for value in given))


def _names_in(module: Module) -> frozenset[str]:
    return frozenset(text for text in _texts(module.tree) if text.startswith(f"{_room(module)}."))


def _room(module: Module) -> str:
    return module.name.split(".")[1 if module.name.startswith("hat_clinic.") else 0]


def _texts(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.match(node.value)
    )


def unreadable(houses: list[Module], words: dict[str, Words]) -> list[str]:
    """Return a sentence for each event without words, refusal without words, and words without an event."""
    told = [telling.with_names_from(words) for telling in tellings(houses)]
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
