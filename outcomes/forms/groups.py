"""Adding somebody to a group that is logged. Forms parse; the rules decide."""

from __future__ import annotations

import uuid
from typing import Any

from crispy_forms.layout import Field
from django import forms

from outcomes.actions.groups import Added
from outcomes.forms.fields import SealedForm, day, keys, line, offer, offer_day_ahead
from outcomes.forms.support import CAME, DID_NOT_COME
from outcomes.queries.groups import GroupShown
from outcomes.rules.groups import JoinedLate
from outcomes.rules.support import LONGEST_LINE


class AddToGroupSession(SealedForm):
    """Who, whether they came, why they were not in it, and what happens next where they did not come."""

    FIELD_OF = {
        "group_has_them": "person",
        "support_before_acceptance": "person",
        "support_follow_up_what": "next_step",
        "support_follow_up_day": "next_on",
        "support_day_without_step": "next_step",
        "support_step_before_session": "next_on",
        "support_step_far_away": "next_on",
        "support_long_line": "next_step",
    }

    person = forms.ChoiceField(
        label="Who?",
        error_messages={
            "required": "Choose who was left out.",
            "invalid_choice": "Choose somebody who was in treatment on that day and is not in the group.",
        },
    )
    attended = keys(
        "Did they come?",
        [(CAME, "Came"), (DID_NOT_COME, "Did not come")],
        error_messages={"required": "Tap whether they came."},
    )
    why = keys(
        "Why were they not in it?",
        [(why.value, why.label) for why in JoinedLate],
        error_messages={"required": "Tap why they were not in it."},
    )
    next_step = line("If they did not come: what happens next?", longest=LONGEST_LINE)
    next_on = day("By when?")

    def __init__(self, *args: Any, page: GroupShown, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "person", [("", "Choose"), *page.others])
        offer_day_ahead(self.fields["next_on"], ahead=page.day_ahead)
        tapped = "hat-keys"
        self.lay_out(
            "person",
            Field("attended", css_class=tapped),
            Field("why", css_class=tapped),
            "next_step",
            "next_on",
            save="Add to the group",
        )

    def added(self) -> Added:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        return Added(
            person=uuid.UUID(typed["person"]),
            attended=typed["attended"] == CAME,
            why=JoinedLate(typed["why"]),
            next_step=typed["next_step"],
            next_step_on=typed["next_on"],
        )
