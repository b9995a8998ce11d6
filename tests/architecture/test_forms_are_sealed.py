"""Every page that takes something asks who opened it: what another person sends is refused, never re-attributed."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.house import ROOT

ASKS = "open_form_seal"

AT_A_DESK = "opened at a desk with password and second factor: the page's token ends with that sign-in"
AT_THE_TERMINAL = "says itself who acts"
OWN = "is about nobody but whoever sends it"
# Pages that take something without a seal, and what holds instead.
WITHOUT_A_SEAL = {
    "draw_urine_days": "draws by lot for everybody who has no day: nobody chooses anything",
    "accept_invitation": OWN,
    "add_agency": AT_A_DESK,
    "add_terminal": AT_A_DESK,
    "choose_person": AT_THE_TERMINAL,
    "choose_pin": OWN,
    "close_account": AT_A_DESK,
    "drop_draft": OWN,
    "end_role": AT_A_DESK,
    "enrol_terminal": AT_THE_TERMINAL,
    "grant_role": AT_A_DESK,
    "hand_over_watching": "an emergency: never kept waiting, and it names who is handed to and its own key",
    "invite_inspector": AT_A_DESK,
    "invite_person": AT_A_DESK,
    "lock_terminal": AT_THE_TERMINAL,
    "note_input": AT_THE_TERMINAL,
    "preview_check": "stores nothing",
    "print_downtime_pack": "stores nothing about what was typed: it draws the pack of now",
    "record_licence": AT_A_DESK,
    "remove_key": OWN,
    "request_report": AT_A_DESK,
    "retire_terminal": AT_A_DESK,
    "save_draft": OWN,
    "start_emergency": "an emergency: never kept waiting",
    "unlock_terminal": AT_THE_TERMINAL,
    "withdraw_invitation": AT_A_DESK,
}


def views() -> list[Path]:
    return sorted(path for path in ROOT.glob("**/views/*.py") if ".venv" not in path.parts)


def functions() -> dict[str, set[str]]:
    """Return every function of the views with the names that it uses, its decorators among them."""
    found: dict[str, set[str]] = {}
    for path in views():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                used |= {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
                found.setdefault(node.name, set()).update(used)
    return found


def takers() -> set[str]:
    """Return the views that may be sent something."""
    found = set()
    for path in views():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                decorators = " ".join(ast.unparse(one) for one in node.decorator_list)
                if "require_POST" in decorators or "'POST'" in decorators:
                    found.add(node.name)
    return found


def asking() -> set[str]:
    """Return every function that asks for the seal, by itself or through another one of the views."""
    uses = functions()
    found = {ASKS}
    while more := {name for name, used in uses.items() if name not in found and used & found}:
        found |= more
    return found


def test_every_page_that_takes_something_asks_who_opened_it() -> None:
    assert takers() - asking() == set(WITHOUT_A_SEAL)


def test_the_walk_finds_pages_that_ask_and_pages_that_do_not() -> None:
    assert {"record_housing", "record_injection"} <= takers() & asking()
    assert "see_housing" not in takers()
