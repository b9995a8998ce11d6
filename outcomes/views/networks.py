"""Groups of clinics: making and ending one, putting a month together, reading and taking home what came of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.actions import networks as acts
from outcomes.forms.networks import AddNetwork, EndNetwork, LeaveNetwork, RequestRollup
from outcomes.queries import networks as queries
from outcomes.queries.reports import list_months
from outcomes.queries.rollup_failures import list_failures
from outcomes.rules.evaluation.rollup import NetworkKind, rollup_csv
from outcomes.views import is_sent

ADD, REQUEST = "outcomes.add_network", "outcomes.request_rollup"
END, LEAVE = "outcomes.end_network", "outcomes.leave_network"


@requires(Permission.SEE_ROLLUPS)
@require_safe
def list_networks(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The groups that this clinic is in and whose every report somebody reads."""
    staff = request.staff
    networks = queries.list_networks(clinic=staff.clinic, user=staff.user, at=request.at)
    record_look("outcomes.networks_listed", by=staff.user, at=request.at, clinic=staff.clinic.id)
    may_keep = staff.may(Permission.KEEP_NETWORKS)
    failures = list_failures(networks)
    context = {
        "networks": networks,
        "may_keep": may_keep,
        "failures": failures,
        "failed": {failure.id for failure in failures},
    }
    return render(request, "outcomes/list_networks.html", context)


