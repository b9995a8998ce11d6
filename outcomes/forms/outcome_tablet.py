"""The outcome form as the person taps it on a tablet: one question at a time, said to them. Forms parse; rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Div
from django import forms

from outcomes.forms.fields import SealedForm
from outcomes.forms.outcome_forms import RecordOutcomeForm
from outcomes.rules.outcome_form import to_you


class HandOver(SealedForm):
    """The last tap of staff before the person holds the tablet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(save="Start the questions")
        self.helper.attrs = {}
        self.helper.form_error_title = "The questions were not started"


class AnswerOnTablet(RecordOutcomeForm):
    """The same questions. Each is a step of its own where the page's script runs, and all stand in a row without it."""

    FIELD_OF: dict[str, str] = {}

    save_words = "Send my answers"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label, field.help_text = to_you(str(field.label or "")), to_you(str(field.help_text))
            field.error_messages = {code: to_you(str(words)) for code, words in field.error_messages.items()}
        self.helper.form_class = "hat-asking hat-steps"
        self.helper.attrs = {"data-hat-draft": "", "data-hat-steps": ""}

    def rows(self) -> list[Any]:
        """The day, which is the day the tablet was handed over: nobody is asked for it."""
        on = forms.DateInput(format="%d/%m/%Y")
        on.input_type = "hidden"
        self.fields["on"].widget = on
        return ["on"]

    def asked_rows(self) -> list[Any]:
        """Every question with the heading of its section, as one step."""
        return [
            Div(
                HTML(f'<p class="hat-step__section">{section.words}</p>'),
                self.ask(asked),
                css_class="hat-step",
            )
            for section in self.sections
            for asked in section.questions
        ]
