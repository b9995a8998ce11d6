"""Who is booked when: days and weeks, and one person's appointments."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from hat_clinic.accounts.models import Agency, Clinic
from hat_clinic.core.clock import LONDON, london_date
from outcomes.models import Appointment, SupportSession
from outcomes.queries.agency_slots import FreePlace, SlotDay, list_free_places, list_slot_days
from outcomes.queries.askings import has_died
from outcomes.queries.following import list_case_workers
from outcomes.rules.appointments import Ending, Whose, moment_of
from outcomes.rules.support import STRIKING, Domain
from patients.models import Episode
from referrals.queries.releases import FirstAppointment, list_first_appointments


@dataclass(frozen=True, slots=True)
class AppointmentShown:
    """One appointment, with what became of it. `agency_id` and `worker_id` tell whose day it is in."""

    id: uuid.UUID
    person_id: uuid.UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    domain: str
    agency_id: uuid.UUID | None
    agency: str
    worker_id: uuid.UUID | None
    worker: str
    where: str
    is_in_slot: bool
    words: str
    booked_by: str
    attended: bool | None
    ended: str
    ended_whose: str
    ended_words: str
    ended_by: str
    moved_to: datetime | None
    moved_from: datetime | None
    person_died: bool
    at: datetime

    @property
    def on(self) -> date:
        """Its day."""
        return london_date(self.starts_at)

    @property
    def minutes(self) -> int:
        """How long it is booked for."""
        # In UTC: the hands of the clock on the wall may have been moved in between.
        return int((self.ends_at.astimezone(UTC) - self.starts_at.astimezone(UTC)) / timedelta(minutes=1))

    @property
    def about(self) -> str:
        """What it is about, in the words on the keys."""
        return Domain(self.domain).label

    @property
    def with_whom(self) -> str:
        """The agency, the colleague, or both."""
        return " and ".join(name for name in (self.agency, self.worker) if name)

    @property
    def is_open(self) -> bool:
        """Whether it stands and nothing is logged of it yet."""
        return not self.ended and self.attended is None

    @property
    def has_begun(self) -> bool:
        """Whether what came of it can be logged."""
        return self.starts_at <= self.at

    @property
    def why_not_move(self) -> str:
        """Why it cannot be moved, empty where it can."""
        if self.person_died:
            return "This person has died: nothing is moved."
        if self.has_begun:
            return "It has begun: log whether they came. What you or the agency called off can still be cancelled."
        return ""

    @property
    def is_to_log(self) -> bool:
        """Whether it is over and nobody has logged it."""
        return self.is_open and self.ends_at <= self.at


@dataclass(frozen=True, slots=True)
class DayShown:
    """One day: who is booked, which agencies are here, and who is expected out of prison."""

    on: date
    appointments: tuple[AppointmentShown, ...]
    slots: tuple[SlotDay, ...]
    releases: tuple[FirstAppointment, ...]


@dataclass(frozen=True, slots=True)
class AppointmentsPage:
    """One day or one week, of everybody, of one agency or of one colleague."""

    today: date
    first: date
    is_week: bool
    who: str
    who_name: str
    days: tuple[DayShown, ...]
    agencies: tuple[tuple[str, str], ...]
    workers: tuple[tuple[str, str], ...]

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.days[-1].on

    @property
    def before(self) -> date:
        """The first day of the page before."""
        return self.first - timedelta(days=7 if self.is_week else 1)

    @property
    def after(self) -> date:
        """The first day of the page after."""
        return self.first + timedelta(days=7 if self.is_week else 1)

    @property
    def told_of(self) -> list[uuid.UUID]:
        """Everybody that the page names, once."""
        return _told_of(self.days)


@dataclass(frozen=True, slots=True)
class PersonAppointments:
    """One person's appointments: those to come or to log, and those that are over, the newest first."""

    person_id: uuid.UUID
    name: str
    today: date
    has_died: bool
    open: tuple[AppointmentShown, ...]
    over: tuple[AppointmentShown, ...]


@dataclass(frozen=True, slots=True)
class BookingPage:
    """What the form to book needs: whose, what is free, and with whom it can be."""

    person_id: uuid.UUID
    name: str
    today: date
    places: tuple[FreePlace, ...]
    agencies: tuple[tuple[str, str], ...]
    case_workers: tuple[tuple[str, str], ...]


