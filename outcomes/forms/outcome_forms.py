"""The outcome form, as it is tapped. Forms parse; the rules decide.

Every question is answered, or "Not answered" is tapped: nothing is chosen beforehand. Days are tapped as none, some or
not answered; some asks for the four weeks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Fieldset
from django import forms

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.askings import (
    NOT_ANSWERED,
    AmendsAnswers,
    AnswersForm,
    as_bool,
    as_key,
    correction_keys,
    question,
    yes_no,
)
from outcomes.forms.fields import day, keys, line
from outcomes.rules.askings import FormStage
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS
from outcomes.rules.outcome_form import (
    DAYS_OF_A_WEEK,
    HIGHEST_SCORE,
    LONGEST_NAME,
    MOST_A_DAY,
    WEEKS,
    OutcomeSaid,
    Question,
    outcome_said,
    questions,
)

NONE, SOME = "none", "some"
MONTH = 28
# What is asked besides where something was used at all: the field, by the item it belongs to.
BESIDES = {"alcohol_days": "alcohol_units", "cannabis_days": "cannabis_spliffs", "other_days": "other_drug"}


def _amount(label: str) -> WholeNumberField:
    return WholeNumberField(
        label,
        parse=whole_between(0, MOST_A_DAY),
        how=f"{label}: write a whole number with the digits 0 to 9, at most {MOST_A_DAY}, or leave it empty.",
        required=False,
        help_text="Leave it empty if they do not know.",
    )


class RecordOutcomeForm(AnswersForm):
    """One outcome form, asked week by week and part by part; `in_parts` False is a form of earlier records."""

    on = day("Which day did you ask?")

    save_words = "Save the outcome form"

    def __init__(self, *args: Any, in_parts: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.in_parts = in_parts
        self.sections = questions(in_parts=in_parts)
        self.lay_out(*self.rows(), *self.asked_rows(), save=self.save_words)
        self.helper.form_class = "hat-asking"

    def rows(self) -> list[Any]:
        """What is asked before the questions."""
        return [Field("on", css_class="nhsuk-input--width-10")]

    def asked_rows(self) -> list[Any]:
        """The questions, each under the heading of its section."""
        rows: list[Any] = []
        for section in self.sections:
            rows.append(HTML(f'<h2 class="hat-section">{section.words}</h2>'))
            rows += [self.ask(asked) for asked in section.questions]
        return rows

    def ask(self, asked: Question) -> Any:
        """Add the fields of one question, and return how they stand on the page."""
        item = asked.item
        if item in SCORE_ITEMS:
            scores = [(str(score), str(score)) for score in range(HIGHEST_SCORE + 1)]
            self.fields[item] = question(asked.about, asked.words, scores, hint=asked.hint)
            return Field(item, css_class="hat-keys hat-scores")
        if item not in DAY_ITEMS:
            self.fields[item] = yes_no(asked.about, asked.words, hint=asked.hint)
            return Field(item, css_class="hat-keys")
        self.fields[item] = question(
            asked.about,
            asked.words,
            [(NONE, "On no day"), (SOME, "On some days")],
            hint=asked.hint,
        )
        return Div(
            Field(item, css_class="hat-keys"),
            Div(self._boxes(asked), *self._besides(item), css_class="hat-if-some"),
            css_class="hat-days",
        )

    def _boxes(self, asked: Question) -> Any:
        """The four weeks of one question, or the sum on a form of earlier records."""
        names = self._names(asked.item)
        labels = [*WEEKS] if self.in_parts else [f"Days in the last {MONTH} days"]
        most = DAYS_OF_A_WEEK if self.in_parts else MONTH
        for name, label in zip(names, labels, strict=True):
            how = f"{asked.about}, {label.lower()}: write the days with the digits 0 to 9, at most {most}."
            self.fields[name] = WholeNumberField(
                label, parse=whole_between(0, most), how=how, missing=how, required=False
            )
        return Fieldset(
            f"{asked.about}: on how many days?",
            *(Field(name, css_class="nhsuk-input--width-2") for name in names),
            css_class="hat-weeks",
        )

    def _besides(self, item: str) -> list[Any]:
        name = BESIDES.get(item) if self.in_parts else None
        if name is None:
            return []
        if name == "other_drug":
            self.fields[name] = line("Which drug?", longest=LONGEST_NAME)
            return [name]
        self.fields[name] = _amount(
            "Units of alcohol on a usual day of drinking"
            if name == "alcohol_units"
            else "Spliffs on a usual day of use"
        )
        return [Field(name, css_class="nhsuk-input--width-5")]

    def _names(self, item: str) -> list[str]:
        """The fields of the days of one item, the last week first."""
        if not self.in_parts:
            return [f"{item}_in_all"]
        return [f"{item}_week_{number}" for number, _ in enumerate(WEEKS, start=1)]

    def clean(self) -> dict[str, Any]:
        """Ask for the weeks where something happened on some days; elsewhere what is in them falls away."""
        data = super().clean() or {}
        self.need("on", where=True, missing="Write the day you asked.")
        for asked in self._asked(DAY_ITEMS):
            item, names = asked.item, self._names(asked.item)
            happened = data.get(item) == SOME
            for name in names:
                field = self.fields[name]
                assert isinstance(field, WholeNumberField)  # noqa: S101 - made above
                self.need(name, where=happened, missing=field.how)
            if happened and not any(name in self.errors for name in names) and not any(map(data.get, names)):
                self.add_error(item, f"{asked.about}: every week is 0. Tap “On no day” instead.")
            besides = BESIDES.get(item)
            if besides in self.fields and not happened:
                self.need(besides, where=False, missing="")
        return data

    def _asked(self, items: tuple[str, ...]) -> list[Question]:
        return [asked for section in self.sections for asked in section.questions if asked.item in items]

    def said(self, stage: str) -> OutcomeSaid:
        """Return what was tapped, at this point of the treatment."""
        data = self.cleaned_data
        boxes = {item: self._days(data, item) for item in DAY_ITEMS}
        answers = {
            name: as_bool(data[name])
            for name, field in self.fields.items()
            if isinstance(field, forms.ChoiceField)
            and name not in {*DAY_ITEMS, *SCORE_ITEMS, "stage", "correction"}
        }
        scores = {item: None if data[item] == NOT_ANSWERED else int(data[item]) for item in SCORE_ITEMS}
        if not self.in_parts:
            sums = {item: None if days is None else sum(days) for item, days in boxes.items()}
            yes_no_items = {item: answers[item] for item in YES_NO_ITEMS}
            return OutcomeSaid(
                on=data["on"], stage=stage, items=sums | yes_no_items | scores, weeks=None, parts={}
            )
        return outcome_said(
            on=data["on"],
            stage=stage,
            weeks=boxes,
            yes_no=answers,
            scores=scores,
            alcohol_units=data["alcohol_units"],
            cannabis_spliffs=data["cannabis_spliffs"],
            other_drug=data["other_drug"] or "",
        )

    def _days(self, data: dict[str, Any], item: str) -> tuple[int, ...] | None:
        names = self._names(item)
        if data[item] == NOT_ANSWERED:
            return None
        return tuple(data[name] for name in names) if data[item] == SOME else (0,) * len(names)


class AmendOutcomeForm(AmendsAnswers, RecordOutcomeForm):
    """A form written again, with the reason; what was written before stays beside it."""

    correction = correction_keys()
    stage = keys(
        "When in the treatment was it?",
        [(stage.value, stage.label) for stage in FormStage],
        error_messages={"required": "Tap when in the treatment it was."},
    )

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the form as it stands."""
        return [
            Field("correction", css_class="hat-keys"),
            Field("stage", css_class="hat-keys"),
            *super().rows(),
        ]


