"""The page on which a dose is drawn up, and who may witness it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, Sum

from dosing.models import Batch, Order, Visit
from dosing.queries.sessions import (
    KnownAtTheHatch,
    Lowered,
    SessionKey,
    get_session_facts,
    session_dose_mg,
    why_lowered,
)
from dosing.queries.visits import RoomHead, get_further_facts, get_room_head, get_visit_facts
from dosing.rules.authorisations import has_only_stops
from dosing.rules.doses import full_mg, least_mg
from dosing.rules.further import ordinal
from dosing.rules.orders import Route
from dosing.rules.preparations import (
    PreparationAttempt,
    Stock,
    VisitFacts,
    may_prepare,
    volume_ul,
)
from dosing.rules.sessions import REDUCTIONS, Reduction, allowed_mg
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, block


@dataclass(frozen=True, slots=True)
class BatchChoice:
    """One batch that a dose can be drawn from: what is free of it, and how many ampoules the dose needs.

    `whose` says service stock, or the person's own medicine.
    """

    id: uuid.UUID
    number: str
    expires_on: date
    strength_mg: int
    free: int
    ampoules: int
    drawn_mg: int
    wasted_mg: int
    whose: str

    @property
    def label(self) -> str:
        """The batch in words; how many are left is not told, because the next count is blind."""
        use_by = f"{self.expires_on.day} {self.expires_on:%B %Y}"
        return f"{self.number}, {self.whose}, {self.strength_mg} mg ampoules, use by {use_by}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose to draw up: milligrams, and why it is less than the full dose, or empty."""

    mg: int
    reduction: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be chosen of a dose: from the least to the most, the full dose, and the reasons for less.

    With `is_asked` nothing is drawn up before somebody has chosen: a range. Nothing is filled in.
    """

    least_mg: int
    most_mg: int
    is_asked: bool
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PreparePage:
    """All that the page for drawing up prints: the dose in figures and words, the arithmetic, who can sign.

    `number` is which injection of the session it is for, and `given_mg` what the session has had. `choice` is None
    where the order leaves none.
    """

    head: RoomHead
    number: int
    given_mg: int
    is_over: bool
    choice: Choice | None
    reduction: str
    order_id: uuid.UUID | None
    dose_mg: int
    lowered: Lowered | None
    dose_words: str
    route_words: str
    batches: tuple[BatchChoice, ...]
    concentration_mg_per_ml: int
    volume_ml: str
    waste_ml: str
    dilute_ml: str
    witnesses: tuple[tuple[str, str], ...]
    decision: Decision

    @property
    def less_because(self) -> str:
        """Why it is less than the full dose, in words, or nothing."""
        return Reduction(self.reduction).label if self.reduction in REDUCTIONS else ""

    @property
    def may_be_authorised(self) -> bool:
        """Whether nothing stands against it but what a doctor can let pass."""
        return has_only_stops(self.decision)

    @property
    def ordinal(self) -> str:
        """Which injection of the session it is for: "Second"."""
        return ordinal(self.number)

    @property
    def batch(self) -> BatchChoice | None:
        """The open box: the batch that expires first."""
        return self.batches[0] if self.batches else None

    def batch_of(self, batch_id: uuid.UUID) -> BatchChoice | None:
        """Return one of the batches, or None."""
        return next((batch for batch in self.batches if batch.id == batch_id), None)


def get_prepare_page(
    *, clinic: Clinic, visit: Visit, preparer: User, at: datetime, chosen: Chosen | None = None
) -> PreparePage:
    """Return the page for drawing up one person's dose, the full one unless chosen, with every reason against it.

    For somebody who is watched after an injection it is the next one of the session.
    """
    session = SessionKey(visit.session.service_date, visit.session.slot)
    known = get_session_facts(patient_id=visit.patient_id, clinic=clinic, session=session, at=at)
    order, protocol = known.order, known.protocol
    dose_mg = chosen.mg if chosen is not None else session_dose_mg(known)
    so_far = known.facts.so_far
    number = so_far.injections + 1 if so_far is not None and visit.injected_at is not None else 1
    visit_facts = (
        get_further_facts(visit=visit, known=known, at=at)
        if number > 1
        else get_visit_facts(patient_id=visit.patient_id, visit=visit, at=at)
    )
    choice = _choice(known, number)
    batches = _batches(order, dose_mg, patient_id=visit.patient_id, today=london_date(at))
    concentration = protocol.concentration_mg_per_ml if protocol else 100
    first = batches[0] if batches else None
    attempt = PreparationAttempt(
        dose_mg=dose_mg,
        ampoules=first.ampoules if first else 0,
        giver_is_witness=False,
        stock=Stock(
            ampoules=first.free if first else 0,
            strength_mg=first.strength_mg if first else 1,
            expires_on=first.expires_on if first else london_date(at),
        ),
        number=number,
        reduction=chosen.reduction if chosen is not None else "",
    )
    return PreparePage(
        head=get_room_head(
            clinic=clinic, person=visit.patient, session=session, visit=visit, order=order, at=at
        ),
        number=number,
        given_mg=known.facts.given_in_session_mg,
        is_over=number > 1 and (order is None or order.injections_per_session < number),
        choice=choice,
        reduction=chosen.reduction if chosen is not None and dose_mg < allowed_mg(known.facts) else "",
        order_id=order.id if order else None,
        dose_mg=dose_mg,
        lowered=why_lowered(known),
        dose_words=f"{number_in_words(dose_mg)} milligrams" if dose_mg else "",
        route_words=" or ".join(route.label for route in Route if order and route in order.routes),
        batches=batches,
        concentration_mg_per_ml=concentration,
        volume_ml=ml(volume_ul(dose_mg=dose_mg, concentration_mg_per_ml=concentration)),
        waste_ml=ml(
            volume_ul(dose_mg=first.wasted_mg if first else 0, concentration_mg_per_ml=concentration)
        ),
        dilute_ml=ml(
            volume_ul(dose_mg=first.drawn_mg if first else 0, concentration_mg_per_ml=concentration)
        ),
        witnesses=list_witnesses(clinic=clinic, besides=preparer, at=at),
        decision=_asked(known, visit_facts, number)
        if chosen is None and choice is not None and choice.is_asked
        else may_prepare(known.facts, visit_facts, attempt),
    )


def _choice(known: KnownAtTheHatch, number: int) -> Choice | None:
    order = known.facts.order
    if order is None or not order.is_chosen:
        return None
    least, most = least_mg(known.facts, number=number), allowed_mg(known.facts)
    if least >= most:
        return None
    return Choice(
        least_mg=least,
        most_mg=most,
        is_asked=order.least_mg is not None or full_mg(known.facts) > most,
        reasons=tuple(
            (reason.value, reason.label)
            for reason in REDUCTIONS
            if reason is not Reduction.FIRST_PART or number < order.injections
        ),
    )


def _asked(known: KnownAtTheHatch, visit: VisitFacts, number: int) -> Decision:
    """Return what stands against any dose, before somebody has chosen one: people and stock are asked after that."""
    least = least_mg(known.facts, number=number)
    attempt = PreparationAttempt(
        dose_mg=least,
        ampoules=least,
        giver_is_witness=False,
        stock=Stock(ampoules=least, strength_mg=1, expires_on=known.facts.today),
        number=number,
        reduction=Reduction.OTHER,
    )
    return Decision(tuple(may_prepare(known.facts, visit, attempt).refusals))


def ml(microlitres: int) -> str:
    """Write microlitres as millilitres without zeros at the end: 1800 is "1.8". Source: clinical rule 14."""
    return f"{microlitres / 1000:.3f}".rstrip("0").rstrip(".")


def find_witness(witness_id: uuid.UUID, *, clinic: Clinic, by: User, at: datetime) -> User | Decision:
    """Return who is to witness, or why not: somebody else, on the list of those who may.

    Source: clinical rule 22.
    """
    if witness_id == by.id:
        message = f"{by.full_name} cannot witness: they prepare it. Choose somebody else."
        return Decision((block("same_person", message, "clinical rule 22"),))
    for person in list_people_who_may(Permission.WITNESS_INJECTION, clinic=clinic, at=at):
        if person.id == witness_id:
            return person
    message = "That person may not witness here. Choose a witness from the list."
    return Decision((block("not_a_witness", message, "clinical rule 22"),))


def list_witnesses(*, clinic: Clinic, besides: User, at: datetime) -> tuple[tuple[str, str], ...]:
    """Return who may witness here besides one person, as choices."""
    return tuple(
        (str(user.id), user.full_name)
        for user in list_people_who_may(Permission.WITNESS_INJECTION, clinic=clinic, at=at)
        if user.id != besides.id
    )


def _batches(
    order: Order | None, dose_mg: int, *, patient_id: uuid.UUID, today: date
) -> tuple[BatchChoice, ...]:
    """Return what a dose can be drawn from: in date, in the cabinet, the service's stock or the person's own."""
    if order is None:
        return ()
    without_ending = Q(preparations__injection__isnull=True, preparations__waste__isnull=True)
    batches = (
        Batch.objects.select_related("line")
        .filter(
            Q(patient__isnull=True) | Q(patient=patient_id),
            line__premises=order.premises,
            line__product=order.product,
            ampoules__gt=0,
            expires_on__gte=today,
        )
        .annotate(drawn=Sum("preparations__ampoules", filter=without_ending))
        .order_by("expires_on", "number", "id")
    )
    choices = []
    for batch in batches:
        strength = batch.line.strength_mg
        needed = -(-dose_mg // strength)
        free = batch.ampoules - batch.quarantined - (batch.drawn or 0)
        if free > 0:
            choices.append(
                BatchChoice(
                    id=batch.id,
                    number=batch.number,
                    expires_on=batch.expires_on,
                    strength_mg=strength,
                    free=free,
                    ampoules=needed,
                    drawn_mg=needed * strength,
                    wasted_mg=needed * strength - dose_mg,
                    whose="own medicine" if batch.patient_id else "service stock",
                )
            )
    return tuple(choices)
