"""The state diagrams of docs/states, drawn from the transition tables in the rules.

A table is `TRANSITIONS: Final[dict[State, frozenset[State]]]` (or TRANSITIONS_OF_SOMETHING) in any module of rules:
from each state the states that may follow. `python -m tests.architecture.states` writes the pages.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.architecture.house import ROOT, Module, modules

FOLDER = ROOT / "docs" / "states"
_NAME = re.compile(r"TRANSITIONS(_[A-Z_]+)?\Z")

Table = Mapping[Enum, frozenset[Enum]]


@dataclass(frozen=True)
class Diagram:
    """One transition table: where it stands, and what may follow what."""

    module: str
    name: str
    table: Table

    @property
    def states(self) -> type[Enum]:
        return type(next(iter(self.table)))

    @property
    def file_name(self) -> str:
        """What the page is called: after the states, in kebab case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.states.__name__).lower() + ".md"

    def faults(self) -> list[str]:
        """Return a sentence for each state that the table leaves out or cannot be reached and left."""
        where, every = f"{self.module}.{self.name}", set(self.states)
        followed = frozenset[Enum]().union(*self.table.values())
        return [
            *(f"{where} says nothing of {state.value}" for state in self.states if state not in self.table),
            *(f"{where} leads to {state}, which is no state of it" for state in followed - every),
            *(
                f"{where} leads neither to {state.value} nor away from it"
                for state in self.states
                if state not in followed and not self.table.get(state)
            ),
        ]

    def written(self) -> str:
        """Return the page: one arrow for each transition, from the first state to those that end it."""
        followed = frozenset[Enum]().union(*self.table.values())
        order = list(self.states)
        lines = [
            f"# {_words(self.states.__name__)}",
            "",
            f"Drawn from `{self.module}.{self.name}` by `python -m tests.architecture.states`; a test compares the",
            "two. Each arrow is one action.",
            "",
            "```mermaid",
            "stateDiagram-v2",
        ]
        lines += [f'    state "{_words(state.value)}" as {state.name.lower()}' for state in order]
        # A thing begins in the first state of its list, or in one that nothing leads to.
        begins = [state for state in order if state is order[0] or state not in followed]
        lines += [f"    [*] --> {state.name.lower()}" for state in begins]
        for state in order:
            after = sorted(self.table.get(state, ()), key=order.index)
            lines += [f"    {state.name.lower()} --> {next_.name.lower()}" for next_ in after]
            lines += [] if after else [f"    {state.name.lower()} --> [*]"]
        return "\n".join([*lines, "```", ""])


def _words(name: object) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", str(name)).replace("_", " ")
    return spaced[:1].upper() + spaced[1:].lower()


def diagrams(houses: list[Module]) -> Iterator[Diagram]:
    """Yield every transition table of the rules, found by its name."""
    for module in houses:
        if "rules" not in module.name.split("."):
            continue
        content = vars(importlib.import_module(module.name))
        for name, value in content.items():
            # What a package passes on from its modules is drawn where it is written.
            if _NAME.match(name) and f"{name}:" in module.path.read_text(encoding="utf-8"):
                yield Diagram(module.name, name, value)


def pages(found: list[Diagram]) -> dict[str, str]:
    """Return every page of the folder by its name, the list of them included."""
    drawn = sorted(found, key=lambda diagram: diagram.file_name)
    listed = [f"* [{_words(diagram.states.__name__)}]({diagram.file_name})" for diagram in drawn]
    head = ["# States", "", "What may follow what, drawn from the tables in the rules.", ""]
    return {
        "README.md": "\n".join([*head, *(listed or ["No table is there yet."]), ""]),
        **{diagram.file_name: diagram.written() for diagram in drawn},
    }


def differences(written: dict[str, str], folder: Path = FOLDER) -> list[str]:
    """Return a sentence for each page that is missing, is not what the rules say, or belongs to no table."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return [
        *(f"{name} is missing" for name in sorted(set(written) - set(there))),
        *(f"{name} belongs to no table" for name in sorted(set(there) - set(written))),
        *(
            f"{name} is not what the rules say"
            for name in sorted(written)
            if there.get(name, written[name]) != written[name]
        ),
    ]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hat_clinic.settings")
    made = pages(list(diagrams(modules())))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(made)} pages of {FOLDER} are written.\n")
