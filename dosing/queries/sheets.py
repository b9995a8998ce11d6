"""Orders and prescriptions on paper: their lines, and the file that is printed."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from dosing.models import Licence, Order, PrescriptionPrint
from dosing.queries.checkpoints import list_paper_codes
from dosing.queries.order_pages import routes_in_words, sites_in_words, written_in_words
from dosing.queries.order_words import lines_of_order
from dosing.queries.orders import get_episode_here
from dosing.queries.prescriptions import as_prescribed, get_order_to_print, licence_in_words
from dosing.queries.supply import Lines, dose_in_both, parts_of, what_is_supplied, who_it_is_for
from dosing.rules.moments import day_in_words, end_in_words, exact_moment
from dosing.rules.prescriptions import PrescriptionDraft, mg_in_both, why_at_most
from dosing.rules.supply import PrescribedOrder, Standing, prescription_of
from dosing.rules.wordings import UNVERIFIED, wordings_of
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.printing import print_sheet, static_file
from patients.models import Person

STYLE_SHEET = "hat/sheet.css"


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """The order in force of one person, as it is printed; `refusal` says instead why there is nothing to print."""

    person: Person
    order: Order | None
    refusal: str
    dose: str
    person_lines: Lines
    lines: Lines
    signed_lines: Lines
    printed: str


def get_order_sheet(
    *, clinic: Clinic, patient_id: uuid.UUID, printer: User, at: datetime
) -> OrderSheet | None:
    """Return the live order of somebody who is or was in treatment here, line by line; None for anybody else."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
    if episode is None:
        return None
    person = episode.person
    order = get_order_to_print(clinic=clinic, patient_id=patient_id, at=at)
    refusal = _why_not(order, at)
    is_printed = order is not None and not refusal
    return OrderSheet(
        person=person,
        order=order,
        refusal=refusal,
        dose=_dose(order) if order is not None and is_printed else "",
        person_lines=who_it_is_for(person),
        lines=_order_lines(order) if order is not None and is_printed else (),
        signed_lines=_signed_lines(order) if order is not None and is_printed else (),
        printed=f"Printed by {printer.full_name}, {exact_moment(at)}",
    )


def _why_not(order: Order | None, at: datetime) -> str:
    standing = as_prescribed(order, at=at).standing if order is not None else None
    if standing is Standing.SUSPENDED:
        return (
            "The order is suspended: the doctor who signed it has left or lost the licence. No dose until a "
            "licensed doctor signs the next order."
        )
    if standing is not Standing.LIVE:
        return "No order is in force: no dose may be given."
    return ""


def _dose(order: Order) -> str:
    phrase = dose_in_both(as_prescribed(order, at=order.starts_at))
    return f"{phrase[0].upper()}{phrase[1:]}"


def _order_lines(order: Order) -> Lines:
    interval, watching = order.interval_minutes, order.observation_minutes
    in_force = as_prescribed(order, at=order.starts_at)
    lines = [
        ("Drug", in_force.product.label),
        ("Dose each session" if in_force.is_one_dose else "Most in one session", mg_in_both(order.dose_mg)),
        *lines_of_order(order, say=mg_in_both),
        ("Sessions a day", f"{order.sessions_per_day} ({number_in_words(order.sessions_per_day)})"),
        ("Most in one day", mg_in_both(order.daily_max_mg)),
        ("Time between sessions, at least", f"{interval} minutes ({number_in_words(interval)} minutes)"),
        ("Watch after injecting, at least", f"{watching} minutes ({number_in_words(watching)} minutes)"),
        ("Routes allowed", routes_in_words(order.routes)),
        ("Sites allowed", sites_in_words(order.sites)),
        ("Premises", f"{order.premises.name}, {order.premises.address}"),
        ("In force from", exact_moment(in_force.starts_at)),
        ("In force until", _exact_end(in_force.ends_at)),
        ("What the dose rests on", order.basis),
    ]
    if order.high_dose_reason:
        lines.append(("Reason for the high dose", order.high_dose_reason))
    return tuple(lines)


