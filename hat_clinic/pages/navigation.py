"""Which pages stand in the head of every page, for whom, and which one comes first."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from hat_clinic.accounts.queries import Staff
from hat_clinic.accounts.rules import Permission

# In the order of the visit: the first that a person may open is their first page.
PAGES: tuple[tuple[str, Permission, str], ...] = (
    ("dosing:see_board", Permission.SEE_BOARD, "Board"),
    ("referrals:list_referrals", Permission.LIST_REFERRALS, "Referrals"),
    ("referrals:list_own_referrals", Permission.LIST_OWN_REFERRALS, "Referrals"),
    ("dosing:see_register", Permission.SEE_REGISTER, "Register"),
    ("outcomes:list_reports", Permission.SEE_REPORTS, "Reports"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the navigation."""

    url: str
    label: str
    is_current: bool


def first_page_of(staff: Staff) -> str | None:
    """Return the address of the first page that a person's roles open in a clinic, or None."""
    return next((url_of(name, staff) for name, permission, _ in PAGES if staff.may(permission)), None)


def entries_for(staff: Staff, path: str) -> list[Entry]:
    """Return the pages that a person's roles open in a clinic; the one that `path` lies in is current."""
    links = [(url_of(name, staff), label) for name, permission, label in PAGES if staff.may(permission)]
    return [Entry(url, label, path.startswith(url)) for url, label in links]


def url_of(name: str, staff: Staff) -> str:
    """Return a page's address in a clinic."""
    return reverse(name, kwargs={"clinic_code": staff.clinic.code})
