"""What the forms of answers share: questions that are answered or left unanswered on purpose, never by default."""

from __future__ import annotations

from typing import Any

from django import forms

from outcomes.forms.fields import SealedForm, keys
from outcomes.rules.support import STRIKING, Correction

YES, NO = "yes", "no"
NOT_ANSWERED = "not_answered"
UNANSWERED = (NOT_ANSWERED, "Not answered")


def question(about: str, label: str, choices: list[tuple[str, str]], *, hint: str = "") -> forms.ChoiceField:
    """Return a question with keys, the last of which says that it was not answered; `about` names it in a summary."""
    tap = f"{about}: tap an answer. If they do not want to say, tap “Not answered”."
    return keys(
        label,
        [*choices, UNANSWERED],
        help_text=hint,
        error_messages={"required": tap, "invalid_choice": tap},
    )


def yes_no(about: str, label: str, *, hint: str = "") -> forms.ChoiceField:
    """Return a question with the answers yes, no and not answered."""
    return question(about, label, [(YES, "Yes"), (NO, "No")], hint=hint)


def as_bool(answer: str) -> bool | None:
    """Return what a tapped answer says; None was not answered."""
    return None if answer == NOT_ANSWERED else answer == YES


def as_key(answer: bool | None) -> str:
    """Return the key that a stored answer stands for."""
    return NOT_ANSWERED if answer is None else YES if answer else NO


def correction_keys() -> forms.ChoiceField:
    """Return the question why answers are written again."""
    return keys(
        "Why are the answers written again?",
        [(correction.value, correction.label) for correction in Correction],
        error_messages={"required": "Tap why they are written again."},
        help_text="Answers logged for the wrong person, or logged twice, then count for nothing.",
    )


class AnswersForm(SealedForm):
    """Answers of one day at one point of the treatment."""

    FIELD_OF = dict.fromkeys(
        (
            "asked_in_future",
            "asked_long_before",
            "asked_after_leaving_too_soon",
            "asked_after_leaving",
            "asked_day_taken",
        ),
        "on",
    )

    def need(self, name: str, *, where: bool, missing: str) -> None:
        """Ask for a field that belongs to another answer; where that was not tapped, what is in it falls away.

        It is not on the page then, so that no answer is stored to a question that was not asked.
        """
        if not where:
            self.errors.pop(name, None)
            self.cleaned_data[name] = None
        elif self.cleaned_data.get(name) in (None, "") and name not in self.errors:
            self.add_error(name, missing)


class AmendsAnswers(forms.Form):
    """What a correction does beside the answers; stands before the form whose answers are corrected."""

    def clean(self) -> dict[str, Any]:
        """Ask nothing but why where the answers are struck out: they stay as they stand."""
        data = super().clean() or {}
        if self.strikes:
            for name in {*self.fields} - {"correction", "key", "seal"}:
                self.errors.pop(name, None)
        return data

    @property
    def strikes(self) -> bool:
        """Whether the answers then count for nothing."""
        return self.cleaned_data.get("correction") in STRIKING
