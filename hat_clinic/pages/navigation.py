"""Which pages stand in the head of every page, for whom, and which one comes first."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from hat_clinic.accounts.queries import Staff
from hat_clinic.accounts.rules import AT_TERMINAL, FULL_SIGN_IN, Permission

# In the order of the visit: the first that a person may open is their first page.
PAGES: tuple[tuple[str, Permission, str], ...] = (
    ("dosing:see_worklist", Permission.SEE_WORKLIST, "Worklist"),
    ("dosing:see_board", Permission.SEE_BOARD, "Board"),
    ("referrals:list_referrals", Permission.LIST_REFERRALS, "Referrals"),
    ("referrals:list_own_referrals", Permission.LIST_OWN_REFERRALS, "Referrals"),
    ("outcomes:see_caseload", Permission.SEE_CASELOAD, "Caseload"),
    ("outcomes:see_appointments", Permission.SEE_APPOINTMENTS, "Appointments"),
    ("pages:list_people", Permission.LIST_PEOPLE, "People"),
    ("outcomes:list_urine", Permission.SEE_URINE, "Urine"),
    ("outcomes:list_health", Permission.SEE_HEALTH, "Health"),
    ("outcomes:list_health_due", Permission.SEE_HEALTH_DUE, "Health checks"),
    ("outcomes:list_sample_days", Permission.SEE_SAMPLE_DAYS, "Samples"),
    ("outcomes:list_ndtms_gaps", Permission.SEE_NDTMS_GAPS, "Dataset"),
    ("referrals:list_releases", Permission.LIST_RELEASES, "Releases"),
    ("dosing:see_register", Permission.SEE_REGISTER, "Register"),
    ("dosing:see_downtime", Permission.SEE_DOWNTIME, "Paper pack"),
    ("dosing:see_checkpoints", Permission.SEE_CHECKPOINTS, "Checkpoints"),
    ("dosing:see_stock", Permission.KEEP_STOCK, "Stock"),
    ("dosing:open_day", Permission.OPEN_DAY, "Day"),
    ("accounts:list_staff", Permission.LIST_STAFF, "Staff"),
    ("dosing:see_protocol", Permission.SEE_PROTOCOL, "Limits"),
    ("dosing:see_licences", Permission.KEEP_LICENCES, "Licences"),
    ("dosing:see_cases", Permission.SEE_CASES, "Cases"),
    # Those of emergencies at the terminal are reached from here.
    ("outcomes:list_incidents", Permission.LIST_INCIDENTS, "Incidents"),
    ("pages:see_inspections", Permission.SEE_INSPECTIONS, "Inspections"),
    ("outcomes:list_police_agreements", Permission.SEE_POLICE_AGREEMENTS, "Police"),
    ("outcomes:list_costs", Permission.KEEP_COSTS, "Costs"),
    ("outcomes:see_clinic", Permission.CORRECT_CLINIC, "Clinic"),
    ("outcomes:list_phases", Permission.KEEP_PHASES, "Phases"),
    ("outcomes:see_unit_costs", Permission.KEEP_UNIT_COSTS, "Unit costs"),
    ("outcomes:list_disruptions", Permission.KEEP_DISRUPTIONS, "Disruptions"),
    ("outcomes:see_area", Permission.KEEP_AREA, "Area"),
    ("outcomes:see_aims", Permission.KEEP_AIMS, "Aims"),
    ("outcomes:list_reports", Permission.SEE_REPORTS, "Reports"),
    ("outcomes:see_ndtms", Permission.EXPORT_NDTMS, "Dataset"),
    ("pages:see_acts", Permission.SEE_ACTS, "Acts"),
    ("patients:see_openings", Permission.REVIEW_OPENING, "Opened records"),
    ("pages:see_looks", Permission.SEE_LOOKS, "Looks"),
    ("list_terminals", Permission.LIST_TERMINALS, "Terminals"),
    ("pages:see_legal_holds", Permission.KEEP_LEGAL_HOLDS, "Legal holds"),
    ("pages:see_checklist", Permission.SEE_CHECKLIST, "Checklist"),
    ("dosing:close_programme", Permission.CLOSE_PROGRAMME, "End of programme"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the navigation."""

    url: str
    label: str
    is_current: bool
    note: str = ""


def first_page_of(staff: Staff) -> str | None:
    """Return the address of the first page that a person's roles open in a clinic, or None."""
    return next((url_of(name, staff) for name, permission, _ in PAGES if _opens(staff, permission)), None)


def entries_for(staff: Staff, path: str, *, notes: dict[Permission, str] | None = None) -> list[Entry]:
    """Return the pages that a person's roles open in a clinic; the one that `path` lies in is current.

    `notes` holds, by permission, what waits on a page.
    """
    said = notes or {}
    links = [
        (url_of(name, staff), label, said.get(permission, ""))
        for name, permission, label in PAGES
        if _opens(staff, permission)
    ]
    return [Entry(url, label, path.startswith(url), note) for url, label, note in links]


def _opens(staff: Staff, permission: Permission) -> bool:
    is_in_place = staff.terminal_id is not None or permission not in AT_TERMINAL
    return (
        staff.may(permission) and is_in_place and (staff.has_full_sign_in or permission not in FULL_SIGN_IN)
    )


def url_of(name: str, staff: Staff) -> str:
    """Return a page's address in a clinic."""
    return reverse(name, kwargs={"clinic_code": staff.clinic.code})