def get_appointments_page(
    *, clinic: Clinic, on: date | None, is_week: bool, who: str, at: datetime
) -> AppointmentsPage:
    """Return a day, or the week it lies in from Monday on. `who` is the id of an agency or of a colleague, or empty.

    Anybody else's id shows everybody, as an empty one does.
    """
    today = london_date(at)
    first = on or today
    if is_week:
        first -= timedelta(days=first.weekday())
    days = [first + timedelta(days=number) for number in range(7 if is_week else 1)]
    agencies = tuple((str(agency.id), agency.name) for agency in Agency.objects.order_by("name"))
    workers = list_case_workers(clinic=clinic, at=at)
    who_name = dict([*agencies, *workers]).get(who, "")
    asked = uuid.UUID(who) if who_name else None
    rows = [
        row
        for row in appointments_between(clinic, days[0], days[-1], at)
        if asked is None or asked in (row.agency_id, row.worker_id)
    ]
    is_agency = who in dict(agencies)
    slots = (
        list_slot_days(clinic=clinic, days=days, agency_id=asked if is_agency else None)
        if is_agency or asked is None
        else {}
    )
    releases = () if asked else list_first_appointments(clinic=clinic, first=days[0], last=days[-1])
    return AppointmentsPage(
        today=today,
        first=first,
        is_week=is_week,
        who=who if asked else "",
        who_name=who_name,
        days=tuple(
            DayShown(
                on=day,
                appointments=tuple(row for row in rows if row.on == day),
                slots=slots.get(day, ()),
                releases=tuple(release for release in releases if release.release_on == day),
            )
            for day in days
        ),
        agencies=agencies,
        workers=workers,
    )


def get_person_appointments(
    *, clinic: Clinic, person_id: uuid.UUID, at: datetime
) -> PersonAppointments | None:
    """Return one person's appointments, or None for somebody never accepted here."""
    name = _name_here(clinic, person_id)
    if name is None:
        return None
    rows = [_shown(row, at) for row in _appointments(clinic).filter(patient_id=person_id)]
    return PersonAppointments(
        person_id=person_id,
        name=name,
        today=london_date(at),
        has_died=has_died(clinic=clinic, person_id=person_id),
        open=tuple(row for row in rows if row.is_open),
        over=tuple(reversed([row for row in rows if not row.is_open])),
    )


def get_appointment(
    *, clinic: Clinic, person_id: uuid.UUID, appointment_id: uuid.UUID, at: datetime
) -> AppointmentShown | None:
    """Return one appointment of one person of the clinic, or None."""
    row = _appointments(clinic).filter(patient_id=person_id, id=appointment_id).first()
    return _shown(row, at) if row else None


def list_to_log(*, clinic: Clinic, person_id: uuid.UUID, at: datetime) -> tuple[AppointmentShown, ...]:
    """Return the appointments of one person that have begun and of which nothing is logged, the newest first."""
    begun = _appointments(clinic).filter(patient_id=person_id, is_standing=True, starts_at__lte=at)
    shown = [_shown(row, at) for row in begun]
    return tuple(reversed([one for one in shown if one.is_open]))


def next_appointments(
    *, clinic: Clinic, people: Iterable[uuid.UUID], today: date
) -> dict[uuid.UUID, AppointmentShown]:
    """Return the next appointment of some people from today on that is not logged yet, in two queries."""
    midnight = moment_of(today, time.min)
    coming = (
        _appointments(clinic)
        .filter(~Exists(_counting().filter(appointment=OuterRef("pk"))))
        .filter(patient_id__in=list(people), is_standing=True, starts_at__gte=midnight)
        .order_by("patient_id", "starts_at", "id")
        .distinct("patient_id")
    )
    return {row.patient_id: _shown(row, midnight) for row in coming}


