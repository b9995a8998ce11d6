"""What clinicians note for a criterion, and a clinic's criteria. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Fieldset, Layout, Submit
from django import forms
from django.http import QueryDict

from hat_clinic.core.decisions import Decision
from hat_clinic.core.whole_numbers import DIGITS_ONLY, WholeNumberField, whole_between
from referrals.rules.asking import Answer
from referrals.rules.criteria import (
    EXAMPLES,
    MOST_EXCLUSIONS,
    NUMBERS,
    REASON_LENGTH,
    Criteria,
    Criterion,
)
from referrals.rules.eligibility import EVIDENCE_LENGTH, NUMBER_OF, QUESTION_OF, FactSource

ANSWERS = [
    (Answer.YES.value, "Yes"),
    (Answer.NO.value, "No"),
    (Answer.UNKNOWN.value, "Not known"),
]
NARROW = {**DIGITS_ONLY, "class": "nhsuk-input--width-4"}
OWN = "own"


class NoteFact(forms.Form):
    """What was found out for one criterion rests on, and where that comes from."""

    evidence = forms.CharField(
        label="What does this rest on?",
        help_text="What was said, seen or examined, in a sentence.",
        max_length=EVIDENCE_LENGTH,
        error_messages={"required": "Write what this rests on."},
    )
    source = forms.ChoiceField(
        label="Where does that come from?",
        choices=[(source.value, source.label) for source in FactSource],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where it comes from."},
    )
    field_order = ("number", "answer", "evidence", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lay_out()

    def _lay_out(self) -> None:
        self.order_fields(self.field_order)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(*self.fields, Submit("note", "Save this finding"))

    def number(self) -> int | None:
        """Return the number, or None where the criterion asks for an answer."""
        return self.cleaned_data.get("number")

    def answer(self) -> Answer | None:
        """Return the answer, or None where the criterion asks for a number."""
        answer = self.cleaned_data.get("answer")
        return Answer(answer) if answer else None

    def fact_source(self) -> FactSource:
        """Return where the evidence comes from."""
        return FactSource(self.cleaned_data["source"])

    def refuse(self, decision: Decision) -> None:
        """Put each reason at its field, else at the top of the page."""
        for finding in decision.refusals:
            self.add_error(finding.code if finding.code in self.fields else None, finding.message)


class NoteNumber(NoteFact):
    """A number that was found out: `label` asks for it, `most` is the most that is read."""

    def __init__(self, *args: Any, label: str, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"] = WholeNumberField(
            label,
            parse=whole_between(0, most),
            how=f"{label}: write digits, from 0 to {most}.",
            missing=f"Write a number: {label}.",
            widget=forms.TextInput(attrs=NARROW),
        )
        self._lay_out()


class NoteAnswer(NoteFact):
    """An answer that was found out to `question`."""

    def __init__(self, *args: Any, question: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"] = forms.ChoiceField(
            label=question,
            choices=ANSWERS,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose an answer. “Not known” is one."},
        )
        self._lay_out()


def note_form(criterion: Criterion, data: QueryDict | None) -> NoteFact:
    """Return the form that a criterion asks for."""
    if criterion in NUMBER_OF:
        label, most = NUMBER_OF[criterion]
        return NoteNumber(data, label=label, most=most)
    return NoteAnswer(data, question=QUESTION_OF[criterion])


class WriteCriteria(forms.Form):
    """Every number of a set, what rules the treatment out, and why these are the clinic's criteria."""

    basis = forms.ChoiceField(
        label="Begun from",
        choices=[*((example.name, example.label) for example in EXAMPLES), (OWN, "None: our own")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what these criteria began from."},
    )
    exclusions = forms.CharField(
        label="What rules it out",
        help_text=f"One a line, at most {MOST_EXCLUSIONS}. Nothing, if there is none.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    reason = forms.CharField(
        label="Why are these the clinic’s criteria?",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why these are the clinic’s criteria."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in NUMBERS:
            self.fields[number.name] = WholeNumberField(
                f"{number.label} ({number.unit})",
                parse=whole_between(1, number.most),
                how=f"{number.label}: write digits, from 1 to {number.most}, or nothing.",
                required=False,
                widget=forms.TextInput(attrs=NARROW),
            )
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            "basis",
            Fieldset(
                "What is asked",
                HTML(
                    '<p class="hat-note-text">An empty number is not asked. Capacity and attendance always are.</p>'
                ),
                *(Field(number.name) for number in NUMBERS),
                "exclusions",
            ),
            "reason",
            Submit("write", "Save for approval"),
        )

    def criteria(self) -> Criteria:
        """Return the set as it was typed."""
        data = self.cleaned_data
        lines = (line.strip() for line in data["exclusions"].splitlines())
        return Criteria(
            **{number.name: data[number.name] for number in NUMBERS},
            exclusions=tuple(line for line in lines if line),
        )

    def basis_name(self) -> str:
        """Return the example that the set began from, or nothing."""
        basis: str = self.cleaned_data["basis"]
        return "" if basis == OWN else basis

    def refuse(self, decision: Decision) -> None:
        """Put each reason at its field."""
        for finding in decision.refusals:
            self.add_error(finding.code.removeprefix("number_"), finding.message)


class ApproveCriteria(forms.Form):
    """That a clinical lead takes each number that no source gives as the clinic's own."""

    confirmed = forms.MultipleChoiceField(
        label="Confirm for this clinic each number that no source gives",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["confirmed"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = choices
        if not choices:
            del self.fields["confirmed"]
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was approved"
        self.helper.layout = Layout(*self.fields, Submit("approve", "Approve these criteria"))

    def confirmed_names(self) -> frozenset[str]:
        """Return the names of the numbers that were ticked."""
        return frozenset(self.cleaned_data.get("confirmed", ()))

    def refuse(self, decision: Decision) -> None:
        """Put each reason at the ticks, else at the top of the page."""
        for finding in decision.refusals:
            is_tick = finding.code.startswith("unconfirmed_") and "confirmed" in self.fields
            self.add_error("confirmed" if is_tick else None, finding.message)
