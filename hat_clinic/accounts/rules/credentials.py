"""What is done at a terminal with a PIN, and what asks for a password and a second factor.

Source: trust design 3 (roles, deny by default).
"""

from __future__ import annotations

from hat_clinic.accounts.rules.permissions import Permission
from hat_clinic.accounts.rules.roles import Role, may

# What is done at an enrolled treatment-room terminal only, by whoever is active there with their own PIN.
AT_TERMINAL = frozenset(
    {
        Permission.IDENTIFY_PERSON,
        Permission.RECORD_CHECK,
        Permission.RECORD_NOT_GIVEN,
        Permission.PREPARE_DOSE,
        Permission.RECORD_INJECTION,
        Permission.WASTE_DOSE,
        Permission.RECORD_READING,
        Permission.RELEASE_PERSON,
        Permission.GIVE_ORAL,
        Permission.SIGN_EMERGENCY,
        Permission.ENTER_PAPER,
        Permission.SETTLE_PAPER,
        Permission.SIGN_HANDOVER,
        Permission.ACKNOWLEDGE_HANDOVER,
        Permission.COUNT_STOCK,
        Permission.OPEN_DAY,
        Permission.OPEN_DAY_UNCHECKED,
        Permission.ADJUST_LINE,
        Permission.RECEIVE_STOCK,
        Permission.RECEIVE_OWN,
        Permission.RECEIVE_TRANSFER,
        Permission.QUARANTINE_STOCK,
        Permission.DESTROY_STOCK,
        Permission.TRANSFER_STOCK,
        Permission.DESTROY_RETURN,
        Permission.SIGN_URINE,
    }
)

# What the PIN is not enough for: whoever does this signed in with password and second factor.
FULL_SIGN_IN = frozenset(
    {
        Permission.LIST_STAFF,
        Permission.INVITE_PERSON,
        Permission.CHANGE_ROLES,
        Permission.CLOSE_ACCOUNT,
        Permission.LIST_TERMINALS,
        Permission.REFER_PERSON,
        Permission.LIST_OWN_REFERRALS,
        Permission.WRITE_CRITERIA,
        Permission.APPROVE_CRITERIA,
        Permission.RECORD_ASSESSMENT,
        Permission.SET_STAGE,
        Permission.END_TREATMENT,
        Permission.PLAN_LEAVING,
        Permission.OPEN_RECORD,
        Permission.CHECK_HARM,
        Permission.REVIEW_OPENING,
        Permission.CLOSE_PROGRAMME,
        Permission.SEE_CHECKLIST,
        Permission.SIGN_ORDER,
        Permission.REQUEST_ORDER,
        Permission.AUTHORISE_ORDER,
        Permission.DECIDE_GAP,
        Permission.AUTHORISE_FINDING,
        Permission.SET_OXYGEN_TARGET,
        Permission.AMEND_LATER,
        Permission.END_ORDER,
        Permission.PRINT_PRESCRIPTION,
        Permission.SIGN_ORAL_ORDER,
        Permission.END_ORAL_ORDER,
        Permission.ALLOW_ORAL,
        Permission.ORDER_NALOXONE,
        Permission.DRAFT_PROTOCOL,
        Permission.APPROVE_PROTOCOL,
        Permission.APPROVE_EMERGENCY_CARD,
        Permission.SEE_INCIDENTS,
        Permission.CLOSE_SESSIONS,
        Permission.REOPEN_SESSIONS,
        Permission.KEEP_LICENCES,
        Permission.SEE_REPORTS,
        Permission.SEE_ROLLUPS,
        Permission.SET_READERS,
        Permission.REQUEST_REPORT,
        Permission.RELEASE_REPORT,
        Permission.SET_FORM_SCHEDULE,
        Permission.KEEP_AIMS,
        Permission.KEEP_UNIT_COSTS,
        Permission.LIST_DOWNLOADS,
        Permission.EXPORT_COHORT,
        Permission.KEEP_NETWORKS,
        Permission.ENTER_URINE_RESULT,
        Permission.NOTE_INCIDENT_TOLD,
        Permission.SEE_ACTS,
        Permission.SEE_LOOKS,
        Permission.INVITE_INSPECTOR,
        Permission.SEE_INSPECTIONS,
        Permission.KEEP_LEGAL_HOLDS,
        Permission.EXPORT_NDTMS,
        Permission.RECORD_POLICE_AGREEMENT,
        Permission.IMPORT_POLICE_FILE,
        Permission.SEE_RECORDED_OFFENCES,
    }
)


def signs_with_pin(roles: frozenset[Role]) -> bool:
    """Decide whether a person's roles sign with a PIN: those that act at a terminal, those who witness, and doctors.

    A doctor signs at the terminal what lets one dose go ahead, and does nothing else there.
    """
    beside = {Permission.WITNESS_INJECTION, Permission.AUTHORISE_FINDING}
    return any(may(roles, permission) for permission in AT_TERMINAL | beside)
