"""The facts of a scenario, laid into a scratch database: first the houses and people, then events by their times.

What is not written is present and acceptable: an assessment that is not overdue, an open day, an order behind
every dose that was given, and consent behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from dosing.models import PlannedSession, SessionOutcome
from dosing.rules.limits import OrderKind, Step
from dosing.rules.orders import LONDON, OrderTerms
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.core.clock import london_date
from hat_clinic.scenarios import (
    after_doses,
    checking,
    gaps,
    hatch,
    houses,
    ledger,
    paper,
    people,
    room,
    screens,
    stock,
    suspending,
    watching,
)
from hat_clinic.scenarios.doses import Dose, written_doses
from hat_clinic.scenarios.history import StoodBefore, given_dose, signed_order
from hat_clinic.scenarios.reading import Content, Named, NotBuilt, latest_of_each, midnight, moment
from hat_clinic.scenarios.world import World

# What is there before anything happens, in the order in which one rests on another.
THERE = {
    "night_opening": houses.night_opening,
    "premises": houses.premises,
    "staff": houses.staff,
    "protocol": houses.protocol,
    "licence": houses.licence,
    "stock": ledger.stock,
    "patient": people.patient,
}
# What happens at its time, by an act of its own.
LATER = (
    room.FACTS
    | checking.FACTS
    | watching.FACTS
    | after_doses.FACTS
    | ledger.FACTS
    | stock.FACTS
    | screens.FACTS
    | suspending.FACTS
    | paper.FACTS
    | {"gap_decision": gaps.decided}
)
# Which of two events of the same moment comes first.
RANKS = ("consent", "withdrawn", "order", "day", "dose", "missed", "room")
LEAST_INTERVAL = 180
WATCHED = 20


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment, before the act."""

    at: datetime
    rank: str
    do: Callable[[], object]


def lay(world: World, setup: Iterable[Named], *, act_at: datetime) -> None:
    """Make every fact true, and leave the clock at the moment of the act. Raises NotBuilt for one that cannot be."""
    facts = latest_of_each(setup)
    doses = sorted((dose for fact in facts for dose in written_doses(fact)), key=lambda dose: dose.at)
    facts = [_in_force_once_allowed(fact, doses) for fact in facts]
    world.clock.put(world.begins_at)
    world.sessions_named = houses.sessions_named(facts)
    for kind, make in THERE.items():
        for fact in facts:
            if fact.kind == kind:
                make(world, fact.content)
    used: dict[str, list[int]] = {}
    for dose in doses:
        world.home(dose.patient)
        used.setdefault(world.homes[dose.patient], []).append(dose.mg + dose.left_mg)
    houses.fill_for_the_past(world, used, act_at)
    events = [event for fact in facts for event in _events(world, fact, act_at)]
    leavers = [fact.content for fact in facts if fact.kind == "left_early"]
    roused = [fact.content for fact in facts if fact.kind == "event"]
    events += [_give(world, dose, doses, [*leavers, *_still_watched(dose, roused)]) for dose in doses]
    events += _leave_later(world, doses, roused)
    events += _assessments(world, act_at)
    events += _orders_behind(world, doses, [fact.content for fact in facts if fact.kind == "order"])
    for event in sorted(events, key=lambda event: (event.at, RANKS.index(event.rank))):
        world.clock.put(event.at)
        event.do()
    world.clock.put(act_at)


