"""The paper pack: what the room needs of everybody in the session that is open or comes next.

One query for the worker and for the page that prints when the worker is dead; it asks the database alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max
from django.template.loader import render_to_string

from dosing.models import (
    Closure,
    DowntimePack,
    EmergencyCard,
    Hold,
    OralOrderPeriod,
    OrderPeriod,
    RegisterHead,
    Reopening,
    Visit,
)
from dosing.queries.checkpoints import PaperCode, list_paper_codes
from dosing.queries.closed import get_closed_sentence
from dosing.queries.days import get_day_state, is_balance_hidden
from dosing.queries.downtime_lines import Asked, PackLine, pack_line
from dosing.queries.emergencies import get_card, naloxone_of
from dosing.queries.missed import SLOT_ORDER
from dosing.queries.register import name_line
from dosing.queries.sessions import SessionKey
from dosing.rules.downtime import (
    BLANK_LINES,
    NewestPack,
    PackSession,
    paper_reference,
    session_of_pack,
    what_is_wrong_with_the_pack,
)
from dosing.rules.missed import Opening
from dosing.rules.moments import exact_moment
from dosing.rules.orders import Product
from hat_clinic.accounts.models import Clinic, SessionSlot, Slot, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.printing import print_sheet, static_file
from patients.models import Person
from patients.queries.photos import list_photos

STYLE_SHEET = "hat/downtime-pack.css"


@dataclass(frozen=True, slots=True)
class Balance:
    """One ledger's balance in ampoules and the line it stands at; None while the ledger is being counted."""

    title: str
    seq: int
    balance: int | None


@dataclass(frozen=True, slots=True)
class CardOnPaper:
    """The clinic's emergency card as it stands on the last page; `naloxone` is empty where none is approved."""

    naloxone: str
    look_again: str
    to_tell: str


@dataclass(frozen=True, slots=True)
class DowntimeSheet:
    """All that a pack says, before it has a number. `photos` holds the JPEGs by person, `day` tells of an opened day."""

    clinic: str
    is_invented: bool
    session: PackSession
    key: SessionKey
    day: str
    lines: tuple[PackLine, ...]
    photos: Mapping[uuid.UUID, bytes]
    balances: tuple[Balance, ...]
    codes: tuple[PaperCode, ...]
    card: CardOnPaper
    made: str

    @property
    def people(self) -> tuple[uuid.UUID, ...]:
        """Whoever stands on it, in the order of the lines."""
        return tuple(line.patient_id for line in self.lines)


def get_pack_session(*, clinic: Clinic, at: datetime) -> PackSession | None:
    """Return the session that a pack is for now: the one that is open, else the next; None without sessions."""
    return session_of_pack(openings_of(list(SessionSlot.objects.filter(clinic=clinic))), at)


def openings_of(slots: list[SessionSlot]) -> list[Opening]:
    """Return a clinic's sessions of the day as rules read them."""
    return [Opening(one.name, turn, one.opens_at, one.closes_at) for turn, one in enumerate(slots, start=1)]


def get_downtime_sheet(*, clinic: Clinic, maker: User, at: datetime) -> DowntimeSheet | None:
    """Return what stands on a pack that is made now; None for a clinic without sessions.

    On it is whoever has an order for the session, of diamorphine or an oral opioid, and whoever is in the room.
    A balance is left out while its ledger is being counted, because a count is blind. Source: clinical rules 46 and 47.
    """
    session = get_pack_session(clinic=clinic, at=at)
    if session is None:
        return None
    key = SessionKey(session.on, session.slot)
    judged_at = session.judged_at(at)
    asked = Asked(
        clinic=clinic,
        session=key,
        at=at,
        judged_at=judged_at,
        ends_at=session.ends_at,
        closed=get_closed_sentence(clinic=clinic, at=judged_at, today=london_date(judged_at)),
    )
    people = _list_people(clinic, session, at)
    return DowntimeSheet(
        clinic=clinic.name,
        is_invented=clinic.has_invented_people,
        session=session,
        key=key,
        day=_day_in_words(clinic, session, at),
        lines=tuple(pack_line(person, asked) for person in people),
        photos=list_photos(person_ids=[person.id for person in people], at=at),
        balances=list_balances(clinic=clinic, at=at),
        codes=list_paper_codes(clinic=clinic, at=at),
        card=_on_paper(get_card(clinic_id=clinic.id)),
        made=f"Made {exact_moment(at)} by {maker.full_name}",
    )


