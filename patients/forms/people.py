"""Who somebody is, as it is typed."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Fieldset, Layout, Row, Submit
from django import forms

from patients.forms.fields import CarriedForm, choice, day, text
from patients.queries.people import SEXES
from patients.rules.people import (
    CLINICAL_DETAILS,
    DUPLICATE,
    WORDS,
    Allergies,
    PersonDetails,
    parse_nhs_number,
)


class ChangePerson(CarriedForm):
    """Names, contacts and the like. Whoever sees nothing clinical is not asked about allergies."""

    given_names = text("Given names", longest=120, required="Write the given names.")
    family_name = text("Family name", longest=120, required="Write the family name.")
    name_used = text("Name they use", longest=120, hint="What they want to be called, if it is another.")
    born_on = day("Date of birth", required="Write the date of birth.", example="14/03/1979")
    sex = choice("Sex", [("", "Not known"), *((value, words.capitalize()) for value, words in SEXES)])
    nhs_number = text("NHS number", longest=14, hint="Ten digits.", inputmode="numeric")
    languages = text(
        "Languages", longest=200, hint="The one to speak first. Say if they need an interpreter."
    )
    phone = text("Phone", longest=40, inputmode="tel")
    address = text("Address", longest=300, rows=3)
    has_no_fixed_abode = forms.BooleanField(label="No fixed abode", required=False)
    gp_name = text("Name of the GP", longest=120)
    gp_practice = text("Practice", longest=200)
    allergies_asked = choice(
        "Are there any?",
        [(one.value, one.label.capitalize()) for one in Allergies],
        required="Choose whether there are allergies. Not asked yet is an answer.",
    )
    allergies = text("What they are allergic to, and what happened", longest=500, rows=2)
    next_of_kin = text("Name, and who they are", longest=200)
    next_of_kin_phone = text("Phone of the next of kin", longest=40, inputmode="tel")
    is_somebody_else = forms.BooleanField(
        label="I looked at the other record: it is somebody else", required=False
    )

    def __init__(self, *args: Any, known: PersonDetails, sees_clinical: bool, **kwargs: Any) -> None:
        kwargs["initial"] = {**asdict(known), "nhs_number": known.nhs_number or ""}
        super().__init__(*args, **kwargs)
        self.known = known
        if not sees_clinical:
            for name in CLINICAL_DETAILS:
                del self.fields[name]
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            Fieldset(
                "Who they are",
                Row(Column("given_names"), Column("family_name")),
                "name_used",
                "born_on",
                Field("sex", css_class="hat-keys"),
                "nhs_number",
                "languages",
            ),
            Fieldset("How to reach them", "phone", "address", "has_no_fixed_abode"),
            Fieldset("GP", Row(Column("gp_name"), Column("gp_practice"))),
            *(
                [Fieldset("Allergies", Field("allergies_asked", css_class="hat-keys"), "allergies")]
                if sees_clinical
                else []
            ),
            Fieldset("Next of kin", Row(Column("next_of_kin"), Column("next_of_kin_phone"))),
            Submit("save", "Save the changes"),
        )

    def clean_nhs_number(self) -> str | None:
        """Return ten digits whose last one fits, or None for none."""
        typed = self.cleaned_data["nhs_number"]
        if not typed:
            return None
        number = parse_nhs_number(typed)
        if number is None:
            raise forms.ValidationError(
                "This cannot be an NHS number: its digits do not fit each other. Read it again, ten digits."
            )
        return number

    def details(self) -> PersonDetails:
        """Return the record as it was typed; what was not asked stays as it is known."""
        typed = {name: self.cleaned_data[name] for name in self.fields if name != DUPLICATE}
        return replace(self.known, **typed)

    @property
    def is_of_another(self) -> bool:
        """Whether the other record of the same names was looked at."""
        return bool(self.cleaned_data[DUPLICATE])

    def ask_about_the_other(self) -> None:
        """Show the tick: another record has these names and this birth date."""
        self.helper.layout.insert(0, DUPLICATE)

    def now_says(self, names: tuple[str, ...]) -> list[tuple[str, object]]:
        """Return what the record says by now of details that this page asks for, as it is printed."""
        printed = {
            "sex": dict(SEXES),
            "allergies_asked": {one.value: one.label for one in Allergies},
        }
        return [
            (
                WORDS[name][0].upper() + WORDS[name][1:],
                _printed(getattr(self.known, name), printed.get(name, {})),
            )
            for name in names
            if name in self.fields
        ]


def _printed(value: object, words: dict[str, str]) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    return words.get(str(value), value)
