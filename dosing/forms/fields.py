"""Fields that several forms of the treatment room share."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from hat_clinic.core.decisions import Decision


def pin_field(label: str, help_text: str, required: str) -> forms.CharField:
    """Return the field for six digits, shown as dots."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=6,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": required},
    )


class JudgedLater(forms.ChoiceField):
    """A choice whose value the rule judges: a page sent twice must be read the second time too.

    By then the last ampoule may be gone from the list, and the answer is still the first answer.
    """

    def valid_value(self, value: Any) -> bool:
        """Let any single line of text pass."""
        return True


class JudgedLaterUUID(JudgedLater):
    """The same for a row's identifier."""

    def valid_value(self, value: Any) -> bool:
        """Let any identifier pass."""
        try:
            uuid.UUID(str(value))
        except ValueError:
            return False
        return True


class NotesRead(forms.MultipleChoiceField):
    """The notes that were ticked. Which of them there are is known only when the dose is judged."""

    def valid_value(self, value: Any) -> bool:
        """Let any code pass: one that belongs to no note counts for nothing."""
        return True


class RefusableForm(forms.Form):
    """A form that says every reason of a rule at the top of the page."""

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, in the words of the rule."""
        for finding in decision.refusals:
            self.add_error(None, finding.message)
