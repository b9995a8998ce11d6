"""A goal, and how it goes on, as they are tapped and typed."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from crispy_forms.layout import Field
from django import forms

from outcomes.forms.fields import SealedForm, day, keys, line, offer_day_ahead
from outcomes.queries.plans import PlanPage
from outcomes.rules.plans import GoalEnd, GoalSaid, StepSaid
from outcomes.rules.support import DOMAIN_WORDS, LONGEST_LINE

YES_NO = [("yes", "Yes"), ("no", "No")]
PERSON, GOES_ON = "person", "goes_on"


class SetGoal(SealedForm):
    """About what, in the person's words, who sees to it, and when to look at it again."""

    FIELD_OF = {
        "goal_says_nothing": "words",
        "goal_long_line": "words",
        "goal_without_review": "review_on",
        "goal_review_not_ahead": "review_on",
        "goal_review_far_away": "review_on",
        "goal_family_not_wanted": "wanted",
        "goal_family_not_safe": "safe",
        "goal_owner_elsewhere": "owner",
    }

    domain = keys(
        "What about?",
        [(domain.value, words) for domain, words in DOMAIN_WORDS.items()],
        error_messages={"required": "Tap what the goal is about."},
    )
    words = line("What do they want to reach?", longest=LONGEST_LINE, hint="In their own words.")
    owner = forms.ChoiceField(
        label="Who sees to it?",
        required=False,
        error_messages={"invalid_choice": "Choose the person or a case worker of this clinic."},
    )
    review_on = day("When do you look at it together again?")
    wanted = keys("For a family goal: does the person want it?", YES_NO, required=False)
    safe = keys("For a family goal: is it safe for everybody?", YES_NO, required=False)

    def __init__(self, *args: Any, page: PlanPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)  # noqa: S101 - declared above
        owner.choices = [("", "I do"), (PERSON, page.name), *page.case_workers]
        offer_day_ahead(self.fields["review_on"], today=page.today)
        self.lay_out(
            Field("domain", css_class="hat-keys"),
            "words",
            "owner",
            "review_on",
            Field("wanted", css_class="hat-keys"),
            Field("safe", css_class="hat-keys"),
            save="Set the goal",
        )

    def said(self) -> GoalSaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        return GoalSaid(
            domain=typed["domain"],
            words=typed["words"],
            review_on=typed["review_on"],
            wanted=typed["wanted"] == "yes" if typed["wanted"] else None,
            safe=typed["safe"] == "yes" if typed["safe"] else None,
        )

    def owner_or(self, me: uuid.UUID) -> uuid.UUID | None:
        """Return who sees to it, None for the person themself."""
        chosen = self.cleaned_data["owner"]
        if chosen == PERSON:
            return None
        return uuid.UUID(chosen) if chosen else me


class NoteGoalStep(SealedForm):
    """How it went, and when to look again or why it ends."""

    FIELD_OF = {
        "goal_says_nothing": "words",
        "goal_long_line": "words",
        "goal_without_review": "review_on",
        "goal_review_not_ahead": "review_on",
        "goal_review_far_away": "review_on",
        "goal_end_with_review": "review_on",
    }

    words = line(
        "How did it go?",
        longest=LONGEST_LINE,
        hint="The last line is printed on the plan that they take along.",
    )
    ended = keys(
        "Does it go on?",
        [(GOES_ON, "It goes on"), *((end.value, end.label) for end in GoalEnd)],
        error_messages={"required": "Tap whether it goes on, or why it ends."},
    )
    review_on = day("If it goes on: when do you look at it together again?")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_day_ahead(self.fields["review_on"], today=today)
        self.lay_out(
            "words",
            Field("ended", css_class="hat-keys"),
            "review_on",
            save="Save this step",
        )

    def said(self) -> StepSaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        return StepSaid(
            words=typed["words"],
            review_on=typed["review_on"],
            ended="" if typed["ended"] == GOES_ON else typed["ended"],
        )
