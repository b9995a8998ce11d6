"""One person's visit: what the rules ask about it, and what every page of it shows at its head."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from dosing.models import (
    Authorisation,
    Emergency,
    Hold,
    Injection,
    LateArrival,
    OralDose,
    Order,
    PlannedSession,
    PreInjectionCheck,
    Preparation,
    Reading,
    SessionOutcome,
    Visit,
)
from dosing.queries.oral import get_oral_before
from dosing.queries.paper_waiting import get_line_not_entered
from dosing.queries.sessions import KnownAtTheHatch, SessionKey
from dosing.rules.authorisations import besides_blocks, has_only_stops, notes_of, stops_of
from dosing.rules.checks import CheckAnswers, Readings, Sedation, judge_check
from dosing.rules.further import WatchedSince, repeats_first_dose
from dosing.rules.holds import EventReason, HoldReason, HoldSeverity
from dosing.rules.orders import Route
from dosing.rules.oxygen import OxygenScale, OxygenTarget
from dosing.rules.preparations import VisitFacts
from dosing.rules.visits import IN_THE_ROOM, LateReason, VisitState
from hat_clinic.accounts.models import Clinic, SessionSlot
from hat_clinic.core.clock import LONDON
from hat_clinic.core.decisions import Decision
from patients.models import Person
from patients.queries.consents import has_consent
from patients.queries.photos import photo_url
from patients.rules.consents import Purpose

HOLD_WORDS = {
    "sedation": "sedation",
    "breathing": "slow breathing",
    "oxygen": "low oxygen",
    "oxygen_unknown": "oxygen that could not be measured",
    "pulse_unknown": "a pulse that could not be measured",
    "alcohol": "breath alcohol",
    "alcohol_stop": "breath alcohol",  # in holds from before a stop was a stop
    "oral_over": "more oral medicine than its day allows",
    "asleep": "sleep",  # over a drawn dose: a check that was put right
    "intoxicated": "intoxication in a nurse's judgement",
    **{reason.value: reason.label for reason in (*HoldReason, *EventReason)},
}
STEPS = ("Identity", "Check", "Prepare", "Inject", "Observe")
# Which step is done in which state: the number of steps behind somebody.
STEPS_DONE = {
    VisitState.ARRIVED: 0,
    VisitState.IDENTIFIED: 1,
    VisitState.CHECKED: 2,
    VisitState.PREPARED: 3,
    VisitState.OBSERVED: 4,
    VisitState.RELEASED: 5,
    VisitState.LEFT_EARLY: 5,
    # Nothing was injected, and nothing watched.
    VisitState.NOT_GIVEN: 0,
}


@dataclass(frozen=True, slots=True)
class RoomHead:
    """What stands at the head of every page of one person's visit."""

    patient_id: uuid.UUID
    name: str
    called: str
    born_on: date | None
    session: SessionKey
    session_id: uuid.UUID | None
    state: VisitState | None
    order_words: str
    last_words: str
    initials: str = ""
    photo: str = ""

    @property
    def steps_done(self) -> int:
        """How many of the five steps are behind this person."""
        return STEPS_DONE[self.state] if self.state is not None else 0

    @property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """Return each step with "done", "now" or "to come"."""
        done = self.steps_done
        words = ("done" if place < done else "now" if place == done else "to come" for place in range(5))
        return tuple(zip(STEPS, words, strict=True))


def get_person_at_hatch(*, clinic: Clinic, patient_id: uuid.UUID) -> Person | None:
    """Return somebody in treatment in this clinic, or None: a stranger is not there."""
    return Person.objects.filter(
        id=patient_id, episodes__clinic=clinic, episodes__exited_on__isnull=True, import_run__isnull=True
    ).first()


def get_person_here(*, clinic: Clinic, patient_id: uuid.UUID) -> Person | None:
    """Return somebody in treatment here, or whose visit here has not ended: that can be ended, whatever else has."""
    visits = Visit.objects.filter(patient_id=patient_id, clinic=clinic, ended_at__isnull=True)
    here = visits.select_related("patient").first()
    return get_person_at_hatch(clinic=clinic, patient_id=patient_id) or (here.patient if here else None)


def get_visit(*, clinic: Clinic, session_id: uuid.UUID) -> Visit | None:
    """Return the visit of a planned session of this clinic, with all its pages need, or None."""
    return (
        Visit.objects.select_related(
            "session__episode",
            "session__order__premises",
            "patient",
            "clinic",
            "check_made",
            "preparation__batch__line",
            "preparation__order",
            "preparation__prepared_by",
            "preparation__witness",
            "outcome__injection",
            "with_staff",
        )
        .filter(session_id=session_id, clinic=clinic)
        .first()
    )