def _day_in_words(clinic: Clinic, session: PackSession, at: datetime) -> str:
    """Return whether the day of the session was open when the pack was made, and what comes first where it was not."""
    day = get_day_state(clinic=clinic, at=at)
    if day.is_open and day.on == session.on:
        return day.headline
    return (
        "When made, the day was not open. Before anything is drawn up two people count the stock and write it down, "
        "or the controlled-drug lead says why it goes without."
    )


def _list_people(clinic: Clinic, session: PackSession, at: datetime) -> list[Person]:
    """Return everybody with an order for the session, or with an oral one, and whoever has not left, by name."""
    judged_at = session.judged_at(at)
    ordered = OrderPeriod.objects.filter(
        product=Product.DIAMORPHINE,
        during__contains=judged_at,
        order__premises__clinic=clinic,
        order__episode__exited_on__isnull=True,
        order__sessions_per_day__gte=SLOT_ORDER.index(Slot(session.slot)) + 1,
    )
    oral = OralOrderPeriod.objects.filter(
        during__contains=judged_at,
        order__premises__clinic=clinic,
        patient__episodes__clinic=clinic,
        patient__episodes__exited_on__isnull=True,
    )
    there = Visit.objects.filter(clinic=clinic, ended_at__isnull=True)
    wanted = {row for rows in (ordered, oral, there) for row in rows.values_list("patient_id", flat=True)}
    return list(Person.objects.filter(id__in=wanted).order_by("family_name", "given_names", "id"))


def list_balances(*, clinic: Clinic, at: datetime) -> tuple[Balance, ...]:
    """Return the balance of every ledger of a clinic, without those that are being counted."""
    heads = RegisterHead.objects.select_related("line__premises__clinic").filter(
        line__premises__clinic=clinic
    )
    return tuple(
        Balance(
            title=name_line(head.line).title,
            seq=head.seq,
            balance=None if is_balance_hidden(line_id=head.line_id, at=at) else head.balance,
        )
        for head in heads.order_by("line__premises__name", "line__product", "line__strength_mg", "line__form")
    )


def _on_paper(card: EmergencyCard | None) -> CardOnPaper:
    naloxone = naloxone_of(card)
    if card is None or naloxone is None:
        return CardOnPaper("", "", "")
    return CardOnPaper(naloxone.words, card.look_again, card.to_tell)


def print_downtime_pack(sheet: DowntimeSheet, *, pack: DowntimePack) -> bytes:
    """Return a pack under its number as a tagged PDF, with blank lines for people who are not on it."""
    count = len(sheet.lines)
    context = {
        "sheet": sheet,
        "number": pack.number,
        "lines": [
            (paper_reference(pack.number, place), line) for place, line in enumerate(sheet.lines, start=1)
        ],
        "blank": [paper_reference(pack.number, count + place) for place in range(1, BLANK_LINES + 1)],
        "register_codes": sheet.codes,
        "title": f"Paper pack P{pack.number}, {sheet.clinic}",
        "stylesheet": static_file(STYLE_SHEET).as_uri(),
        "created": pack.made_at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }
    html = render_to_string("dosing/sheets/downtime.html", context)
    pictures = {str(person_id): jpeg for person_id, jpeg in sheet.photos.items()}
    return print_sheet(html, stylesheet=STYLE_SHEET, identifier=pack.id.bytes, pictures=pictures)


# --- which packs there are -------------------------------------------------------------------------------------


