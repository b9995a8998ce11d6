"""The state diagrams in the docs are those of the tables in the rules, and every table is whole."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from tests.architecture.house import Module, modules
from tests.architecture.states import Diagram, diagrams, differences, pages


class LampState(StrEnum):
    """States of a thing that nobody has, to draw."""

    OFF = "off"
    LIT = "lit"
    BURNT_OUT = "burnt_out"


WHOLE = {
    LampState.OFF: frozenset({LampState.LIT}),
    LampState.LIT: frozenset({LampState.OFF, LampState.BURNT_OUT}),
    LampState.BURNT_OUT: frozenset[LampState](),
}
LAMP = Diagram("lamps.rules", "TRANSITIONS", WHOLE)


class TestTheDiagrams:
    def test_are_what_the_rules_say(self) -> None:
        assert differences(pages(list(diagrams(modules())))) == []

    def test_have_tables_that_leave_nothing_out(self) -> None:
        assert [fault for diagram in diagrams(modules()) for fault in diagram.faults()] == []

    def test_have_pages_of_their_own(self) -> None:
        names = [diagram.file_name for diagram in diagrams(modules())]

        assert len(names) == len(set(names))


class TestADiagram:
    def test_has_one_arrow_for_each_transition(self) -> None:
        assert LAMP.file_name == "lamp-state.md"
        assert LAMP.written().partition("```mermaid\n")[2] == (
            "stateDiagram-v2\n"
            '    state "Off" as off\n'
            '    state "Lit" as lit\n'
            '    state "Burnt out" as burnt_out\n'
            "    [*] --> off\n"
            "    off --> lit\n"
            "    lit --> off\n"
            "    lit --> burnt_out\n"
            "    burnt_out --> [*]\n"
            "```\n"
        )

    def test_begins_in_the_first_state_and_in_those_that_nothing_leads_to(self) -> None:
        table = {**WHOLE, LampState.OFF: frozenset({LampState.BURNT_OUT})}

        page = Diagram("lamps.rules", "TRANSITIONS", table).written()

        assert re.findall(r"\[\*\] --> (.+)", page) == ["off", "lit"]

    def test_with_a_state_left_out_is_seen(self) -> None:
        table = {state: after for state, after in WHOLE.items() if state is not LampState.BURNT_OUT}

        assert Diagram("lamps.rules", "TRANSITIONS", table).faults() == [
            "lamps.rules.TRANSITIONS says nothing of burnt_out"
        ]

    def test_with_a_state_that_stands_alone_is_seen(self) -> None:
        table = {**WHOLE, LampState.LIT: frozenset({LampState.OFF})}

        assert Diagram("lamps.rules", "TRANSITIONS", table).faults() == [
            "lamps.rules.TRANSITIONS leads neither to burnt_out nor away from it"
        ]


class TestPages:
    def test_that_differ_are_seen(self, tmp_path: Path) -> None:
        (tmp_path / "lamp-state.md").write_text(LAMP.written().replace("lit --> off", "lit --> lit"))
        (tmp_path / "door-state.md").write_text("# Door\n")

        assert differences(pages([LAMP]), tmp_path) == [
            "README.md is missing",
            "door-state.md belongs to no table",
            "lamp-state.md is not what the rules say",
        ]


class TestTables:
    def test_are_found_by_their_name(self, tmp_path: Path, monkeypatch) -> None:
        rules = tmp_path / "lamps_of_this_test" / "rules"
        rules.mkdir(parents=True)
        (rules / "__init__.py").write_text(
            "from lamps_of_this_test.rules.lamps import TRANSITIONS_OF_LAMPS\n"
        )
        (rules / "lamps.py").write_text(
            "from enum import StrEnum\nfrom typing import Final\n"
            "class Lamp(StrEnum):\n    OFF = 'off'\n    LIT = 'lit'\n"
            "TRANSITIONS_OF_LAMPS: Final[dict[Lamp, frozenset[Lamp]]] = {\n"
            "    Lamp.OFF: frozenset({Lamp.LIT}), Lamp.LIT: frozenset()\n}\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        found = list(
            diagrams(
                [
                    Module("lamps_of_this_test.rules", rules / "__init__.py"),
                    Module("lamps_of_this_test.rules.lamps", rules / "lamps.py"),
                ]
            )
        )

        assert [(diagram.name, diagram.file_name) for diagram in found] == [
            ("TRANSITIONS_OF_LAMPS", "lamp.md")
        ]
