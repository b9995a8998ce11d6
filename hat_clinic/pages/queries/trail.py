"""The audit trail as people read it: who did what, and who looked at whom.

Nobody reads a name of a person in treatment here: a short form of their number in the acts, initials and year
of birth in the looks. Pages are cut by time and number, not by counting, so that the millionth line is as near
as the first.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON
from hat_clinic.pages.rules.events import words_for
from patients.models import Person

PAGE_LINES = 50
DAYS_COUNTED = 7
USER = "accounts.user"
# Of what an event tells besides, only these are shown: what was given to whom is not for a manager to read.
SHOWN = ("role", "permission", "kind", "why", "month")


@dataclass(frozen=True, slots=True)
class Choice:
    """One colleague or person to choose, by id."""

    id: uuid.UUID
    label: str


def list_colleagues(*, clinic: Clinic) -> tuple[Choice, ...]:
    """Return everybody who has or had a role in the clinic, by name."""
    people = User.objects.filter(id__in=Membership.objects.filter(clinic=clinic).values("user_id"))
    found = people.order_by("full_name", "id").values_list("id", "full_name")
    return tuple(Choice(key, name) for key, name in found)


# --- acts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """One line: who did what, on what kind of thing; `about` is another colleague where there is one."""

    id: int
    at: datetime
    who: str
    what: str
    about: str
    thing: str
    person: str
    details: str
    is_refused: bool


@dataclass(frozen=True, slots=True)
class ActsPage:
    """The acts of one clinic, newest first. `older_before` is where the next page begins, None at the end."""

    acts: tuple[Act, ...]
    older_before: int | None


def get_acts_page(
    *,
    clinic: Clinic,
    colleagues: Sequence[Choice],
    day: date | None,
    colleague_id: uuid.UUID | None,
    refused_only: bool,
    before: int | None,
) -> ActsPage:
    """Return up to 50 acts in this clinic, and of its people outside any clinic (sign-ins and the like)."""
    names = {colleague.id: colleague.label for colleague in colleagues}
    chosen = [colleague_id] if colleague_id else list(names)
    acts = _older_than(before, AuditEvent.objects.filter(is_look=False))
    if colleague_id:
        acts = acts.filter(Q(clinic=clinic.id) | Q(clinic__isnull=True)).filter(_by_or_about(chosen))
    else:
        acts = acts.filter(Q(clinic=clinic.id) | Q(clinic__isnull=True) & _by_or_about(chosen))
    if day:
        acts = acts.filter(at__gte=_start_of(day), at__lt=_start_of(day + timedelta(days=1)))
    if refused_only:
        acts = acts.filter(outcome=AuditEvent.Outcome.REFUSED)
    found, older_before = _cut(acts.select_related("actor"))
    return ActsPage(tuple(_act(event, names) for event in found), older_before)


def _by_or_about(people: Iterable[uuid.UUID]) -> Q:
    """Return the condition that one of the people acted, or was acted for before anybody had signed in."""
    ids = list(people)
    return Q(actor__in=ids) | Q(actor__isnull=True, object_type=USER, object_id__in=[str(key) for key in ids])


def _act(event: AuditEvent, names: dict[uuid.UUID, str]) -> Act:
    is_refused = event.outcome == AuditEvent.Outcome.REFUSED
    is_about_somebody = event.object_type == USER and event.object_id != str(event.actor_id)
    return Act(
        id=event.id,
        at=event.at,
        who=_name_of(event),
        what=words_for(event.event, is_refused=is_refused),
        about=_about(event, names) if is_about_somebody else "",
        thing="" if event.object_type in ("", USER) else _kind_of(event.object_type),
        person=f"one person ({short(event.person)})" if event.person else "",
        details="; ".join(_details(event)),
        is_refused=is_refused,
    )


def _name_of(event: AuditEvent) -> str:
    return cast(User, event.actor).full_name if event.actor_id else "Nobody signed in"


def _about(event: AuditEvent, names: dict[uuid.UUID, str]) -> str:
    return names.get(uuid.UUID(event.object_id), "somebody of another clinic")


def _kind_of(object_type: str) -> str:
    """Return what kind of thing it is, in words; a kind that this version no longer has, by its bare name."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except LookupError:
        return object_type


def _details(event: AuditEvent) -> Iterable[str]:
    for key in SHOWN:
        value = event.detail.get(key)
        if isinstance(value, str):
            is_role = key == "role" and value in list(Role)
            yield f"{key}: {Role(value).label if is_role else value.replace('_', ' ')}"


def short(key: uuid.UUID) -> str:
    """Return a person's number so short that it names nobody and still tells two people apart."""
    return key.hex[:8]


# --- looks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """One line: which colleague looked at whom, on which page."""

    id: int
    at: datetime
    who: str
    what: str
    person: str


