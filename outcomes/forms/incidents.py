"""What is tapped and typed about a safety incident. Forms parse; the rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from outcomes.rules.incidents import (
    LONGEST_LINE,
    LONGEST_WORDS,
    Body,
    Harm,
    IncidentSaid,
    Kind,
    ToldSaid,
    Where,
)

DAY = "Write the day as day/month/year, such as 24/11/2026."
TOLD, NOT_TOLD = "told", "not_told"
YES_NO = [("yes", "Yes"), ("no", "No"), ("unknown", "Not known")]
ANSWERS = {"yes": True, "no": False, "unknown": None}
# Which field a reason of the rule belongs to; the others stand at the top.
FIELD_OF = {
    "incident_in_future": "happened_on",
    "incident_before_acceptance": "happened_on",
    "incident_death_and_harm": "harm",
    "incident_words": "words",
    "incident_why": "why",
    "incident_told_already": "body",
    "incident_told_when": "told_on",
    "incident_told_words": "words",
    "incident_told_why": "why",
    "incident_after_told": "happened_on",
}


def _keys(label: str, choices: list[tuple[Any, str]], required: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, error_messages={"required": required}
    )


def _day(label: str) -> DayField:
    return DayField(
        label=label,
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="Such as 24/11/2026",
        error_messages={"required": DAY, "invalid": DAY},
    )


class IncidentForm(forms.Form):
    """A form with its seal, and every reason of the rule at the field it is about."""

    save_words = "Save"

    seal = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.attrs = {"data-hat-draft": ""}
        rows = [
            Field(name, css_class="hat-keys") if isinstance(field.widget, forms.RadioSelect) else Field(name)
            for name, field in self.fields.items()
        ]
        self.helper.layout = Layout(*rows, Submit("save", self.save_words))

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the field it is about, in the words of the rule."""
        for finding in decision.refusals:
            field = FIELD_OF.get(finding.code)
            self.add_error(field if field in self.fields else None, finding.message)


class RecordIncident(IncidentForm):
    """One incident: what, when, where, what harm, and in words."""

    save_words = "Save the incident"

    kind = _keys("What happened?", [(kind.value, kind.label) for kind in Kind], "Tap what happened.")
    happened_on = _day("On which day?")
    place = _keys("Where?", [(place.value, place.label) for place in Where], "Tap where it happened.")
    harm = _keys(
        "What harm came of it?", [(harm.value, harm.label) for harm in Harm], "Tap what harm came of it."
    )
    naloxone_given = _keys("Was naloxone given?", YES_NO, "Tap whether naloxone was given.")
    is_drug_related = _keys("Had a drug a part in it?", YES_NO, "Tap whether a drug had a part in it.")
    words = forms.CharField(
        label="What happened, in a few sentences",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": "Write what happened.",
            "max_length": f"Write it in at most {LONGEST_WORDS} characters.",
        },
    )

    def said(self) -> IncidentSaid:
        """Return what was said of the incident."""
        data = self.cleaned_data
        return IncidentSaid(
            happened_on=data["happened_on"],
            kind=Kind(data["kind"]),
            place=Where(data["place"]),
            harm=Harm(int(data["harm"])),
            naloxone_given=ANSWERS[data["naloxone_given"]],
            is_drug_related=ANSWERS[data["is_drug_related"]],
            words=data["words"],
        )


class AmendIncident(RecordIncident):
    """An incident written again, with the reason; what was written before stays beside it."""

    save_words = "Save the correction"

    why = forms.CharField(
        label="Why is it written again?",
        max_length=LONGEST_LINE,
        error_messages={
            "required": "Write why it is written again.",
            "max_length": f"Write it in at most {LONGEST_LINE} characters.",
        },
    )


class NoteIncidentTold(IncidentForm):
    """That somebody was told of an incident, and when."""

    save_words = "Save: they were told"

    body = _keys("Who was told?", [], "Tap who was told.")
    told_on = _day("On which day?")
    words = forms.CharField(
        label="How, and under which number",
        required=False,
        max_length=LONGEST_LINE,
        error_messages={"max_length": f"Write it in at most {LONGEST_LINE} characters."},
    )

    def __init__(self, *args: Any, bodies: tuple[Body, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["body"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(body.value, body.label) for body in bodies]


class AmendIncidentTold(IncidentForm):
    """That somebody was told, written again: on another day, in other words, or not at all."""

    save_words = "Save the correction"

    right = _keys(
        "What is right?",
        [(TOLD, "They were told, as written below"), (NOT_TOLD, "They were not told")],
        "Tap what is right.",
    )
    told_on = _day("On which day were they told?")
    words = forms.CharField(
        label="How, and under which number",
        required=False,
        max_length=LONGEST_LINE,
        error_messages={"max_length": f"Write it in at most {LONGEST_LINE} characters."},
    )
    why = forms.CharField(
        label="Why is it written again?",
        max_length=LONGEST_LINE,
        error_messages={
            "required": "Write why it is written again.",
            "max_length": f"Write it in at most {LONGEST_LINE} characters.",
        },
    )

    def clean(self) -> dict[str, Any]:
        """Ask for no day of what was not done."""
        data = super().clean() or {}
        if data.get("right") == NOT_TOLD:
            for name in ("told_on", "words"):
                self.errors.pop(name, None)
        return data

    def said(self) -> ToldSaid:
        """Return what was tapped and typed."""
        data = self.cleaned_data
        if data["right"] == NOT_TOLD:
            return ToldSaid(told_on=None)
        return ToldSaid(told_on=data["told_on"], words=data["words"])


def as_it_stands(said: IncidentSaid) -> dict[str, Any]:
    """Return the answers that a stored incident stands for, to be corrected."""
    words = {value: word for word, value in ANSWERS.items()}
    return {
        "kind": said.kind.value,
        "happened_on": said.happened_on,
        "place": said.place.value,
        "harm": said.harm.value,
        "naloxone_given": words[said.naloxone_given],
        "is_drug_related": words[said.is_drug_related],
        "words": said.words,
    }