@requires(Permission.KEEP_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_network(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Make a named group of clinics."""
    staff = request.staff
    read = queries.clinics_read_by(user=staff.user, at=request.at)
    choices = [(str(one.pk), one.name) for one in read.values() if one.pk != staff.clinic.pk]
    form = AddNetwork(request.POST if request.method == "POST" else None, clinics=choices)
    if is_sent(request, form, purpose=ADD, clinic=str(staff.clinic.pk)):
        try:
            acts.add_network(
                clinic=staff.clinic,
                name=form.cleaned_data["name"],
                kind=NetworkKind(form.cleaned_data["kind"]),
                clinics=form.chosen(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.NetworkRefused as refusal:
            form.refuse(refusal.decision)
        except acts.NetworkKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: the group is made.")
            return redirect("outcomes:list_networks", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=ADD, clinic=str(staff.clinic.pk)))
    return render(request, "outcomes/add_network.html", {"form": form})


@requires(Permission.KEEP_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def end_network(request: StaffRequest, clinic_code: str, network_id: uuid.UUID) -> HttpResponse:
    """End a group with a day."""
    network = _network_or_404(request, network_id)
    form = EndNetwork(request.POST if request.method == "POST" else None)
    return _ending(
        request,
        network,
        form,
        purpose=END,
        template="outcomes/end_network.html",
        act=lambda told, **who: acts.end_network(ended_on=told["last_on"], why=told["why"], **who),
        saved="Saved: the group has ended. What was put together stays.",
    )


@requires(Permission.KEEP_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def leave_network(request: StaffRequest, clinic_code: str, network_id: uuid.UUID) -> HttpResponse:
    """Let one clinic leave a group with a day."""
    network = _network_or_404(request, network_id)
    # What is sent may name one that has just left: the same form sent twice is answered as it was.
    offered = network.members if request.method == "POST" else network.standing
    clinics = [(str(one.clinic_id), one.name) for one in offered]
    form = LeaveNetwork(request.POST if request.method == "POST" else None, clinics=clinics)
    return _ending(
        request,
        network,
        form,
        purpose=LEAVE,
        template="outcomes/leave_network.html",
        act=lambda told, **who: acts.leave_network(
            leaver=uuid.UUID(told["leaver"]), left_on=told["last_on"], why=told["why"], **who
        ),
        saved="Saved: the clinic has left. What was put together with it stays.",
    )


def _ending(
    request: StaffRequest,
    network: queries.NetworkRow,
    form: EndNetwork | LeaveNetwork,
    *,
    purpose: str,
    template: str,
    act: Callable[..., object],
    saved: str,
) -> HttpResponse:
    """The page of one ending: `act` takes what the form told, and who asks of which group."""
    staff = request.staff
    if is_sent(request, form, purpose=purpose, network=str(network.id)):
        try:
            act(form.cleaned_data, clinic=staff.clinic, network=network.id, by=staff.user, at=request.at)
        except acts.EndingRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, saved)
            return redirect("outcomes:list_networks", clinic_code=staff.clinic.code)
    form.carry(seal_form(request, purpose=purpose, network=str(network.id)))
    return render(request, template, {"network": network, "form": form})


@requires(Permission.KEEP_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def request_rollup(request: StaffRequest, clinic_code: str, network_id: uuid.UUID) -> HttpResponse:
    """Ask the worker to put the figures of one month together."""
    staff, network = request.staff, _network_or_404(request, network_id)
    _, *over = list_months(staff.clinic.opened_on, london_date(request.at))
    if network.ended is not None:
        over = [month for month in over if month <= network.ended.on]
    form = RequestRollup(request.POST if request.method == "POST" else None, months=tuple(over))
    if is_sent(request, form, purpose=REQUEST, network=str(network_id)):
        try:
            acts.request_rollup(
                clinic=staff.clinic,
                network=network_id,
                month=form.cleaned_data["month"],
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.RollupRefused as refusal:
            form.refuse(refusal.decision)
        except acts.NetworkKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The figures are being put together. They appear in this list.")
            return redirect("outcomes:list_networks", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=REQUEST, network=str(network_id)))
    return render(request, "outcomes/request_rollup.html", {"network": network, "form": form})


@requires(Permission.SEE_ROLLUPS)
@require_safe
def see_rollup(
    request: StaffRequest, clinic_code: str, network_id: uuid.UUID, rollup_id: uuid.UUID
) -> HttpResponse:
    """The figures of a group in one month, and of each of its clinics."""
    page = _rollup_or_404(request, network_id, rollup_id)
    staff, told = request.staff, {"rollup": str(rollup_id), "sha256": page.sha256}
    record_look("outcomes.rollup_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, detail=told)
    context = {"page": page, "network_id": network_id, "rollup_id": rollup_id}
    return render(request, "outcomes/see_rollup.html", context)


@requires(Permission.SEE_ROLLUPS)
@require_safe
def download_rollup(
    request: StaffRequest, clinic_code: str, network_id: str, rollup_id: str, table_kind: str
) -> HttpResponse:
    """The same as JSON or as a file for a spreadsheet."""
    try:
        page = _rollup_or_404(request, uuid.UUID(network_id), uuid.UUID(rollup_id))
    except ValueError:
        raise Http404 from None
    staff, told = request.staff, {"rollup": str(rollup_id), "sha256": page.sha256, "kind": table_kind}
    record_look(
        "outcomes.rollup_downloaded", by=staff.user, at=request.at, clinic=staff.clinic.id, detail=told
    )
    if table_kind == "csv":
        response = HttpResponse(rollup_csv(page.document), content_type="text/csv; charset=utf-8")
    else:
        text = json.dumps(page.document, indent=2, ensure_ascii=False, sort_keys=True)
        response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="group-{page.month:%Y-%m}.{table_kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _network_or_404(request: StaffRequest, network_id: uuid.UUID) -> queries.NetworkRow:
    staff = request.staff
    network = queries.get_network(clinic=staff.clinic, network_id=network_id, user=staff.user, at=request.at)
    if network is None:
        raise Http404
    return network


def _rollup_or_404(request: StaffRequest, network_id: uuid.UUID, rollup_id: uuid.UUID) -> queries.RollupPage:
    staff = request.staff
    page = queries.get_rollup(
        clinic=staff.clinic, network_id=network_id, rollup_id=rollup_id, user=staff.user, at=request.at
    )
    if page is None:
        raise Http404
    return page