def as_it_stands(said: OutcomeSaid) -> dict[str, Any]:
    """Return the keys and boxes that a stored form stands for, to be corrected."""
    tapped: dict[str, Any] = {"stage": said.stage, "on": said.on}
    for item in DAY_ITEMS:
        days = said.items[item]
        tapped[item] = NOT_ANSWERED if days is None else SOME if days else NONE
        tapped |= _boxes_of(said.weeks, item, days) if days else {}
    yes_no_answers: Mapping[str, bool | None] = {
        **{item: said.items[item] for item in YES_NO_ITEMS},
        **said.parts,
    }
    tapped |= {item: as_key(answer) for item, answer in yes_no_answers.items()}
    for item in SCORE_ITEMS:
        score = said.items[item]
        tapped[item] = NOT_ANSWERED if score is None else str(score)
    return {
        **tapped,
        "alcohol_units": "" if said.alcohol_units is None else str(said.alcohol_units),
        "cannabis_spliffs": "" if said.cannabis_spliffs is None else str(said.cannabis_spliffs),
        "other_drug": said.other_drug,
    }


def _boxes_of(weeks: Mapping[str, tuple[int, ...]] | None, item: str, days: int) -> dict[str, str]:
    if weeks is None:
        return {f"{item}_in_all": str(days)}
    return {f"{item}_week_{number}": str(box) for number, box in enumerate(weeks[item], start=1)}
