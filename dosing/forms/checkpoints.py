"""What is asked of the page of checkpoints. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

from django import forms

from dosing.rules.checkpoints import LONGEST_CODE


class CheckCode(forms.Form):
    """A code that stands on a printed page of this clinic."""

    code = forms.CharField(
        label="Code on the paper",
        max_length=LONGEST_CODE,
        error_messages={
            "required": "Type the code that stands on the paper.",
            "max_length": "That is longer than any code. Type the number of the line, and four groups of four.",
        },
    )
