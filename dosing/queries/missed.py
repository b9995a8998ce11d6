"""Which booked sessions people missed, read for any number of them in one statement."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from django.db import connection

from dosing.rules.history import MissedSession
from dosing.rules.missed import Booking, Held, Opening, Recorded, missed_sessions, sessions_held
from dosing.rules.orders import Product
from hat_clinic.accounts.models import Clinic, SessionSlot, Slot
from hat_clinic.core.clock import london_date
from patients.models import Episode

SLOT_ORDER = [Slot.AM, Slot.PM, Slot.EVE]

# What the sessions missed by one person are counted from, where `episode` is their treatment: the orders with the
# time they were really in force, the sessions that their clinics hold, and the sessions that something is recorded
# of. A dose at another clinic fills a session; one missed there is not one of this treatment. By hand, because the
# board reads it for everybody who is due within the statement that finds them.
MISSED_FACTS = """
    jsonb_build_object(
        'orders', (
            SELECT coalesce(jsonb_agg(jsonb_build_array(
                p.clinic_id, o.sessions_per_day, lower(booked.during), upper(booked.during)
            )), '[]'::jsonb)
            FROM dosing_orderperiod booked
                JOIN dosing_order o ON o.id = booked.order_id JOIN accounts_premises p ON p.id = o.premises_id
            WHERE o.episode_id = episode.id AND booked.product = %(product)s
                AND booked.during && tstzrange(%(since)s, %(at)s, '[]')
        ),
        'slots', (
            SELECT coalesce(jsonb_agg(jsonb_build_array(slot.clinic_id, slot.name, slot.opens_at, slot.closes_at)),
                '[]'::jsonb)
            FROM accounts_sessionslot slot
            WHERE slot.clinic_id = episode.clinic_id OR slot.clinic_id IN (
                SELECT p.clinic_id FROM dosing_order o JOIN accounts_premises p ON p.id = o.premises_id
                    WHERE o.episode_id = episode.id
            )
        ),
        'sessions', (
            SELECT coalesce(jsonb_agg(jsonb_build_array(
                found.id, found.clinic_id, found.service_date, found.slot, found.is_given, found.said_at
            )), '[]'::jsonb)
            FROM (
                SELECT s.id, s.clinic_id, s.episode_id, s.service_date, s.slot,
                    EXISTS (
                        SELECT FROM dosing_injection i WHERE i.session_id = s.id
                            AND (NOT i.is_contested OR EXISTS (
                                SELECT FROM dosing_papersettlement said
                                    WHERE said.case_id = i.paper_line_id AND said.stands = 'paper'
                            ))
                    ) OR EXISTS (
                        SELECT FROM dosing_sessionoutcome ended WHERE ended.session_id = s.id
                            AND ended.outcome IN ('given', 'given_reduced') AND ended.injection_id IS NULL
                            AND NOT EXISTS (
                                SELECT FROM dosing_sessionoutcome later WHERE later.amends_id = ended.id
                            )
                    ) AS is_given,
                    (SELECT min(said.recorded_at) FROM dosing_sessionoutcome said WHERE said.session_id = s.id)
                        AS said_at
                FROM dosing_plannedsession s
                WHERE s.patient_id = episode.person_id AND s.import_run_id IS NULL
                    AND s.service_date BETWEEN %(first_on)s AND %(today)s
            ) found
            WHERE found.is_given OR found.episode_id = episode.id
        )
    )"""


_MISSED = """
SELECT episode.id, @missed_facts FROM patients_episode episode WHERE episode.id = ANY(%(ids)s)
""".replace("@missed_facts", MISSED_FACTS)


def missed_facts_between(since: datetime, at: datetime) -> dict[str, Any]:
    """Return what MISSED_FACTS is sent with: the sessions from the day of one moment up to another."""
    return {
        "product": Product.DIAMORPHINE.value,
        "since": min(since, at),
        "at": at,
        "first_on": london_date(since),
        "today": london_date(at),
    }


def list_missed(
    episodes: Sequence[Episode], *, since: datetime, at: datetime, besides: str = ""
) -> dict[uuid.UUID, tuple[MissedSession, ...]]:
    """Return the sessions missed in several treatments from the day of one moment up to another, by treatment.

    A session counts that an order booked and that is over without an injection, written down or not. `besides`
    is the id of the session that a dose is begun in now: somebody who came in time does not miss it.
    Source: clinical rules 32, 34 and 7.11.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _MISSED, missed_facts_between(since, at) | {"ids": [episode.id for episode in episodes]}
        )
        return {
            episode_id: missed_of(as_read(facts), since=since, at=at, besides=besides)
            for episode_id, facts in cursor.fetchall()
        }


def as_read(answer: Any) -> Any:
    """Return what a statement answered with as JSON, whether the driver has read it or not."""
    return json.loads(answer) if isinstance(answer, str) else answer


def missed_of(
    facts: Mapping[str, Any], *, since: datetime, at: datetime, besides: str = ""
) -> tuple[MissedSession, ...]:
    """Return the sessions that one person missed, from the answer of MISSED_FACTS."""
    openings: dict[str, dict[str, Opening]] = {}
    for clinic, name, opens, closes in facts["slots"]:
        turn = SLOT_ORDER.index(Slot(name)) + 1
        opening = Opening(name, turn, time.fromisoformat(opens), time.fromisoformat(closes))
        openings.setdefault(clinic, {})[name] = opening
    bookings = []
    for clinic, sessions_per_day, begins, ends in facts["orders"]:
        theirs = tuple(sorted(openings.get(clinic, {}).values(), key=lambda one: one.turn))
        bookings.append(
            Booking(
                starts_at=datetime.fromisoformat(begins),
                ends_at=datetime.fromisoformat(ends),
                sessions_per_day=sessions_per_day,
                last_turn=max((one.turn for one in theirs if one.turn <= sessions_per_day), default=0),
                held=_held(theirs, london_date(since), at),
            )
        )
    recorded = [_recorded(openings, besides, *session) for session in facts["sessions"]]
    return missed_sessions(bookings, recorded, at=at)


@lru_cache(maxsize=16)
def _held(openings: tuple[Opening, ...], first_on: date, at: datetime) -> tuple[Held, ...]:
    """Return the sessions a clinic held: the same for everybody of one look."""
    return sessions_held(openings, first_on=first_on, at=at)


def _recorded(
    openings: dict[str, dict[str, Opening]],
    besides: str,
    session_id: str,
    clinic: str,
    service_date: str,
    slot: str,
    is_given: bool,
    said_at: str | None,
) -> Recorded:
    on, turn = date.fromisoformat(service_date), SLOT_ORDER.index(Slot(slot)) + 1
    # A slot that the clinic holds no more, or another clinic's, is over with its day.
    opening = openings.get(clinic, {}).get(slot) or Opening(slot, turn, time.min, time.max)
    return Recorded(
        on=on,
        slot=slot,
        turn=turn,
        is_given=is_given or session_id == besides,
        closes_at=opening.ends(on),
        said_at=datetime.fromisoformat(said_at) if said_at else None,
    )


def openings_of(clinic: Clinic) -> list[Opening]:
    """Return the sessions that a clinic holds on every day, in their order."""
    slots = {Slot(slot.name): slot for slot in SessionSlot.objects.filter(clinic=clinic)}
    return [
        Opening(name, turn, slots[name].opens_at, slots[name].closes_at)
        for turn, name in enumerate(SLOT_ORDER, start=1)
        if name in slots
    ]
