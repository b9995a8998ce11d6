"""An appointment, and the times of an agency, as they are tapped and typed. Forms parse; the rules decide."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from crispy_forms.layout import Column, Div, Field, Row
from django import forms

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.actions.appointments import Booking, Reason
from outcomes.forms.fields import SealedForm, day, keys, line, offer
from outcomes.queries.agency_slots import FreePlace, SlotsPage
from outcomes.queries.appointments import BookingPage
from outcomes.rules.appointments import DAYS_OF_THE_WEEK, MOST_PLACES, AppointmentSaid, SlotSaid, Whose
from outcomes.rules.support import DOMAIN_WORDS, LONGEST_LINE, LONGEST_MINUTES

MINUTES = ("15", "30", "45", "60")
OTHER, OWN_TIME = "other", "own"
AGENCY, WORKER = "agency", "worker"
MISTAKE, LAST_DAY = "mistake", "last_day"
TIME = "Write the time with hours and minutes, such as 14:30."
WHOLE_MINUTES = "Write whole minutes with the digits 0 to 9 only, such as 20."


def clock(label: str, *, required: bool) -> forms.TimeField:
    """Return a question with a time of day as its answer."""
    return forms.TimeField(
        label=label,
        required=required,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off"}),
        help_text="Such as 14:30",
        error_messages={"invalid": TIME, "required": TIME},
    )


class BookAppointment(SealedForm):
    """About what, at a free place of an agency or at a time of its own, and with whom."""

    FIELD_OF = {
        "appointment_gone_by": "on",
        "appointment_far_away": "on",
        "appointment_in_the_night": "begins",
        "appointment_ends_in_the_night": "begins",
        "appointment_minutes": "minutes_other",
        "appointment_long_line": "words",
        "appointment_with_nobody": "with_whom",
        "appointment_worker_elsewhere": "with_whom",
        "appointment_worker_booked": "with_whom",
        "appointment_outside_slot": "place",
        "appointment_place_taken": "place",
        "appointment_twice_at_once": "place",
    }

    domain = keys(
        "What about?",
        [(domain.value, words) for domain, words in DOMAIN_WORDS.items()],
        error_messages={"required": "Tap what it is about."},
    )
    place = forms.ChoiceField(
        label="When?",
        error_messages={
            "required": "Choose a free place, or “A time of its own”.",
            "invalid_choice": "That place is not free any more. Choose another one.",
        },
    )
    with_whom = forms.ChoiceField(
        label="With whom?",
        required=False,
        error_messages={"invalid_choice": "Choose a case worker of this clinic, or an agency."},
    )
    on = day("Which day?")
    begins = clock("At what time?", required=False)
    minutes = keys(
        "How many minutes?", [*((number, number) for number in MINUTES), (OTHER, "Other")], required=False
    )
    minutes_other = WholeNumberField(
        "Minutes", parse=whole_between(0, 999), how=WHOLE_MINUTES, required=False
    )
    where = line("Where, if not in the clinic?", longest=LONGEST_LINE)
    words = line("What for, if that helps?", longest=LONGEST_LINE)

    save_words = "Book the appointment"

    def __init__(self, *args: Any, page: BookingPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {place.code: place for place in page.places}
        self.initial = {"place": OWN_TIME, "minutes": "30", **self.initial}
        offer(self, "place", [(OWN_TIME, "A time of its own"), *_by_day(page.places)])
        offer(
            self,
            "with_whom",
            [
                ("", "Me"),
                ("Case workers", [(f"{WORKER} {code}", name) for code, name in page.case_workers]),
                ("Agencies", [(f"{AGENCY} {code}", name) for code, name in page.agencies]),
            ],
        )
        self.lay_out(*self.rows(), save=self.save_words)
        self.helper.form_class = "hat-log-session hat-book"

    def rows(self) -> list[Any]:
        """The questions in the order of the talk."""
        tapped = "hat-keys"
        return [
            Field("domain", css_class=tapped),
            "place",
            Div(
                "with_whom",
                Row(Column("on"), Column("begins")),
                Field("minutes", css_class=tapped),
                Field(
                    "minutes_other", css_class="nhsuk-input--width-5", wrapper_class="hat-if-other-minutes"
                ),
                "where",
                css_class="hat-if-own-time",
            ),
            "words",
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the day, the time and the length of a time of its own; of a free place they are not on the page."""
        data = super().clean() or {}
        if data.get("place") != OWN_TIME:
            for name in ("with_whom", "on", "begins", "minutes", "minutes_other", "where"):
                self.errors.pop(name, None)
            return data
        for name, missing in (("on", "Write on which day."), ("begins", TIME)):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, missing)
        if data.get("minutes") != OTHER:
            self.errors.pop("minutes_other", None)
        if data.get("minutes") == OTHER:
            if data.get("minutes_other") is None and "minutes_other" not in self.errors:
                self.add_error("minutes_other", WHOLE_MINUTES)
        elif not data.get("minutes") and "minutes" not in self.errors:
            self.add_error("minutes", "Tap how long it takes.")
        return data

    def booking(self, me: uuid.UUID) -> Booking:
        """Return what was tapped and typed; `me` is whoever books."""
        typed = self.cleaned_data
        told = {"domain": typed["domain"], "words": typed["words"]}
        place = self.places.get(typed["place"])
        if place is not None:
            said = AppointmentSaid(on=place.on, begins=place.begins, minutes=place.minutes, **told)
            return Booking(said=said, slot_id=place.slot_id)
        kind, _, code = typed["with_whom"].partition(" ")
        chosen = uuid.UUID(code) if code else me
        minutes = typed["minutes_other"] if typed["minutes"] == OTHER else int(typed["minutes"])
        return Booking(
            said=AppointmentSaid(
                on=typed["on"], begins=typed["begins"], minutes=minutes, where=typed["where"], **told
            ),
            agency_id=chosen if kind == AGENCY else None,
            worker_id=None if kind == AGENCY else chosen,
        )


