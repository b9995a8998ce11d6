"""What a case worker taps and types. Forms parse; the rules decide."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Field, Hidden, Layout, Row, Submit
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.actions.groups import Group
from outcomes.actions.support import Said
from outcomes.forms.fields import offer_day_ahead
from outcomes.queries.groups import GroupPage
from outcomes.queries.support import LogPage, StandingSession
from outcomes.rules.support import (
    DOMAIN_WORDS,
    DONE_ABOUT,
    DONE_ANYWHERE,
    FOLLOW_UP,
    LONGEST_LINE,
    Correction,
    SessionLogged,
)

MINUTES = ("15", "30", "45", "60")
CAME, DID_NOT_COME = "came", "did_not_come"
OTHER = "other"
WHOLE_MINUTES = "Write whole minutes with the digits 0 to 9 only, such as 20."
# Which field a reason of the rule belongs to.
FIELD_OF = {
    "support_in_future": "when",
    "support_before_acceptance": "when",
    "support_minutes": "minutes",
    "support_nothing_done": "done",
    "support_long_line": "note",
    "support_day_without_step": "next_step",
    "support_step_before_session": "next_when",
    "support_step_far_away": "next_when",
    "support_follow_up_what": "next_step",
    "support_follow_up_day": "next_when",
    "support_follow_up_owner": "owner",
    "group_before_acceptance": "when",
    "appointment_not_begun": "attended",
    "appointment_other_day": "when",
}
# Up to so many agencies are keys; more are a list.
FEW_AGENCIES = 6
DAY = "Write the day as day/month/year, such as 24/11/2026."


def _keys(label: str, choices: list[tuple[str, str]], **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, **more)


def _ticks(label: str, choices: dict[str, str]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=list(choices.items()), required=False, widget=forms.CheckboxSelectMultiple
    )


def _day(label: str) -> DayField:
    return DayField(
        label=label,
        required=False,
        input_formats=["%d/%m/%Y"],
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off", "inputmode": "numeric"}),
        help_text="Such as 24/11/2026",
        error_messages={"invalid": DAY},
    )


class LogSupportSession(forms.Form):
    """One session: about what, came or not, how long, what was done, what comes next."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    domain = _keys(
        "What about?",
        [(domain.value, words) for domain, words in DOMAIN_WORDS.items()],
        error_messages={"required": "Tap what the session was about."},
    )
    agency = forms.ChoiceField(label="With whom?", required=False)
    when = _keys("When?", [("today", "Today"), ("yesterday", "Yesterday"), (OTHER, "Another day")])
    on = _day("Which day?")
    attended = _keys(
        "Came?",
        [(CAME, "Came"), (DID_NOT_COME, "Did not come")],
        error_messages={"required": "Tap whether they came."},
    )
    minutes = _keys(
        "How many minutes?", [*((number, number) for number in MINUTES), (OTHER, "Other")], required=False
    )
    minutes_other = WholeNumberField(
        "Minutes", parse=whole_between(0, 999), how=WHOLE_MINUTES, required=False
    )
    done = _ticks("What was done? Tap all that fit", DONE_ANYWHERE)
    follow_up = _ticks("What was done about it?", FOLLOW_UP)
    note = forms.CharField(
        label="One line more, if needed",
        required=False,
        max_length=LONGEST_LINE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"Keep this line to {LONGEST_LINE} letters."},
    )
    next_step = forms.CharField(
        label="Next step, if any",
        required=False,
        max_length=LONGEST_LINE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": f"Keep this line to {LONGEST_LINE} letters."},
    )
    next_when = _keys(
        "By when?",
        [
            ("none", "No day"),
            ("week", "In a week"),
            ("fortnight", "In 2 weeks"),
            (OTHER, "Another day"),
        ],
    )
    next_on = _day("By which day?")
    owner = forms.ChoiceField(
        label="Who follows it up?",
        required=False,
        error_messages={"invalid_choice": "Choose a case worker of this clinic to follow it up."},
    )

    save_words = "Save session"

    def __init__(self, *args: Any, page: LogPage | GroupPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        self._offer_agencies()
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)  # noqa: S101 - declared above
        owner.choices = [("", "I do"), *page.case_workers]
        offer_day_ahead(self.fields["next_on"], ahead=page.day_ahead)
        self.initial = {"agency": "", "when": "today", "next_when": "none", **self.initial}
        for domain, codes in DONE_ABOUT.items():
            self.fields[f"done_{domain}"] = _ticks(f"About {DOMAIN_WORDS[domain].lower()}", codes)
        self.helper = FormHelper()
        self.helper.form_class = "hat-log-session"
        self.helper.attrs = {"data-hat-draft": ""}
        self.helper.form_error_title = "Nothing was saved"
        self.helper.show_optional = False
        self.helper.layout = Layout(*self.rows(), Submit("save", self.save_words))

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def rows(self) -> list[Any]:
        """The fields in the order of the talk; those that belong to an answer stand in its class."""
        keys = "hat-keys"
        return [
            Field("key"),
            Field("domain", css_class=keys),
            Field("agency", css_class=keys if self._has_few_agencies else ""),
            Row(Column(Field("attended", css_class=keys)), Column(Field("when", css_class=keys))),
            Field("on", wrapper_class="hat-if-other-day"),
            Div(
                Field("minutes", css_class=keys),
                Field(
                    "minutes_other", css_class="nhsuk-input--width-5", wrapper_class="hat-if-other-minutes"
                ),
                Field("done", css_class=keys),
                *(
                    Field(
                        f"done_{domain}", css_class=keys, wrapper_class=f"hat-if-{domain.replace('_', '-')}"
                    )
                    for domain in DONE_ABOUT
                ),
                css_class="hat-if-came",
            ),
            Div(Field("follow_up", css_class=keys), css_class="hat-if-not-came"),
            "note",
            Row(Column("next_step"), Column(Field("next_when", css_class=keys))),
            Field("next_on", wrapper_class="hat-if-other-next"),
            Div("owner", css_class="hat-if-not-came"),
        ]

    @property
    def _has_few_agencies(self) -> bool:
        return len(self.page.agencies) <= FEW_AGENCIES

    def _offer_agencies(self) -> None:
        field = self.fields["agency"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        if self._has_few_agencies:
            field.widget = forms.RadioSelect()
        field.choices = [("", "Clinic alone"), *self.page.agencies]

    def clean(self) -> dict[str, Any]:
        """Ask for the day or the minutes where "another" was tapped."""
        data = super().clean() or {}
        if data.get("when") == OTHER and not data.get("on") and "on" not in self.errors:
            self.add_error("on", "Write which day it was.")
        if data.get("next_when") == OTHER and not data.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", "Write by which day.")
        is_asked = data.get("attended") == CAME and data.get("minutes") == OTHER
        if is_asked and data.get("minutes_other") is None and "minutes_other" not in self.errors:
            self.add_error("minutes_other", WHOLE_MINUTES)
        if not is_asked:
            # The field is not on the page then, and what was left in it falls away.
            self.errors.pop("minutes_other", None)
        return data

    def said(self) -> Said:
        """Return what was tapped; answers that belong to another answer's keys are not on the page and fall away."""
        data = self.cleaned_data
        came = data["attended"] == CAME
        on = self._on(data)
        return Said(
            session=SessionLogged(
                on=on,
                domain=data["domain"],
                attended=came,
                minutes=self._minutes(data) if came else None,
                done=(
                    sorted([*data["done"], *data[f"done_{data['domain']}"]])
                    if came
                    else sorted(data["follow_up"])
                ),
                note=data["note"],
                next_step=data["next_step"],
                next_step_on=self._next_on(data, on),
            ),
            agency_id=uuid.UUID(data["agency"]) if data["agency"] else None,
            owner_id=uuid.UUID(data["owner"]) if data["owner"] and not came else None,
        )

    def _on(self, data: dict[str, Any]) -> date:
        if data["when"] == OTHER:
            chosen: date = data["on"]
            return chosen
        return self.page.today - timedelta(days=data["when"] == "yesterday")

    def _next_on(self, data: dict[str, Any], on: date) -> date | None:
        if data["next_when"] == "none":
            return None
        if data["next_when"] == OTHER:
            chosen: date = data["next_on"]
            return chosen
        return max(on, self.page.today) + timedelta(days=7 if data["next_when"] == "week" else 14)

    @staticmethod
    def _minutes(data: dict[str, Any]) -> int | None:
        if data["minutes"] == OTHER:
            other: int | None = data["minutes_other"]
            return other
        return int(data["minutes"]) if data["minutes"] else None

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the field it is about, in the words of the rule."""
        for finding in decision.refusals:
            field = FIELD_OF.get(finding.code)
            if field == "done" and self.cleaned_data.get("attended") == DID_NOT_COME:
                field = "follow_up"
            self.add_error(field, finding.message)


class LogGroupSession(LogSupportSession):
    """One group: about what, how long, what was done, and of each person whether they came."""

    save_words = "Save the group"

    def __init__(self, *args: Any, page: GroupPage, **kwargs: Any) -> None:
        self.people = page.people
        super().__init__(*args, page=page, **kwargs)
        for person, name in page.people:
            self.fields[f"person_{person}"] = _keys(
                name,
                [("", "Not in it"), (CAME, "Came"), (DID_NOT_COME, "Did not come")],
                required=False,
            )
        self.fields["attended"].required = False
        self.fields["next_step"].label = "For those who did not come: what happens next?"

    def rows(self) -> list[Any]:
        """What the group was, then each person, then what happens next with those who stayed away."""
        keys = "hat-keys"
        first, domain, agency, *_ = super().rows()
        return [
            first,
            domain,
            agency,
            Field("when", css_class=keys),
            Field("on", wrapper_class="hat-if-other-day"),
            Field("minutes", css_class=keys),
            Field("minutes_other", css_class="nhsuk-input--width-5", wrapper_class="hat-if-other-minutes"),
            Field("done", css_class=keys),
            *(
                Field(f"done_{about}", css_class=keys, wrapper_class=f"hat-if-{about.replace('_', '-')}")
                for about in DONE_ABOUT
            ),
            "note",
            *(Field(f"person_{person}", css_class=keys) for person, _ in self.people),
            "next_step",
            Field("next_when", css_class=keys),
            Field("next_on", wrapper_class="hat-if-other-next"),
            "owner",
        ]

    def clean_attended(self) -> str:
        """A group is held with those who came; of each person it is asked by itself."""
        return CAME

    def group(self) -> Group:
        """Return what was tapped."""
        data = self.cleaned_data
        said = self.said()
        came = {uuid.UUID(person): data[f"person_{person}"] for person, _ in self.people}
        return Group(
            held=said.session,
            came={person: answer == CAME for person, answer in came.items() if answer},
            agency_id=said.agency_id,
            owner_id=uuid.UUID(data["owner"]) if data["owner"] else None,
        )


class LogAppointment(LogSupportSession):
    """What came of an appointment: what was booked stands there already, and its day is not asked again."""

    def __init__(self, *args: Any, page: LogPage, on: date, **kwargs: Any) -> None:
        self.day = on
        super().__init__(*args, page=page, **kwargs)
        self.fields["when"].required = False

    def rows(self) -> list[Any]:
        """The fields without the day."""
        first, domain, agency, _, _, *rest = super().rows()
        return [first, domain, agency, Field("attended", css_class="hat-keys"), *rest]

    def said_of(self, appointment_id: uuid.UUID) -> Said:
        """Return what was tapped, as what came of an appointment."""
        return replace(self.said(), appointment_id=appointment_id)

    def _on(self, data: dict[str, Any]) -> date:
        return self.day


class AmendSupportSession(LogSupportSession):
    """A session written again, with the reason; what was written before stays beside it."""

    correction = _keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in Correction],
        error_messages={"required": "Tap why it is written again."},
        help_text="A session logged for the wrong person, or logged twice, then counts for nothing.",
    )

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the session as it stands."""
        first = Field("correction", css_class="hat-keys")
        return [first, Div(*super().rows(), css_class="hat-if-not-struck")]


def as_it_stands(session: StandingSession) -> dict[str, Any]:
    """Return the answers that a stored session stands for, to be corrected."""
    said = session.said
    minutes = str(said.minutes or "")
    has_key = minutes in MINUTES
    done = set(said.done)
    return {
        "domain": said.domain,
        "agency": str(session.agency_id or ""),
        "when": OTHER,
        "on": said.on,
        "attended": CAME if said.attended else DID_NOT_COME,
        "minutes": minutes if has_key or not minutes else OTHER,
        "minutes_other": "" if has_key else minutes,
        "done": sorted(done & DONE_ANYWHERE.keys()),
        **{f"done_{domain}": sorted(done & codes.keys()) for domain, codes in DONE_ABOUT.items()},
        "follow_up": sorted(done & FOLLOW_UP.keys()),
        "note": said.note,
        "next_step": said.next_step,
        "next_when": OTHER if said.next_step_on else "none",
        "next_on": said.next_step_on,
    }
