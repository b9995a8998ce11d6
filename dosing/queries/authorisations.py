"""A doctor's reason that lets one dose pass a finding: what the rule asks, who may give it, and its pages."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from dosing.models import Authorisation, PreInjectionCheck, Visit
from dosing.queries.checks import check_in_words
from dosing.queries.oxygen import get_licence_here
from dosing.queries.sessions import SessionKey, get_session_facts
from dosing.queries.visits import (
    RoomHead,
    get_room_head,
    get_visit_facts,
    get_watched_since,
    is_drawn_upon,
    unused_authorisations,
    what_a_check_says,
)
from dosing.rules.authorisations import AUTHORISABLE, AuthorisedFor, AuthorisingFacts, rests_on_what_was_seen
from dosing.rules.further import WatchedSince
from dosing.rules.moments import moment_in_words
from dosing.rules.oral_doses import oral_before_injection
from dosing.rules.preparations import stands_against
from dosing.rules.sessions import may_start
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import LONDON
from hat_clinic.core.decisions import Decision, Finding, Level, block


def is_authorised_by(check_id: uuid.UUID | None, people: Collection[uuid.UUID]) -> bool:
    """Tell whether one of these people has let the next dose on a check pass a finding as a doctor."""
    if check_id is None:
        return False
    return unused_authorisations(check_id=check_id).filter(authorised_by__in=people).exists()


def find_authoriser(doctor_id: uuid.UUID, *, clinic: Clinic, at: datetime) -> User | Decision:
    """Return the doctor who is to sign, or why not. Source: clinical rules 7.11."""
    for person in list_people_who_may(Permission.AUTHORISE_FINDING, clinic=clinic, at=at):
        if person.id == doctor_id:
            return person
    message = "That person lets no dose go ahead here. Choose a doctor from the list."
    return Decision((block("not_a_doctor", message, "clinical rules 7.11"),))


def list_authorisers(*, clinic: Clinic, at: datetime) -> tuple[tuple[str, str], ...]:
    """Return the doctors who hold a licence here, as choices."""
    return tuple(
        (str(user.id), user.full_name)
        for user in list_people_who_may(Permission.AUTHORISE_FINDING, clinic=clinic, at=at)
        if get_licence_here(clinic=clinic, doctor_id=user.id, at=at) is not None
    )


def standing_against(*, visit: Visit, clinic: Clinic, at: datetime) -> Decision:
    """Return everything that stands against a dose of a visit now: by its check, and beside it."""
    session = SessionKey(visit.session.service_date, visit.session.slot)
    known = get_session_facts(patient_id=visit.patient_id, clinic=clinic, session=session, at=at)
    facts = get_visit_facts(patient_id=visit.patient_id, visit=visit, at=at)
    found = stands_against(facts) | oral_before_injection(facts.oral, at=at)
    if known.facts.so_far is None:
        found |= may_start(known.facts)
    return found | what_a_check_says(visit)


def get_authorising_facts(
    *, visit: Visit, check: PreInjectionCheck, code: str, clinic: Clinic, doctor: User, at: datetime
) -> AuthorisingFacts:
    """Return what `may_authorise` asks about one finding of one check. Call it with the person's lock held."""
    return AuthorisingFacts(
        at=at,
        check_made_at=check.made_at,
        is_newest_check=visit.check_made_id == check.id,
        standing=standing_against(visit=visit, clinic=clinic, at=at),
        is_licensed=get_licence_here(clinic=clinic, doctor_id=doctor.id, at=at) is not None,
        is_checker=check.made_by_id == doctor.id,
        is_authorised=unused_authorisations(check_id=check.id).filter(code=code).exists(),
        is_drawn_up=visit.state == VisitState.PREPARED,
        is_used_up=_is_used_up(visit, check),
        since=_since(visit),
    )


def _is_used_up(visit: Visit, check: PreInjectionCheck) -> bool:
    return visit.state == VisitState.IDENTIFIED and is_drawn_upon(check)


def _since(visit: Visit) -> WatchedSince | None:
    return get_watched_since(visit) if visit.state == VisitState.OBSERVED else None


# --- the pages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuthorisePage:
    """All that the page prints on which a doctor lets one dose go ahead: the check, and each finding to decide on.

    `decision` is what stands against any dose beside what can be let pass; `done` what was let pass already.
    """

    head: RoomHead
    check_id: str
    check: tuple[tuple[str, str], ...]
    check_words: str
    findings: tuple[Finding, ...]
    decision: Decision
    done: tuple[str, ...]
    doctors: tuple[tuple[str, str], ...]

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The findings as choices."""
        return tuple((finding.code, finding.message) for finding in self.findings)


def get_authorise_page(*, clinic: Clinic, visit: Visit, at: datetime) -> AuthorisePage | None:
    """Return the page for one visit, or None where nobody has made a check."""
    check = visit.check_made
    if check is None:
        return None
    session = SessionKey(visit.session.service_date, visit.session.slot)
    standing = standing_against(visit=visit, clinic=clinic, at=at)
    done = {one.code for one in unused_authorisations(check_id=check.id)}
    findings = tuple(
        finding
        for finding in standing
        if finding.level is Level.STOP and finding.code in AUTHORISABLE and finding.code not in done
    )
    against = Decision(tuple(one for one in standing.refusals if one.level is Level.BLOCK))
    if findings:
        against |= rests_on_what_was_seen(
            check_made_at=check.made_at, is_used_up=_is_used_up(visit, check), since=_since(visit), at=at
        )
    made = check.made_at.astimezone(LONDON)
    return AuthorisePage(
        head=get_room_head(
            clinic=clinic,
            person=visit.patient,
            session=session,
            visit=visit,
            order=visit.session.order,
            at=at,
        ),
        check_id=str(check.id),
        check=check_in_words(check),
        check_words=f"Check at {made:%H:%M} by {check.made_by.full_name}",
        findings=findings,
        decision=against,
        done=authorised_in_words(check),
        doctors=list_authorisers(clinic=clinic, at=at),
    )


def authorised_in_words(check: PreInjectionCheck | None) -> tuple[str, ...]:
    """Return what a doctor has let pass for the next dose on a check, a sentence each."""
    if check is None:
        return ()
    rows = unused_authorisations(check_id=check.id).select_related("authorised_by")
    return tuple(authorisation_in_words(row) for row in rows.order_by("authorised_at"))


def authorisation_in_words(row: Authorisation) -> str:
    """Return one authorisation in a sentence: what was let pass, by whom, when and why."""
    return (
        f"{row.message} {row.authorised_by.full_name} lets this one dose go ahead, {moment_in_words(row.authorised_at)}: "
        f"{AuthorisedFor(row.reason).label.lower()}. “{row.words}”"
    )