def _events(world: World, fact: Named, act_at: datetime) -> Iterator[Event]:
    content = fact.content
    if fact.kind in THERE or fact.kind in ("regular", "injected"):
        return
    if fact.kind == "consent":
        given = moment(content["given"])
        yield Event(given, "consent", lambda: people.consent(world, content, given))
        if content.get("withdrawn"):
            at = moment(content["withdrawn"])
            yield Event(at, "withdrawn", lambda: people.withdraw(world, content, at))
    elif fact.kind == "order":
        at = moment(content["signed_at"] if "signed_at" in content else content["starts"])
        yield Event(at, "order", lambda: _order(world, content, at))
    elif fact.kind == "missed":
        for session in content["sessions"]:
            at = min(_over_at(world, content["patient"], session), act_at)
            yield Event(at, "missed", _missing(world, content, session, at))
    elif fact.kind == "day":
        if content["state"] != "open":
            raise NotBuilt(f"a day that is {content['state']}")
        house = world.house(content["premises"])
        at = midnight(date.fromisoformat(content["date"]))
        if at <= act_at:
            yield Event(at, "day", lambda: room.open_day(world, house, at))
    elif fact.kind == "drawn":
        at = moment(content["at"])
        yield Event(at, "room", lambda: hatch.drawn(world, content, at))
    elif fact.kind in LATER:
        at = moment(
            next(
                content[name] for name in ("at", "set_at", "opened_at", "starts", "from") if content.get(name)
            )
        )
        yield Event(at, "room", lambda: LATER[fact.kind](world, content, at))
    else:
        raise NotBuilt(f"the fact {fact.kind}")


def _assessments(world: World, act_at: datetime) -> list[Event]:
    """Sign each person's assessment within the last week, so that it is not overdue."""
    found = []
    for patient, episode in world.episodes.items():
        at = max(midnight(episode.accepted_on), midnight(london_date(act_at) - timedelta(days=7)))
        found.append(Event(min(at, act_at), "consent", _assessing(world, patient, min(at, act_at))))
    return found


def _assessing(world: World, patient: str, at: datetime) -> Callable[[], object]:
    return lambda: people.assess(world, patient, at)


# --- orders ------------------------------------------------------------------------------------------------


def steps(plan: Iterable[Content]) -> tuple[Step, ...]:
    """Return the steps of a titration plan as it is written."""
    found = []
    for step in plan:
        if "part" in step:
            continue
        found.append(
            Step(
                day=step["day"],
                max_mg=step["further_max_mg"] if "further_max_mg" in step else step["max_mg"],
                first_mg=step.get("first_mg"),
                repeat_mg=step.get("repeat_mg"),
            )
        )
    return tuple(found)


def injections_of(content: Content) -> int:
    """Return into how many injections a session's dose may be divided: what a plan writes, else one.

    The first day of a titration has a first dose, its repeat and further ones; a dose in parts as many as those.
    """
    plan = content.get("plan", ())
    parts = sum("part" in step for step in plan)
    return parts or (3 if any("first_mg" in step for step in plan) else 1)


def most_mg(content: Content, plan: tuple[Step, ...]) -> int:
    """Return the most of one session: the dose, the most of a range, or of a plan."""
    if plan:
        return max(step.max_mg for step in plan)
    mg: int = content["max_mg"] if "max_mg" in content else content["dose_mg"]
    return mg


def terms(content: Content) -> OrderTerms:
    """Return what an order says in words; what is not written is acceptable."""
    return OrderTerms(
        routes=tuple(content.get("routes", ["iv"])),
        sites=tuple(houses.sites(content.get("sites", ["left_arm", "right_arm"]))),
        observation_minutes=content.get("observation_min", WATCHED),
        basis="Reached by titration.",
        high_dose_reason="long-standing tolerance" if content.get("dose_mg", 0) > 400 else "",
        hold_criteria="as the clinic's limits say",
        oral_plan="none",
    )


def _order(world: World, content: Content, at: datetime) -> None:
    plan = steps(content.get("plan", ()))
    house = world.house(content.get("premises", world.homes.get(content["patient"], "")))
    signer = world.user(content["signed_by"])
    world.orders[content["id"]] = signed_order(
        episode=world.episode(content["patient"]),
        premises=house.premises,
        protocol=world.first_protocol(house),
        licence=world.licence(signer, house, at),
        stood=StoodBefore(
            dose_mg=most_mg(content, plan),
            least_mg=content.get("min_mg"),
            sessions_per_day=content["sessions_per_day"],
            daily_max_mg=content["daily_max_mg"],
            interval_minutes=int(content["min_interval_h"]) * 60,
            starts_at=moment(content["starts"]),
            ends_at=moment(content["ends"]),
            injections_per_session=injections_of(content),
            kind=OrderKind(content["kind"]),
            plan=plan,
        ),
        terms=terms(content),
        by=signer,
        at=at,
    )
    world.versions[content["patient"], content.get("version", 1)] = world.orders[content["id"]]


