"""Roles and what each may do.

Roles are code, not database rows: a change of who may give diamorphine is reviewed.
Source: trust design 3 (roles, deny by default).
"""

from __future__ import annotations

from enum import StrEnum

from hat_clinic.accounts.rules.permissions import Permission


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
    # Those outside the clinic who read its reports, besides the commissioner.
    BOARD = "board"
    POLICE_COMMISSIONER = "police_commissioner"
    PROBATION = "probation"
    PRISON_GROUP = "prison_group"
    EVALUATOR = "evaluator"

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
    Role.BOARD: "board",
    Role.POLICE_COMMISSIONER: "police and crime commissioner",
    Role.PROBATION: "probation service",
    Role.PRISON_GROUP: "prison group",
    Role.EVALUATOR: "independent evaluator",
}


_THE_PERSON = frozenset(
    {
        Permission.LIST_PEOPLE,
        Permission.SEE_PERSON,
        Permission.CHANGE_PERSON,
        Permission.RECORD_CONSENT,
        Permission.SET_ALERT,
        Permission.ADD_RELATIONSHIP,
    }
)
_CLINICIAN = _THE_PERSON | {
    Permission.PLAN_LEAVING,
    Permission.GIVE_STATEMENT,
    Permission.OPEN_RECORD,
    Permission.SEE_BOARD,
    Permission.SEE_CLOSURES,
    Permission.SEE_HANDOVERS,
    Permission.SEE_REGISTER,
    Permission.SEE_ORDERS,
    Permission.PLACE_HOLD,
    Permission.SEE_PROTOCOL,
    Permission.SEE_TIMELINE,
    Permission.SEE_EMERGENCY,
    Permission.SEE_DOWNTIME,
    Permission.SEE_ASSESSMENTS,
    Permission.LIST_REFERRALS,
    Permission.ASK_AGENCY,
    Permission.NOTE_FACT,
    Permission.SEE_CRITERIA,
    Permission.LIST_RELEASES,
    Permission.PLAN_RELEASE,
    Permission.SEE_URINE,
    Permission.SEE_HEALTH,
    Permission.RECORD_HEALTH,
    Permission.LIST_INCIDENTS,
    Permission.RECORD_INCIDENT,
}

# What any prescriber of the clinic orders and decides, doctor or not.
_ORAL = frozenset(
    {
        Permission.SIGN_ORAL_ORDER,
        Permission.END_ORAL_ORDER,
        Permission.ALLOW_ORAL,
        Permission.ORDER_NALOXONE,
    }
)

