"""Every act on the record says who did it and when, tells the audit trail, and is one transaction."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.architecture.house import Module, copy_of_the_house, modules, plant, shelf

# What writes the event itself.
RECORDERS = {
    "hat_clinic.audit.actions.record",
    "hat_clinic.audit.actions.record_look",
    "hat_clinic.audit.actions.recorded_together",
}

# What opens the one transaction of an act, beside transaction.atomic(durable=True).
OPENERS = {"hat_clinic.core.transactions.one_act", "dosing.actions.two_people.stock_act"}

# Public actions that leave no audit event of their own, and why.
WITHOUT_AN_EVENT: dict[str, str] = {
    "hat_clinic.accounts.actions.drafts.save_draft": "what is half typed is no act yet, and is on no record",
    "hat_clinic.accounts.actions.drafts.empty_draft": "the act that took the draft's place has its event",
}

# Public actions without one of the two keywords, and why.
WITHOUT_KEYWORD: dict[tuple[str, str], str] = {
    ("hat_clinic.accounts.actions.pins.prove_pin", "by"): "whose PIN it is, is what is to be proved",
    ("hat_clinic.accounts.actions.people.get_program", "by"): "the program that is made is the one that acts",
}

# They run whole acts one after another, each in its own transaction.
RUNS_ACTS = ("hat_clinic.demo.", "hat_clinic.scenarios.")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def actions(houses: list[Module]) -> dict[str, tuple[Module, Function]]:
    """Return every function on an actions shelf, public or not, by its dotted name."""
    return {
        f"{module.name}.{function.name}": (module, function)
        for module in houses
        if shelf(module) == "actions"
        for function in module.functions()
    }


def acts(houses: list[Module]) -> dict[str, tuple[Module, Function]]:
    """Return the public actions: not the private ones, not `lock_...`, which writes nothing, not the recorders."""
    return {
        name: found
        for name, found in actions(houses).items()
        if not name.rsplit(".", 1)[1].startswith(("_", "lock_")) and name not in RECORDERS
    }


def ill_shaped(houses: list[Module], exempt: dict[tuple[str, str], str]) -> list[str]:
    """Return a sentence for each public action without keywords only, `by`, `at`, or a docstring."""
    violations = []
    for name, (_, function) in acts(houses).items():
        arguments = function.args
        keywords = {argument.arg for argument in arguments.kwonlyargs}
        if arguments.posonlyargs or arguments.args or arguments.vararg:
            violations.append(f"{name} takes positional arguments: write (*, by, at, ...)")
        for word in ("by", "at"):
            if word not in keywords and (name, word) not in exempt:
                violations.append(f"{name} has no keyword {word}")
            if word in keywords and (name, word) in exempt:
                violations.append(f"{name} has {word}: take it off the list")
        if not ast.get_docstring(function):
            violations.append(f"{name} has no docstring")
    gone = sorted({name for name, _ in exempt} - set(actions(houses)))
    return violations + [f"{name} is listed and gone" for name in gone]


def without_a_transaction(houses: list[Module]) -> list[str]:
    """Return a sentence for each public action that neither opens a transaction nor says whose it uses."""
    return [
        f"{name} is no durable transaction and does not say that it runs in the caller's transaction"
        for name, (module, function) in acts(houses).items()
        if not name.startswith(RUNS_ACTS)
        and "caller's transaction" not in " ".join((ast.get_docstring(function) or "").split())
        and not any(
            isinstance(node, ast.keyword)
            and node.arg == "durable"
            and isinstance(node.value, ast.Constant)
            and node.value.value is True
            for node in ast.walk(function)
        )
        and not _called(module, function) & OPENERS
    ]


def _called(module: Module, function: Function) -> set[str]:
    """Return the dotted names a function calls, as far as imports and names tell."""
    names = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        parts: list[str] = []
        target = node.func
        while isinstance(target, ast.Attribute):
            parts.append(target.attr)
            target = target.value
        if isinstance(target, ast.Name):
            origin = module.imports.get(target.id, f"{module.name}.{target.id}")
            names.add(".".join([origin, *reversed(parts)]))
    return names


def _exported(houses: list[Module]) -> dict[str, str]:
    """Return where names come from that one of our modules passes on from another."""
    return {f"{module.name}.{name}": origin for module in houses for name, origin in module.imports.items()}


def without_an_event(houses: list[Module], exempt: dict[str, str]) -> list[str]:
    """Return a sentence for each public action that never calls `record`, and each stale exemption."""
    known = actions(houses)
    exported = _exported(houses)

    def tells(name: str, seen: frozenset[str]) -> bool:
        for _ in range(5):  # a name passed on by packages, a few steps at most
            name = exported.get(name, name)
        if name in RECORDERS:
            return True
        if name not in known or name in seen:
            return False
        return any(tells(called, seen | {name}) for called in _called(*known[name]))

    silent = {
        name
        for name, (module, function) in acts(houses).items()
        if not any(tells(called, frozenset({name})) for called in _called(module, function))
    }
    return [
        *(f"{name} writes no audit event: call record()" for name in sorted(silent - set(exempt))),
        *(f"{name} is exempt and need not be: take it off the list" for name in sorted(set(exempt) - silent)),
    ]


def new(check: Callable[..., list[str]], house: Path, *more: Any) -> list[str]:
    """Return what a check finds in a copy with a fault and not in the house itself."""
    return [sentence for sentence in check(modules(house), *more) if sentence not in check(modules(), *more)]


class TestPublicActions:
    def test_are_keyword_only_with_by_at_and_a_docstring(self) -> None:
        assert ill_shaped(modules(), WITHOUT_KEYWORD) == []

    def test_of_another_shape_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "patients.actions.planted", "def admit(person, *, by):\n    pass")

        assert new(ill_shaped, house, WITHOUT_KEYWORD) == [
            "patients.actions.planted.admit takes positional arguments: write (*, by, at, ...)",
            "patients.actions.planted.admit has no keyword at",
            "patients.actions.planted.admit has no docstring",
        ]

    def test_listed_and_gone_are_seen(self) -> None:
        listed = {**WITHOUT_KEYWORD, ("patients.actions.gone", "at"): "it was here once"}

        assert "patients.actions.gone is listed and gone" in ill_shaped(modules(), listed)

    def test_are_one_durable_transaction_or_part_of_the_callers(self) -> None:
        assert without_a_transaction(modules()) == []

    def test_without_a_transaction_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "patients.actions.planted", 'def admit(*, by, at):\n    """Admit."""')

        assert [sentence.split()[0] for sentence in new(without_a_transaction, house)] == [
            "patients.actions.planted.admit"
        ]

    def test_leave_an_audit_event(self) -> None:
        assert without_an_event(modules(), WITHOUT_AN_EVENT) == []

    def test_that_are_silent_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(
            house,
            "patients.actions.planted",
            "from hat_clinic.audit.actions import record\n"
            "def loud(*, by, at):\n    _through(by, at)\n"
            "def _through(by, at):\n    record('patients.planted', by=by, at=at)\n"
            "def silent(*, by, at):\n    print(record)\n",
        )

        assert new(without_an_event, house, WITHOUT_AN_EVENT) == [
            "patients.actions.planted.silent writes no audit event: call record()"
        ]

    def test_tell_it_through_another_rooms_action(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(
            house,
            "patients.actions.planted",
            "from hat_clinic.audit import actions as audit\n"
            "def loud(*, by, at):\n    audit.record('patients.planted', by=by, at=at)\n",
        )
        plant(
            house,
            "dosing.actions.planted",
            "from patients.actions import planted\ndef too(*, by, at):\n    planted.loud(by=by, at=at)\n",
        )

        assert new(without_an_event, house, WITHOUT_AN_EVENT) == []

    def test_exempt_without_need_are_seen(self) -> None:
        exempt = {**WITHOUT_AN_EVENT, "patients.actions.gone": "it was here once"}

        assert "patients.actions.gone is exempt and need not be: take it off the list" in without_an_event(
            modules(), exempt
        )
