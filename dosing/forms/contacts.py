"""What is written when somebody who missed sessions was reached, or when it was tried."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm
from dosing.forms.order_doses import a_choice
from dosing.rules.contacts import LONGEST_WORDS, How, Reached


class NoteContact(RefusableForm):
    """Whom it reached, how, and what was said. Nothing is chosen beforehand."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    reached = a_choice(
        "Whom did you reach?",
        [(one.value, f"{one.label[0].upper()}{one.label[1:]}") for one in Reached],
        "Choose whom you reached.",
    )
    how = a_choice(
        "How?", [(how.value, f"{how.label[0].upper()}{how.label[1:]}") for how in How], "Choose how."
    )
    words = forms.CharField(
        label="What was said, or what was tried",
        help_text="Where they are, how they are, when they come. Everybody who works with them reads this.",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what was said, or what was tried."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was noted"
        self.helper.layout = Layout(
            Field("key"), Field("seal"), "reached", "how", "words", Submit("save", "Note this contact")
        )