# Roles and permissions: nobody has what is not written here.
ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.NURSE: _CLINICIAN
    | {
        Permission.SEE_PAPER,
        Permission.ENTER_PAPER,
        Permission.NOTE_CONTACT,
        Permission.PRINT_ORDER,
        Permission.COUNT_STOCK,
        Permission.OPEN_DAY,
        Permission.CLOSE_DAY,
        Permission.IDENTIFY_PERSON,
        Permission.RECORD_CHECK,
        Permission.RECORD_NOT_GIVEN,
        Permission.PREPARE_DOSE,
        Permission.RECORD_INJECTION,
        Permission.WASTE_DOSE,
        Permission.WITNESS_INJECTION,
        Permission.RECORD_READING,
        Permission.RELEASE_PERSON,
        Permission.GIVE_ORAL,
        Permission.SIGN_EMERGENCY,
        Permission.SIGN_HANDOVER,
        Permission.ACKNOWLEDGE_HANDOVER,
        Permission.NOTE_LINE,
        Permission.ADJUST_LINE,
        Permission.RECEIVE_STOCK,
        Permission.RECEIVE_OWN,
        Permission.RECEIVE_TRANSFER,
        Permission.QUARANTINE_STOCK,
        Permission.TAKE_RETURN,
        Permission.DESTROY_RETURN,
        Permission.DRAW_URINE_DAYS,
        Permission.SIGN_URINE,
        Permission.ENTER_URINE_RESULT,
        Permission.RECORD_OUTCOME_FORM,
        Permission.RECORD_OWN_ANSWERS,
    },
    Role.DOCTOR: _CLINICIAN
    | _ORAL
    | {
        Permission.CHECK_HARM,
        Permission.DECIDE_REFERRAL,
        Permission.WRITE_CRITERIA,
        Permission.RECORD_ASSESSMENT,
        Permission.SET_STAGE,
        Permission.SEE_WORKLIST,
        Permission.NOTE_CONTACT,
        Permission.SIGN_ORDER,
        Permission.REQUEST_ORDER,
        Permission.AUTHORISE_ORDER,
        Permission.DECIDE_GAP,
        Permission.END_ORDER,
        Permission.PRINT_ORDER,
        Permission.PRINT_PRESCRIPTION,
        Permission.END_TREATMENT,
        Permission.LIFT_HOLD,
        Permission.AUTHORISE_FINDING,
        Permission.SET_OXYGEN_TARGET,
        Permission.DRAFT_PROTOCOL,
    },
    Role.PRESCRIBER: _CLINICIAN
    | _ORAL
    | {
        Permission.DECIDE_REFERRAL,
        Permission.RECORD_ASSESSMENT,
        Permission.SET_STAGE,
        Permission.SEE_WORKLIST,
        Permission.NOTE_CONTACT,
        Permission.END_ORDER,
    },
    Role.CASE_WORKER: _THE_PERSON
    | {
        Permission.NOTE_CONTACT,
        Permission.SEE_CASELOAD,
        Permission.LOG_SUPPORT_SESSION,
        Permission.KEEP_PLAN,
        Permission.RECORD_HOUSING,
        Permission.SEE_APPOINTMENTS,
        Permission.KEEP_APPOINTMENTS,
        Permission.KEEP_AGENCY_SLOTS,
        Permission.RECORD_OUTCOME_FORM,
        Permission.RECORD_OWN_ANSWERS,
        Permission.RECORD_TOLD_OFFENCE,
        Permission.RECORD_CUSTODY,
        Permission.RECORD_MONEY,
        Permission.RECORD_SERVICE_USE,
        Permission.SEE_RECORDED_OFFENCES,
        Permission.SEE_SAMPLE_DAYS,
        Permission.SEE_HEALTH_DUE,
        Permission.SEE_NDTMS_GAPS,
        Permission.LIST_RELEASES,
        Permission.PLAN_RELEASE,
    },
    Role.COMMISSIONER: frozenset({Permission.SEE_REPORTS, Permission.SEE_ROLLUPS}),
    Role.REFERRER: frozenset({Permission.REFER_PERSON, Permission.LIST_OWN_REFERRALS}),
    Role.CD_LEAD: frozenset(
        {
            Permission.SEE_REGISTER,
            Permission.SEE_DOWNTIME,
            Permission.SEE_PAPER,
            Permission.WRITE_WAITING_LINE,
            Permission.SEE_PROTOCOL,
            Permission.SEE_CHECKPOINTS,
            Permission.HEED_REGISTER,
            Permission.NOTE_LINE,
            Permission.ADJUST_LINE,
            Permission.APPROVE_ADJUSTMENT,
            Permission.KEEP_STOCK,
            Permission.RECEIVE_STOCK,
            Permission.RECEIVE_TRANSFER,
            Permission.QUARANTINE_STOCK,
            Permission.DESTROY_STOCK,
            Permission.TRANSFER_STOCK,
            Permission.DESTROY_RETURN,
            Permission.COUNT_STOCK,
            Permission.OPEN_DAY,
            Permission.OPEN_DAY_UNCHECKED,
            Permission.CLOSE_DAY,
            Permission.PRINT_REGISTER,
            Permission.SEE_CASES,
            Permission.NOTE_CASE,
            Permission.CLASSIFY_CASE,
            Permission.CLOSE_CASE,
            Permission.INVITE_INSPECTOR,
            Permission.SEE_INSPECTIONS,
            Permission.SEE_CHECKLIST,
        }
    ),
    Role.CLINICAL_LEAD: _CLINICIAN
    | {
        Permission.CHECK_HARM,
        Permission.CLOSE_PROGRAMME,
        Permission.SEE_CHECKLIST,
        Permission.DRAW_URINE_DAYS,
        Permission.ENTER_URINE_RESULT,
        Permission.NOTE_INCIDENT_TOLD,
        Permission.AMEND_LATER,
        Permission.SEE_PAPER,
        Permission.ENTER_PAPER,
        Permission.SETTLE_PAPER,
        Permission.CLOSE_SESSIONS,
        Permission.REOPEN_SESSIONS,
        Permission.END_TREATMENT,
        Permission.PRINT_REGISTER,
        Permission.SEE_CASES,
        Permission.DECIDE_REFERRAL,
        Permission.WRITE_CRITERIA,
        Permission.APPROVE_CRITERIA,
        Permission.SEE_WORKLIST,
        Permission.DRAFT_PROTOCOL,
        Permission.APPROVE_PROTOCOL,
        Permission.APPROVE_EMERGENCY_CARD,
        Permission.SEE_INCIDENTS,
        Permission.KEEP_LICENCES,
        Permission.SEE_REPORTS,
        Permission.SEE_ROLLUPS,
        Permission.RELEASE_REPORT,
        Permission.SET_READERS,
        Permission.SET_FORM_SCHEDULE,
        Permission.EXPORT_COHORT,
        Permission.CORRECT_CLINIC,
        Permission.KEEP_AIMS,
        Permission.KEEP_UNIT_COSTS,
    },
    Role.MANAGER: frozenset(
        {
            Permission.LIST_STAFF,
            Permission.INVITE_PERSON,
            Permission.CHANGE_ROLES,
            Permission.CLOSE_ACCOUNT,
            Permission.LIST_TERMINALS,
            Permission.CLOSE_PROGRAMME,
            Permission.SEE_CHECKLIST,
            Permission.SEE_PROTOCOL,
            Permission.SEE_CRITERIA,
            Permission.DRAFT_PROTOCOL,
            Permission.SEE_CHECKPOINTS,
            Permission.HEED_REGISTER,
            Permission.KEEP_LICENCES,
            Permission.SEE_REPORTS,
            Permission.SEE_ROLLUPS,
            Permission.REQUEST_REPORT,
            Permission.SET_READERS,
            Permission.SET_FORM_SCHEDULE,
            Permission.CORRECT_CLINIC,
            Permission.KEEP_AIMS,
            Permission.KEEP_UNIT_COSTS,
            Permission.RELEASE_REPORT,
            Permission.LIST_DOWNLOADS,
            Permission.EXPORT_COHORT,
            Permission.KEEP_NETWORKS,
            Permission.EXPORT_NDTMS,
            Permission.KEEP_COSTS,
            Permission.KEEP_AREA,
            Permission.KEEP_PHASES,
            Permission.IMPORT_PROGRAMME_FILES,
            Permission.KEEP_DISRUPTIONS,
            Permission.SEE_POLICE_AGREEMENTS,
            Permission.RECORD_POLICE_AGREEMENT,
            Permission.IMPORT_POLICE_FILE,
            Permission.SEE_ACTS,
            Permission.CLOSE_DAY,
            Permission.SEE_CASES,
            Permission.NOTE_CASE,
            Permission.INVITE_INSPECTOR,
            Permission.SEE_INSPECTIONS,
            Permission.KEEP_LEGAL_HOLDS,
        }
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.SEE_ACTS,
            Permission.SEE_LOOKS,
            Permission.KEEP_LEGAL_HOLDS,
            Permission.REVIEW_OPENING,
            Permission.SEE_POLICE_AGREEMENTS,
            Permission.IMPORT_POLICE_FILE,
        }
    ),
    Role.INSPECTOR: frozenset(
        {
            Permission.SEE_REGISTER,
            Permission.PRINT_REGISTER,
            Permission.SEE_CASES,
            Permission.SEE_PROTOCOL,
            Permission.SEE_CHECKPOINTS,
            Permission.SEE_REPORTS,
        }
    ),
    # Which editions each of them reads is set by the clinic, not here.
    Role.BOARD: frozenset({Permission.SEE_REPORTS}),
    Role.POLICE_COMMISSIONER: frozenset({Permission.SEE_REPORTS}),
    Role.PROBATION: frozenset({Permission.SEE_REPORTS}),
    Role.PRISON_GROUP: frozenset({Permission.SEE_REPORTS}),
    Role.EVALUATOR: frozenset({Permission.SEE_REPORTS}),
}


def may(roles: frozenset[Role], permission: Permission) -> bool:
    """Decide whether any of a person's roles in a clinic allows the act."""
    return any(permission in ALLOWED[role] for role in roles)
