"""A walk through every address of the program, by everybody who may open it, with real things in it.

It needs no list of its own: the addresses are those of the access matrix, and the people are whoever is in the
database. A new page is walked as soon as it stands there.
"""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from django.contrib.auth import SESSION_KEY
from django.db import connection, transaction
from django.test import Client
from nhs_number import is_valid

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from patients.models import Person
from tests.architecture.access_matrix import Row

# What is not part of the record: the trail itself, what the sign-in keeps for its own use, and the heartbeat.
NOT_THE_RECORD = {"audit_auditevent", "django_session", "sign_in_cache", "django_migrations", "heartbeat"}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True)
class Identity:
    """One person, and every text by which a page may tell of them."""

    id: uuid.UUID
    names: tuple[str, ...]
    nhs_number: str
    born_on: date

    @property
    def texts(self) -> tuple[str, ...]:
        """Names, NHS number in two ways, date of birth in five; never the id, which names nobody."""
        number, born = self.nhs_number, self.born_on
        month = MONTHS[born.month - 1]
        return (
            *self.names,
            number,
            f"{number[:3]} {number[3:6]} {number[6:]}",
            born.isoformat(),
            f"{born:%d/%m/%Y}",
            f"{born.day}/{born.month}/{born.year}",
            f"{born.day} {month} {born.year}",
            f"{born.day} {month[:3]} {born.year}",
        )

    def is_told_in(self, text: str) -> bool:
        """Return whether a text tells of this person by one of those, or by the id."""
        return str(self.id) in text or any(_stands_in(word, text) for word in self.texts)


def _stands_in(word: str, text: str) -> bool:
    return word in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def identify_everybody() -> tuple[Identity, ...]:
    """Give everybody in the database a date of birth and an NHS number of their own, and return them all.

    The factories give many people the same date, by which nobody could be told from another. The numbers come
    from the range that is never given to anybody.
    """
    people = list(Person.objects.filter(import_run__isnull=True).order_by("id"))
    found = []
    for place, person in enumerate(people):
        number = nhs_number_of(place)
        born_on = date(1961, 2, 3) + timedelta(days=17 * place)
        Person.objects.filter(id=person.id).update(born_on=born_on, nhs_number=number)
        names = (person.full_name, person.family_name, f"{person.family_name}, {person.given_names}")
        found.append(Identity(person.id, names, number, born_on))
    return tuple(found)


def nhs_number_of(place: int) -> str:
    """Return an NHS number with a right check digit, from the range that is never given to anybody."""
    tries = (f"999{place:05}{digit:02}" for digit in range(100))
    return next(number for number in tries if is_valid(number))


@dataclass(frozen=True)
class Answer:
    """What one request was answered with, read as text, and what it changed in the record."""

    row: Row
    who: str
    method: str
    address: str
    status: int
    request_id: str
    actor_id: str
    text: str
    is_text: bool
    changed: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.row.name} by {self.who}"


def whoever_may_open(row: Row) -> tuple[Role, ...]:
    """Return the roles that a page may show anything to; an address outside the clinics asks no role."""
    return row.roles or (Role.NURSE, Role.MANAGER)


def walk(
    rows: tuple[Row, ...],
    roles_of: Callable[[Row], tuple[Role, ...]],
    *,
    address_of: Callable[[Row], str],
    enter: Callable[[str], Client],
    watches_the_record: bool = False,
) -> Iterator[Answer]:
    """Open every address by the roles given for it, and send an empty form to it.

    With `watches_the_record` each answer tells which tables the request changed.
    """
    for row in rows:
        for who in roles_of(row):
            for method in ("GET", "POST"):
                client = enter(who)
                before = fingerprints() if watches_the_record else {}
                actor = str(client.session.get(SESSION_KEY, ""))
                # A test's transaction never commits; what waits for that (new recovery codes) runs at once.
                with patch.object(transaction, "on_commit", lambda act, **how: act()):
                    response: Any = client.generic(method, address_of(row))
                after = fingerprints() if watches_the_record else {}
                yield answer_of(row, who, method, address_of(row), actor, response, before, after)


def answer_of(
    row: Row,
    who: str,
    method: str,
    address: str,
    actor: str,
    response: Any,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> Answer:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.get("Content-Type", "")
    is_text = kind.startswith("text/") or "json" in kind
    return Answer(
        row=row,
        who=who,
        method=method,
        address=address,
        status=response.status_code,
        request_id=response["X-Request-ID"],
        actor_id=actor,
        text=html.unescape(content.decode("utf-8", "replace")) if is_text else "",
        is_text=is_text,
        changed=frozenset(table for table in after if after[table] != before[table]),
    )


def fingerprints() -> dict[str, str]:
    """Return what each table of the record holds, as one number for each."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in NOT_THE_RECORD]
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', count(*) || ' ' || coalesce(sum(hashtext(t::text)), 0) FROM \"{table}\" t"
                for table in tables
            )
        )
        return dict(cursor.fetchall())


def unrecorded_looks(answer: Answer, people: tuple[Identity, ...]) -> list[str]:
    """Return a sentence for each person whom a page shows without an event of that reader and request.

    A page whose address names a person shows them; what is no text (a photo, a PDF) is known by that alone.
    """
    if answer.status != 200:
        return []
    recorded = set(
        AuditEvent.objects.filter(request_id=answer.request_id, actor_id=answer.actor_id or None).values_list(
            "person", flat=True
        )
    )
    return [
        f"{answer}: person {person.id} is shown, and no look at them is recorded"
        for person in people
        if (str(person.id) in answer.address or person.is_told_in(answer.text)) and person.id not in recorded
    ]


def shown_in(answer: Answer, people: tuple[Identity, ...]) -> int:
    """Return how many people an answer tells of."""
    return sum(person.is_told_in(answer.text) for person in people)


def unrecorded_changes(answer: Answer) -> list[str]:
    """Return a sentence where a request changed the record and left no event of its own."""
    if not answer.changed or AuditEvent.objects.filter(request_id=answer.request_id).exists():
        return []
    return [f"{answer}: {', '.join(sorted(answer.changed))} changed, and no act is recorded"]


def addresses_in(text: str) -> list[str]:
    """Return every address that a page names."""
    return re.findall(r'(?:href|src|action|hx-get|hx-post|data-[a-z-]+-url)="([^"]*)"', text)