def _in_force_once_allowed(fact: Named, doses: Iterable[Dose]) -> Named:
    """Return an order as in force after the last dose it would not have allowed: another stood behind that."""
    if fact.kind != "order":
        return fact
    most = most_mg(fact.content, steps(fact.content.get("plan", ())))
    starts = moment(fact.content["starts"])
    beyond = [dose.at for dose in doses if dose.patient == fact.content["patient"] and dose.mg > most]
    if not beyond or max(beyond) < starts:
        return fact
    starts = max(beyond) + timedelta(minutes=1)
    return replace(fact, content={**fact.content, "starts": starts.isoformat()})


def _orders_behind(world: World, doses: list[Dose], orders: list[Content]) -> Iterator[Event]:
    """Yield the orders that stood behind doses for which a scenario writes none."""
    for patient in dict.fromkeys(dose.patient for dose in doses):
        theirs = sorted(
            (order for order in orders if order["patient"] == patient), key=lambda one: moment(one["starts"])
        )
        starts = [moment(order["starts"]) for order in theirs]
        ends = [moment(order["ends"]) for order in theirs]
        ends = [min(end, after) for end, after in zip(ends, [*starts[1:], *ends[-1:]], strict=True)]
        periods = list(zip(starts, ends, strict=True))
        bare: dict[datetime | None, list[Dose]] = {}
        for dose in doses:
            if dose.patient == patient and not any(begin <= dose.at < end for begin, end in periods):
                until = next((begin for begin in starts if begin > dose.at), None)
                bare.setdefault(until, []).append(dose)
        for until, group in bare.items():
            yield _order_behind(world, patient, group, until)


def _order_behind(world: World, patient: str, group: list[Dose], until: datetime | None) -> Event:
    starts_at = group[0].at - timedelta(hours=1)
    ends_at = group[-1].at + timedelta(hours=1)
    days: dict[date, list[Dose]] = {}
    for dose in group:
        days.setdefault(london_date(dose.at), []).append(dose)
    pauses = [
        later.at - earlier.at
        for earlier, later in pairwise(group)
        if not (earlier.session and earlier.session == later.session)
    ]
    content: Content = {
        "routes": sorted({dose.route for dose in group}),
        "dose_mg": max(max(dose.ordered_mg, dose.mg + dose.left_mg) for dose in group),
    }

    def sign() -> None:
        house = world.home(patient)
        doctor = world.user(world.anybody(house, "doctor")[0])
        signed_order(
            episode=world.episode(patient),
            premises=house.premises,
            protocol=world.first_protocol(house),
            licence=world.licence(doctor, house, starts_at),
            stood=StoodBefore(
                dose_mg=content["dose_mg"],
                sessions_per_day=max(len(of_day) for of_day in days.values()),
                daily_max_mg=max(
                    content["dose_mg"] * max(len(of_day) for of_day in days.values()),
                    *(sum(dose.mg for dose in of_day) for of_day in days.values()),
                ),
                interval_minutes=LEAST_INTERVAL,
                starts_at=starts_at,
                ends_at=min(ends_at, until) if until else ends_at,
                injections_per_session=max(dose.number for dose in group),
            ),
            terms=terms(content),
            by=doctor,
            at=starts_at,
        )

    # Doses closer than the least interval could not have been given in sessions of their own.
    if any(gap < timedelta(minutes=LEAST_INTERVAL) for gap in pauses):
        raise NotBuilt("doses given before that are less than 3 hours apart in two sessions")
    return Event(starts_at, "order", sign)