@dataclass(frozen=True, slots=True)
class DayCount:
    """What one colleague looked at in one day."""

    looks: int
    people: int


@dataclass(frozen=True, slots=True)
class ColleagueRow:
    """One colleague's counts, day by day, in the order of the page's days: None where they looked at nobody."""

    colleague: Choice
    counts: tuple[tuple[date, DayCount | None], ...]


@dataclass(frozen=True, slots=True)
class LooksPage:
    """Counts of a week, and the looks at one person or by one colleague, newest first.

    `shown` holds the people whom the page tells of; the page is itself a look at them.
    """

    days: tuple[date, ...]
    rows: tuple[ColleagueRow, ...]
    looks: tuple[Look, ...]
    is_chosen: bool
    older_before: int | None
    shown: tuple[uuid.UUID, ...]


def list_people_to_choose(*, clinic: Clinic) -> tuple[Choice, ...]:
    """Return everybody who is or was in treatment here, or was referred, by initials and year of birth."""
    people = Person.objects.filter(
        Q(episodes__clinic=clinic) | Q(referrals__clinic=clinic), import_run__isnull=True
    ).distinct()
    choices = [Choice(person.id, initials(person)) for person in people]
    return tuple(sorted(choices, key=lambda choice: (choice.label, choice.id)))


def initials(person: Person) -> str:
    """Return a person as the trail tells of them: initials and year of birth."""
    letters = "".join(f"{name[0]}." for name in f"{person.given_names} {person.family_name}".split())
    year = person.born_on.year if person.born_on else person.birth_year
    return f"{letters} born {year}"


def get_looks_page(
    *,
    clinic: Clinic,
    colleagues: Sequence[Choice],
    people: Sequence[Choice],
    until: date,
    colleague_id: uuid.UUID | None,
    person_id: uuid.UUID | None,
    before: int | None,
) -> LooksPage:
    """Return the counts of the seven days to `until`, and up to 50 looks where somebody was chosen."""
    looks = AuditEvent.objects.filter(is_look=True, person__isnull=False, clinic=clinic.id)
    days = tuple(until - timedelta(days=ago) for ago in reversed(range(DAYS_COUNTED)))
    in_these_days = looks.filter(at__gte=_start_of(days[0]), at__lt=_start_of(until + timedelta(days=1)))
    chosen = looks.filter(person=person_id) if person_id else in_these_days
    if colleague_id:
        chosen = chosen.filter(actor=colleague_id)
    is_chosen = bool(person_id or colleague_id)
    found, older_before = (
        _cut(_older_than(before, chosen).select_related("actor")) if is_chosen else ([], None)
    )
    labels = {person.id: person.label for person in people}
    return LooksPage(
        days=days,
        rows=_counted(in_these_days, colleagues, days),
        looks=tuple(_look(event, labels) for event in found),
        is_chosen=is_chosen,
        older_before=older_before,
        shown=tuple(labels),
    )


def _look(event: AuditEvent, labels: dict[uuid.UUID, str]) -> Look:
    person = cast(uuid.UUID, event.person)
    return Look(
        id=event.id,
        at=event.at,
        who=_name_of(event),
        what=words_for(event.event, is_refused=False),
        person=labels.get(person, f"one person ({short(person)})"),
    )


def _counted(
    looks: QuerySet[AuditEvent], colleagues: Sequence[Choice], days: tuple[date, ...]
) -> tuple[ColleagueRow, ...]:
    counts = {
        (actor, day): DayCount(looked, people)
        for actor, day, looked, people in looks.annotate(day=TruncDate("at", tzinfo=LONDON))
        .values("actor", "day")
        .annotate(looked=Count("id"), people=Count("person", distinct=True))
        .values_list("actor", "day", "looked", "people")
    }
    rows = (
        ColleagueRow(colleague, tuple((day, counts.get((colleague.id, day))) for day in days))
        for colleague in colleagues
    )
    return tuple(row for row in rows if any(count for _, count in row.counts))


# --- both ------------------------------------------------------------------------------------------------


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=LONDON)


def _older_than(before: int | None, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Leave what comes after one event, newest first; what was written later may tell of an earlier time."""
    if before is None:
        return events
    at = AuditEvent.objects.filter(id=before).values_list("at", flat=True).first()
    return events.filter(Q(at__lt=at) | Q(at=at, id__lt=before)) if at else events.none()


def _cut(events: QuerySet[AuditEvent]) -> tuple[list[AuditEvent], int | None]:
    """Return one page, newest first, and the last event on it where there are older ones."""
    found = list(events.order_by("-at", "-id")[: PAGE_LINES + 1])
    page = found[:PAGE_LINES]
    return page, page[-1].id if len(found) > PAGE_LINES else None