def get_newest_pack(*, clinic: Clinic) -> DowntimePack | None:
    """Return the newest pack of a clinic whose file is whole, or None."""
    whole = DowntimePack.objects.select_related("made_by", "file").filter(
        clinic=clinic, file__emptied_at__isnull=True, file__isnull=False
    )
    return whole.order_by("-made_at", "-number").first()


def as_newest(pack: DowntimePack | None) -> NewestPack | None:
    """Return a pack as rules read it."""
    return NewestPack(pack.service_date, pack.slot, pack.made_at) if pack is not None else None


def get_changed_at(*, clinic: Clinic) -> datetime | None:
    """Return when an order or a hold of a clinic last changed: the newest pack before it is out of date."""
    orders = OrderPeriod.objects.filter(order__premises__clinic=clinic).aggregate(
        signed=Max("order__signed_at"), ended=Max("ended_at")
    )
    oral = OralOrderPeriod.objects.filter(order__premises__clinic=clinic).aggregate(
        signed=Max("order__signed_at"), ended=Max("ended_at")
    )
    holds = Hold.objects.filter(clinic=clinic).aggregate(opened=Max("opened_at"), lifted=Max("lifted_at"))
    closed = Closure.objects.filter(clinic=clinic).aggregate(closed=Max("closed_at"))
    reopened = Reopening.objects.filter(closure__clinic=clinic).aggregate(reopened=Max("reopened_at"))
    moments = [*orders.values(), *oral.values(), *holds.values(), *closed.values(), *reopened.values()]
    return max((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True, slots=True)
class OnPack:
    """One line of a stored pack on the page: its reference, and who stands there."""

    reference: str
    patient_id: uuid.UUID
    name: str
    born_on: date | None


@dataclass(frozen=True, slots=True)
class DowntimePage:
    """All that the page of the pack shows: the newest, who is in it, and what is wrong with it.

    `is_counting`: a ledger is being counted, so that a stored file may tell a balance that is hidden now.
    """

    session: PackSession | None
    key: SessionKey | None
    pack: DowntimePack | None
    is_for_session: bool
    age_minutes: int
    trouble: str
    people: tuple[OnPack, ...]
    is_counting: bool


def get_downtime_page(*, clinic: Clinic, may_count: bool, at: datetime) -> DowntimePage:
    """Return how the paper pack of a clinic stands. Source: clinical rule 46."""
    session, pack = get_pack_session(clinic=clinic, at=at), get_newest_pack(clinic=clinic)
    newest = as_newest(pack)
    return DowntimePage(
        session=session,
        key=SessionKey(session.on, session.slot) if session is not None else None,
        pack=pack,
        is_for_session=newest is not None and session is not None and newest.is_for(session),
        age_minutes=int((at - pack.made_at).total_seconds() // 60) if pack is not None else 0,
        trouble=what_is_wrong_with_the_pack(session, newest, at=at),
        people=list_on_pack(pack) if pack is not None else (),
        is_counting=may_count and is_counting(clinic=clinic, at=at),
    )


def list_on_pack(pack: DowntimePack) -> tuple[OnPack, ...]:
    """Return who stands on a pack, line by line."""
    found = Person.objects.in_bulk(pack.people)
    return tuple(
        OnPack(paper_reference(pack.number, line), person.id, person.full_name, person.born_on)
        for line, person in ((line, found.get(one)) for line, one in enumerate(pack.people, start=1))
        if person is not None
    )


def is_counting(*, clinic: Clinic, at: datetime) -> bool:
    """Tell whether any ledger of a clinic is being counted, so that its balance is told to nobody who may count."""
    return any(one.balance is None for one in list_balances(clinic=clinic, at=at))


def get_pack(*, clinic: Clinic, pack_id: uuid.UUID) -> DowntimePack | None:
    """Return a stored pack of this clinic with its file, or None."""
    packs = DowntimePack.objects.select_related("file").filter(file__isnull=False)
    return packs.filter(clinic=clinic, id=pack_id).first()
