"""Which booked sessions people missed, read for any number of them in three statements."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, Min, OuterRef, Q

from dosing.models import Injection, OrderPeriod, PlannedSession, SessionOutcome
from dosing.rules.history import MissedSession
from dosing.rules.missed import Booking, Held, Opening, Recorded, missed_sessions, sessions_held
from dosing.rules.orders import Product
from dosing.rules.sessions import DOSED
from hat_clinic.accounts.models import Clinic, SessionSlot, Slot
from hat_clinic.core.clock import LONDON, london_date
from patients.models import Episode

SLOT_ORDER = [Slot.AM, Slot.PM, Slot.EVE]


def list_missed(
    episodes: Sequence[Episode], *, since: datetime, at: datetime, besides: str = ""
) -> dict[uuid.UUID, tuple[MissedSession, ...]]:
    """Return the sessions missed in several treatments from the day of one moment up to another, by treatment.

    A session counts that an order booked and that is over without an injection, written down or not. `besides`
    is the id of the session that a dose is begun in now: somebody who came in time does not miss it.
    Source: clinical rules 32, 34 and 7.11.
    """
    rows = list(_bookings_of(episodes, since=since, at=at))
    clinics = {episode.clinic_id for episode in episodes} | {clinic for _, clinic, _, _ in rows}
    openings = _openings_of(clinics)
    recorded = _recorded_of(episodes, openings, since=since, at=at, besides=besides)
    first_on = london_date(since)
    held: dict[uuid.UUID, tuple[Held, ...]] = {
        clinic: sessions_held(openings[clinic].values(), first_on=first_on, at=at) for clinic in clinics
    }
    booked: dict[uuid.UUID, list[Booking]] = defaultdict(list)
    for episode_id, clinic, sessions_per_day, during in rows:
        turns = [one.turn for one in openings[clinic].values() if one.turn <= sessions_per_day]
        booked[episode_id].append(
            Booking(during.lower, during.upper, sessions_per_day, max(turns, default=0), held[clinic])
        )
    return {
        episode.id: missed_sessions(booked[episode.id], recorded[episode.id], at=at) for episode in episodes
    }


def openings_of(clinic: Clinic) -> list[Opening]:
    """Return the sessions that a clinic holds on every day, in their order."""
    return list(_openings_of({clinic.id})[clinic.id].values())


def _openings_of(clinics: set[uuid.UUID]) -> dict[uuid.UUID, dict[str, Opening]]:
    """Return each clinic's sessions of a day by their slot, in the order of the day."""
    found: dict[uuid.UUID, dict[str, Opening]] = {clinic: {} for clinic in clinics}
    slots = SessionSlot.objects.filter(clinic_id__in=clinics)
    for slot in sorted(slots, key=lambda one: SLOT_ORDER.index(Slot(one.name))):
        turn = SLOT_ORDER.index(Slot(slot.name)) + 1
        found[slot.clinic_id][slot.name] = Opening(slot.name, turn, slot.opens_at, slot.closes_at)
    return found


def _bookings_of(
    episodes: Sequence[Episode], *, since: datetime, at: datetime
) -> list[tuple[uuid.UUID, uuid.UUID, int, DateTimeTZRange]]:
    """Return each order's treatment, clinic, sessions a day and the time that it was really in force."""
    return list(
        OrderPeriod.objects.filter(
            order__episode_id__in=[episode.id for episode in episodes],
            product=Product.DIAMORPHINE,
            during__overlap=DateTimeTZRange(min(since, at), at, "[]"),
        ).values_list("order__episode_id", "order__premises__clinic_id", "order__sessions_per_day", "during")
    )


def _recorded_of(
    episodes: Sequence[Episode],
    openings: dict[uuid.UUID, dict[str, Opening]],
    *,
    since: datetime,
    at: datetime,
    besides: str,
) -> dict[uuid.UUID, list[Recorded]]:
    """Return the sessions of each treatment that something is recorded of, and of any other with a dose in it."""
    ended = SessionOutcome.objects.filter(session=OuterRef("pk"), amended_by__isnull=True, outcome__in=DOSED)
    rows = (
        PlannedSession.objects.filter(
            patient_id__in=[episode.person_id for episode in episodes],
            import_run__isnull=True,
            service_date__gte=london_date(since),
            service_date__lte=london_date(at),
        )
        .annotate(
            is_given=Q(Exists(ended)) | Q(Exists(Injection.objects.filter(session=OuterRef("pk")))),
            said_at=Min("outcomes__recorded_at"),
        )
        .values_list(
            "pk", "patient_id", "episode_id", "clinic_id", "service_date", "slot", "is_given", "said_at"
        )
    )
    mine = {episode.person_id: episode.id for episode in episodes}
    found: dict[uuid.UUID, list[Recorded]] = defaultdict(list)
    for pk, person, episode_id, clinic, on, slot, is_given, said_at in rows:
        # A dose at another clinic fills the session; one missed there is not one of this treatment.
        if episode_id != mine[person] and not is_given:
            continue
        opening = openings.get(clinic, {}).get(slot)
        closes_at = opening.ends(on) if opening else datetime.combine(on, time.max, tzinfo=LONDON)
        found[mine[person]].append(
            Recorded(
                on=on,
                slot=slot,
                turn=SLOT_ORDER.index(Slot(slot)) + 1,
                is_given=is_given or str(pk) == besides,
                closes_at=closes_at,
                said_at=said_at,
            )
        )
    return found