def lock_visit(*, session_id: uuid.UUID) -> Visit | None:
    """Lock a visit for the caller's transaction, after the person's dosing state, and return it."""
    return Visit.objects.select_for_update().filter(session_id=session_id).first()


def get_room_head(
    *,
    clinic: Clinic,
    person: Person,
    session: SessionKey,
    visit: Visit | None,
    order: Order | None,
    at: datetime,
) -> RoomHead:
    """Return the head of a visit's pages: who, the order in words, and how long ago the last injection was."""
    last = (
        Injection.objects.filter(patient=person)
        .order_by("-ended_at")
        .values_list("ended_at", flat=True)
        .first()
    )
    return RoomHead(
        patient_id=person.id,
        name=person.full_name,
        called=person.given_names.split(" ")[0],
        born_on=person.born_on,
        session=session,
        session_id=visit.session_id if visit else None,
        state=VisitState(visit.state) if visit else None,
        order_words=order_in_words(order),
        last_words=ago_in_words(last, at) if last else "none recorded here",
        initials=initials_of(person.given_names, person.family_name),
        photo=photo_url(clinic=clinic, person_id=person.id, at=at) or "",
    )


def initials_of(given_names: str, family_name: str) -> str:
    """Return the first letters of both names, for where no photo may be shown."""
    return f"{given_names[:1]}{family_name[:1]}".upper()


def order_in_words(order: Order | None) -> str:
    """Return an order as it is read at the hatch: "180 mg into a vein", "60 to 150 mg into a vein"."""
    if order is None:
        return "none in force"
    routes = " or ".join(route.label for route in Route if route in order.routes)
    least = f"{order.least_mg} to " if order.least_mg is not None else ""
    return f"{least}{order.dose_mg} mg {routes}"


