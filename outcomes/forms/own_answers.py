"""The clinic's own four questions, as they are tapped. Forms parse; the rules decide."""

from __future__ import annotations

import re
from typing import Any

from crispy_forms.layout import Div, Field
from django import forms

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.askings import (
    NO,
    NOT_ANSWERED,
    UNANSWERED,
    YES,
    AmendsAnswers,
    AnswersForm,
    as_bool,
    as_key,
    correction_keys,
    question,
    yes_no,
)
from outcomes.forms.fields import day, keys
from outcomes.rules.askings import FormStage
from outcomes.rules.own_answers import MOST_POUNDS, FamilyContact, OwnSaid

NOTHING, SOME = "nothing", "some"
WANTED = "wanted"
_POUNDS = re.compile(r"(0|[1-9][0-9]{0,17})(\.[0-9]{2})?", re.ASCII)
HOW_MUCH = f"Write whole pounds with the digits 0 to 9, such as 40, at most {MOST_POUNDS:,}."


class RecordOwnAnswers(AnswersForm):
    """Spending, injecting in public, what becomes of needles, and the family: each answered, or not on purpose."""

    on = day("Which day did you ask?")
    spent = question(
        "Street drugs",
        "Did they spend money on street drugs in the last 7 days?",
        [(NOTHING, "Nothing at all"), (SOME, "Some money")],
    )
    pounds = WholeNumberField(
        "How many pounds?", parse=whole_between(0, MOST_POUNDS), how=HOW_MUCH, required=False
    )
    public_injecting = yes_no(
        "Injecting in public",
        "Have they injected in a public place in the last 28 days?",
        hint="A street, a park, a stairwell, a public toilet. An injection in this clinic is none.",
    )
    unsafe_disposal = yes_no(
        "Used needles", "Have they left a used needle where somebody could be hurt, in the last 28 days?"
    )
    family = question(
        "Family",
        "Contact with their family: do they want it, and is it safe for everybody?",
        [
            (WANTED, "Wanted, and safe"),
            (FamilyContact.NOT_WANTED.value, "Not wanted"),
            (FamilyContact.NOT_SAFE.value, "Not safe"),
        ],
        hint="Ask this first. Only where it is wanted and safe, ask whether they have it.",
    )
    has_contact = keys("Do they have contact?", [(YES, "Yes"), (NO, "No"), UNANSWERED], required=False)

    save_words = "Save the four answers"
    # What the number in the box is worth.
    PENCE = 100
    HOW_MUCH = HOW_MUCH

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(*self.rows(), save=self.save_words)
        self.helper.form_class = "hat-asking"

    def rows(self) -> list[Any]:
        """The fields in the order of the talk; those that belong to an answer stand in its class."""
        return [
            Field("on", css_class="nhsuk-input--width-10"),
            Field("spent", css_class="hat-keys"),
            Field("pounds", css_class="nhsuk-input--width-5", wrapper_class="hat-if-spent", prefix="£"),
            Field("public_injecting", css_class="hat-keys"),
            Field("unsafe_disposal", css_class="hat-keys"),
            Field("family", css_class="hat-keys"),
            Div(Field("has_contact", css_class="hat-keys"), css_class="hat-if-wanted"),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the day, for the sum where money was spent, and for contact where it is wanted and safe."""
        data = super().clean() or {}
        self.need("on", where=True, missing="Write the day you asked.")
        self.need("pounds", where=data.get("spent") == SOME, missing=self.HOW_MUCH)
        self.need(
            "has_contact",
            where=data.get("family") == WANTED,
            missing="Tap whether they have contact. If they do not want to say, tap “Not answered”.",
        )
        return data

    def said(self, stage: str) -> OwnSaid:
        """Return what was tapped, at this point of the treatment."""
        data = self.cleaned_data
        spent = {NOTHING: 0, SOME: data["pounds"]}.get(data["spent"])
        return OwnSaid(
            on=data["on"],
            stage=stage,
            spend_week_pence=None if spent is None else spent * self.PENCE,
            public_injecting=as_bool(data["public_injecting"]),
            unsafe_disposal=as_bool(data["unsafe_disposal"]),
            family_contact=self._family(data),
        )

    @staticmethod
    def _family(data: dict[str, Any]) -> str:
        if data["family"] == WANTED:
            return {YES: FamilyContact.WANTED_HAS.value, NO: FamilyContact.WANTED_NOT.value}.get(
                data["has_contact"], ""
            )
        return "" if data["family"] == NOT_ANSWERED else str(data["family"])


class SumField(forms.CharField):
    """Pounds, with pence where earlier records have them, read as pence; `stands` is taken whatever it is."""

    def __init__(self, stands: str, *, how: str) -> None:
        super().__init__(label="How many pounds?", required=False)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.stands, self.how = stands, how

    def clean(self, value: Any) -> int | None:
        """Return the pence, None where nothing was typed."""
        text = str(value or "").strip(" ")
        if not text:
            return None
        if not _POUNDS.fullmatch(text):
            raise forms.ValidationError(self.how)
        pounds, _, pence = text.partition(".")
        sum_of_pence = int(pounds) * 100 + int(pence or 0)
        if text != self.stands and sum_of_pence > MOST_POUNDS * 100:
            raise forms.ValidationError(self.how)
        return sum_of_pence


class AmendOwnAnswers(AmendsAnswers, RecordOwnAnswers):
    """Answers written again, with the reason; what was written before stays beside them."""

    correction = correction_keys()
    stage = keys(
        "When in the treatment was it?",
        [(stage.value, stage.label) for stage in FormStage],
        error_messages={"required": "Tap when in the treatment it was."},
    )

    save_words = "Save the correction"
    PENCE = 1
    HOW_MUCH = f"Write pounds with the digits 0 to 9, such as 40 or 40.50, at most {MOST_POUNDS:,}."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pounds"] = SumField(self.initial.get("pounds", ""), how=self.HOW_MUCH)

    def rows(self) -> list[Any]:
        """The reason first, then the answers as they stand."""
        return [
            Field("correction", css_class="hat-keys"),
            Field("stage", css_class="hat-keys"),
            *super().rows(),
        ]


def as_they_stand(said: OwnSaid) -> dict[str, Any]:
    """Return the keys that stored answers stand for, to be corrected."""
    spend, family = said.spend_week_pence, said.family_contact
    pounds, pence = divmod(spend or 0, 100)
    wanted = family in (FamilyContact.WANTED_HAS, FamilyContact.WANTED_NOT)
    return {
        "stage": said.stage,
        "on": said.on,
        "spent": NOT_ANSWERED if spend is None else SOME if spend else NOTHING,
        "pounds": "" if not spend else f"{pounds}.{pence:02}" if pence else str(pounds),
        "public_injecting": as_key(said.public_injecting),
        "unsafe_disposal": as_key(said.unsafe_disposal),
        "family": WANTED if wanted else family or NOT_ANSWERED,
        "has_contact": as_key(family == FamilyContact.WANTED_HAS) if wanted else "",
    }