def get_booking_page(
    *, clinic: Clinic, person_id: uuid.UUID, at: datetime, sent: str = ""
) -> BookingPage | None:
    """Return what the form to book needs, or None for somebody never accepted here.

    `sent` is the key of a form that was sent: the place that it booked already is among the free ones for it.
    """
    name = _name_here(clinic, person_id)
    if name is None:
        return None
    return BookingPage(
        person_id=person_id,
        name=name,
        today=london_date(at),
        places=(*list_free_places(clinic=clinic, at=at), *_booked_under(sent, clinic, person_id)),
        agencies=tuple((str(agency.id), agency.name) for agency in Agency.objects.order_by("name")),
        case_workers=list_case_workers(clinic=clinic, at=at),
    )


def _booked_under(sent: str, clinic: Clinic, person_id: uuid.UUID) -> list[FreePlace]:
    try:
        key = uuid.UUID(sent)
    except ValueError:
        return []
    booked = _appointments(clinic).filter(patient_id=person_id, key=key, slot__isnull=False)
    return [
        FreePlace(
            slot_id=row.slot_id,
            agency=one.agency,
            room=one.where,
            on=one.on,
            begins=one.starts_at.time(),
            minutes=one.minutes,
        )
        for row in booked
        for one in [_shown(row, row.starts_at)]
        if row.slot_id is not None
    ]


def _told_of(days: Iterable[DayShown]) -> list[uuid.UUID]:
    people = [
        person
        for day in days
        for person in (
            *(row.person_id for row in day.appointments),
            *(release.subject_id for release in day.releases),
        )
    ]
    return list(dict.fromkeys(people))


def _name_here(clinic: Clinic, person_id: uuid.UUID) -> str | None:
    episode = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    return episode.person.full_name if episode else None


def _counting() -> QuerySet[SupportSession]:
    return SupportSession.objects.filter(amended_by__isnull=True).exclude(
        correction__in=[str(reason) for reason in STRIKING]
    )


def _appointments(clinic: Clinic) -> QuerySet[Appointment]:
    return (
        Appointment.objects.filter(clinic=clinic)
        .annotate(
            person_died=Exists(
                Episode.objects.filter(
                    clinic=clinic, person_id=OuterRef("patient_id"), exit_reason=Episode.ExitReason.DIED
                )
            )
        )
        .select_related(
            "patient", "slot", "agency", "worker", "booked_by", "end__ended_by", "moved_from", "moved_to"
        )
        .prefetch_related(Prefetch("support_sessions", queryset=_counting(), to_attr="logged"))
        .order_by("starts_at", "patient__given_names", "id")
    )


def appointments_between(clinic: Clinic, first: date, last: date, at: datetime) -> list[AppointmentShown]:
    """Return what is booked from one day to another, in the order of the clock."""
    rows = _appointments(clinic).filter(
        starts_at__gte=moment_of(first, time.min),
        starts_at__lt=moment_of(last + timedelta(days=1), time.min),
    )
    return [_shown(row, at) for row in rows]


def _shown(row: Appointment, at: datetime) -> AppointmentShown:
    end = row.end if hasattr(row, "end") else None
    logged = next(iter(row.logged), None)  # type: ignore[attr-defined]  # prefetched above
    shown = AppointmentShown(
        id=row.id,
        person_id=row.patient_id,
        name=row.patient.full_name,
        starts_at=row.starts_at.astimezone(LONDON),
        ends_at=row.ends_at.astimezone(LONDON),
        domain=row.domain,
        agency_id=row.agency_id,
        agency=row.agency.name if row.agency else "",
        worker_id=row.worker_id,
        worker=row.worker.full_name if row.worker else "",
        where=row.where or (row.slot.room if row.slot else ""),
        is_in_slot=row.slot is not None,
        words=row.words,
        booked_by=row.booked_by.full_name,
        attended=logged.attended if logged else None,
        ended="",
        ended_whose="",
        ended_words="",
        ended_by="",
        moved_to=row.moved_to.starts_at if hasattr(row, "moved_to") else None,
        moved_from=row.moved_from.starts_at if row.moved_from else None,
        person_died=row.person_died,  # type: ignore[attr-defined]  # annotated above
        at=at,
    )
    if end is None:
        return shown
    return replace(
        shown,
        ended=Ending(end.how).label,
        ended_whose=Whose(end.whose).label,
        ended_words=end.words,
        ended_by=end.ended_by.full_name,
    )
