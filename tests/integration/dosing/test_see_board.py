"""The board: who is folded away when there are too many, whose look is recorded, and what a tag says."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.gaps import SentGap, decide_gap
from dosing.actions.holds import lift_hold
from dosing.actions.observation import record_early_leaving
from dosing.actions.visits import note_arrival, record_not_given
from dosing.models import Hold
from dosing.queries.board import Board, Mark, Place, Tile, get_board
from dosing.queries.gap_states import OnOrder, list_gap_states
from dosing.queries.gaps import get_gap_facts
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions.consents import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories.treatment import TreatmentRoom, a_treatment_room, an_order, another
from tests.integration.dosing.conftest import Clock

FORTY = 40


def end(room: TreatmentRoom) -> None:
    record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=Outcome.WITHHELD,
        reason=Reason.ILL,
        by=room.nurse,
        at=now(),
    )


def arrive(room: TreatmentRoom) -> None:
    note_arrival(
        clinic=room.clinic, patient_id=room.patient.id, session=room.session(), by=room.nurse, at=now()
    )


def ids(rooms: list[TreatmentRoom]) -> set[uuid.UUID | None]:
    return {room.patient.id for room in rooms}


@dataclass
class Seen:
    """One answer of the board's page: what it shows, its words, and whose look it left."""

    board: Board
    words: str
    looked_at: set[uuid.UUID | None]

    def people(self, place: Place) -> set[uuid.UUID | None]:
        return {tile.patient_id for tile in self.board.in_place(place)}

    def count(self, place: Place) -> int:
        return next(column.count for column in self.board.columns if column.place is place)


@dataclass
class Screen:
    """A nurse's browser in front of the board."""

    room: TreatmentRoom
    client: Client

    def look(self, show: str = "") -> Seen:
        address = reverse("dosing:see_board", args=[self.room.clinic.code])
        answer: Any = self.client.get(address, {"show": show} if show else {})
        looks = AuditEvent.objects.filter(event="dosing.board_seen", request_id=answer["X-Request-ID"])
        return Seen(
            answer.context["board"], answer.content.decode(), set(looks.values_list("person", flat=True))
        )


@pytest.fixture
def screen(db: None, sign_in) -> Screen:
    room = a_treatment_room(places=100)
    enrol_totp(user=room.nurse, secret=None, by=None, at=now())
    return Screen(room, sign_in(Client(), room.nurse))


@pytest.fixture
def forty(screen: Screen) -> list[TreatmentRoom]:
    """Forty people who are due."""
    return [screen.room, *(another(screen.room) for _ in range(FORTY - 1))]


class TestPeopleWhoAreDue:
    def test_are_shown_up_to_forty_and_counted_from_forty_one(
        self, screen: Screen, forty: list[TreatmentRoom]
    ) -> None:
        whole = screen.look()
        everybody = [*forty, another(screen.room)]
        folded = screen.look()
        unfolded = screen.look("due")

        assert (whole.board.folded, whole.people(Place.DUE)) == ({}, ids(forty))
        assert (folded.board.folded, folded.people(Place.DUE)) == ({Place.DUE: 41}, set())
        assert folded.count(Place.DUE) == 41
        assert "41 people, too many to show at once" in folded.words
        assert (unfolded.board.folded, unfolded.people(Place.DUE)) == ({}, ids(everybody))

    def test_leave_a_look_where_they_are_shown_and_none_where_they_are_folded(
        self, screen: Screen, forty: list[TreatmentRoom]
    ) -> None:
        in_the_room, *due = [*forty, another(screen.room), another(screen.room)]
        in_the_room.identify()

        folded, unfolded = screen.look(), screen.look("due")

        assert folded.looked_at == {in_the_room.patient.id}
        assert unfolded.looked_at == ids([in_the_room, *due])
        assert not [room for room in due if room.patient.full_name in folded.words]

    def test_stay_folded_when_another_column_is_asked_for(
        self, screen: Screen, forty: list[TreatmentRoom]
    ) -> None:
        another(screen.room)

        folded = [screen.look(show).board.folded for show in ("left", "room", "everybody")]

        assert folded == [{Place.DUE: 41}] * 3


class TestPeopleWhoHaveLeft:
    def test_are_shown_up_to_forty_and_counted_from_forty_one(
        self, screen: Screen, forty: list[TreatmentRoom]
    ) -> None:
        for room in forty:
            end(room)
        whole = screen.look()
        last = another(screen.room)
        end(last)
        observed = another(screen.room)
        observed.give()
        folded, unfolded = screen.look(), screen.look("left")

        assert (whole.board.folded, whole.people(Place.LEFT)) == ({}, ids(forty))
        assert whole.looked_at == ids(forty)
        assert (folded.board.folded, folded.people(Place.LEFT)) == ({Place.LEFT: 41}, set())
        assert (folded.count(Place.LEFT), folded.looked_at) == (41, ids([observed]))
        assert (unfolded.board.folded, unfolded.people(Place.LEFT)) == ({}, ids([*forty, last]))
        assert unfolded.looked_at == ids([*forty, last, observed])


class TestPeopleWhoAreHere:
    def test_are_all_shown_however_many_they_are(self, screen: Screen, forty: list[TreatmentRoom]) -> None:
        observed, arrived, *in_the_room = [*forty, another(screen.room)]
        observed.give()
        arrive(arrived)
        for room in in_the_room:
            room.identify()

        seen = screen.look()

        assert seen.board.folded == {}
        assert seen.people(Place.OBSERVED) == ids([observed])
        assert seen.people(Place.ARRIVED) == ids([arrived])
        assert seen.people(Place.ROOM) == ids(in_the_room)


