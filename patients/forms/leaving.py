"""The plan for leaving, as it is typed. It may be unfinished."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit

from patients.forms.fields import CarriedForm, choice, day, text
from patients.rules.leaving import LONGEST_WORDS, LeavingPlanContent, NaloxonePlan


class PlanLeaving(CarriedForm):
    """Who goes on with the care, which oral medicine, naloxone, the letter, and who contacts them afterwards."""

    receiving_service = text("Which service goes on with their care?", longest=LONGEST_WORDS)
    receiving_prescriber = text(
        "Who prescribes there?", longest=LONGEST_WORDS, hint="The name, and that they agreed."
    )
    oral_medicine = text(
        "Oral medicine",
        longest=LONGEST_WORDS,
        hint="As the receiving prescriber ordered it. Nothing is worked out here.",
    )
    oral_started_on = day("Day it started", required="")
    last_injection_on = day("Day of the last injection", required="")
    naloxone = choice(
        "Naloxone to take home",
        [(one.value, f"{one.label[0].upper()}{one.label[1:]}") for one in NaloxonePlan],
    )
    letter_sent_on = day("Handover letter sent on", required="")
    follow_up_on = day("Contact afterwards on", required="")
    follow_up_words = text("Who contacts them, and how", longest=LONGEST_WORDS)

    def __init__(self, *args: Any, today: date, known: LeavingPlanContent, **kwargs: Any) -> None:
        kwargs["initial"] = asdict(known) | {"naloxone": known.naloxone.value if known.naloxone else ""}
        super().__init__(*args, **kwargs)
        for name in ("oral_started_on", "last_injection_on", "letter_sent_on", "follow_up_on"):
            self.fields[name].required = False
            self.fields[name].help_text = f"Day, month and year, such as {today:%d/%m/%Y}."
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.show_optional = False
        self.helper.layout = Layout(
            Fieldset("Where they go on", "receiving_service", "receiving_prescriber"),
            Fieldset("Medicine", "oral_medicine", "oral_started_on", "last_injection_on", "naloxone"),
            Fieldset("Afterwards", "letter_sent_on", "follow_up_on", "follow_up_words"),
            Submit("save", "Save the plan"),
        )

    def content(self) -> LeavingPlanContent:
        """Return what was typed; what was left empty is not settled."""
        typed = {name: self.cleaned_data[name] for name in self.fields}
        return LeavingPlanContent(
            **typed | {"naloxone": NaloxonePlan(typed["naloxone"]) if typed["naloxone"] else None}
        )
