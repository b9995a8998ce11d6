"""The hatch and the check: who somebody is, what was measured and asked, and a session without a dose."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.keys import ALCOHOL_KEYS, UNABLE, ExactField, Key, KeyField, ReadingsForm
from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.oxygen import USUAL, OxygenTarget
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.visits import IdentityItem
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision

PAIRS = {
    "photo_address": frozenset({IdentityItem.PHOTO, IdentityItem.ADDRESS}),
    "photo_known": frozenset({IdentityItem.PHOTO, IdentityItem.KNOWN_BY_TWO_STAFF}),
    "birth_date_known": frozenset({IdentityItem.BIRTH_DATE, IdentityItem.KNOWN_BY_TWO_STAFF}),
}


class IdentifyPerson(forms.Form):
    """One tap: the date of birth they say beside the face of the photo, or another pair of items."""

    seal = forms.CharField(widget=forms.HiddenInput)
    born = DayField(required=False, input_formats=["%Y-%m-%d"])
    pair = forms.ChoiceField(required=False, choices=[(name, name) for name in PAIRS])

    def clean(self) -> dict[str, Any]:
        """Ask for one answer."""
        data = super().clean() or {}
        if not data.get("born") and not data.get("pair"):
            raise forms.ValidationError("Tap the date they say, or another way to know who this is.")
        return data


ANSWERS = ("no_other_drugs", "oral_as_ordered", "not_intoxicated", "sites_are_well")


def _asked(label: str, so: str, so_small: str, not_so: str) -> KeyField:
    return KeyField(
        label=label,
        keys=(Key("so", so, so_small), Key("not", not_so, "", "say so")),
        missing=f"Tap one of the two: {label.lower()}.",
    )


class CheckAnswersForm(ReadingsForm):
    """All that a check asks: readings, breath alcohol and four answers, nothing filled in before."""

    alcohol = KeyField(
        label="Breath alcohol", keys=ALCOHOL_KEYS, missing="Tap the breath alcohol, or ? if it is not known."
    )
    alcohol_exact = ExactField(label="Breath alcohol in µg in 100 ml, exactly")
    no_other_drugs = _asked("Other drugs", "No other drugs", "since last visit", "Other drugs taken")
    oral_as_ordered = _asked("Oral medicine", "Oral medicine", "as ordered, or none", "Not as ordered")
    not_intoxicated = _asked("Intoxication", "Not intoxicated", "in my judgement", "Intoxicated")
    sites_are_well = _asked("Injection sites", "Injection sites", "looked at, no concern", "Concern")

    BOUNDS = ReadingsForm.BOUNDS | {"alcohol": {"some": (1, 19), "stop": (20, 34), "hold": (35, 300)}}

    @property
    def asked(self) -> list[forms.BoundField]:
        """The four answers, in the order of the page."""
        return [self[name] for name in ANSWERS]

    def is_something_unknown(self, data: dict[str, Any]) -> bool:
        """Tell whether any row was answered with ?."""
        return super().is_something_unknown(data) or data.get("alcohol") == UNABLE

    def answers(self) -> CheckAnswers:
        """Return the check as the rule reads it."""
        data = self.cleaned_data
        return CheckAnswers(
            readings=readings_of(data, target=self.target),
            alcohol_ug=data["alcohol_number"],
            took_other_drugs=data["no_other_drugs"] != "so",
            oral_as_ordered=data["oral_as_ordered"] == "so",
            is_intoxicated=data["not_intoxicated"] != "so",
            sites_are_well=data["sites_are_well"] == "so",
        )

    def still_needed(self) -> list[str]:
        """Return the labels of the rows that nobody has tapped, in the order of the page."""
        rows = ("sedation", "breaths", "oxygen", "pulse", "alcohol", *ANSWERS)
        return [str(self.fields[name].label) for name in rows if not self.data.get(name)]


class RecordCheck(CheckAnswersForm):
    """The whole check before an injection."""

    seal = forms.CharField(widget=forms.HiddenInput)


def readings_of(data: dict[str, Any], *, target: OxygenTarget = USUAL) -> Readings:
    """Return the four readings of a valid form as rules read them, with what oxygen is held against."""
    return Readings(
        sedation=Sedation(data["sedation"]),
        breaths=data["breaths_number"],
        oxygen=data["oxygen_number"],
        pulse=data["pulse_number"],
        target=target,
    )


NOT_GIVEN = (
    (f"{Outcome.WITHHELD}/{Reason.INTOXICATED}", "Withheld: intoxicated or too sedated"),
    (f"{Outcome.WITHHELD}/{Reason.ILL}", "Withheld: ill"),
    (f"{Outcome.WITHHELD}/{Reason.OTHER}", "Withheld: another reason"),
    (f"{Outcome.WITHHELD}/{Reason.DECLINED}", "Declined: came, and does not want the dose"),
    (f"{Outcome.MISSED}/{Reason.UNKNOWN}", "Missed: did not come"),
    (f"{Outcome.EXCUSED}/{Reason.HOSPITAL}", "Excused: in hospital"),
    (f"{Outcome.EXCUSED}/{Reason.CUSTODY}", "Excused: in custody"),
    (f"{Outcome.EXCUSED}/{Reason.CLINIC_CLOSED}", "Excused: the clinic was closed"),
    (f"{Outcome.EXCUSED}/{Reason.OTHER}", "Excused: another reason"),
)


class RecordNotGiven(forms.Form):
    """Why a session ends without a dose."""

    seal = forms.CharField(widget=forms.HiddenInput)
    why = forms.ChoiceField(
        label="Why is there no dose in this session?",
        choices=NOT_GIVEN,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why there is no dose."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            Field("seal"), Field("why"), Submit("save", "End the session without a dose")
        )

    def outcome_and_reason(self) -> tuple[Outcome, Reason]:
        """Return both parts of the choice."""
        outcome, reason = self.cleaned_data["why"].split("/")
        return Outcome(outcome), Reason(reason)

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, in the words of the rule."""
        for finding in decision.refusals:
            self.add_error(None, finding.message)
