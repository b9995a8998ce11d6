"""What an agency writes. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Div, Field, Fieldset, Layout, Row, Submit
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from hat_clinic.core.whole_numbers import DIGITS_ONLY, WholeNumberField, whole_between
from referrals.actions import PersonReferred, TriedBefore
from referrals.forms.fields import WhenField, date_field
from referrals.rules.asking import (
    CONSENT_WORDING,
    HIGHEST_DOSE_MG,
    LONGEST_AREA,
    REASONS,
    SERVICES,
    Answer,
    Ending,
    Treatment,
    check_birth_date,
    read_nhs_number,
)
from referrals.rules.deciding import WithdrawReason

ANSWERS = [(answer.value, answer.label) for answer in Answer]
SEXES = [("F", "Female"), ("M", "Male"), ("X", "Another"), ("U", "Do not know")]
SEX_UNKNOWN = "U"
# Which field a finding of the rule belongs to; the others stand at the top of the page.
FIELD_OF = {
    "birth_in_future": "born_on",
    "birth_too_long_ago": "born_on",
    "under_age": "born_on",
    "no_birth_date": "born_on",
    "nhs_number": "nhs_number",
    "not_agreed": "has_agreed",
    "bad_area": "area",
    "release_over": "release_on",
    "release_too_late": "release_on",
}


def answer_field(
    label: str, *, hint: str = "", choices: list[tuple[str, str]] = ANSWERS
) -> forms.ChoiceField:
    """Return a question answered by one key of a row; nothing is chosen beforehand."""
    question = label.rstrip("?")
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": f"{question}: choose an answer. “Do not know” is fine."},
    )


class ReferPerson(forms.Form):
    """Who, why, what was tried, and that the person agrees: one page, five short parts."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    given_names = forms.CharField(
        label="Given names",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the given names."},
    )
    family_name = forms.CharField(
        label="Family name",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the family name."},
    )
    born_on = DayField(
        label="Date of birth",
        help_text="Day, month and year, such as 14/03/1979.",
        input_formats=["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "text"}),
        error_messages={
            "required": "Write the date of birth.",
            "invalid": "There is no such day. Write the date of birth as day/month/year, such as 14/03/1979.",
        },
    )
    sex = answer_field("Sex", choices=SEXES)
    nhs_number = forms.CharField(
        label="NHS number",
        help_text="Ten digits, if you know it.",
        max_length=40,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "nhsuk-input--width-10"}
        ),
    )
    has_home = answer_field(
        "Have they an address?",
        choices=[("yes", "Yes"), ("no", "No fixed abode"), ("unknown", "Do not know")],
    )
    address = forms.CharField(label="Address", max_length=300, required=False)
    reach = forms.CharField(
        label="How can we reach them?",
        help_text="A phone, a worker, a place they can be found.",
        max_length=300,
        required=False,
    )
    area = forms.CharField(
        label="Which area are they from?",
        help_text="A town, ward or borough, not an address. Reports count how many came from each.",
        max_length=LONGEST_AREA,
        required=False,
    )
    concern = forms.CharField(
        label="Your concern in a sentence",
        help_text="Nothing about health or medicine: the clinic asks the person.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    has_agreed = forms.ChoiceField(
        label="Does the person know, and agree?",
        choices=[("yes", "Yes, they agree"), ("no", "No, or not asked")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the person agrees to be referred."},
    )
    contact = forms.CharField(
        label="Where we reach you",
        help_text="Phone or e-mail at work.",
        max_length=200,
        error_messages={"required": "Write a phone number or an e-mail address at which we reach you."},
    )

    services = forms.MultipleChoiceField(
        label="Which services are concerned about them?",
        help_text="Tick those you know of.",
        choices=[(flag.value, flag.question) for flag in SERVICES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    release_on = date_field(
        "Expected release, if in prison",
        help_text="Day, month and year, such as 03/12/2026. The clinic sees the person on that day.",
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for flag in REASONS:
            self.fields[f"flag_{flag}"] = answer_field(flag.question)
        for treatment in Treatment:
            self._ask_about(treatment)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was sent yet"
        self.helper.attrs = {"data-hat-busy": "Sending…", "data-hat-draft": ""}
        self.helper.layout = self._layout()

    @classmethod
    def of_draft(cls, fields: dict[str, list[str]], *, key: uuid.UUID, today: date) -> ReferPerson:
        """Return the form as it was left; what is missing or wrong is said only when it is sent."""
        several = {"services"}
        initial: dict[str, Any] = {
            name: values if name in several else values[0] for name, values in fields.items() if values
        }
        return cls(initial={**initial, "key": key}, today=today)

    def _ask_about(self, treatment: Treatment) -> None:
        name = f"tried_{treatment}"
        self.fields[name] = answer_field(f"{treatment.label}: tried?")
        for part, label in (("from", "From"), ("until", "Until")):
            self.fields[f"{name}_{part}"] = WhenField(f"{treatment.label}: {label.lower()}", label=label)
        if treatment.is_oral_opioid:
            self.fields[f"{name}_mg"] = WholeNumberField(
                "Highest daily dose in mg, if known",
                parse=whole_between(1, HIGHEST_DOSE_MG),
                how=f"{treatment.label}: write digits, from 1 to {HIGHEST_DOSE_MG}, or nothing.",
                required=False,
                widget=forms.TextInput(attrs={**DIGITS_ONLY, "class": "nhsuk-input--width-4"}),
            )
            self.fields[f"{name}_supervised"] = forms.ChoiceField(
                label="Taken under supervision?",
                required=False,
                choices=ANSWERS,
                widget=forms.RadioSelect,
            )
        self.fields[f"{name}_ending"] = forms.ChoiceField(
            label="How did it end?",
            required=False,
            choices=[(ending.value, ending.label) for ending in Ending],
            widget=forms.RadioSelect,
        )

    def _layout(self) -> Layout:
        return Layout(
            Field("key"),
            Fieldset(
                "1 Who is it?",
                Row(Column("given_names"), Column("family_name")),
                "born_on",
                _keys("sex"),
                "nhs_number",
                _unfolding(_keys("has_home"), "address"),
                "reach",
                "area",
            ),
            Fieldset(
                "2 Why are you concerned?",
                HTML('<p class="hat-referral__fair">“Do not know” is a fair answer. We look it up.</p>'),
                *(_keys(f"flag_{flag}", is_row=True) for flag in REASONS),
                "services",
                "concern",
                "release_on",
            ),
            Fieldset(
                "3 Treatments tried before",
                HTML(
                    '<p class="hat-referral__fair">Dates as you know them: 2024, 3/2024 or 14/3/2024, or nothing.</p>'
                ),
                *(
                    _unfolding(
                        _keys(f"tried_{treatment}", is_row=True),
                        Row(Column(f"tried_{treatment}_from"), Column(f"tried_{treatment}_until")),
                        *_oral_parts(treatment),
                        _keys(f"tried_{treatment}_ending"),
                    )
                    for treatment in Treatment
                ),
            ),
            Fieldset(
                "4 Do they agree?",
                HTML(f'<p class="hat-referral__wording">{CONSENT_WORDING}</p>'),
                _keys("has_agreed"),
            ),
            Fieldset("5 You", "contact"),
            Div(*self._buttons(), css_class="hat-buttons"),
        )

    def _buttons(self) -> list[Submit]:
        keep = Submit(
            "save_draft",
            "Save and leave",
            css_class="nhsuk-button--secondary",
            formnovalidate="formnovalidate",
        )
        return [Submit("send", "Send this referral"), keep]

    def clean_born_on(self) -> date:
        """Return the date of birth, or say what is wrong with it in the rule's words."""
        born_on: date = self.cleaned_data["born_on"]
        finding = check_birth_date(born_on, today=self.today)
        if finding is not None:
            raise forms.ValidationError(finding.message)
        return born_on

    def clean_nhs_number(self) -> str | None:
        """Return ten digits, None where it is not known, or say what to do."""
        text = self.cleaned_data["nhs_number"]
        if not text.strip():
            return None
        number = read_nhs_number(text)
        if number is None:
            raise forms.ValidationError(
                "That is not an NHS number: a digit is wrong or missing. Check it, or leave it empty."
            )
        return number

    def clean(self) -> dict[str, Any]:
        """Ask for the address where there is one to write."""
        data = super().clean() or {}
        if data.get("has_home") == Answer.YES and not data.get("address"):
            self.add_error("address", "Write the address, or choose “Do not know”.")
        return data

    def person(self) -> PersonReferred:
        """Return what was written; what a question unfolded counts only where its answer is yes."""
        data = self.cleaned_data
        return PersonReferred(
            given_names=data["given_names"],
            family_name=data["family_name"],
            born_on=data["born_on"],
            sex="" if data["sex"] == SEX_UNKNOWN else data["sex"],
            nhs_number=data["nhs_number"],
            has_home=Answer(data["has_home"]),
            address=data["address"] if data["has_home"] == Answer.YES else "",
            reach=data["reach"],
            area=data["area"],
            concern=data["concern"],
            flags={flag: Answer(data[f"flag_{flag}"]) for flag in REASONS}
            | {flag: Answer.YES for flag in SERVICES if flag in data["services"]},
            treatments={treatment: self._tried(treatment) for treatment in Treatment},
            has_agreed=data["has_agreed"] == Answer.YES,
            contact=data["contact"],
            release_on=data["release_on"],
        )

    def _tried(self, treatment: Treatment) -> TriedBefore:
        name = f"tried_{treatment}"
        answer = Answer(self.cleaned_data[name])
        if answer is not Answer.YES:
            return TriedBefore(answer)
        data = self.cleaned_data
        ending, supervised = data[f"{name}_ending"], data.get(f"{name}_supervised")
        return TriedBefore(
            answer,
            started=data[f"{name}_from"],
            ended=data[f"{name}_until"],
            ending=Ending(ending) if ending else None,
            highest_dose_mg=data.get(f"{name}_mg"),
            supervised=Answer(supervised) if supervised else None,
        )

    def refuse(self, decision: Decision) -> None:
        """Put each reason at the field it is about, else at the top of the page."""
        for finding in decision.refusals:
            self.add_error(FIELD_OF.get(finding.code), finding.message)


class ReferOneself(ReferPerson):
    """What somebody who comes to the clinic says about themselves: the same questions, sent at once."""

    def _buttons(self) -> list[Submit]:
        return [Submit("send", "Put on the waiting list")]


def _oral_parts(treatment: Treatment) -> list[str | Field]:
    """Return the questions that only an oral opioid has."""
    name = f"tried_{treatment}"
    return [f"{name}_mg", _keys(f"{name}_supervised")] if treatment.is_oral_opioid else []


def _keys(name: str, *, is_row: bool = False) -> Field:
    """Return a question as a row of keys; with `is_row` the question stands beside them where there is room."""
    wrapper = "hat-answer hat-answer--row" if is_row else "hat-answer"
    return Field(name, css_class="hat-keys", wrapper_class=wrapper)


def _unfolding(question: Field, *more: str | Field) -> Div:
    """Return a question whose further parts show only where its answer is yes."""
    return Div(question, Div(*more, css_class="hat-unfold__more"), css_class="hat-unfold")


class WithdrawReferral(forms.Form):
    """Why an agency takes a referral back."""

    reason = forms.ChoiceField(
        label="Why?",
        choices=[(reason.value, reason.label) for reason in WithdrawReason],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why you take it back."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout("reason", Submit("withdraw", "Take this referral back"))
