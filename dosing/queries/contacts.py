"""Contacts about people who missed sessions, and when somebody was last heard of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from dosing.models import Contact, IdentityCheck
from dosing.queries.history import LOOK_BACK, get_dose_history
from dosing.queries.orders import get_episode_here
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.contacts import TELLS_OF_THEM, How, Reached, days_missed, missed_in_a_row
from dosing.rules.history import counted, standing_at
from dosing.rules.moments import days_ago, moment_in_words
from dosing.rules.protocol import Protocol
from hat_clinic.accounts.models import Clinic
from patients.models import Episode
from patients.queries.people import PersonHead
from patients.queries.photos import photo_url

SHOWN = 20


@dataclass(frozen=True, slots=True)
class HeardOf:
    """When somebody was last heard of, when the pharmacy was last told, and since then what was tried in vain."""

    heard_at: datetime | None = None
    told_at: datetime | None = None
    tried_at: datetime | None = None


def list_heard_of(episodes: Sequence[Episode], *, at: datetime) -> dict[uuid.UUID, HeardOf]:
    """Return when each person was last heard of, by treatment, in two statements for any number.

    A contact that reached them or somebody who has seen them, or that they were identified at the hatch.
    Source: clinical rule 35.
    """
    since = at - LOOK_BACK
    rows = (
        Contact.objects.filter(
            episode__in=[episode.id for episode in episodes], noted_at__gt=since, noted_at__lte=at
        )
        .order_by()
        .values("episode_id")
        .annotate(
            heard=Max("noted_at", filter=Q(reached__in=list(TELLS_OF_THEM))),
            told=Max("noted_at", filter=Q(reached=Reached.PHARMACY)),
            tried=Max("noted_at", filter=Q(reached=Reached.NOBODY)),
        )
        .values_list("episode_id", "heard", "told", "tried")
    )
    contacts = {episode: (heard, told, tried) for episode, heard, told, tried in rows}
    seen = dict(
        IdentityCheck.objects.filter(
            patient__in=[episode.person_id for episode in episodes],
            is_right=True,
            made_at__gt=since,
            made_at__lte=at,
        )
        .order_by()
        .values("patient_id")
        .annotate(last=Max("made_at"))
        .values_list("patient_id", "last")
    )
    found = {}
    for episode in episodes:
        heard, told, tried = contacts.get(episode.id, (None, None, None))
        last = max((one for one in (heard, seen.get(episode.person_id)) if one is not None), default=None)
        found[episode.id] = HeardOf(heard_at=last, told_at=told, tried_at=tried)
    return found


@dataclass(frozen=True, slots=True)
class ContactShown:
    """One contact as it is listed."""

    when: str
    reached: str
    how: str
    words: str
    noted_by: str


@dataclass(frozen=True, slots=True)
class ContactPage:
    """All that the page for noting a contact prints: attendance and contacts, and no dose.

    `missed` says in words how many sessions in a row were missed, empty for none.
    """

    episode: Episode
    head: PersonHead
    missed: str
    last_seen: str
    phone: str
    contacts: tuple[ContactShown, ...]


def get_contact_page(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> ContactPage | None:
    """Return the page for somebody in treatment here; None for anybody else."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    if episode is None:
        return None
    history = get_dose_history(episode=episode, at=at)
    protocol = as_rules_read_it(get_protocol_in_force(clinic_id=clinic.id, at=at)) or Protocol()
    missed = missed_in_a_row(history, standing_at(history, protocol, at=at), at=at)
    days = len(days_missed(missed, history))
    words = f"{counted(len(missed), 'session')} missed in a row" if missed else ""
    heard_at = list_heard_of([episode], at=at)[episode.id].heard_at
    return ContactPage(
        episode=episode,
        head=PersonHead(episode, photo_url(clinic=clinic, person_id=patient_id, at=at)),
        missed=f"{words}, {counted(days, 'whole day')}" if days else words,
        last_seen=f"{moment_in_words(heard_at)}, {days_ago(heard_at, at)} ago" if heard_at else "",
        phone=episode.person.phone,
        contacts=list_contacts(episode),
    )


def list_contacts(episode: Episode, *, since: datetime | None = None) -> tuple[ContactShown, ...]:
    """Return the last contacts of a treatment, from a moment on or all of them, the newest first."""
    every = Contact.objects.select_related("noted_by").filter(episode=episode)
    rows = (every if since is None else every.filter(noted_at__gt=since)).order_by("-noted_at")[:SHOWN]
    return tuple(
        ContactShown(
            when=moment_in_words(row.noted_at),
            reached=Reached(row.reached).label,
            how=How(row.how).label,
            words=row.words,
            noted_by=row.noted_by.full_name,
        )
        for row in rows
    )
