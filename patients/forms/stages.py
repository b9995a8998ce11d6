"""The stage of a treatment, as it is typed. What may follow what is the rule's to say."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit

from patients.forms.fields import CarriedForm, choice, day, text
from patients.rules.stages import LONGEST_WORDS, StageContent, TreatmentStage


class SetStage(CarriedForm):
    """The stage, its first day, and why. Nothing is chosen beforehand."""

    stage = choice(
        "The stage is",
        [(stage.value, f"{stage.label}: {stage.meaning.lower()}") for stage in TreatmentStage],
    )
    since_on = day("Since", required="Write since which day.")
    words = text(
        "Why, in a sentence",
        longest=LONGEST_WORDS,
        rows=2,
        hint="Clinicians read this. Case workers read the stage and its day only.",
    )

    def __init__(
        self, *args: Any, may_follow: tuple[TreatmentStage, ...], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since_on"].required = False
        self.fields["since_on"].help_text = f"Day, month and year, such as {today:%d/%m/%Y}."
        self.fields["stage"].widget.choices = [
            (stage.value, f"{stage.label}: {stage.meaning.lower()}")
            for stage in TreatmentStage
            if stage in may_follow
        ]
        self.helper = FormHelper()
        self.helper.show_optional = (
            False  # every part is needed; the rule says which are missing, all at once
        )
        self.helper.form_error_title = "Nothing was set"
        self.helper.layout = Layout(Field("stage"), "since_on", "words", Submit("set", "Set the stage"))

    def content(self) -> StageContent:
        """Return what was typed; what was left empty is empty."""
        stage = self.cleaned_data["stage"]
        return StageContent(
            stage=TreatmentStage(stage) if stage else None,
            since_on=self.cleaned_data["since_on"],
            words=self.cleaned_data["words"],
        )
