"""Rows of the worklist about the clinic: holds that stand, its limits, and its doctors' licences."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from dosing.models import Hold, Preparation, Visit
from dosing.queries.further import get_further_injection
from dosing.queries.licences import list_licence_notices
from dosing.queries.protocol import get_next_version, get_protocol_in_force, get_waiting_draft
from dosing.queries.visits import as_answers, get_newest_reading, hold_reasons, opener_of
from dosing.queries.worklist_row import Row
from dosing.rules.authorisations import has_only_stops
from dosing.rules.checks import CHECK_IS_GOOD_FOR, judge_check
from dosing.rules.holds import HoldSeverity
from dosing.rules.moments import day_in_words, days_ago, end_in_words, moment_in_words
from dosing.rules.visits import VisitState
from dosing.rules.worklist import Group, Matter, licence_group
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date


def stop_rows(clinic: Clinic, at: datetime) -> list[Row]:
    """Return who stands at the hatch with a check that only a doctor's reason lets a dose pass, while it is good."""
    waiting = Visit.objects.select_related("patient", "check_made__made_by").filter(
        clinic=clinic,
        state=VisitState.IDENTIFIED,
        check_made__made_at__gte=at - CHECK_IS_GOOD_FOR,
    )
    # One that a dose was drawn up on, or on the one that it puts right: they have one moment.
    drawn = Preparation.objects.filter(
        session=OuterRef("session"), check_made__made_at=OuterRef("check_made__made_at")
    )
    waiting = waiting.exclude(Exists(drawn))
    rows = []
    for visit in waiting.order_by("check_made__made_at"):
        check = visit.check_made
        if check is None or not has_only_stops(found := judge_check(as_answers(check))):
            continue
        rows.append(
            Row(
                group=Group.NOW,
                matter=Matter.AT_HATCH,
                patient_id=visit.patient_id,
                name=visit.patient.full_name,
                tag="At the hatch",
                what="May this one dose go ahead?",
                facts=f"{' '.join(finding.message for finding in found.refusals)} Check by {check.made_by.full_name}.",
                since=days_ago(check.made_at, at),
                since_exactly=moment_in_words(check.made_at),
                session_id=visit.session_id,
            )
        )
    return rows


def further_rows(clinic: Clinic, at: datetime) -> list[Row]:
    """Return who is watched and could have one injection more, but for a finding that a doctor's reason lets pass.

    The finding may have come since the check: an oral opioid that was given meanwhile. It stays while the reading that
    the injection would rest on is fresh.
    """
    watched = Visit.objects.select_related(
        "patient", "clinic", "session", "outcome", "check_made__made_by"
    ).filter(clinic=clinic, state=VisitState.OBSERVED, session__order__injections_per_session__gt=1)
    rows = []
    for visit in watched.order_by("injected_at"):
        further = get_further_injection(clinic=clinic, visit=visit, at=at)
        reading = get_newest_reading(visit=visit)
        if further is None or reading is None or not has_only_stops(further.decision):
            continue
        rows.append(
            Row(
                group=Group.NOW,
                matter=Matter.AT_HATCH,
                patient_id=visit.patient_id,
                name=visit.patient.full_name,
                tag="In the room",
                what=f"May the {further.ordinal.lower()} injection of this session go ahead?",
                facts=" ".join(finding.message for finding in further.decision.refusals)
                + f" {further.given_mg} mg given, {further.left_mg} mg left.",
                since=days_ago(reading.taken_at, at),
                since_exactly=moment_in_words(reading.taken_at),
                session_id=visit.session_id,
            )
        )
    return rows


def hold_rows(clinic: Clinic, at: datetime) -> list[Row]:
    """Return the holds that stand: whoever is on one waits for a doctor, in the clinic or at home."""
    holds = Hold.objects.select_related("patient", "opened_by").filter(clinic=clinic, lifted_at__isnull=True)
    return [
        Row(
            group=Group.NOW,
            matter=Matter.HOLD,
            patient_id=hold.patient_id,
            name=hold.patient.full_name,
            tag=HoldSeverity(hold.severity).label,
            what="Lift this hold, or let it stand?",
            facts=_of_hold(hold, at),
            since=days_ago(hold.opened_at, at),
            since_exactly=moment_in_words(hold.opened_at),
            hold_id=hold.id,
        )
        for hold in holds.order_by("opened_at")
    ]


def _of_hold(hold: Hold, at: datetime) -> str:
    first = {
        HoldSeverity.SUSPENSION: "A new order and a new check come first.",
        HoldSeverity.REVIEW: "You review it before the next dose.",
    }.get(HoldSeverity(hold.severity), "A new check comes first.")
    parts = [f"For {hold_reasons(hold)}."]
    if hold.reason:
        parts.append(f"“{hold.reason}”")
    parts.append(f"Opened by {opener_of(hold)}. {first}")
    if hold.review_on is not None:
        when = "was due" if hold.review_on < london_date(at) else "on"
        parts.append(f"Review {when} {day_in_words(hold.review_on)}.")
    return " ".join(parts)


def protocol_rows(clinic: Clinic, viewer: User, at: datetime) -> list[Row]:
    """Return a row where no limits are in force, and one for the clinical lead where a draft waits."""
    draft = get_waiting_draft(clinic_id=clinic.id)
    is_waiting = (
        "" if draft is None else f"Draft {draft.number} of {draft.written_by.full_name} waits for approval."
    )
    if get_protocol_in_force(clinic_id=clinic.id, at=at) is None:
        first = get_next_version(clinic_id=clinic.id, at=at)
        begins = f"Version {first.number} begins on {moment_in_words(first.starts_at)}." if first else ""
        group, matter, tag = Group.NOW, Matter.NO_PROTOCOL, "No dose"
        what = "No approved limits: nothing can be signed or given"
        facts = (
            begins or is_waiting or "Somebody writes a draft of the limits, and a clinical lead approves it."
        )
    elif draft is not None and Role.CLINICAL_LEAD in roles_of(user=viewer, clinic=clinic, at=at):
        group, matter, tag = Group.WEEK, Matter.PROTOCOL_DRAFT, "Draft"
        what, facts = "Approve the draft of the clinic’s limits, or write another?", is_waiting
    else:
        return []
    return [
        Row(
            group=group,
            matter=matter,
            patient_id=None,
            name="The clinic",
            tag=tag,
            what=what,
            facts=facts,
            since=days_ago(draft.written_at, at) if draft else "",
            since_exactly=moment_in_words(draft.written_at) if draft else "",
        )
    ]


def licence_rows(clinic: Clinic, viewer: User, at: datetime) -> list[Row]:
    """Return a row for each doctor and premises whose last licence ends within 90 days or has ended."""
    rows = []
    for found in list_licence_notices(clinic=clinic, at=at):
        own = found.doctor_id == viewer.id
        whose, who = ("Your", "you") if own else (f"{found.doctor}’s", found.doctor)
        ends = end_in_words(found.ends_at)
        rows.append(
            Row(
                group=licence_group(found.ends_at, at),
                matter=Matter.LICENCE,
                patient_id=None,
                name="You" if own else found.doctor,
                tag="Ended" if found.is_over else found.left,
                what=f"{whose} licence for diamorphine at {found.premises} {found.ends_in_words}",
                facts=f"{'Since' if found.is_over else 'After'} {ends} {who} cannot sign. Tell the clinic’s manager.",
                since=days_ago(found.ends_at, at) if found.is_over else "",
                since_exactly=moment_in_words(found.ends_at) if found.is_over else "",
            )
        )
    return rows
