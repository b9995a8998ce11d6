"""Roles and what each may do.

Roles are code, not database rows: a change of who may give diamorphine is reviewed.
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

    # the staff and the terminals
    LIST_STAFF = "list_staff"
    INVITE_PERSON = "invite_person"
    CHANGE_ROLES = "change_roles"
    CLOSE_ACCOUNT = "close_account"
    LIST_TERMINALS = "list_terminals"
    # coming in
    REFER_PERSON = "refer_person"
    LIST_OWN_REFERRALS = "list_own_referrals"
    LIST_REFERRALS = "list_referrals"
    DECIDE_REFERRAL = "decide_referral"
    ASK_AGENCY = "ask_agency"
    NOTE_FACT = "note_fact"
    SEE_CRITERIA = "see_criteria"
    WRITE_CRITERIA = "write_criteria"
    APPROVE_CRITERIA = "approve_criteria"
    LIST_RELEASES = "list_releases"
    PLAN_RELEASE = "plan_release"
    # the person
    LIST_PEOPLE = "list_people"
    SEE_PERSON = "see_person"
    CHANGE_PERSON = "change_person"
    RECORD_CONSENT = "record_consent"
    RECORD_ASSESSMENT = "record_assessment"
    SEE_ASSESSMENTS = "see_assessments"
    SET_STAGE = "set_stage"
    END_TREATMENT = "end_treatment"
    SET_ALERT = "set_alert"
    ADD_RELATIONSHIP = "add_relationship"
    PLAN_LEAVING = "plan_leaving"
    GIVE_STATEMENT = "give_statement"
    OPEN_RECORD = "open_record"
    CHECK_HARM = "check_harm"
    REVIEW_OPENING = "review_opening"
    # the programme
    CLOSE_PROGRAMME = "close_programme"
    SEE_CHECKLIST = "see_checklist"
    # orders
    SEE_WORKLIST = "see_worklist"
    SEE_ORDERS = "see_orders"
    SEE_TIMELINE = "see_timeline"
    SIGN_ORDER = "sign_order"
    REQUEST_ORDER = "request_order"
    AUTHORISE_ORDER = "authorise_order"
    DECIDE_GAP = "decide_gap"
    NOTE_CONTACT = "note_contact"
    END_ORDER = "end_order"
    PRINT_ORDER = "print_order"
    PRINT_PRESCRIPTION = "print_prescription"
    SIGN_ORAL_ORDER = "sign_oral_order"
    END_ORAL_ORDER = "end_oral_order"
    ALLOW_ORAL = "allow_oral"
    ORDER_NALOXONE = "order_naloxone"
    PLACE_HOLD = "place_hold"
    LIFT_HOLD = "lift_hold"
    AUTHORISE_FINDING = "authorise_finding"
    SET_OXYGEN_TARGET = "set_oxygen_target"
    SEE_PROTOCOL = "see_protocol"
    DRAFT_PROTOCOL = "draft_protocol"
    APPROVE_PROTOCOL = "approve_protocol"
    KEEP_LICENCES = "keep_licences"
    # the treatment room
    SEE_BOARD = "see_board"
    COUNT_STOCK = "count_stock"
    OPEN_DAY = "open_day"
    OPEN_DAY_UNCHECKED = "open_day_unchecked"
    CLOSE_DAY = "close_day"
    SEE_HANDOVERS = "see_handovers"
    SIGN_HANDOVER = "sign_handover"
    ACKNOWLEDGE_HANDOVER = "acknowledge_handover"
    SEE_CLOSURES = "see_closures"
    CLOSE_SESSIONS = "close_sessions"
    REOPEN_SESSIONS = "reopen_sessions"
    IDENTIFY_PERSON = "identify_person"
    RECORD_CHECK = "record_check"
    RECORD_NOT_GIVEN = "record_not_given"
    PREPARE_DOSE = "prepare_dose"
    RECORD_INJECTION = "record_injection"
    WASTE_DOSE = "waste_dose"
    WITNESS_INJECTION = "witness_injection"
    RECORD_READING = "record_reading"
    AMEND_LATER = "amend_later"
    RELEASE_PERSON = "release_person"
    GIVE_ORAL = "give_oral"
    SEE_EMERGENCY = "see_emergency"
    SEE_DOWNTIME = "see_downtime"
    SEE_PAPER = "see_paper"
    ENTER_PAPER = "enter_paper"
    SETTLE_PAPER = "settle_paper"
    WRITE_WAITING_LINE = "write_waiting_line"
    SIGN_EMERGENCY = "sign_emergency"
    APPROVE_EMERGENCY_CARD = "approve_emergency_card"
    SEE_INCIDENTS = "see_incidents"
    # the register
    SEE_REGISTER = "see_register"
    SEE_CHECKPOINTS = "see_checkpoints"
    HEED_REGISTER = "heed_register"
    NOTE_LINE = "note_line"
    ADJUST_LINE = "adjust_line"
    APPROVE_ADJUSTMENT = "approve_adjustment"
    # the stock
    KEEP_STOCK = "keep_stock"
    RECEIVE_STOCK = "receive_stock"
    RECEIVE_OWN = "receive_own"
    RECEIVE_TRANSFER = "receive_transfer"
    QUARANTINE_STOCK = "quarantine_stock"
    DESTROY_STOCK = "destroy_stock"
    TRANSFER_STOCK = "transfer_stock"
    TAKE_RETURN = "take_return"
    DESTROY_RETURN = "destroy_return"
    PRINT_REGISTER = "print_register"
    SEE_CASES = "see_cases"
    NOTE_CASE = "note_case"
    CLASSIFY_CASE = "classify_case"
    CLOSE_CASE = "close_case"
    # the inspector's visit, and what may not be removed
    INVITE_INSPECTOR = "invite_inspector"
    SEE_INSPECTIONS = "see_inspections"
    KEEP_LEGAL_HOLDS = "keep_legal_holds"
    # help around treatment
    SEE_CASELOAD = "see_caseload"
    LOG_SUPPORT_SESSION = "log_support_session"
    KEEP_PLAN = "keep_plan"
    RECORD_HOUSING = "record_housing"
    RECORD_OUTCOME_FORM = "record_outcome_form"
    SEE_APPOINTMENTS = "see_appointments"
    KEEP_APPOINTMENTS = "keep_appointments"
    KEEP_AGENCY_SLOTS = "keep_agency_slots"
    RECORD_OWN_ANSWERS = "record_own_answers"
    RECORD_TOLD_OFFENCE = "record_told_offence"
    RECORD_CUSTODY = "record_custody"
    # urine samples
    SEE_URINE = "see_urine"
    DRAW_URINE_DAYS = "draw_urine_days"
    SIGN_URINE = "sign_urine"
    ENTER_URINE_RESULT = "enter_urine_result"
    SEE_SAMPLE_DAYS = "see_sample_days"
    # blood-borne viruses, wounds, teeth, naloxone kits
    SEE_HEALTH = "see_health"
    RECORD_HEALTH = "record_health"
    SEE_HEALTH_DUE = "see_health_due"
    # incidents as somebody writes them down
    LIST_INCIDENTS = "list_incidents"
    RECORD_INCIDENT = "record_incident"
    NOTE_INCIDENT_TOLD = "note_incident_told"
    # reports
    SEE_REPORTS = "see_reports"
    REQUEST_REPORT = "request_report"
    # the audit trail
    SEE_ACTS = "see_acts"
    SEE_LOOKS = "see_looks"


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
        Permission.RECORD_OUTCOME_FORM,
        Permission.SEE_APPOINTMENTS,
        Permission.KEEP_APPOINTMENTS,
        Permission.KEEP_AGENCY_SLOTS,
        Permission.RECORD_OWN_ANSWERS,
        Permission.RECORD_TOLD_OFFENCE,
        Permission.RECORD_CUSTODY,
        Permission.SEE_SAMPLE_DAYS,
        Permission.SEE_HEALTH_DUE,
        Permission.LIST_RELEASES,
        Permission.PLAN_RELEASE,
    },
    Role.COMMISSIONER: frozenset({Permission.SEE_REPORTS}),
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
            Permission.REQUEST_REPORT,
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
        {Permission.SEE_ACTS, Permission.SEE_LOOKS, Permission.KEEP_LEGAL_HOLDS, Permission.REVIEW_OPENING}
    ),
    Role.INSPECTOR: frozenset(
        {
            Permission.SEE_REGISTER,
            Permission.PRINT_REGISTER,
            Permission.SEE_CASES,
            Permission.SEE_PROTOCOL,
            Permission.SEE_CHECKPOINTS,
        }
    ),
}


def may(roles: frozenset[Role], permission: Permission) -> bool:
    """Decide whether any of a person's roles in a clinic allows the act."""
    return any(permission in ALLOWED[role] for role in roles)