def ago_in_words(moment: datetime, at: datetime) -> str:
    """Return how long ago a moment was, in elapsed hours and minutes: "14 h 39 min ago"."""
    minutes = int((at.astimezone(UTC) - moment.astimezone(UTC)).total_seconds() // 60)
    hours, minutes = divmod(max(minutes, 0), 60)
    if hours >= 72:
        return f"{hours // 24} days ago"
    return f"{hours} h {minutes:02d} min ago" if hours else f"{minutes} min ago"


# --- what the rules ask ------------------------------------------------------------------------------------


def get_visit_facts(*, patient_id: uuid.UUID, visit: Visit | None, at: datetime) -> VisitFacts:
    """Gather what `may_prepare` asks about the visit so far."""
    check = get_check_to_rest_on(visit)
    found, authorised = Decision(), frozenset[str]()
    if check is not None:
        found = judge_check(as_answers(check))
        authorised = frozenset(unused_authorisations(check_id=check.id).values_list("code", flat=True))
    return VisitFacts(
        is_identified=visit is not None and visit.state in IN_THE_ROOM,
        stops=stops_of(found),
        notes=notes_of(found),
        authorised=authorised,
        check_made_at=check.made_at if check is not None else None,
        has_treatment_consent=has_consent(person_id=patient_id, purpose=Purpose.TREATMENT, at=at),
        hold=get_hold_in_words(patient_id=patient_id),
        open_draw=get_open_draw_in_words(patient_id=patient_id),
        oral=get_oral_before(patient_id=patient_id),
        not_entered=get_line_not_entered(patient_id=patient_id, at=at),
    )


def get_check_to_rest_on(visit: Visit | None) -> PreInjectionCheck | None:
    """Return the check that a dose may rest on: one that lets it go ahead, or would with a doctor's reason.

    One that a dose was drawn up on already is used up, but for a further injection of the session.
    """
    if visit is None or visit.check_made is None:
        return None
    if visit.state in (VisitState.CHECKED, VisitState.OBSERVED):
        return visit.check_made
    if visit.state != VisitState.IDENTIFIED or not has_only_stops(judge_check(as_answers(visit.check_made))):
        return None
    return None if is_drawn_upon(visit.check_made) else visit.check_made


def is_drawn_upon(check: PreInjectionCheck) -> bool:
    """Tell whether a dose was drawn up on a check, or on the one that it puts right: they have one moment."""
    drawn = Preparation.objects.filter(session_id=check.session_id, check_made__made_at=check.made_at)
    return drawn.exists()


def what_a_check_says(visit: Visit) -> Decision:
    """Return what the last check of a visit says against a dose now: of what a doctor has lifted nothing any more."""
    if visit.check_made is None:
        return Decision()
    found = judge_check(as_answers(visit.check_made))
    return besides_blocks(found) if visit.state in (VisitState.CHECKED, VisitState.OBSERVED) else found


def unused_authorisations(*, check_id: uuid.UUID) -> QuerySet[Authorisation]:
    """Return what a doctor has let pass for the next dose that is drawn up on a check.

    An oral opioid that was given or entered after the doctor decided is not what they decided on.
    """
    since = OuterRef("authorised_at")
    later = OralDose.objects.filter(
        Q(given_at__gt=since) | Q(pack__isnull=False, recorded_at__gt=since), patient=OuterRef("patient")
    )
    unused = Authorisation.objects.filter(check_made=check_id, use__isnull=True)
    return unused.exclude(Exists(later), code="oral_before")


def get_further_facts(*, visit: Visit, known: KnownAtTheHatch, at: datetime) -> VisitFacts:
    """Gather what `may_prepare` asks about a visit in which somebody has injected and is watched."""
    repeats_first = known.limits is not None and repeats_first_dose(known.limits)
    return replace(
        get_visit_facts(patient_id=visit.patient_id, visit=visit, at=at),
        since=replace(get_watched_since(visit), repeats_first=repeats_first),
    )


def get_watched_since(visit: Visit) -> WatchedSince:
    """Return what was read of somebody since the last injection of their visit."""
    newest = get_newest_reading(visit=visit)
    return WatchedSince(
        is_observed=visit.state == VisitState.OBSERVED,
        readings=as_readings(newest) if newest is not None else None,
        read_at=newest.taken_at if newest is not None else None,
        # Every line counts, also one that was put right since: nothing more is drawn up after an event.
        had_event=Reading.objects.filter(session_id=visit.session_id).exclude(escalation="").exists()
        or Emergency.objects.filter(session_id=visit.session_id).exists(),
    )


def get_newest_reading(*, visit: Visit) -> Reading | None:
    """Return the newest set after the last injection of a visit, or None."""
    last = visit.outcome.injection_id if visit.outcome is not None else None
    if last is None:
        return None
    return Reading.objects.filter(injection_id=last, amended_by__isnull=True).order_by("-taken_at").first()


def as_readings(reading: Reading) -> Readings:
    """Return a stored set as rules read it."""
    return Readings(
        sedation=Sedation(reading.sedation),
        breaths=reading.breaths,
        oxygen=reading.oxygen,
        pulse=reading.pulse,
        target=OxygenTarget(reading.oxygen_target, OxygenScale(reading.oxygen_scale)),
    )


def get_standing_hold(*, patient_id: uuid.UUID) -> Hold | None:
    """Return the hold that stands against one person, the oldest first, or None."""
    standing = Hold.objects.filter(patient_id=patient_id, lifted_at__isnull=True)
    return standing.select_related("opened_by", "check_made").order_by("opened_at").first()


def get_hold_in_words(*, patient_id: uuid.UUID) -> str:
    """Return the hold that stands against one person, in words, or nothing."""
    hold = get_standing_hold(patient_id=patient_id)
    return hold_in_words(hold) if hold is not None else ""


def hold_reasons(hold: Hold) -> str:
    """Return what a hold is for: "sedation, slow breathing and low oxygen"."""
    words = list(dict.fromkeys(HOLD_WORDS.get(code, code) for code in hold.codes))
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def opener_of(hold: Hold) -> str:
    """Return who opened a hold; of an emergency written at a locked terminal nobody is named yet."""
    return hold.opened_by.full_name if hold.opened_by is not None else "the emergency itself, unsigned"


def hold_in_words(hold: Hold) -> str:
    """Return one hold in a sentence: for what, since when, and who lifts it."""
    opened = hold.opened_at.astimezone(LONDON)
    state, until = "On hold", "until a new check and a doctor's decision"
    if hold.severity == HoldSeverity.SUSPENSION:
        state, until = "Suspended", "until a new order, a new check and a doctor's decision"
    elif hold.severity == HoldSeverity.REVIEW:
        until = "until a doctor licensed here has reviewed it"
    words = f" “{hold.reason}”" if hold.reason else ""
    return (
        f"{state} since {opened.day} {opened:%B} at {opened:%H:%M} for {hold_reasons(hold)}, {until}.{words}"
    )


def get_open_draw(*, patient_id: uuid.UUID) -> Preparation | None:
    """Return a drawn dose of one person that has no ending, or None."""
    drawn = Preparation.objects.filter(patient_id=patient_id, injection__isnull=True, waste__isnull=True)
    return drawn.select_related("prepared_by", "witness").first()


def get_open_draw_in_words(*, patient_id: uuid.UUID) -> str:
    """Return a drawn dose without an ending, in a sentence, or nothing."""
    drawn = get_open_draw(patient_id=patient_id)
    if drawn is None:
        return ""
    return (
        f"A dose of {drawn.dose_mg} mg was drawn up at {drawn.prepared_at.astimezone(LONDON):%H:%M} by "
        f"{drawn.prepared_by.full_name} and has no ending. Do not prepare a second dose: end that one first."
    )


def as_answers(check: PreInjectionCheck) -> CheckAnswers:
    """Return a stored check as rules read it."""
    return CheckAnswers(
        readings=Readings(
            sedation=Sedation(check.sedation),
            breaths=check.breaths,
            oxygen=check.oxygen,
            pulse=check.pulse,
            target=OxygenTarget(check.oxygen_target, OxygenScale(check.oxygen_scale)),
        ),
        alcohol_ug=check.alcohol_ug,
        took_other_drugs=check.took_other_drugs,
        oral_as_ordered=check.oral_as_ordered,
        is_intoxicated=check.is_intoxicated,
        sites_are_well=check.sites_are_well,
    )


def get_latest_check(*, patient_id: uuid.UUID) -> PreInjectionCheck | None:
    """Return the last check that was made of one person, or None."""
    standing = PreInjectionCheck.objects.filter(patient_id=patient_id, amended_by__isnull=True)
    return standing.order_by("-made_at").first()


def get_planned_session(*, patient_id: uuid.UUID, session: SessionKey) -> PlannedSession | None:
    """Return one person's planned session, or None while nobody has opened it."""
    return PlannedSession.objects.filter(
        patient_id=patient_id, service_date=session.service_date, slot=session.slot
    ).first()


def get_session_close(*, clinic: Clinic, planned: PlannedSession) -> datetime:
    """Return when a planned session closes, by the clock in Europe/London."""
    slot = SessionSlot.objects.filter(clinic=clinic, name=planned.slot).first()
    closes = slot.closes_at if slot is not None else time.max
    return datetime.combine(planned.service_date, closes, tzinfo=LONDON)


# --- who this is -------------------------------------------------------------------------------------------


def dates_to_choose_from(*, person: Person, session: SessionKey) -> tuple[date, ...]:
    """Return the person's date of birth and two that are made up from it, in an order that tells nothing.

    The two are never anybody else's by design; they stay the same for a session, so that looking twice gives
    nothing away.
    """
    born = person.born_on
    if born is None:
        return ()
    digest = hashlib.sha256(f"{person.id}{session.service_date}{session.slot}".encode()).digest()
    dates = {born}
    for place in range(0, len(digest) - 3, 3):
        if len(dates) == 3:
            break
        step = timedelta(days=int(3 + digest[place] % 25))
        year = born.year + (digest[place + 1] % 7 - 3)
        month = (born.month - 1 + 1 + digest[place + 2] % 11) % 12 + 1
        other = date(year, month, min(born.day, 28)) + step
        if abs((other - born).days) > 20 and other.year > 1900:
            dates.add(other)
    return tuple(sorted(dates, key=lambda day: hashlib.sha256(digest + day.isoformat().encode()).digest()))


def get_live_outcome(*, session_id: uuid.UUID) -> SessionOutcome | None:
    """Return the outcome of a session that no later one amends, with the late arrival that ended it if one did."""
    return (
        SessionOutcome.objects.select_related("late_arrival", "recorded_by")
        .filter(session_id=session_id, amended_by__isnull=True)
        .first()
    )


def came_late_in_words(*, session_id: uuid.UUID) -> tuple[str, ...]:
    """Return what was recorded of a session first, and that the person came after all: both facts, in order."""
    late = LateArrival.objects.select_related("ends__recorded_by", "noted_by").filter(session_id=session_id)
    return tuple(
        f"Recorded as {one.ends.get_outcome_display()} ({one.ends.reason.replace('_', ' ')}) at "
        f"{one.ends.recorded_at.astimezone(LONDON):%H:%M} by {one.ends.recorded_by.full_name}. At "
        f"{one.noted_at.astimezone(LONDON):%H:%M} {one.noted_by.full_name} noted: {LateReason(one.reason).label}."
        for one in late.order_by("noted_at")
        if one.ends.recorded_at is not None and one.ends.recorded_by is not None
    )
