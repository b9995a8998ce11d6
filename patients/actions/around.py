"""Setting and ending alerts, ways to reach somebody, and who works with them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Alert, ContactDetail, Relationship
from patients.queries.around import is_colleague_here
from patients.queries.people import lock_person
from patients.rules.alerts import AlertContent, may_set_alert
from patients.rules.contacts import ContactContent, may_add_contact
from patients.rules.relationships import Part


class AlertRefused(Refused):
    """The alert was not set; `decision` holds every reason."""


class ContactRefused(Refused):
    """The way to reach somebody was not added; `decision` holds every reason."""


class RelationshipRefused(Refused):
    """The relationship was not stored; `decision` holds every reason."""


def set_alert(
    *, person_id: uuid.UUID, clinic: Clinic, content: AlertContent, by: User, at: datetime
) -> Alert:
    """Set an alert; the same one that stands already is returned, so that pressing twice sets one.

    Raises AlertRefused with every reason; the refusal is in the trail. Source: product P 4.
    """

    def work() -> Alert | Decision:
        lock_person(person_id=person_id)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person_id}
        decision = may_set_alert(content, today=london_date(at))
        if not decision.is_allowed or content.severity is None or content.starts_on is None:
            record("patients.alert_set", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        alert, is_new = Alert.objects.get_or_create(
            person_id=person_id,
            clinic=clinic,
            severity=content.severity.value,
            words=content.words,
            starts_on=content.starts_on,
            ends_on=content.ends_on,
            ended_at=None,
            defaults={"set_by": by, "set_at": at},
        )
        if is_new:
            record("patients.alert_set", thing=alert, severity=alert.severity, **trail)
        return alert

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise AlertRefused(answer)
    return answer


def end_alert(*, alert_id: uuid.UUID, person_id: uuid.UUID, clinic: Clinic, by: User, at: datetime) -> bool:
    """End an alert of a person now, once; False where there is none of that id."""

    def work() -> bool:
        lock_person(person_id=person_id)
        alert = Alert.objects.filter(id=alert_id, person_id=person_id, clinic=clinic).first()
        if alert is None or alert.ended_at is not None:
            return alert is not None
        alert.ended_at, alert.ended_by = at, by
        alert.save(update_fields=["ended_at", "ended_by"])
        record("patients.alert_ended", by=by, at=at, clinic=clinic.id, person=person_id, thing=alert)
        return True

    return one_act(work)


def add_contact(
    *, person_id: uuid.UUID, clinic: Clinic, content: ContactContent, by: User, at: datetime
) -> ContactDetail:
    """Add a way to reach somebody; the same one that stands already is returned.

    Raises ContactRefused with every reason; the refusal is in the trail. Source: trust design 7.
    """

    def work() -> ContactDetail | Decision:
        lock_person(person_id=person_id)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person_id}
        decision = may_add_contact(content)
        if not decision.is_allowed or content.purpose is None:
            record("patients.contact_added", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        contact, is_new = ContactDetail.objects.get_or_create(
            person_id=person_id,
            purpose=content.purpose.value,
            who=content.who,
            how=content.how,
            knows_of_treatment=bool(content.knows_of_treatment),
            ended_at=None,
            defaults={"added_by": by, "added_at": at},
        )
        if is_new:
            record("patients.contact_added", thing=contact, purpose=contact.purpose, **trail)
        return contact

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ContactRefused(answer)
    return answer


def end_contact(
    *, contact_id: uuid.UUID, person_id: uuid.UUID, clinic: Clinic, by: User, at: datetime
) -> bool:
    """Take a way to reach somebody out of use, once; False where there is none of that id."""

    def work() -> bool:
        lock_person(person_id=person_id)
        contact = ContactDetail.objects.filter(id=contact_id, person_id=person_id).first()
        if contact is None or contact.ended_at is not None:
            return contact is not None
        contact.ended_at, contact.ended_by = at, by
        contact.save(update_fields=["ended_at", "ended_by"])
        record("patients.contact_ended", by=by, at=at, clinic=clinic.id, person=person_id, thing=contact)
        return True

    return one_act(work)


def add_relationship(
    *,
    person_id: uuid.UUID,
    clinic: Clinic,
    colleague_id: uuid.UUID | None,
    part: Part | None,
    by: User,
    at: datetime,
) -> Relationship:
    """Write that a colleague of the clinic works with a person, as what; the same one that stands is returned.

    Raises RelationshipRefused with every reason; the refusal is in the trail. Source: trust design 3.
    """

    def work() -> Relationship | Decision:
        lock_person(person_id=person_id)
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person_id}
        is_here = colleague_id is not None and is_colleague_here(colleague_id, clinic=clinic, at=at)
        decision = Decision.of(
            (
                None
                if is_here
                else block("colleague", "Choose a colleague who works in this clinic.", "trust design 3"),
                None if part else block("part", "Choose what they do for the person.", "trust design 3"),
            )
        )
        if not decision.is_allowed or part is None:
            record("patients.relationship_added", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        relationship, is_new = Relationship.objects.get_or_create(
            person_id=person_id,
            clinic=clinic,
            colleague_id=colleague_id,
            part=part.value,
            ended_at=None,
            defaults={"added_by": by, "added_at": at},
        )
        if is_new:
            record("patients.relationship_added", thing=relationship, part=part.value, **trail)
        return relationship

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise RelationshipRefused(answer)
    return answer


def end_relationship(
    *, relationship_id: uuid.UUID, person_id: uuid.UUID, clinic: Clinic, by: User, at: datetime
) -> bool:
    """End a relationship now, once; False where there is none of that id."""

    def work() -> bool:
        lock_person(person_id=person_id)
        standing = Relationship.objects.filter(id=relationship_id, person_id=person_id, clinic=clinic).first()
        if standing is None or standing.ended_at is not None:
            return standing is not None
        standing.ended_at, standing.ended_by = at, by
        standing.save(update_fields=["ended_at", "ended_by"])
        record(
            "patients.relationship_ended", by=by, at=at, clinic=clinic.id, person=person_id, thing=standing
        )
        return True

    return one_act(work)