def _exact_end(ends_at: datetime) -> str:
    words = end_in_words(ends_at)
    return words if words.startswith("the end") else exact_moment(ends_at)


def _signed(order: Order) -> str:
    who, when = order.signed_by.full_name, exact_moment(order.signed_at)
    written = written_in_words(order)
    return f"order {order.version}, {f'written by {written}, ' if written else ''}signed by {who}, {when}"


def _signed_lines(order: Order) -> Lines:
    written = written_in_words(order)
    return (
        *((("Written by", written),) if written else ()),
        ("Signed by", f"{order.signed_by.full_name}, {exact_moment(order.signed_at)}"),
        ("Licence", licence_in_words(order.licence)),
    )


def print_order_sheet(sheet: OrderSheet, *, clinic: Clinic, at: datetime) -> bytes:
    """Return the live order as a PDF."""
    assert sheet.order is not None  # noqa: S101 - a sheet without an order has a refusal and is not printed
    title = f"Order {sheet.order.version}"
    context = {
        "title": title,
        "head": _head(clinic, title, sheet.person_lines),
        "foot": f"{sheet.printed}. On paper it may have been replaced since: the screen shows the order in force.",
        "clinic": clinic,
        "sheet": sheet,
    }
    return _print("dosing/sheets/order.html", context, identifier=sheet.order.id, clinic=clinic, at=at)


def prescription_sheet(
    *,
    order: Order,
    prescribed: PrescribedOrder,
    draft: PrescriptionDraft,
    number: str,
    licence: Licence,
    printer: User,
    at: datetime,
) -> dict[str, Any]:
    """Return every line of a prescription as it is stored and printed. Source: clinical rule 7."""
    why = why_at_most(prescribed)
    supply = what_is_supplied(prescribed, draft)
    wordings = wordings_of(draft.wordings)
    return {
        "number": number,
        "form": draft.form.label,
        "clinic": order.premises.clinic.name,
        "person": who_it_is_for(order.patient),
        "supply": supply,
        "total": dict(supply)["Total quantity"],
        "parts": [asdict(part) for part in parts_of(prescription_of(prescribed, draft.first_on))],
        "at_most": f"{why} (Clinical rules 4, 7 and 7.11.)" if why else "",
        "directions": [wording.text for wording in wordings],
        "unverified": UNVERIFIED if any(not wording.is_verified for wording in wordings) else "",
        "reason": draft.reason,
        "prescriber": (
            ("Prescriber", printer.full_name),
            ("Address", f"{order.premises.name}, {order.premises.address}"),
            ("Licence", licence_in_words(licence)),
            ("Date", day_in_words(london_date(at))),
            ("Made from", _signed(order)),
        ),
    }


def print_prescription_sheet(one: PrescriptionPrint, *, clinic: Clinic) -> bytes:
    """Return a stored prescription as a PDF, the same file each time."""
    sheet = one.sheet
    title = f"Prescription {sheet['number']}"
    context = {
        "title": title,
        "head": _head(clinic, title, sheet["person"]),
        "foot": f"Printed by {one.printed_by.full_name}, {exact_moment(one.printed_at)}. Valid only with the "
        f"prescriber’s signature in ink. There is one paper of prescription {sheet['number']}.",
        "clinic": clinic,
        "sheet": sheet,
    }
    return _print(
        "dosing/sheets/prescription.html", context, identifier=one.id, clinic=clinic, at=one.printed_at
    )


def _head(clinic: Clinic, title: str, person: Any) -> str:
    known = dict(person)
    invented = "INVENTED · " if clinic.has_invented_people else ""
    return f"{invented}{title} · {known['Name']} · born {known['Date of birth']} · NHS {known['NHS number']}"


def _print(
    template: str, context: dict[str, Any], *, identifier: uuid.UUID, clinic: Clinic, at: datetime
) -> bytes:
    context = context | {
        "register_codes": list_paper_codes(clinic=clinic, at=at),
        "stylesheet": static_file(STYLE_SHEET).as_uri(),
        "created": at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }
    html = render_to_string(template, context)
    return print_sheet(html, stylesheet=STYLE_SHEET, identifier=identifier.bytes)