def the_tile(room: TreatmentRoom) -> Tile:
    (tile,) = [
        tile
        for tile in get_board(clinic=room.clinic, at=now()).tiles
        if tile.patient_id == room.patient.id and tile.place is not Place.LEFT
    ]
    return tile


def tag(room: TreatmentRoom) -> tuple[str, str]:
    tile = the_tile(room)
    return tile.tag, tile.mark.value


class TestATagOfSomebodyDue:
    @pytest.mark.parametrize(("days", "words"), [(0, "Not before 13:00"), (150, "Not before 14:00")])
    def test_says_from_when_a_dose_may_be_given_by_the_clock_on_the_wall(
        self, clock: Clock, days: int, words: str
    ) -> None:
        clock.pass_by(days=days)
        room = a_treatment_room()
        given = room.give()
        record_early_leaving(
            clinic=room.clinic, session_id=given.session_id, reason="against advice", by=room.nurse, at=now()
        )
        clock.pass_by(hours=3, seconds=-1)
        before = tag(room)
        clock.pass_by(seconds=1)

        assert before == (words, Mark.WAIT)
        assert tag(room) == ("", Mark.NONE)

    @pytest.mark.parametrize("dose_mg", [12, 15])
    def test_says_for_72_hours_that_the_dose_is_another(self, clock: Clock, dose_mg: int) -> None:
        room = a_treatment_room()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=13)
        clock.pass_by(hours=73)
        first = tag(room)
        clock.pass_by(hours=24)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=dose_mg)
        replaced = tag(room)
        clock.pass_by(hours=72, seconds=-1)
        last_second = tag(room)
        clock.pass_by(seconds=1)

        assert first == ("", Mark.NONE)
        assert replaced == last_second == ("New dose", Mark.NEW)
        assert tag(room) == ("", Mark.NONE)

    def test_says_nothing_of_an_order_for_the_same_dose(self, screen: Screen) -> None:
        room = screen.room
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=room.order.dose_mg)

        assert tag(room) == ("", Mark.NONE)

    def test_says_that_consent_was_withdrawn(self, screen: Screen) -> None:
        room = screen.room
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.nurse, at=now()
        )

        assert tag(room) == ("No consent to treatment", Mark.HOLD)
        assert "No consent to treatment" in screen.look().words


class TestATagOfMissedSessions:
    @pytest.mark.parametrize(
        ("hours", "tagged"),
        [
            # The last dose ended at six in the evening; sessions close at noon and at midnight.
            (18, ("", Mark.NONE)),
            (30, ("Dose capped after missed sessions", Mark.CAPPED)),
            (54, ("Doctor decides first", Mark.HOLD)),
            (79, ("New order needed", Mark.HOLD)),
        ],
    )
    def test_says_what_the_ladder_asks_for(self, clock: Clock, hours: int, tagged: tuple[str, Mark]) -> None:
        room = a_treatment_room(dose_mg=180)
        last = room.patient.injections.latest("started_at").ended_at
        clock.pass_by(hours=hours, seconds=-(now() - last).total_seconds())

        assert tag(room) == tagged

    def test_says_what_the_hatch_would_say(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        last = room.patient.injections.latest("started_at").ended_at
        clock.pass_by(hours=3, seconds=-(now() - last).total_seconds())
        for _ in range(25):
            clock.pass_by(hours=3)
            at = now()
            state = list_gap_states([OnOrder.of(room.episode, room.order)], protocol=Protocol(), at=at)
            assert tag(room)[0] == state[room.episode.id].ladder.tag, at

    def test_is_of_a_cap_once_a_doctor_decided(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        last = room.patient.injections.latest("started_at").ended_at
        clock.pass_by(hours=54, seconds=-(now() - last).total_seconds())
        known = get_gap_facts(clinic=room.clinic, episode=room.episode, decider=room.doctor, at=now())
        decide_gap(
            clinic=room.clinic,
            episode=room.episode,
            ceiling_mg=80,
            reason="Seen, and well.",
            page=SentGap(key=uuid.uuid4(), seen=known.seen, newest=""),
            by=room.doctor,
            at=now(),
        )

        assert tag(room) == ("Dose capped after missed sessions", Mark.CAPPED)
        clock.pass_by(hours=13)
        assert tag(room) == ("Doctor decides first", Mark.HOLD)


class TestATagOfAHold:
    def test_stands_in_each_column_until_a_doctor_lifts_it(self, clock: Clock) -> None:
        held = ("HOLD: see doctor first", Mark.HOLD)
        room = a_treatment_room()
        room.check(room.identify(), breaths=11)
        end(room)
        clock.pass_by(hours=4)
        due = the_tile(room).place, tag(room)
        arrive(room)
        arrived = the_tile(room).place, tag(room)
        visit = room.identify()
        room.check(visit)
        in_the_room = the_tile(room).place, tag(room)
        hold = Hold.objects.get()
        lift_hold(clinic=room.clinic, hold_id=hold.id, reason="Seen, and well.", by=room.doctor, at=now())

        assert due == (Place.DUE, held)
        assert arrived == (Place.ARRIVED, held)
        assert in_the_room == (Place.ROOM, held)
        assert tag(room) == ("Checked · to prepare", Mark.LOOK)

    def test_goes_before_the_consent_that_is_missing(self, clock: Clock) -> None:
        room = a_treatment_room()
        room.check(room.identify(), breaths=11)
        end(room)
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.nurse, at=now()
        )
        clock.pass_by(hours=4)

        assert tag(room) == ("HOLD: see doctor first", Mark.HOLD)
