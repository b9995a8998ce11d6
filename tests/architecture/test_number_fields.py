"""Every field in which a number is typed reads the digits 0 to 9 or refuses: found in the forms, not listed here."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django import forms

from dosing.forms.keys import ExactField
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.rules.health import Topic
from outcomes.rules.measures import DAY_ITEMS
from outcomes.rules.money import MoneyTopic
from tests.architecture.house import Module, copy_of_the_house, modules, plant

# Written by hand, no number is any of these: it is refused, never cleaned.
NO_NUMBERS = [
    "1_000",
    "1e3",
    "１２",
    "١٢",
    "०",
    "5²",
    "²",
    "+5",
    "-5",
    "5.0",
    "5,0",
    "5.",
    "5 mg",
    "5mg",
    "0x5",
    "1 0",
    "five",
    "5\n",
    "5\u00a0",
    "5\u3000",
    "\x00",
    "5\x00",
    "9" * 20,
    "9" * 4000,
]
# Fields that take digits and are no number: their names say what they are instead.
NOT_NUMBERS = {
    *{"nhs_number", "phone", "next_of_kin_phone", "code"},
    *{"born_on", "on", "next_on", "reported_on", "happened_on", "told_on", "review_on", "expires_on"},
    *{"first_on", "last_on", "valid_from", "from_day", "as_of", "funded_until", "opened_on"},
    # Pounds, with or without two digits of pence: read by the rule of costs.
    *{"drug_pounds", "staff_pounds", "premises_pounds", "setup_pounds", "other_pounds", "pounds"},
    *{"starts_on", "ends_on", "first", "last"},
}
# What a form is about, where it is one of a closed list: the one with the most fields.
TOPICS: dict[str, Any] = {"Topic": Topic.WOUND, "MoneyTopic": MoneyTopic.DEBT}
OTHER_NUMBER_FIELDS = {"IntegerField", "DecimalField", "FloatField", "NumberInput", "DurationField"}


class StandIn(int):
    """Whatever a form asks of its page: no rows, no words, and 3 where it counts."""

    __dataclass_fields__: ClassVar[dict[str, Any]] = {}

    def __new__(cls) -> StandIn:
        return super().__new__(cls, 3)

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __add__(self, more: Any) -> Any:
        """A day that a page would tell stands for any day."""
        return date(2026, 2, 2) + more if isinstance(more, timedelta) else int(self) + more

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0


def is_of_forms(module: Module) -> bool:
    """Tell whether a module is on a shelf of forms."""
    return "forms" in module.name.split(".")


def form_classes() -> list[type[forms.BaseForm]]:
    """Return every form class of the house, each once; who signs in and who works where takes PINs and codes alone."""
    found = {
        thing
        for module in modules()
        if is_of_forms(module) and not module.name.startswith("hat_clinic.accounts")
        for thing in vars(importlib.import_module(module.name)).values()
        if inspect.isclass(thing) and issubclass(thing, forms.BaseForm) and thing.__module__ == module.name
    }
    return sorted(found, key=lambda one: f"{one.__module__}.{one.__name__}")


def stand_in_for(form_class: type[forms.BaseForm], name: str) -> Any:
    """Return something of the kind that one argument of a form is said to be."""
    kind = next(
        str(signature.parameters[name].annotation)
        for one in form_class.__mro__
        if "__init__" in vars(one) and name in (signature := inspect.signature(one.__init__)).parameters  # type: ignore[misc]  # asked of each class itself
    )
    if kind in TOPICS:
        return TOPICS[kind]
    if kind == "date":
        return date(2026, 2, 2)
    if kind == "datetime":
        return datetime(2026, 2, 2, tzinfo=UTC)
    if kind == "int":
        return 180
    if kind.startswith(("tuple", "list", "Sequence")):
        return ()
    return StandIn() if kind[:1].isupper() else ""


def made(form_class: type[forms.BaseForm], data: dict[str, Any] | None = None) -> forms.BaseForm:
    """Return a form as its page makes it, with a stand-in for each thing that the page would tell it."""
    given: dict[str, Any] = {}
    while True:
        try:
            return form_class(data, **given)
        except TypeError as refusal:
            missing = re.findall(r"'(\w+)'", str(refusal)) if "keyword-only" in str(refusal) else []
            if not missing:
                raise
            given |= {name: stand_in_for(form_class, name) for name in missing}


@dataclass(frozen=True)
class Numbered:
    """One number field of one form."""

    form_class: type[forms.BaseForm]
    name: str
    field: WholeNumberField

    def __str__(self) -> str:
        return f"{self.form_class.__name__}.{self.name}"

    def sent(self, text: str) -> forms.BaseForm:
        """Return the form sent with a text in this field, the key that asks for it tapped."""
        data = {self.name: text} | dict(ASKED_BY.get(str(self), ()))
        if isinstance(self.field, ExactField):
            row = self.name.removesuffix("_exact")
            data[row] = next(iter(self.form_class.BOUNDS[row]))  # type: ignore[attr-defined]  # a house's rule
        form = made(self.form_class, data)
        form.is_valid()
        return form


# A field that belongs to one answer of its form is read where that answer was given.
ASKED_BY = {
    f"{form}.minutes_other": (("attended", "came"), ("minutes", "other"))
    for form in ("LogSupportSession", "AmendSupportSession", "LogAppointment", "LogGroupSession")
}
ASKED_BY |= {
    f"{form}.minutes_other": (("place", "own"), ("minutes", "other"))
    for form in ("BookAppointment", "MoveAppointment")
}
for asking_form in ("RecordOutcomeForm", "AmendOutcomeForm", "AnswerOnTablet"):
    for item in DAY_ITEMS:
        ASKED_BY |= {f"{asking_form}.{item}_week_{number}": ((item, "some"),) for number in range(1, 5)}
    ASKED_BY[f"{asking_form}.alcohol_units"] = (("alcohol_days", "some"),)
    ASKED_BY[f"{asking_form}.cannabis_spliffs"] = (("cannabis_days", "some"),)
ASKED_BY |= {f"{form}.pounds": (("spent", "some"),) for form in ("RecordOwnAnswers", "AmendOwnAnswers")}


def numbered() -> list[Numbered]:
    """Return every number field of every form, those that a form makes for itself too."""
    return [
        Numbered(form_class, name, field)
        for form_class in form_classes()
        for name, field in made(form_class).fields.items()
        if isinstance(field, WholeNumberField)
    ]


NUMBERED = numbered()


def other_ways(houses: list[Module]) -> list[str]:
    """Return a sentence for each field that reads a number in another way than the house's."""
    found = []
    for module in houses:
        if not is_of_forms(module):
            continue
        for node in ast.walk(module.tree):
            name = getattr(node, "attr", getattr(node, "id", ""))
            if name in OTHER_NUMBER_FIELDS:
                found.append(f"{module.name} uses {name}: a number is typed into a WholeNumberField")
    return found


