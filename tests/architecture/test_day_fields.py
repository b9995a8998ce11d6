"""Every field in which a day is typed takes a plausible year or says why not: found in the forms, not listed here."""

from __future__ import annotations

import ast
import importlib
import inspect
from dataclasses import dataclass
from typing import Any

import pytest
from django import forms

from hat_clinic.core.days import DayField
from tests.architecture.house import Module, copy_of_the_house, modules, plant
from tests.architecture.test_number_fields import is_of_forms, made

OUTSIDE = ("01/01/0001", "31/12/1899", "01/01/2201", "31/12/9999")
# A day that belongs to one answer of its form is read where that answer was given.
ASKED_BY = {"BookAppointment.on": {"place": "own"}, "MoveAppointment.on": {"place": "own"}}
EDGES = ("01/01/1900", "31/12/2200")
OTHER_DAY_FIELDS = {
    "DateField",
    "DateTimeField",
    "SplitDateTimeField",
    "SelectDateWidget",
    "SplitDateTimeWidget",
    "DateTimeInput",
}


@dataclass(frozen=True)
class Day:
    """One day field of one form."""

    form_class: type[forms.BaseForm]
    name: str

    def __str__(self) -> str:
        return f"{self.form_class.__name__}.{self.name}"

    def sent(self, text: str) -> forms.BaseForm:
        """Return the form sent with a text in this field, written in the way the field takes."""
        field = made(self.form_class).fields[self.name]
        assert isinstance(field, DayField)
        first, *_ = field.input_formats
        if first == "%Y-%m-%d":
            text = "-".join(reversed(text.split("/")))
        form = made(self.form_class, {self.name: text} | ASKED_BY.get(str(self), {}))
        form.is_valid()
        return form


def form_classes() -> list[type[forms.BaseForm]]:
    """Return every form class of the house that a page shows; the library's own for signing in ask for no day."""
    found = {
        thing
        for module in modules()
        if is_of_forms(module)
        for thing in vars(importlib.import_module(module.name)).values()
        if inspect.isclass(thing)
        and issubclass(thing, forms.BaseForm)
        and thing.__module__ == module.name
        and not thing.__name__.startswith("_")
        and not any(one.__module__.startswith("allauth") for one in thing.__mro__)
    }
    return sorted(found, key=lambda one: f"{one.__module__}.{one.__name__}")


def days() -> list[Day]:
    """Return every day field of every form, those that a form makes for itself too."""
    return [
        Day(form_class, name)
        for form_class in form_classes()
        for name, field in made(form_class).fields.items()
        if isinstance(field, forms.DateField | forms.DateTimeField | forms.SplitDateTimeField)
    ]


DAYS = days()


def other_ways(houses: list[Module]) -> list[str]:
    """Return a sentence for each field that reads a day in another way than the house's."""
    return [
        f"{module.name} uses {name}: a day is typed into a DayField"
        for module in houses
        if is_of_forms(module)
        for node in ast.walk(module.tree)
        if (name := getattr(node, "attr", getattr(node, "id", ""))) in OTHER_DAY_FIELDS
    ]


class TestEveryDayField:
    def test_is_the_houses_own(self) -> None:
        assert other_ways(modules()) == []

    def test_of_another_kind_is_seen(self, tmp_path: Any) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "dosing.forms.planted", "from django import forms\non = forms.DateField()\n")

        assert other_ways(modules(house)) == [
            "dosing.forms.planted uses DateField: a day is typed into a DayField"
        ]

    def test_is_found_in_every_app(self) -> None:
        assert {
            "RecordHousing.on",
            "RecordMoney.on",
            "RecordToldOffence.on",
            "SignOrder.starts_on",
            "AcceptReferral.assessed_on",
            "InviteInspector.last_day",
        } <= {str(one) for one in DAYS}
        assert {one.form_class.__module__.split(".")[0] for one in DAYS} == {
            *{"patients", "referrals", "dosing", "outcomes", "hat_clinic"}
        }

    @pytest.mark.parametrize("one", DAYS, ids=str)
    def test_refuses_a_year_that_nothing_is_about_beside_the_field_and_keeps_it(self, one: Day) -> None:
        for text in OUTSIDE:
            form = one.sent(text)

            assert form.errors.get(one.name) == ["Check the year: write a day from 1900 to 2200."], text
            assert form[one.name].value() in (text, "-".join(reversed(text.split("/"))))

    @pytest.mark.parametrize("one", DAYS, ids=str)
    def test_takes_the_first_and_the_last_day_to_the_rules(self, one: Day) -> None:
        for text in EDGES:
            assert "Check the year: write" not in str(one.sent(text).errors.get(one.name)), text
