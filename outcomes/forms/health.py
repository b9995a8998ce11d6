"""One step of a health topic, as a nurse or doctor taps it. Forms parse; the rules decide."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.layout import Field
from django import forms

from hat_clinic.core.days import DayField
from outcomes.forms.fields import DAY, SealedForm, day, keys, line, offer
from outcomes.rules.health import (
    ANSWERS,
    BEGINS,
    IS_ABOUT,
    LONGEST_BATCH,
    STEPS,
    HealthSaid,
    Source,
    Topic,
    WoundKind,
)
from outcomes.rules.support import LONGEST_LINE, Correction

# Which questions stand on the form of a topic, in the order of the talk.
ASKED: dict[Topic, tuple[str, ...]] = {
    Topic.HBV: ("batch",),
    Topic.WOUND: ("about", "kind", "site", "size", "care", "review_on"),
    Topic.KIT: ("about", "expires_on"),
}
_FIRST = {
    Topic.WOUND: "What is looked at again or healed is written down here first.",
    Topic.KIT: "A kit that was used, lost or replaced is written down here first.",
}
TAPPED = ("step", "source", "about", "kind")
Things = tuple[tuple[uuid.UUID, str], ...]


class RecordHealthStep(SealedForm):
    """What was done, when, how the clinic knows it, and what else belongs to the step."""

    FIELD_OF = {
        "health_step_unknown": "step",
        "health_step_taken": "on",
        "health_out_of_order": "step",
        "health_in_future": "on",
        "health_before_birth": "on",
        "health_review_on_early": "review_on",
        "health_review_on_late": "review_on",
        "health_expires_on_past": "expires_on",
        "health_about_gone": "about",
        "health_about_closed": "about",
        "health_about_later": "on",
        "health_other_thing": "step",
    } | {f"health_{answer}_{how}": answer for answer in ANSWERS for how in ("missing", "not_asked", "long")}

    step = keys(
        "What was done?",
        [],
        error_messages={
            "required": "Tap what was done.",
            "invalid_choice": "That step needs a wound or a kit that is open. Tap another one.",
        },
    )
    on = DayField(
        label="On which day?",
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="Such as 24/11/2026",
        error_messages={"required": "Write on which day.", "invalid": DAY},
    )
    source = keys(
        "How do you know?",
        [(source.value, source.label) for source in Source],
        error_messages={"required": "Tap how you know."},
    )
    about = keys(
        "Which one is it about?",
        [],
        required=False,
        error_messages={"invalid_choice": "Tap one that stands in the list."},
    )
    kind = keys("A new wound: what sort?", [(kind.value, kind.label) for kind in WoundKind], required=False)
    site = line("A new wound: where on the body?", longest=LONGEST_LINE, hint="Such as left forearm")
    size = line("How big is it, in words?", longest=LONGEST_LINE, hint="Such as a coin, 2 cm across")
    care = line("What was done for it?", longest=LONGEST_LINE, hint="Such as cleaned, dry dressing")
    review_on = day("When is it looked at again?")
    batch = line(
        "Batch of the vaccine", longest=LONGEST_BATCH, hint="For a dose given here: as printed on the box."
    )
    expires_on = day("For a kit handed out: the date printed on it")

    save_words = "Save this step"

    def __init__(
        self, *args: Any, topic: Topic, things: Things, like: HealthSaid | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.topic = topic
        steps = [code for code in STEPS[topic] if _may_be_chosen(topic, code, like, has_things=bool(things))]
        offer(self, "step", [(code, STEPS[topic][code]) for code in steps])
        named = [(str(thing), name) for thing, name in things]
        offer(self, "about", named if like else [("", "None of them"), *named])
        asked = [name for name in ASKED.get(topic, ()) if name != "about" or things]
        for name in set(ANSWERS) - set(asked):
            del self.fields[name]
        if topic in IS_ABOUT and not things:
            self.fields["step"].help_text = _FIRST[topic]
        self.lay_out(*self._rows(asked), save=self.save_words)

    def _rows(self, asked: list[str]) -> list[Any]:
        first = ["step", *(name for name in asked if name == "about"), "on", "source"]
        rest = [name for name in asked if name != "about"]
        return [Field(name, css_class="hat-keys") if name in TAPPED else name for name in [*first, *rest]]

    def said(self) -> HealthSaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        about = typed.get("about", "")
        return HealthSaid(
            topic=self.topic,
            step=typed["step"],
            on=typed["on"],
            source=typed["source"],
            batch=typed.get("batch", ""),
            kind=typed.get("kind", ""),
            site=typed.get("site", ""),
            size=typed.get("size", ""),
            care=typed.get("care", ""),
            review_on=typed.get("review_on"),
            expires_on=typed.get("expires_on"),
            about=uuid.UUID(about) if about else None,
        )


class AmendHealthStep(RecordHealthStep):
    """A step written again, with the reason; what was written before stays beside it."""

    correction = keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in Correction],
        error_messages={"required": "Tap why it is written again."},
        help_text="A line for the wrong person, or logged twice, then counts for nothing.",
    )

    save_words = "Save the correction"

    def _rows(self, asked: list[str]) -> list[Any]:
        return [Field("correction", css_class="hat-keys"), *super()._rows(asked)]


def initial_of(said: HealthSaid) -> dict[str, Any]:
    """Return what the form of a correction begins with: the line as it stands."""
    names = ("step", "on", "source", *ANSWERS)
    return {name: getattr(said, name) for name in names if getattr(said, name)}


def _may_be_chosen(topic: Topic, step: str, like: HealthSaid | None, *, has_things: bool) -> bool:
    """Tell whether a step is offered: one about a wound or a kit where there is one; a corrected line stays one."""
    none: frozenset[str] = frozenset()
    begins, is_about = step in BEGINS.get(topic, none), step in IS_ABOUT.get(topic, none)
    if like is None:
        return has_things or not is_about
    return (begins, is_about) == (like.begins_a_thing, like.is_about_a_thing)
