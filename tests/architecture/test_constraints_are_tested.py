"""A constraint says in words what it refuses, and a test names it."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.constraints import BaseConstraint

from tests.architecture.house import PACKAGES, ROOT


def our_constraints() -> list[BaseConstraint]:
    """Return every constraint of our models."""
    return [
        constraint
        for model in apps.get_models()
        if model.__module__.split(".")[0] in PACKAGES
        for constraint in model._meta.constraints
    ]


def wordless(constraints: list[BaseConstraint]) -> list[str]:
    """Return a sentence for each constraint that keeps Django's own message."""
    return [
        f"{constraint.name} has no message of its own"
        for constraint in constraints
        if constraint.violation_error_message == BaseConstraint.default_violation_error_message
    ]


def untested(constraints: list[BaseConstraint], tests: list[Path]) -> list[str]:
    """Return a sentence for each constraint whose name no test file has in it."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    return [f"no test names {constraint.name}" for constraint in constraints if constraint.name not in text]


def constraint_tests() -> list[Path]:
    """Return the test files outside this folder, which names constraints only to count them."""
    return sorted({*(ROOT / "tests").rglob("test_*.py")} - {*(ROOT / "tests/architecture").rglob("*.py")})


PLANTED = models.CheckConstraint(name="planted_constraint", condition=Q(pk__gt=0))


class TestEveryConstraint:
    def test_says_what_it_refuses(self) -> None:
        assert wordless(our_constraints()) == []

    def test_that_says_nothing_is_seen(self) -> None:
        assert wordless([PLANTED]) == ["planted_constraint has no message of its own"]

    def test_is_named_by_a_test(self) -> None:
        assert untested(our_constraints(), constraint_tests()) == []

    def test_that_no_test_names_is_seen(self) -> None:
        assert untested([PLANTED], constraint_tests()) == ["no test names planted_constraint"]
