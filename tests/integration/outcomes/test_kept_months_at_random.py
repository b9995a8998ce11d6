"""Random rows and changes of a clinic, frozen now and then: what was kept is what reading everything gives."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import count

import pytest

from dosing.models import PlannedSession
from outcomes.models import SupportSession, UrineDraw, UrineTest
from tests.factories.accounts import AgencyFactory
from tests.factories.outcomes import OutcomeFormFactory, OwnAnswersFactory, SupportSessionFactory
from tests.factories.records import Records
from tests.factories.urine import UrineDrawFactory, UrineStepFactory
from tests.integration.outcomes.test_kept_months import WITHOUT_DOSE, amend, anew

# A Wednesday: weeks of treatment are then not those of the calendar.
STARTED = date(2025, 1, 8)
MONTHS = [date(2025, month, 1) for month in (1, 2, 3, 4)]


class TestRandomDays:
    @pytest.mark.parametrize("seed", range(20))
    def test_give_what_reading_everything_anew_gives(self, db, monkeypatch, seed) -> None:
        """Whatever is written in whatever order, and whichever month is frozen: what was kept is what is there."""
        records = Records()
        days = ADays(records, random.Random(seed))
        for _ in range(14):
            for _ in range(days.chance.randint(0, 4)):
                days.write()
            month = days.chance.choice(MONTHS)

            found = records.freeze(month)

            assert found == anew(records, month, monkeypatch)
            assert found == records.freeze(month)


class ADays:
    """Random rows of two people from January to March, and random changes of them."""

    def __init__(self, records: Records, chance: random.Random) -> None:
        self.records = records
        self.chance = chance
        self.people = [records.person(started_on=STARTED) for _ in range(2)]
        self.agencies = [AgencyFactory() for _ in range(2)]
        self.free = [(person, STARTED + timedelta(n)) for person in self.people for n in range(84)]
        chance.shuffle(self.free)
        self.asked = chance.sample(self.free, len(self.free))
        self.weeks = [(person, n) for person in self.people for n in range(12)]
        chance.shuffle(self.weeks)
        self.names = count()

    def write(self) -> None:
        self.chance.choice(
            [
                self.session,
                self.outcome,
                self.help,
                self.help_put_right,
                self.agency,
                self.form,
                self.answer,
                self.told_sample,
                self.told_sample_changed,
                self.draw,
                self.draw,
                self.step,
                self.step,
                self.step,
                self.treatment,
            ]
        )()

    def day(self) -> date:
        return STARTED + timedelta(self.chance.randrange(84))

    def whose(self) -> dict[str, object]:
        return {"clinic": self.records.clinic, "patient": self.chance.choice(self.people)}

    def session(self) -> None:
        person, day = self.free.pop()
        self.records.session(person, day, self.chance.choice(["given", *WITHOUT_DOSE, None]))

    def outcome(self) -> None:
        planned = list(PlannedSession.objects.order_by("service_date", "patient_id"))
        if planned:
            amend(self.records, self.chance.choice(planned), self.chance.choice(WITHOUT_DOSE))

    def help(self) -> None:
        SupportSessionFactory(**self.whose(), booked_on=self.day(), agency=self.chance.choice(self.agencies))

    def help_put_right(self) -> None:
        standing = list(SupportSession.objects.filter(amended_by=None).order_by("booked_on", "id"))
        if standing:
            line = self.chance.choice(standing)
            SupportSessionFactory(
                clinic=line.clinic,
                patient=line.patient,
                booked_on=self.chance.choice([line.booked_on, self.day()]),
                amends=line,
                correction=self.chance.choice(["wrong_key", "entered_twice"]),
            )

    def agency(self) -> None:
        agency = self.chance.choice(self.agencies)
        agency.name = f"Invented Agency, name {next(self.names)}"
        agency.save()

    def form(self) -> None:
        person, day = self.asked.pop()
        OutcomeFormFactory(clinic=self.records.clinic, patient=person, completed_on=day)

    def answer(self) -> None:
        person, day = self.asked.pop()
        OwnAnswersFactory(clinic=self.records.clinic, patient=person, answered_on=day)

    def told_sample(self) -> None:
        self.records.urine(
            self.chance.choice(self.people), self.day(), self.chance.choice(["negative", "void", "not_taken"])
        )

    def told_sample_changed(self) -> None:
        told = list(UrineTest.objects.order_by("due_on", "id"))
        if told:
            test = self.chance.choice(told)
            test.due_on = self.day()
            test.taken_on = None if test.result == "not_taken" else test.due_on
            test.save()

    def draw(self) -> None:
        person, week = self.weeks.pop()
        week_on = STARTED + timedelta(7 * week)
        if person.episodes.get().started_on > week_on:
            return
        UrineDrawFactory(
            clinic=self.records.clinic,
            patient=person,
            week_on=week_on,
            due_on=week_on + timedelta(self.chance.randrange(7)),
        )

    def step(self) -> None:
        draws = list(UrineDraw.objects.order_by("due_on", "patient_id"))
        if not draws:
            return
        draw = self.chance.choice(draws)
        last = draw.steps.order_by("number").last()
        before = last.kind if last else "due"
        kind = self.chance.choice(
            {
                "due": ["taken", "not_taken"],
                "taken": ["sent", "void"],
                "sent": ["result"],
                "result": ["void"],
            }.get(before, [None])
        )
        if kind is None:
            return
        what: dict[str, object] = {} if kind == "taken" else {"reference": ""}
        if kind == "taken":
            until = draw.week_on + timedelta(6)
            what["taken_on"] = self.chance.choice([draw.due_on, until])
        elif kind == "result":
            late = timedelta(self.chance.randrange(30))
            what |= {"assay": draw.assay, "found": "positive", "reported_on": draw.due_on + late}
        elif kind in ("void", "not_taken"):
            what |= {"because": "lost" if kind == "void" else "declined", "words": "As it was told."}
        UrineStepFactory(draw=draw, number=last.number + 1 if last else 1, before=before, kind=kind, **what)

    def treatment(self) -> None:
        episode = self.chance.choice(self.people).episodes.get()
        started_on = STARTED + timedelta(self.chance.choice([-7, 0, 21, 49]))
        episode.started_on = episode.accepted_on = started_on
        episode.exited_on = self.chance.choice([None, max(started_on, self.day()) + timedelta(7)])
        episode.exit_reason = "other" if episode.exited_on else ""
        episode.save()