def numeric_text() -> list[str]:
    """Return each field that asks for digits and is neither a number of the house, a PIN, nor named above."""
    return [
        f"{form_class.__name__}.{name}"
        for form_class in form_classes()
        for name, field in made(form_class).fields.items()
        if field.widget.attrs.get("inputmode") in ("numeric", "decimal")
        and not isinstance(field, WholeNumberField)
        and not isinstance(field.widget, forms.PasswordInput)
        and name not in NOT_NUMBERS
    ]


class TestEveryNumberField:
    def test_is_the_houses_own(self) -> None:
        assert other_ways(modules()) == []
        assert numeric_text() == []

    def test_of_another_kind_is_seen(self, tmp_path: Any) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "dosing.forms.planted", "from django import forms\nmg = forms.IntegerField()\n")

        assert other_ways(modules(house)) == [
            "dosing.forms.planted uses IntegerField: a number is typed into a WholeNumberField"
        ]

    def test_is_found(self) -> None:
        found = {str(one) for one in NUMBERED}

        assert {
            "SignOrder.dose_mg",
            "SignOrder.step_7_day",
            "SignOrder.slot_eve",
            "SignOrder.gap_cap_percent",
            "SignOralOrder.daily_mg",
            "GiveOral.mg",
            "GiveOral.breaths_exact",
            "OrderNaloxone.kits",
            "PrintPrescription.strength_mg",
            "DecideGap.ceiling_mg",
            "RecordCheck.alcohol_exact",
            "RecordReading.pulse_exact",
            "RecordInjection.given_mg",
            "CountStock.loose",
            "RecordAssessment.opioid_days_of_28",
        } <= found

    @pytest.mark.parametrize("one", NUMBERED, ids=str)
    def test_refuses_what_is_no_number_beside_the_field_and_keeps_it(self, one: Numbered) -> None:
        for text in NO_NUMBERS:
            form = one.sent(text)

            said, *more = form.errors.get(one.name, ["nothing"])
            assert (more, said[-1], "valid" in said) == ([], ".", False), ascii(text)
            assert form[one.name].value() == text
            is_seen = not isinstance(one.field.widget, forms.HiddenInput)
            assert "digit" in said or "year" in said or not is_seen

    @pytest.mark.parametrize("one", [one for one in NUMBERED if one.field.required], ids=str)
    @pytest.mark.parametrize("text", ["", " ", "   "], ids=["empty", "a space", "spaces"])
    def test_asks_for_the_number_where_it_must_be_there(self, one: Numbered, text: str) -> None:
        (said,) = one.sent(text).errors[one.name]

        assert said.startswith("Write ")
        assert said.endswith(".")

    @pytest.mark.parametrize(
        "one",
        [one for one in NUMBERED if one.name.endswith(("_mg", "_ug", "_percent", "_minutes", "_day"))],
        ids=str,
    )
    def test_refuses_none_where_none_means_nothing(self, one: Numbered) -> None:
        assert one.name in one.sent("0").errors

    @pytest.mark.parametrize("one", NUMBERED, ids=str)
    def test_reads_a_number_with_spaces_around_it(self, one: Numbered) -> None:
        number = next(text for text in ("7", "2004") if one.field.parse(text) is not None)

        assert one.field.parse(f" {number} ") == int(number)
        assert one.field.clean(f" {number} ") in (int(number), f" {number} ")


class TestAWholeNumber:
    @pytest.mark.parametrize(
        ("text", "number"),
        [("0", None), ("1", 1), ("9", 9), ("10", None), (" 5 ", 5), ("05", None), ("5\t", None), ("", None)],
    )
    def test_lies_between_its_ends(self, text: str, number: int | None) -> None:
        assert whole_between(1, 9)(text) == number

    def test_may_be_none(self) -> None:
        assert whole_between(0, 9)("0") == 0