class _Ends(SealedForm):
    """Who wants an appointment to end, and why."""

    whose = keys(
        "Who asked for it?",
        [(whose.value, whose.label) for whose in Whose],
        error_messages={"required": "Tap who asked for it."},
    )
    why = line("Why?", longest=LONGEST_LINE)

    def reason(self) -> Reason:
        """Return who and why."""
        return Reason(whose=Whose(self.cleaned_data["whose"]), words=self.cleaned_data["why"])


class MoveAppointment(BookAppointment, _Ends):
    """Another time for an appointment, who asked for it, and why."""

    FIELD_OF = {
        **BookAppointment.FIELD_OF,
        "appointment_has_begun": "whose",
        "appointment_end_says_nothing": "why",
        "appointment_end_long_line": "why",
    }
    save_words = "Move the appointment"

    def rows(self) -> list[Any]:
        """Who and why first, then the new time."""
        return [Field("whose", css_class="hat-keys"), "why", *super().rows()]


class CancelAppointment(_Ends):
    """Who cancels an appointment, and why."""

    FIELD_OF = {
        "appointment_has_begun": "whose",
        "appointment_end_says_nothing": "why",
        "appointment_end_long_line": "why",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(Field("whose", css_class="hat-keys"), "why", save="Cancel the appointment")


class SetAgencySlot(SealedForm):
    """Which agency is here, on which day of the week, from when to when, where, and for how many people."""

    FIELD_OF = {
        "slot_ends_first": "ends",
        "slot_in_the_night": "begins",
        "slot_without_room": "room",
        "slot_long_room": "room",
        "slot_places": "places",
        "slot_short_places": "places",
        "slot_weekday": "weekday",
        "slot_last_before_first": "last_on",
        "slot_is_over": "last_on",
        "slot_far_away": "first_on",
        "slot_room_taken": "room",
    }

    agency = forms.ChoiceField(label="Which agency?", error_messages={"required": "Choose the agency."})
    weekday = keys(
        "On which day of the week?",
        [(str(number), name) for number, name in enumerate(DAYS_OF_THE_WEEK, start=1)],
        error_messages={"required": "Tap the day of the week."},
    )
    begins = clock("From", required=True)
    ends = clock("To", required=True)
    room = line("In which room?", longest=LONGEST_LINE)
    places = WholeNumberField(
        "How many people do they see, one after the other?",
        parse=whole_between(0, 99),
        how=f"Write a whole number from 1 to {MOST_PLACES} with the digits 0 to 9 only.",
        missing="Write how many people they see.",
    )
    first_on = day("First day")
    last_on = day("Last day, if it is known")

    def __init__(self, *args: Any, page: SlotsPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency = self.fields["agency"]
        assert isinstance(agency, forms.ChoiceField)  # noqa: S101 - declared above
        agency.choices = [("", "Choose"), *page.agencies]
        self.fields["first_on"].required = True
        self.fields["first_on"].error_messages["required"] = "Write the first day."
        self.lay_out(
            "agency",
            Field("weekday", css_class="hat-keys"),
            Row(Column("begins"), Column("ends")),
            "room",
            Field("places", css_class="nhsuk-input--width-3"),
            Row(Column("first_on"), Column("last_on")),
            save="Save this time",
        )

    def said(self) -> SlotSaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        return SlotSaid(
            weekday=int(typed["weekday"]),
            **{name: typed[name] for name in ("begins", "ends", "room", "places", "first_on", "last_on")},
        )


class EndAgencySlot(SealedForm):
    """Until when an agency comes, or that the time was a mistake."""

    FIELD_OF = {
        "slot_has_ended": "how",
        "slot_ends_before_it_began": "last_on",
        "slot_has_appointments": "how",
    }

    how = keys(
        "Why does it end?",
        [(LAST_DAY, "They stop coming"), (MISTAKE, "Written by mistake: they never came")],
        error_messages={"required": "Tap why it ends."},
    )
    last_on = day("If they stop coming: what is their last day?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(Field("how", css_class="hat-keys"), "last_on", save="End this time")

    def clean(self) -> dict[str, Any]:
        """Ask for the last day where they stop coming."""
        data = super().clean() or {}
        if data.get("how") == LAST_DAY and not data.get("last_on") and "last_on" not in self.errors:
            self.add_error("last_on", "Write their last day.")
        return data

    def last_day(self) -> date | None:
        """Return the last day, None for a mistake."""
        typed = self.cleaned_data
        chosen: date | None = typed["last_on"]
        return None if typed["how"] == MISTAKE else chosen


def _by_day(places: tuple[FreePlace, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    days: dict[date, list[tuple[str, str]]] = {}
    for place in places:
        days.setdefault(place.on, []).append(
            (place.code, f"{place.begins:%H:%M}, {place.agency}, {place.room}")
        )
    return [(f"{on:%A %-d %B}", choices) for on, choices in days.items()]


def planned_minutes(minutes: int) -> dict[str, str]:
    """Return the answers that a booked length stands for, in the forms that ask for minutes."""
    if str(minutes) in MINUTES:
        return {"minutes": str(minutes)}
    return {"minutes": OTHER, "minutes_other": str(min(minutes, LONGEST_MINUTES))}
