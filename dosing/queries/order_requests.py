"""Orders that wait for a licensed doctor: what is known when one is asked for, read, and answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime

from dosing.models import Hold, Licence, OrderRequest, ProtocolVersion
from dosing.queries.order_pages import (
    OrderReview,
    SigningPage,
    get_signing_page,
    how_often,
    laid_out,
    what_stands,
)
from dosing.queries.orders import KnownAtSigning, as_seen, get_signing_facts
from dosing.rules.limits import OrderKind, Step
from dosing.rules.moments import end_in_words, exact_moment
from dosing.rules.order_requests import (
    AskedFacts,
    AskingFacts,
    OrderRequestStatus,
    SinceWritten,
    may_authorise_order,
    may_begin_request,
    may_request_order,
    may_send_back_order,
    may_withdraw_order_request,
)
from dosing.rules.orders import OrderDraft, OrderTerms, Product
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.decisions import Decision, Finding
from patients.models import Assessment, Episode

# What a page says before a reason was written at all.
NOT_ASKED_YET = "."


def get_asking_facts(*, episode: Episode, premises: Premises, by: User, at: datetime) -> AskingFacts:
    """Return what else is known when a licensed doctor is asked to sign. Source: clinical rules 1 and 3."""
    signers = list_people_who_may(Permission.AUTHORISE_ORDER, clinic=premises.clinic, at=at)
    licences = Licence.objects.filter(
        premises=premises,
        product=Product.DIAMORPHINE,
        doctor__in=[user.id for user in signers if user.id != by.id],
        starts_at__lte=at,
        ends_at__gt=at,
        revocation__isnull=True,
    )
    request = get_open_request(episode=episode)
    return AskingFacts(
        open_request=what_is_asked(request) if request is not None else "",
        licensed_until=max(licences.values_list("ends_at", flat=True), default=None),
    )


def get_open_request(*, episode: Episode) -> OrderRequest | None:
    """Return the request of a treatment that waits for a licensed doctor, or None."""
    return (
        OrderRequest.objects.select_related("written_by")
        .filter(episode=episode, product=Product.DIAMORPHINE, standing__status=OrderRequestStatus.OPEN)
        .first()
    )


def what_is_asked(request: OrderRequest) -> str:
    """Return who asked for what and when, in one sentence."""
    return (
        f"{request.written_by.full_name} asked on {exact_moment(request.written_at)} for {request.dose_mg} mg "
        f"{how_often(request.sessions_per_day)}."
    )


def asked_sentence(request: OrderRequest) -> str:
    """Return what is said when a licensed doctor was asked to sign."""
    return (
        f"Saved: a licensed doctor is asked to sign {request.dose_mg} mg {how_often(request.sessions_per_day)}. It "
        "is no order until then: nothing may be given on it."
    )


def how_it_ended(request: OrderRequest) -> str:
    """Return what became of a request, in one sentence; empty while it waits."""
    standing = request.standing
    if standing.ended_by is None or standing.ended_at is None:
        return ""
    who, when = standing.ended_by.full_name, exact_moment(standing.ended_at)
    said = f": “{standing.reason}”" if standing.reason else "."
    what = {
        OrderRequestStatus.SIGNED: f"{who} signed it on {when}",
        OrderRequestStatus.SENT_BACK: f"{who} sent it back on {when}",
        OrderRequestStatus.WITHDRAWN: f"{who} withdrew it on {when}",
        OrderRequestStatus.LAPSED: f"It ended on {when} with the treatment that it was written for",
    }[OrderRequestStatus(standing.status)]
    return f"{what}{said}"


def get_asking_page(
    *, clinic: Clinic, patient_id: uuid.UUID, asker: User, at: datetime
) -> SigningPage | None:
    """Return what an order that somebody else shall sign is filled in against; None for whoever is not treated here.

    Of several premises what is shown is of the first where the asker has no licence.
    """
    page = get_signing_page(clinic=clinic, patient_id=patient_id, signer=asker, at=at)
    if page is None:
        return None
    known = [
        get_signing_facts(
            episode=page.episode, premises=place, product=Product.DIAMORPHINE, signer=asker, at=at
        ).facts
        for place in page.premises
    ]
    place = next((n for n, facts in enumerate(known) if facts.licence_ends_at is None), 0)
    asking = get_asking_facts(episode=page.episode, premises=page.premises[place], by=asker, at=at)
    until = asking.licensed_until
    return replace(
        page,
        asks=True,
        decision=may_begin_request(known[place], asking),
        licence_until=end_in_words(until) if until else "",
    )


def review_request(
    *,
    episode: Episode,
    premises: Premises,
    draft: OrderDraft,
    terms: OrderTerms,
    starts_at_once: bool,
    by: User,
    at: datetime,
) -> OrderReview:
    """Return an order as it is read before a licensed doctor is asked to sign it; asking asks the rule again."""
    known = get_signing_facts(
        episode=episode, premises=premises, product=Product.DIAMORPHINE, signer=by, at=at
    )
    asking = get_asking_facts(episode=episode, premises=premises, by=by, at=at)
    decision = may_request_order(draft, terms, known.facts, asking)
    return laid_out(draft, terms, decision, premises=premises, starts_at_once=starts_at_once)


def draft_of(request: OrderRequest, *, at: datetime) -> OrderDraft:
    """Return the numbers that were asked for; what starts when it is signed starts at the moment."""
    return OrderDraft(
        dose_mg=request.dose_mg,
        sessions_per_day=request.sessions_per_day,
        daily_max_mg=request.daily_max_mg,
        interval_minutes=request.interval_minutes,
        injections_per_session=request.injections_per_session,
        starts_at=request.starts_at or at,
        ends_at=request.ends_at,
        kind=OrderKind(request.kind),
        least_mg=request.least_mg,
        slots=tuple((slot, mg) for slot, mg in request.slots),
        plan=tuple(Step(**step) for step in request.steps),
    )


def terms_of(request: OrderRequest) -> OrderTerms:
    """Return what a request states besides its numbers."""
    return OrderTerms(
        routes=tuple(request.routes),
        sites=tuple(request.sites),
        observation_minutes=request.observation_minutes,
        basis=request.basis,
        high_dose_reason=request.high_dose_reason,
        gap_cap_percent=request.gap_cap_percent,
        hold_criteria=request.hold_criteria,
        oral_plan=request.oral_plan,
    )


@dataclass(frozen=True, slots=True)
class KnownAtAnswering:
    """The facts for the rules when a request is answered; `seen` changes with everything that happened since."""

    request: OrderRequest
    draft: OrderDraft
    terms: OrderTerms
    known: KnownAtSigning
    asked: AskedFacts
    seen: str


def get_request(*, clinic: Clinic, request_id: uuid.UUID) -> OrderRequest | None:
    """Return one request of a clinic with how it stands, or None."""
    return (
        OrderRequest.objects.select_related(
            "patient", "episode__person", "premises__clinic", "protocol", "written_by", "standing__ended_by"
        )
        .filter(id=request_id, premises__clinic=clinic)
        .first()
    )


def get_answering_facts(*, request: OrderRequest, by: User, at: datetime) -> KnownAtAnswering:
    """Gather what the rules ask when a request is signed, sent back or withdrawn: by what is known now."""
    product = Product(request.product)
    known = get_signing_facts(
        episode=request.episode, premises=request.premises, product=product, signer=by, at=at
    )
    since = _since(request, known, at)
    assessed = Assessment.objects.filter(episode=request.episode, signed_at__gt=request.written_at)
    anew = assessed.filter(signed_at__lte=at).count()
    since = replace(since, is_assessed_anew=bool(anew))
    limits = known.protocol.number if known.protocol else 0
    return KnownAtAnswering(
        request=request,
        draft=draft_of(request, at=at),
        terms=terms_of(request),
        known=known,
        asked=AskedFacts(
            status=OrderRequestStatus(request.standing.status),
            ended=how_it_ended(request),
            is_author=request.written_by_id == by.id,
            since=since,
        ),
        seen=f"{as_seen(known.last)} {limits} {since.doses} {since.missed} {since.holds} {anew}",
    )


def _since(request: OrderRequest, known: KnownAtSigning, at: datetime) -> SinceWritten:
    history, then = known.facts.history, request.written_at
    given = [dose for dose in history.doses if then < dose.started_at <= at]
    protocol: ProtocolVersion | None = known.protocol
    holds = Hold.objects.filter(patient_id=request.patient_id, opened_at__gt=then, opened_at__lte=at)
    return SinceWritten(
        order=what_stands(known.last, at=at) if request.seen != as_seen(known.last) else "",
        limits=(request.protocol.number, protocol.number)
        if protocol is not None and protocol.id != request.protocol_id
        else None,
        doses=len(given),
        last_dose=f"{given[-1].mg} mg on {exact_moment(given[-1].started_at)}" if given else "",
        missed=sum(then < missed.over_at <= at for missed in history.missed),
        holds=holds.count(),
    )


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request as it is read before it is answered: every term and every finding as of now.

    `new` holds the codes of the findings that the author did not read. `may_send_back` and `may_withdraw` tell
    whether its reader may, a reason given. `ended` is empty while it waits.
    """

    request_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    review: OrderReview
    author: str
    written: str
    standing: str
    ended: str
    decision: Decision
    new: frozenset[str]
    may_send_back: bool
    may_withdraw: bool
    seen: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return every finding, those against first."""
        return tuple(sorted(self.decision, key=lambda finding: -finding.level))


def get_request_page(
    *, clinic: Clinic, request_id: uuid.UUID, viewer: User, at: datetime
) -> RequestPage | None:
    """Return a request of a clinic as somebody reads it now; None for one of another clinic and for none."""
    request = get_request(clinic=clinic, request_id=request_id)
    if request is None:
        return None
    found = get_answering_facts(request=request, by=viewer, at=at)
    facts, asked = found.known.facts, found.asked
    decision = may_authorise_order(found.draft, found.terms, facts, asked)
    person, last = request.patient, found.known.last
    return RequestPage(
        request_id=request.id,
        patient_id=person.id,
        name=person.full_name,
        born_on=person.born_on,
        review=laid_out(
            found.draft,
            found.terms,
            decision,
            premises=request.premises,
            starts_at_once=request.starts_at is None,
        ),
        author=request.written_by.full_name,
        written=f"{request.written_by.full_name}, {exact_moment(request.written_at)}",
        standing=what_stands(last, at=at),
        ended=asked.ended,
        decision=decision,
        new=frozenset(finding.code for finding in decision) - set(request.codes),
        may_send_back=may_send_back_order(facts, asked, reason=NOT_ASKED_YET).is_allowed,
        may_withdraw=may_withdraw_order_request(asked, reason=NOT_ASKED_YET).is_allowed,
        seen=found.seen,
    )
