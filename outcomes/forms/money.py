"""How something about money or work stands, as a case worker taps it. Forms parse; the rules decide."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.layout import Field
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.fields import DAY, SealedForm, keys
from outcomes.rules.money import KINDS, STATES, MoneySaid, MoneyTopic
from outcomes.rules.support import Correction

QUESTIONS = {
    MoneyTopic.BENEFIT: "How does it stand?",
    MoneyTopic.WORK: "Do they work?",
    MoneyTopic.EDUCATION: "Are they on a course?",
    MoneyTopic.DEBT: "How does it stand?",
    MoneyTopic.PAPERS: "Do they have identity papers?",
    MoneyTopic.BANK: "Do they have a bank account?",
}
KIND_QUESTIONS = {MoneyTopic.BENEFIT: "Which benefit?", MoneyTopic.DEBT: "A new debt: what for?"}
Debts = tuple[tuple[uuid.UUID, str], ...]


class RecordMoney(SealedForm):
    """What it is, how it stands, and since when."""

    FIELD_OF = {
        "money_state_unknown": "state",
        "money_in_future": "on",
        "money_before_birth": "on",
        "money_day_taken": "on",
        "money_kind_missing": "kind",
        "money_kind_not_asked": "kind",
        "money_sum_not_asked": "pounds",
        "money_sum_zero": "pounds",
        "money_sum_large": "pounds",
        "money_about_missing": "about",
        "money_about_gone": "about",
        "money_about_later": "on",
        "money_start_late": "on",
    }

    about = keys("Which debt?", [], required=False)
    kind = keys("", [], required=False)
    state = keys("", [], error_messages={"required": "Tap how it stands."})
    on = DayField(
        label="Since which day?",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="The day it began, such as 24/11/2026",
        error_messages={"required": "Write since which day.", "invalid": DAY},
    )
    pounds = WholeNumberField(
        label="How much is owed, in pounds?",
        required=False,
        parse=whole_between(0, 9_999_999),
        how="Write whole pounds in digits, such as 240.",
        help_text="Whole pounds. Leave it empty where nobody knows.",
    )

    save_words = "Save this line"

    def __init__(
        self, *args: Any, topic: MoneyTopic, debts: Debts, like: MoneySaid | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.topic = topic
        self._choose("state", QUESTIONS[topic], list(STATES[topic].items()))
        self._choose("kind", KIND_QUESTIONS.get(topic, ""), list(KINDS.get(topic, {}).items()))
        named = [(str(debt), name) for debt, name in debts]
        self._choose("about", "Which debt?", named if like else [("", "A new debt"), *named])
        goes_on = like is not None and like.about is not None
        unasked = {
            "about": not debts,
            "kind": topic not in KINDS or goes_on,
            "pounds": topic is not MoneyTopic.DEBT,
        }
        for name, is_unasked in unasked.items():
            if is_unasked:
                del self.fields[name]
        self.lay_out(*self._rows(), save=self.save_words)

    def _choose(self, name: str, label: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.label, field.choices = label, choices

    def _rows(self) -> list[Any]:
        order = ("about", "kind", "state", "on", "pounds")
        return [
            Field(name, css_class="hat-keys")
            if name in ("about", "kind", "state")
            else Field(name, css_class="nhsuk-input--width-10")
            for name in order
            if name in self.fields
        ]

    def said(self) -> MoneySaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        about = typed.get("about", "")
        return MoneySaid(
            topic=self.topic,
            state=typed["state"],
            on=typed["on"],
            kind=typed.get("kind", ""),
            pounds=typed.get("pounds"),
            about=uuid.UUID(about) if about else None,
        )


class AmendMoney(RecordMoney):
    """A line written again, with the reason; what was written before stays beside it."""

    correction = keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in Correction],
        error_messages={"required": "Tap why it is written again."},
        help_text="A line for the wrong person, or logged twice, then counts for nothing.",
    )

    save_words = "Save the correction"

    def _rows(self) -> list[Any]:
        return [Field("correction", css_class="hat-keys"), *super()._rows()]


def initial_of(said: MoneySaid) -> dict[str, Any]:
    """Return what the form of a correction begins with: the line as it stands."""
    names = ("about", "kind", "state", "on", "pounds")
    return {name: getattr(said, name) for name in names if getattr(said, name)}
