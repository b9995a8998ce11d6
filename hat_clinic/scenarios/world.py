"""What a scenario has set up so far, by the ids that it is written with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from dosing.models import (
    Batch,
    DowntimePack,
    Hold,
    Licence,
    OralOrder,
    Order,
    OrderPeriod,
    PlannedSession,
    Preparation,
    ProtocolVersion,
    RegisterEntry,
    WitnessAuthority,
)
from dosing.queries.orders import get_order_in_force
from dosing.rules.orders import Product
from hat_clinic.accounts.actions import add_terminal, enrol_terminal, open_terminal, set_pin
from hat_clinic.accounts.models import Clinic, Premises, Slot, Terminal, User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios.days import Room
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.scratch import Clock
from patients.models import Episode

PIN = "592837"
ORDINALS = ("first", "second", "third")
# A session that a house holds across the night is told by its moment: midnight parts it.
AT_NIGHT = ("early", "night")


@dataclass
class House:
    """One premises of a scenario: a clinic of its own, with its session times as a scenario writes them."""

    clinic: Clinic
    premises: Premises
    slots: dict[str, tuple[time, time]]
    staff: dict[str, str] = field(
        default_factory=dict
    )  # who works here, with the scenario's word for their role
    past: Batch | None = None  # ampoules for what was given before

    def slot_at(self, at: datetime, taken: set[str]) -> str:
        """Return the session that a moment lies in, or the next one that is not taken."""
        clock = at.astimezone(LONDON).time()
        names = [name.value for name in Slot]
        inside = [name for name, (opens, closes) in self.slots.items() if opens <= clock < closes]
        first = names.index(inside[0]) if inside else 0 if clock < time(12, 0) else 1
        for name in names[first:]:
            if name not in taken:
                return name
        raise NotBuilt(f"more than {len(names)} sessions on one day")


@dataclass(frozen=True)
class Screen:
    """A page that stood open: for whom, with the seal and the order of its form."""

    shown_to: str
    terminal: str
    seal: str


@dataclass
class World:
    """Everything of one scenario that an act or a fact may name."""

    clock: Clock
    by: User
    begins_at: datetime
    houses: dict[str, House] = field(default_factory=dict)
    staff: dict[str, User] = field(default_factory=dict)
    episodes: dict[str, Episode] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)  # whose home is which premises
    orders: dict[str, Order] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    entries: dict[str, RegisterEntry] = field(default_factory=dict)
    authorities: dict[str, WitnessAuthority] = field(default_factory=dict)
    drawn: dict[str, Preparation] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    oral_orders: dict[str, OralOrder] = field(default_factory=dict)
    barred: dict[str, Decision] = field(default_factory=dict)  # who was stopped before the act, and by what
    pins: set[str] = field(default_factory=set)
    terminals: dict[str, Terminal] = field(default_factory=dict)
    nights: dict[str, list[tuple[datetime, datetime]]] = field(
        default_factory=dict
    )  # when a house was open over a night
    screens: dict[str, Screen] = field(default_factory=dict)
    versions: dict[tuple[str, int], Order] = field(default_factory=dict)  # whose order, and which of theirs
    ready: dict[str, Content] = field(default_factory=dict)  # who is written as ready, as it is written
    papers: dict[str, tuple[DowntimePack, Content]] = field(default_factory=dict)  # what was written by hand
    acting: dict[str, str] = field(default_factory=dict)  # who stands at which terminal
    sessions_named: int = 0  # the highest of "first", "second" and "third" that the facts write of

    def house(self, name: str) -> House:
        if name not in self.houses:
            raise NotBuilt(f"premises {name}, which the facts do not name")
        return self.houses[name]

    def home(self, patient: str) -> House:
        if patient not in self.homes:
            raise NotBuilt(f"patient {patient}, whom the facts do not name")
        return self.house(self.homes[patient])

    def episode(self, patient: str) -> Episode:
        self.home(patient)
        return self.episodes[patient]

    def user(self, name: str) -> User:
        if name not in self.staff:
            raise NotBuilt(f"staff {name}, whom the facts do not name")
        return self.staff[name]

    def anybody(self, house: House, *roles: str) -> list[str]:
        """Return who works in a house in one of the roles, in the order of the roles."""
        found = [name for role in roles for name, word in house.staff.items() if word == role]
        if not found:
            raise NotBuilt(f"a house without a {' or '.join(roles)}")
        return found

    def room(self, house: House) -> Room:
        """Return where past doses were given: two nurses, the first limits, and ampoules of the past."""
        nurses = self.anybody(house, "nurse", "nurse_prescriber", "doctor")
        batch = (
            house.past or Batch.objects.select_related("line").filter(line__premises=house.premises).first()
        )
        if batch is None or len(nurses) < 2:
            raise NotBuilt("a treatment room without stock and two nurses")
        return Room(
            clinic=house.clinic,
            premises=house.premises,
            protocol=self.first_protocol(house),
            batch=batch,
            giver=self.staff[nurses[0]],
            witness=self.staff[nurses[1]],
            cd_lead=self.staff[self.anybody(house, "cd_lead", "clinical_lead", "doctor")[0]],
        )

    def room_of(self, house: House, *, batch: Batch, giver: str, witness: str) -> Room:
        """Return where one dose of the past was given, by whom and from which batch."""
        return replace(self.room(house), batch=batch, giver=self.user(giver), witness=self.user(witness))

    def first_protocol(self, house: House) -> ProtocolVersion:
        """Return the limits that what has been rests on: the first that were approved here."""
        found = ProtocolVersion.objects.filter(clinic=house.clinic).order_by("number").first()
        if found is None:
            raise NotBuilt("what was ordered in a house that never had approved limits")
        return found

    def licence(self, doctor: User, house: House, at: datetime) -> Licence:
        """Return what a doctor signed under then; the last one of theirs, or of anybody's here, where none stood."""
        here = Licence.objects.filter(premises=house.premises, product=Product.DIAMORPHINE)
        theirs = here.filter(doctor=doctor)
        then = theirs.filter(starts_at__lte=at, ends_at__gt=at)
        found = then.first() or theirs.first() or here.first()
        if found is None:
            raise NotBuilt("an order signed in a house where nobody ever had a licence")
        return found

    def order_at(self, patient: str, at: datetime) -> Order | None:
        """Return the order in force for somebody at a moment, else the last that stood before it."""
        person_id = self.episode(patient).person_id
        live = get_order_in_force(patient_id=person_id, product=Product.DIAMORPHINE, at=at)
        if live is not None:
            return live
        before = OrderPeriod.objects.select_related("order").filter(
            patient_id=person_id, order__starts_at__lte=at
        )
        period = before.order_by("-order__version").first()
        return period.order if period else None

    def taken(self, patient: str, day: date) -> set[str]:
        """Return the sessions of a day that somebody has already."""
        sessions = PlannedSession.objects.filter(patient_id=self.episode(patient).person_id, service_date=day)
        return set(sessions.values_list("slot", flat=True))

    def session_of(self, patient: str, text: str, at: datetime | None = None) -> tuple[date, str]:
        """Return the day and the slot of a session written as "2026-10-12 am" or with its time.

        `at` is a moment in the session, which tells one at night; the day is the Europe/London date of it.
        """
        day_text, _, when = text.partition(" ")
        day = date.fromisoformat(day_text)
        if when in AT_NIGHT:
            if at is None or london_date(at) != day:
                raise NotBuilt(f"a session of {day} {when} whose moment is another day's")
            return day, self.home(patient).slot_at(at, set())
        if when in {name.value for name in Slot}:
            return day, when
        if when in ORDINALS:
            place, names = ORDINALS.index(when), list(self.home(patient).slots)
            if place >= len(names):
                raise NotBuilt(f"a {when} session in a house that runs {len(names)}")
            return day, names[place]
        at = datetime.combine(day, time.fromisoformat(when), tzinfo=LONDON)
        return london_date(at), self.home(patient).slot_at(at, self.taken(patient, day))

    def pin(self, name: str, at: datetime) -> str:
        """Return somebody's own signing PIN, chosen now if they had none."""
        if name not in self.pins:
            set_pin(user=self.user(name), pin=PIN, by=self.user(name), at=at)
            self.pins.add(name)
        return PIN

    def terminal(self, house: House, at: datetime) -> Terminal:
        """Return the terminal of a house's treatment room, open at that moment."""
        key = str(house.premises.id)
        opener = self.user(self.anybody(house, "nurse", "nurse_prescriber", "doctor")[0])
        if key not in self.terminals:
            token = add_terminal(
                clinic=house.clinic,
                premises_id=house.premises.id,
                name="Treatment room 1",
                by=opener,
                at=at,
            )
            self.terminals[key], _ = enrol_terminal(token=token, by=opener, at=at)
        open_terminal(terminal_id=self.terminals[key].id, by=opener, at=at)
        return self.terminals[key]


ROLES = {
    "doctor": Role.DOCTOR,
    "nurse_prescriber": Role.PRESCRIBER,
    "nurse": Role.NURSE,
    "cd_lead": Role.CD_LEAD,
    "case_worker": Role.CASE_WORKER,
    "clinical_lead": Role.CLINICAL_LEAD,
    "manager": Role.MANAGER,
}
