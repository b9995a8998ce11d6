"""The doses of an order as a doctor writes them: one, one for each session, a range, or a plan of steps."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Column, Div, Field, Row
from django import forms

from dosing.queries.missed import SLOT_ORDER
from dosing.rules.limits import OrderKind, Step
from dosing.rules.sessions import parse_mg
from hat_clinic.core.whole_numbers import Parse, WholeNumberField

ONE, DIFFER, RANGE, PLAN = "one", "differ", "range", "plan"
LADDER, OWN = "ladder", "own"
LIMITS, WORDS = "limits", "words"
NONE = "none"
ONCE, LATER = "at_once", "later"
# A longer climb is a new order: the doctor looks again after so many steps.
STEPS = 7


def a_number(
    label: str,
    missing: str,
    *,
    required: bool = True,
    how: str = "Write a whole number with the digits 0 to 9 only, such as 180.",
    parse: Parse = parse_mg,
) -> WholeNumberField:
    """Return a field for whole digits, 1 to 9999, read as they are and never cleaned."""
    return WholeNumberField(label, parse=parse, how=how, missing=missing, required=required)


def a_choice(label: str, choices: list[tuple[str, str]], missing: str) -> forms.ChoiceField:
    """Return radio buttons of which one must be chosen."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )


class StartsNowOrLater(forms.Form):
    """When something begins: with its signature, or at a later day and time. Its fields are the form's own."""

    no_day = "Write the first day of the order."
    no_time = "Write the time at which the order starts."

    def clean(self) -> dict[str, Any]:
        """Ask for day and time of a later start."""
        data = super().clean() or {}
        if data.get("starts") == LATER:
            if data.get("starts_on") is None and "starts_on" not in self.errors:
                self.add_error("starts_on", self.no_day)
            if data.get("starts_time") is None and "starts_time" not in self.errors:
                self.add_error("starts_time", self.no_time)
        return data

    @property
    def starts_at_once(self) -> bool:
        """True where it starts when it is signed."""
        return bool(self.cleaned_data["starts"] == ONCE)


