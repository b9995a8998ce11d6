"""Roles and what each may do. Code, not database rows: a change of who may give diamorphine is reviewed.

Source: trust design 3 (roles, deny by default).
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is in one clinic. One person may hold several."""

    NURSE = "nurse"
    DOCTOR = "doctor"
    PRESCRIBER = "prescriber"
    CASE_WORKER = "case_worker"
    COMMISSIONER = "commissioner"
    REFERRER = "referrer"
    CD_LEAD = "cd_lead"
    CLINICAL_LEAD = "clinical_lead"
    MANAGER = "manager"
    PRIVACY_OFFICER = "privacy_officer"
    INSPECTOR = "inspector"

    @property
    def label(self) -> str:
        """The role in the clinic's words."""
        return _LABELS[self]


_LABELS = {
    Role.NURSE: "nurse",
    Role.DOCTOR: "doctor",
    Role.PRESCRIBER: "non-medical prescriber",
    Role.CASE_WORKER: "case worker",
    Role.COMMISSIONER: "commissioner",
    Role.REFERRER: "agency referrer",
    Role.CD_LEAD: "controlled-drug lead",
    Role.CLINICAL_LEAD: "clinical lead",
    Role.MANAGER: "manager",
    Role.PRIVACY_OFFICER: "privacy officer",
    Role.INSPECTOR: "inspector",
}


class Permission(StrEnum):
    """One thing people do, by the name it has everywhere."""

    SEE_BOARD = "see_board"
    RECORD_INJECTION = "record_injection"
    WITNESS_INJECTION = "witness_injection"
    SEE_REGISTER = "see_register"
    SIGN_ORDER = "sign_order"
    APPROVE_PROTOCOL = "approve_protocol"
    RECEIVE_STOCK = "receive_stock"
    SEE_REPORTS = "see_reports"
    BUILD_REPORT = "build_report"


# Roles and permissions: nobody has what is not written here.
ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.NURSE: frozenset(
        {
            Permission.SEE_BOARD,
            Permission.RECORD_INJECTION,
            Permission.WITNESS_INJECTION,
            Permission.SEE_REGISTER,
        }
    ),
    Role.DOCTOR: frozenset({Permission.SEE_BOARD, Permission.SIGN_ORDER, Permission.SEE_REGISTER}),
    Role.PRESCRIBER: frozenset({Permission.SEE_BOARD, Permission.SEE_REGISTER}),
    Role.CASE_WORKER: frozenset(),
    Role.COMMISSIONER: frozenset({Permission.SEE_REPORTS}),
    Role.REFERRER: frozenset(),
    Role.CD_LEAD: frozenset({Permission.SEE_REGISTER, Permission.RECEIVE_STOCK}),
    Role.CLINICAL_LEAD: frozenset(
        {Permission.SEE_BOARD, Permission.SEE_REGISTER, Permission.APPROVE_PROTOCOL, Permission.SEE_REPORTS}
    ),
    Role.MANAGER: frozenset({Permission.SEE_REPORTS, Permission.BUILD_REPORT}),
    Role.PRIVACY_OFFICER: frozenset(),
    Role.INSPECTOR: frozenset({Permission.SEE_REGISTER}),
}


def may(roles: frozenset[Role], permission: Permission) -> bool:
    """Decide whether any of a person's roles in a clinic allows the act."""
    return any(permission in ALLOWED[role] for role in roles)
