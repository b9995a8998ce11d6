"""Which editions a class of readers is given, as it is typed; and the tick of whoever approves it."""

from __future__ import annotations

from typing import Any

from django import forms

from outcomes.forms.fields import SealedForm, day, keys, line
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.readers import SOURCE_LENGTH, EditionsSaid, Reader

DECIDED = [one for one in Reader if one is not Reader.PUBLIC]
MORE = {
    Edition.RESTRICTED: "The restricted edition: exact numbers of everything",
    Edition.JUSTICE: "The justice edition: offences, custody and costs in exact numbers",
}


class WriteReaderEditions(SealedForm):
    """For whom, from when on, what besides the public edition, and by which agreement."""

    FIELD_OF = {
        "readers_past": "from_day",
        "readers_restricted": "editions",
        "readers_justice": "editions",
        "readers_source": "source",
    }

    reader = keys(
        "Who?",
        [(one.value, one.label) for one in DECIDED],
        error_messages={"required": "Choose who reads it."},
    )
    editions = forms.MultipleChoiceField(
        label="What do they read besides the public edition?",
        help_text="Choose nothing to take back what they were given",
        choices=[(edition.value, words) for edition, words in MORE.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    from_day = day("From which day on?", missing="Write the first day.")
    source = line(
        "By which agreement or decision?",
        longest=SOURCE_LENGTH,
        hint="What was signed, by whom, with its date",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("reader", "editions", "from_day", "source", save="Send to a colleague to approve")

    def said(self) -> EditionsSaid:
        """Return what was typed."""
        chosen = self.cleaned_data["editions"]
        return EditionsSaid(
            reader=Reader(self.cleaned_data["reader"]),
            from_day=self.cleaned_data["from_day"],
            has_restricted=Edition.RESTRICTED.value in chosen,
            has_justice=Edition.JUSTICE.value in chosen,
            source=self.cleaned_data["source"],
        )


class ApproveReaderEditions(SealedForm):
    """That whoever approves has read the agreement."""

    FIELD_OF = {"readers_unconfirmed": "is_confirmed"}

    is_confirmed = forms.BooleanField(
        label="I read the agreement, and it lets these readers have these editions.", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("is_confirmed", save="Approve")
