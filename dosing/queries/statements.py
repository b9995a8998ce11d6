"""What a last-dose statement of somebody says, its page, and its sheet of paper."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.template.loader import render_to_string

from dosing.models import Amendment, Emergency, Injection, InjectionFacts, OralDose, SessionOutcome
from dosing.queries.emergencies import get_naloxone_at
from dosing.queries.oral import list_oral_orders_in_force, oral_in_words, supervision_in_words
from dosing.queries.orders import get_episode_here, get_order_in_force, is_suspended
from dosing.queries.sheets import STYLE_SHEET
from dosing.queries.standing import with_what_stands
from dosing.queries.supply import who_it_is_for
from dosing.queries.visits import get_open_draw
from dosing.rules.moments import end_of_day, moment_in_words
from dosing.rules.orders import Product, Route
from dosing.rules.statements import (
    ALWAYS_SAID,
    DAYS_TOLD,
    EarlierDose,
    GivenDose,
    OralGiven,
    StatementFacts,
    days_of,
    first_day_told,
    last_injection_in_words,
    warnings_of,
)
from hat_clinic.accounts.models import Agency, Clinic, Slot, User
from hat_clinic.core.printing import print_sheet, static_file
from patients.models import ConsentWithdrawal, Disclosure, Person
from patients.queries.consents import list_told_of_doses
from patients.queries.people import PersonHead
from patients.queries.photos import photo_url
from patients.rules.disclosures import RecipientKind, kind_of_agency, not_printed_again


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement that was given; `why` is the emergency in words, which never stands on the paper."""

    id: uuid.UUID
    number: int
    to: str
    basis: str
    why: str
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ToldAgency:
    """One agency that may be told of doses, as what it is; `key` is of its own button, so that each press is its own."""

    agency: Agency
    kind: RecipientKind
    key: uuid.UUID


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Who the statement is about, whom they agreed to tell of it, what it would say now, and those given before."""

    head: PersonHead
    agencies: tuple[ToldAgency, ...]
    said: dict[str, Any]
    given: tuple[StatementRow, ...]


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """One stored statement. `refusal` says why it may not leave the clinic again."""

    head: PersonHead
    row: StatementRow
    disclosure: Disclosure
    refusal: str

    @property
    def said(self) -> dict[str, Any]:
        """Return what it says, as it was given."""
        said: dict[str, Any] = self.disclosure.said
        return said


def get_statement_page(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> StatementPage | None:
    """Return the page for a statement about somebody who is or was in treatment here; None for anybody else."""
    head = _head(clinic, patient_id, at)
    if head is None:
        return None
    rows = Disclosure.objects.select_related("agency", "disclosed_by").filter(
        person_id=patient_id, clinic=clinic
    )
    return StatementPage(
        head=head,
        agencies=tuple(
            ToldAgency(agency, kind, uuid.uuid4())
            for agency in list_told_of_doses(person_id=patient_id, at=at)
            if (kind := kind_of_agency(agency.kind)) is not None
        ),
        said=what_is_said(person=head.person, clinic=clinic, at=at),
        given=tuple(_row(row) for row in rows.order_by("-number")),
    )


def get_stored_statement(
    *, clinic: Clinic, patient_id: uuid.UUID, statement_id: uuid.UUID, at: datetime
) -> StoredStatement | None:
    """Return one stored statement of a clinic, and whether its consent still stands."""
    head = _head(clinic, patient_id, at)
    found = (
        Disclosure.objects.select_related("agency", "disclosed_by")
        .filter(id=statement_id, person_id=patient_id, clinic=clinic)
        .first()
    )
    if head is None or found is None:
        return None
    is_withdrawn = ConsentWithdrawal.objects.filter(consent=found.consent_id, withdrawn_at__lte=at).exists()
    refusal = not_printed_again(
        rests_on_consent=found.consent_id is not None,
        is_withdrawn=is_withdrawn,
        given_at=found.disclosed_at,
        at=at,
    )
    return StoredStatement(head, _row(found), found, refusal)


def what_is_said(*, person: Person, clinic: Clinic, at: datetime) -> dict[str, Any]:
    """Return every line of a statement as it is stored and printed, in the same number of queries for any week."""
    facts = get_statement_facts(patient_id=person.id, clinic=clinic, at=at)
    return {
        "clinic": [
            clinic.name,
            *(f"{place.name}, {place.address}" for place in clinic.premises.order_by("name")),
        ],
        "person": [list(line) for line in who_it_is_for(person)],
        "as_of": moment_in_words(at),
        "warnings": list(warnings_of(facts)),
        "last_injection": last_injection_in_words(facts),
        "order": facts.order,
        "oral_orders": list(facts.oral_orders),
        "days_told": DAYS_TOLD,
        "days": [{"day": day.day, "lines": list(day.lines)} for day in days_of(facts)],
        "always": list(ALWAYS_SAID),
    }


def get_statement_facts(*, patient_id: uuid.UUID, clinic: Clinic, at: datetime) -> StatementFacts:
    """Gather what a statement tells: a week of doses, the last injection, and what is ordered now."""
    first_on = first_day_told(at)
    since = end_of_day(first_on - timedelta(days=1))
    noted = Amendment.objects.filter(amends__injection=OuterRef("pk"))
    injections = (
        with_what_stands(Injection.objects.select_related("session"))
        .filter(patient_id=patient_id)
        .annotate(
            has_note=ExpressionWrapper(
                Q(Exists(noted) | Exists(InjectionFacts.objects.filter(injection=OuterRef("pk")))),
                output_field=BooleanField(),
            )
        )
    )
    last = injections.order_by("-ended_at").first()
    oral = OralDose.objects.select_related("order").filter(patient_id=patient_id, given_at__gte=since)
    imported = SessionOutcome.objects.select_related("session").filter(
        session__patient_id=patient_id,
        import_run__isnull=False,
        given_mg__isnull=False,
        amended_by__isnull=True,
    )
    earlier = imported.filter(session__service_date__gte=first_on)
    # A day has three slots, in an order that is not that of their names.
    newest = imported.filter(given_mg__gt=0).order_by("-session__service_date", "id")[: len(Slot) * 2]
    last_earlier = max(
        newest, key=lambda one: (one.session.service_date, Slot.values.index(one.session.slot)), default=None
    )
    return StatementFacts(
        at=at,
        injections=tuple(
            _dose(one, clinic) for one in injections.filter(started_at__gte=since).order_by("started_at")
        ),
        last=_dose(last, clinic) if last is not None else None,
        oral=tuple(
            OralGiven(one.given_at, one.recorded_at, oral_in_words(one.drug, one.mg), one.order.is_supervised)
            for one in oral.order_by("given_at", "id")
        ),
        last_earlier=_earlier(last_earlier) if last_earlier is not None else None,
        earlier=tuple(_earlier(one) for one in earlier.order_by("session__service_date", "session__slot")),
        order=_order(patient_id, at),
        oral_orders=tuple(
            f"{oral_in_words(one.drug, one.daily_mg)} a day, {supervision_in_words(one.is_supervised)}"
            for one in list_oral_orders_in_force(patient_id=patient_id, clinic_id=clinic.id, at=at)
        ),
        open_draw=_open_draw(patient_id),
        naloxone=_naloxone(patient_id, since),
    )


def _dose(one: Any, clinic: Clinic) -> GivenDose:
    return GivenDose(
        started_at=one.started_at,
        ended_at=one.ended_at,
        recorded_at=one.recorded_at,
        mg=one.standing_mg,
        route=Route(one.standing_route).label,
        is_contested=one.is_contested,
        is_elsewhere=one.session.clinic_id != clinic.id,
        has_note=one.has_note,
    )


def _earlier(one: SessionOutcome) -> EarlierDose:
    return EarlierDose(one.session.service_date, Slot(one.session.slot).label, one.given_mg or 0)


def _order(patient_id: uuid.UUID, at: datetime) -> str:
    order = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=at)
    if order is None:
        return "No order for diamorphine is in force."
    if is_suspended(order):
        return "An order for diamorphine is suspended: no dose is given on it."
    return f"Up to {order.dose_mg} mg diamorphine a session, at most {order.daily_max_mg} mg a day."


def _open_draw(patient_id: uuid.UUID) -> str:
    """Return a drawn dose without an ending for a reader outside, who is told nothing to do about it."""
    drawn = get_open_draw(patient_id=patient_id)
    if drawn is None:
        return ""
    when = moment_in_words(drawn.prepared_at)
    return f"{drawn.dose_mg} mg diamorphine were drawn up {when}, and no ending is written."


def _naloxone(patient_id: uuid.UUID, since: datetime) -> str:
    given_at = get_naloxone_at(patient_id=patient_id)
    if given_at is not None and given_at >= since:
        return f"Naloxone was given {moment_in_words(given_at)}."
    began = (
        Emergency.objects.filter(patient_id=patient_id, began_at__gte=since)
        .order_by("-began_at")
        .values_list("began_at", flat=True)
        .first()
    )
    return f"An emergency began {moment_in_words(began)}; no naloxone is written." if began else ""


def print_statement_sheet(stored: StoredStatement, *, clinic: Clinic) -> bytes:
    """Return a stored statement as a PDF, the same file each time."""
    row = stored.row
    title = f"Last-dose statement {row.number}"
    invented = "INVENTED · " if clinic.has_invented_people else ""
    known = dict(stored.said["person"])
    context = {
        "title": title,
        "clinic": clinic,
        "row": row,
        "said": stored.said,
        "head": f"{invented}{title} · {known['Name']} · born {known['Date of birth']} · NHS {known['NHS number']}",
        "foot": f"Confidential. For {row.to} only. Printed by {row.given_by}, {moment_in_words(row.given_at)}.",
        "stylesheet": static_file(STYLE_SHEET).as_uri(),
        "created": row.given_at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }
    html = render_to_string("dosing/sheets/statement.html", context)
    return print_sheet(html, stylesheet=STYLE_SHEET, identifier=stored.disclosure.id.bytes)


def _head(clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> PersonHead | None:
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
    if episode is None:
        return None
    return PersonHead(episode, photo_url(clinic=clinic, person_id=patient_id, at=at))


def _row(row: Disclosure) -> StatementRow:
    by: User = row.disclosed_by
    names = [row.agency.name] if row.agency else []
    names += [row.recipient] if row.recipient else []
    return StatementRow(
        id=row.id,
        number=row.number,
        to=f"{', '.join(names)} ({RecipientKind(row.kind).label})",
        basis="consent" if row.consent_id else "an emergency",
        why=row.emergency_words,
        given_by=by.full_name,
        given_at=row.disclosed_at,
    )
