"""A medical assessment, as it is typed. Every part may be empty here: the rule says what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Fieldset, Layout, Row, Submit
from django import forms

from hat_clinic.core.whole_numbers import DIGITS_ONLY, WholeNumberField, whole_between
from patients.forms.fields import CarriedForm, choice, day, text
from patients.rules.assessments import (
    DUE_AFTER,
    Answer,
    AssessmentContent,
    Capacity,
    Ecg,
    Injecting,
    Naloxone,
    OpioidRoute,
    Option,
    Pregnancy,
)


def answers(question: str, kind: type[Answer], hint: str = "") -> forms.ChoiceField:
    """Return the answers of one question as radio buttons, none of them chosen."""
    return choice(question, labelled(kind), hint=hint)


def labelled(kind: type[Answer]) -> list[tuple[str, str]]:
    """Return the answers of one question with their words."""
    return [(str(one), kind(one).label.capitalize()) for one in list(kind)]


def whole_number(label: str, *, example: str, suffix: str = "") -> WholeNumberField:
    """Return a field for digits."""
    return WholeNumberField(
        label,
        parse=whole_between(0, 9999),
        how=f"Write it with the digits 0 to 9 only, such as {example}.",
        required=False,
        widget=forms.TextInput(attrs={**DIGITS_ONLY, "class": "nhsuk-input--width-4", "suffix": suffix}),
    )


def finding(label: str, hint: str = "") -> forms.CharField:
    """Return a box for what was found."""
    return text(label, longest=2000, hint=hint, rows=2)


class RecordAssessment(CarriedForm):
    """Everything an order rests on, part by part."""

    opioid_since_year = whole_number("Opioids since the year", example="2004")
    opioid_route = answers("Mostly", OpioidRoute)
    opioid_days_of_28 = whole_number(
        "Used on how many of the last 28 days", example="28", suffix="of 28 days"
    )
    injecting = answers("Injecting", Injecting)
    tolerance_evidence = finding("What shows their tolerance", "What was seen, tested or recorded, and when.")
    physical_health = finding("Physical health")
    mental_health = finding("Mental health")
    liver = finding("Liver", "Bloods, hepatitis, cirrhosis; or that nothing is known yet.")
    pregnancy = answers("Pregnant", Pregnancy)
    alcohol = finding("Alcohol")
    benzodiazepines = finding("Benzodiazepines and other sedatives")
    ecg = answers("ECG", Ecg)
    ecg_words = finding("What the ECG shows, or why there is none")
    veins = finding("Veins", "Which sites can be used, and which cannot.")
    naloxone = answers("Take-home naloxone", Naloxone)
    options_offered = forms.MultipleChoiceField(
        label="Treatments that were offered",
        required=False,
        choices=[(value, words) for value, words in labelled(Option) if value != Option.NONE.value],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Tick treatments that are shown."},
    )
    option_chosen = answers("What they chose", Option)
    why_in_their_words = finding("Why, in their own words")
    capacity = answers(
        "Can decide about this treatment today",
        Capacity,
        "They take it in, weigh it, and say what they want.",
    )
    due_on = day("Next assessment due", required="Write when the next assessment is due.")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].required = False
        self.fields["due_on"].initial = today + DUE_AFTER
        self.helper = FormHelper()
        self.helper.show_optional = (
            False  # every part is needed; the rule says which are missing, all at once
        )
        self.helper.form_error_title = "Nothing was signed"
        self.helper.layout = Layout(
            Fieldset(
                "Opioids",
                Row(Column("opioid_since_year"), Column("opioid_days_of_28")),
                _keys("opioid_route"),
                _keys("injecting"),
                "tolerance_evidence",
            ),
            Fieldset(
                "Health",
                "physical_health",
                "mental_health",
                "liver",
                _keys("pregnancy"),
                _keys("ecg"),
                "ecg_words",
                "veins",
            ),
            Fieldset("Other risks", "alcohol", "benzodiazepines", _keys("naloxone")),
            Fieldset(
                "What was offered, and what they want",
                _keys("options_offered"),
                _keys("option_chosen"),
                "why_in_their_words",
                _keys("capacity"),
            ),
            Fieldset("Next time", Field("due_on")),
            Submit("sign", "Sign this assessment"),
        )

    def content(self) -> AssessmentContent:
        """Return what was typed; what was left empty is empty."""
        data = {name: self.cleaned_data[name] for name in self.fields}
        return AssessmentContent(**{**data, "options_offered": tuple(data["options_offered"])})


def _keys(name: str) -> Field:
    """Draw the answers of a question as keys in a row."""
    return Field(name, css_class="hat-keys")