# --- doses and sessions missed -----------------------------------------------------------------------------


def _give(world: World, dose: Dose, doses: list[Dose], leavers: list[Content]) -> Event:
    # They are still watched when the next injection of the session, or their leaving, follows.
    goes_on = any(
        (dose.patient, dose.session) == (leaver["patient"], leaver["session"]) for leaver in leavers
    ) or any(
        other.session
        and (other.patient, other.session) == (dose.patient, dose.session)
        and other.at > dose.at
        for other in doses
    )

    def give() -> None:
        house = world.home(dose.patient)
        order = world.order_at(dose.patient, dose.at)
        if order is None:
            raise NotBuilt(f"a dose given without an order on {london_date(dose.at)}")
        people.consent_behind(world, dose.patient, dose.at)
        session = None
        if dose.session:
            day, slot = world.session_of(dose.patient, dose.session, dose.at)
            session = PlannedSession.objects.filter(
                patient_id=order.patient_id, service_date=day, slot=slot
            ).first()
        else:
            slot = house.slot_at(dose.at, world.taken(dose.patient, london_date(dose.at)))
        given_dose(
            world.room(house),
            order,
            mg=dose.mg,
            at=dose.at,
            slot=slot,
            route=dose.route,
            tolerated=None if goes_on else dose.tolerated,
            ordered_mg=dose.ordered_mg,
            left_in_syringe_mg=dose.left_mg,
            session=session,
            number=dose.number,
        )

    return Event(dose.at, "dose", give)


def _still_watched(dose: Dose, roused: list[Content]) -> Iterator[Content]:
    """Yield what keeps somebody in the room after a dose: an event while they were watched after it."""
    for happened in roused:
        since = moment(happened["at"]) - dose.at
        if happened["patient"] == dose.patient and timedelta() <= since <= after_doses.OF_A_DOSE_WITHIN:
            yield {"patient": dose.patient, "session": dose.session} | happened


def _leave_later(world: World, doses: list[Dose], roused: list[Content]) -> Iterator[Event]:
    """Let everybody go by the rule whose dose was not tolerated because of an event."""
    for dose in doses:
        for happened in _still_watched(dose, roused) if dose.tolerated is False else ():
            at = after_doses.leaves_at(happened, dose.at)
            yield Event(at, "room", _leaving(world, happened, at))


def _leaving(world: World, happened: Content, at: datetime) -> Callable[[], object]:
    return lambda: after_doses.leave(world, happened, at)


def _over_at(world: World, patient: str, session: str) -> datetime:
    """Return when a session was over: at its closing time."""
    day_text, _, when = session.partition(" ")
    slots = world.home(patient).slots
    if when in slots:
        clock = slots[when][1]
    else:
        begins = time.fromisoformat(when) if ":" in when else time(12, 0)
        clock = next((closes for opens, closes in slots.values() if opens <= begins < closes), time.max)
    return datetime.combine(date.fromisoformat(day_text), clock, tzinfo=LONDON)


def _missing(world: World, content: Content, session: str, at: datetime) -> Callable[[], object]:
    def miss() -> None:
        patient = content["patient"]
        house = world.home(patient)
        order = world.order_at(patient, at)
        if order is None:
            raise NotBuilt("a session missed by somebody who never had an order")
        if content["reason"] not in {reason.value for reason in Reason}:
            raise NotBuilt(f"a session missed because of {content['reason']}")
        day, slot = world.session_of(patient, session, at)
        planned = PlannedSession.objects.create(
            clinic=house.clinic,
            patient_id=order.patient_id,
            episode_id=order.episode_id,
            service_date=day,
            slot=slot,
            order=order,
        )
        SessionOutcome.objects.create(
            session=planned,
            outcome=Outcome.MISSED,
            reason=content["reason"],
            recorded_by=world.user(world.anybody(house, "nurse", "nurse_prescriber", "doctor")[0]),
            recorded_at=at,
        )

    return miss
