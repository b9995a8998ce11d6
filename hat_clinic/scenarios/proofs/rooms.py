"""A treatment room that is open now, and people whose dose is drawn up in it; by the program's own actions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import patch

from argon2 import PasswordHasher

from dosing.actions.injections import InjectionGiven, InjectionRecorded, record_injection
from dosing.models import Preparation, RegisterLine
from dosing.queries.sessions import get_current_session
from dosing.rules.limits import OrderKind
from hat_clinic.accounts.actions import get_program, pins
from hat_clinic.accounts.models import Terminal
from hat_clinic.core.clock import LONDON, now
from hat_clinic.scenarios import facts, hatch, houses, people, room
from hat_clinic.scenarios.history import StoodBefore, signed_order
from hat_clinic.scenarios.reading import Content
from hat_clinic.scenarios.scratch import own_copy
from hat_clinic.scenarios.world import PIN, House, World

GIVER, WITNESS = "carys", "dev"
DOSE_MG = 15  # a first dose
AMPOULES = 2  # of 10 mg, for one dose
OVER = 10
# What a PIN's hash costs is no part of a race, and two of them for every dose would be most of its time.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True, slots=True)
class Room:
    """The one house of a scratch database, its terminal and its ledger."""

    world: World
    house: House
    terminal: Terminal
    line: RegisterLine

    def somebody(self, number: int) -> str:
        """Take somebody into treatment with an order of a first dose, and return what they are called."""
        name, at = f"patient{number}", now()
        since = at - timedelta(days=1)
        day = since.astimezone(LONDON).date().isoformat()
        people.patient(
            self.world,
            {"id": name, "premises": "harbour", "born": "1981-04-17", "in_treatment_since": day},
        )
        people.consent(self.world, {"patient": name, "purpose": "treatment"}, since)
        people.assess(self.world, name, since)
        doctor = self.world.user("adeyemi")
        self.world.orders[name] = signed_order(
            episode=self.world.episode(name),
            premises=self.house.premises,
            protocol=self.world.first_protocol(self.house),
            licence=self.world.licence(doctor, self.house, at),
            stood=StoodBefore(
                dose_mg=DOSE_MG,
                sessions_per_day=2,
                daily_max_mg=2 * DOSE_MG,
                interval_minutes=180,
                starts_at=since,
                ends_at=at + timedelta(days=12),
                kind=OrderKind.MAINTENANCE,
            ),
            terms=facts.terms({}),
            by=doctor,
            at=since,
        )
        return name

    def content(self, name: str) -> Content:
        """Return a dose of somebody at the hatch as a scenario writes it, in the session that is open now."""
        at = now()
        session = get_current_session(clinic=self.house.clinic, at=at)
        if session is None:
            raise AssertionError("unreachable: the house is open all day")
        return {
            "patient": name,
            "session": f"{session.service_date} {session.slot}",
            "at": at.isoformat(),
            "by": GIVER,
            "witness": WITNESS,
            "mg": DOSE_MG,
            "stock": "C10",
        }

    def checked(self, number: int) -> str:
        """Return somebody identified and checked, whom nothing stands against."""
        name, at = self.somebody(number), now()
        content = self.content(name)
        hatch.get_ready(self.world, content, at)
        room.check(self.world, {key: content[key] for key in ("patient", "session", "by")}, at)
        return name

    def drawn(self, number: int) -> Preparation:
        """Return the dose of somebody, drawn up before a witness and not injected."""
        name = self.somebody(number)
        hatch.drawn(self.world, {"id": name, **self.content(name)}, now())
        return self.world.drawn[name]

    def inject(
        self, drawn: Preparation, *, by: str = GIVER, key: uuid.UUID | None = None
    ) -> InjectionRecorded:
        """Record the injection of a drawn dose; whoever did not draw it up has the one who did sign again."""
        return record_injection(
            clinic=self.house.clinic,
            patient_id=drawn.patient_id,
            given=InjectionGiven(
                preparation_id=drawn.id,
                given_mg=drawn.dose_mg,
                route="iv",
                site="left_arm",
                seconds_ago=0,
                syringe_returned=True,
            ),
            preparer_pin="" if by == GIVER else PIN,
            key=key or uuid.uuid4(),
            terminal_id=self.terminal.id,
            by=self.world.user(by),
            at=now(),
        )


@contextmanager
def a_room(template: str, *, people: int, doses_each: int = 1) -> Iterator[Room]:
    """Give a house that is open at every hour of now, in a database of its own whose clock runs.

    It has room and ampoules for so many people, and OVER ampoules that are left when each had their doses.
    """
    with own_copy(template) as clock, patch.object(pins, "PIN_HASHER", QUICK):
        begins_at = now() - timedelta(days=2)
        clock.put(begins_at)
        world = World(clock=clock, by=get_program(name="proof", at=begins_at), begins_at=begins_at)
        _open_house(world, places=people, ampoules=people * doses_each * AMPOULES + OVER)
        clock.let_run()
        house, at = world.house("harbour"), now()
        room.open_day(world, house, at)
        for name in (GIVER, WITNESS):
            world.pin(name, at)
        yield Room(
            world=world,
            house=house,
            terminal=world.terminal(house, at),
            line=RegisterLine.objects.get(premises=house.premises),
        )


def _open_house(world: World, *, places: int, ampoules: int) -> None:
    day = world.begins_at.astimezone(LONDON)
    from_, until = (f"{day + timedelta(days=days):%Y-%m-%d %H:%M}" for days in (0, 60))
    houses.premises(
        world,
        {
            "id": "harbour",
            "name": "Harbour House",
            "sessions": {"am": "00:00-12:00", "pm": "12:00-23:59:59.999999"},
        },
        places=places,
    )
    for name, role in (
        ("adeyemi", "doctor"),
        (GIVER, "nurse"),
        (WITNESS, "nurse"),
        ("fiona", "cd_lead"),
        ("irina", "clinical_lead"),
    ):
        houses.staff(world, {"id": name, "role": role, "at": ["harbour"]})
    houses.protocol(
        world,
        {
            "id": "v1",
            "premises": ["harbour"],
            "status": "approved",
            "approved_by": "irina",
            "from": from_,
            "set": {},
        },
    )
    houses.licence(
        world,
        {
            "id": "L1",
            "doctor": "adeyemi",
            "premises": "harbour",
            "drugs": ["diamorphine"],
            "from": from_,
            "until": until,
        },
    )
    houses.stock(
        world,
        {
            "id": "C10",
            "premises": "harbour",
            "product": "10 mg ampoule",
            "batch": "C10",
            "expiry": f"{day.year + 2}-06-30",
            "ampoules": ampoules,
            "where": "cabinet",
        },
    )