class DosesOfAnOrder(forms.Form):
    """What is given in each session, and what the order says of missed sessions, holds and oral medicine."""

    kind = a_choice(
        "What is ordered",
        [
            (ONE, "One dose each session"),
            (DIFFER, "A dose for each session of the day"),
            (RANGE, "A range, the nurse chooses in it"),
            (PLAN, "A plan of steps"),
        ],
        "Choose what is ordered.",
    )
    dose_mg = a_number("Dose each session, or the most of a range", "", required=False)
    least_mg = a_number("The least of a range", "", required=False)
    slot_am = a_number("Morning", "", required=False)
    slot_pm = a_number("Afternoon", "", required=False)
    slot_eve = a_number("Evening", "", required=False)
    first_mg = a_number("Day 1: very first dose", "", required=False)
    repeat_mg = a_number("Day 1: its one repeat", "", required=False)
    step_1_mg = a_number("Day 1: most of each further dose", "", required=False)
    gap_plan = a_choice(
        "After missed sessions",
        [(LADDER, "The clinic's ladder"), (OWN, "Stricter: a percentage of its own")],
        "Choose what happens after missed sessions.",
    )
    gap_cap_percent = a_number("If stricter: percent of the tolerated dose", "", required=False)
    hold = a_choice(
        "When a dose is held back",
        [(LIMITS, "As the clinic's limits say"), (WORDS, "As the limits say, and more")],
        "Choose when a dose is held back.",
    )
    hold_words = forms.CharField(
        label="If more: in words",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    oral = a_choice(
        "Oral opioid beside it",
        [(NONE, "None"), (WORDS, "As ordered apart")],
        "Choose whether an oral opioid goes with it.",
    )
    oral_words = forms.CharField(
        label="If ordered apart: which, and when",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(2, STEPS + 1):
            self.fields[f"step_{number}_day"] = a_number(f"Step {number}: from day", "", required=False)
            self.fields[f"step_{number}_mg"] = a_number(f"Step {number}: most of a dose", "", required=False)

    def laid_out(self, slots: list[str]) -> list[Any]:
        """Return the fields as they stand on the page; a section for each way of ordering."""
        return [
            Field("kind", css_class="hat-keys"),
            Row(Column(_mg("dose_mg")), Column(_mg("least_mg"))),
            _section(
                "A dose for each session of the day",
                Row(*(Column(_mg(f"slot_{slot}")) for slot in slots)),
                is_open=self._is_used(*(f"slot_{slot}" for slot in slots)),
            ),
            _section(
                "A plan of steps",
                HTML(
                    "<p>Days count from the first dose. The next step is taken once the last dose was tolerated.</p>"
                ),
                Row(Column(_mg("first_mg")), Column(_mg("repeat_mg")), Column(_mg("step_1_mg"))),
                *(
                    Row(
                        Column(Field(f"step_{number}_day", css_class="nhsuk-input--width-3")),
                        Column(_mg(f"step_{number}_mg")),
                    )
                    for number in range(2, STEPS + 1)
                ),
                is_open=self._is_used("first_mg", "step_1_mg", "step_2_mg"),
            ),
        ]

    def rest_laid_out(self) -> list[Any]:
        """Return what the order says beside its doses, as it stands on the page."""
        return [
            Field("gap_plan", css_class="hat-keys"),
            Field("gap_cap_percent", suffix="%", css_class="nhsuk-input--width-3"),
            Field("hold", css_class="hat-keys"),
            "hold_words",
            Field("oral", css_class="hat-keys"),
            "oral_words",
        ]

    def _is_used(self, *names: str) -> bool:
        return self.is_bound and any(self.data.get(name) or name in self.errors for name in names)

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen way of ordering needs."""
        data = super().clean() or {}
        kind = data.get("kind")
        if kind in (ONE, RANGE):
            self._need(data, "dose_mg", "Write the milligrams of one session.")
        if kind == RANGE:
            self._need(data, "least_mg", "Write the least of the range.")
        if kind == DIFFER:
            for slot in self.slots_of(data):
                self._need(data, f"slot_{slot}", "Write the milligrams of this session.")
        if kind == PLAN:
            self._need(data, "first_mg", "Write the very first dose.")
            self._need(data, "step_1_mg", "Write the most of each further dose of day 1.")
            self._need_whole_steps(data)
        if data.get("gap_plan") == OWN:
            self._need(data, "gap_cap_percent", "Write the percentage.")
        if data.get("hold") == WORDS and not data.get("hold_words", "").strip():
            self.add_error("hold_words", "Write when else a dose is held back.")
        if data.get("oral") == WORDS and not data.get("oral_words", "").strip():
            self.add_error("oral_words", "Write which oral opioid goes with it.")
        return data

    def _need(self, data: dict[str, Any], name: str, sentence: str) -> None:
        if data.get(name) is None and name not in self.errors:
            self.add_error(name, sentence)

    def _need_whole_steps(self, data: dict[str, Any]) -> None:
        for number in range(2, STEPS + 1):
            day, mg = f"step_{number}_day", f"step_{number}_mg"
            if data.get(mg) is not None:
                self._need(data, day, "Write the day from which this step holds.")
            if data.get(day) is not None:
                self._need(data, mg, "Write the most of a dose of this step.")

    @staticmethod
    def slots_of(data: dict[str, Any]) -> list[str]:
        """Return the sessions of the day that the order is for, in their order."""
        sessions = str(data.get("sessions_per_day") or "0")
        return [slot.value for slot in SLOT_ORDER][
            : int(sessions) if sessions.isascii() and sessions.isdigit() else 0
        ]

    def doses(self) -> dict[str, Any]:
        """Return the doses as an order draft holds them: `dose_mg` is the highest of them."""
        data = self.cleaned_data
        if data["kind"] == PLAN:
            steps = [
                Step(day=1, max_mg=data["step_1_mg"], first_mg=data["first_mg"], repeat_mg=data["repeat_mg"]),
                *(
                    Step(day=data[f"step_{number}_day"], max_mg=data[f"step_{number}_mg"])
                    for number in range(2, STEPS + 1)
                    if data[f"step_{number}_mg"] is not None
                ),
            ]
            top = max(step.max_mg for step in steps)
            return {"kind": OrderKind.TITRATION, "dose_mg": top, "plan": tuple(steps)}
        if data["kind"] == DIFFER:
            slots = tuple((slot, data[f"slot_{slot}"]) for slot in self.slots_of(data))
            return {"dose_mg": max(mg for _, mg in slots), "slots": slots}
        if data["kind"] == RANGE:
            return {"dose_mg": data["dose_mg"], "least_mg": data["least_mg"]}
        return {"dose_mg": data["dose_mg"]}

    def rest(self) -> dict[str, Any]:
        """Return what the order says beside its doses, as its terms hold it."""
        data = self.cleaned_data
        return {
            "gap_cap_percent": data["gap_cap_percent"] if data["gap_plan"] == OWN else None,
            "hold_criteria": (
                f"as the clinic's limits say, and: {data['hold_words'].strip()}"
                if data["hold"] == WORDS
                else "as the clinic's limits say"
            ),
            "oral_plan": data["oral_words"].strip() if data["oral"] == WORDS else "none",
        }


def _mg(name: str) -> Field:
    return Field(name, suffix="mg", css_class="nhsuk-input--width-5")


def _section(title: str, *inside: Any, is_open: bool) -> Div:
    opened = " open" if is_open else ""
    return Div(
        HTML(
            f'<details class="nhsuk-details"{opened}><summary class="nhsuk-details__summary">'
            f'<span class="nhsuk-details__summary-text">{title}</span></summary><div class="nhsuk-details__text">'
        ),
        *inside,
        HTML("</div></details>"),
    )
