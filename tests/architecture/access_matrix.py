"""Who may open what: one line for each address. Tests compare it with the code, docs with it.

Write a new address down here, then `python -m tests.architecture.access_matrix` writes the page in docs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hat_clinic.accounts.rules import Role
from tests.architecture.access_help import HELP
from tests.architecture.access_row import (
    CASE_WORKER,
    CD_LEAD,
    CLINICAL_LEAD,
    DOCTOR,
    INSPECTOR,
    MANAGER,
    NURSE,
    PRESCRIBER,
    PRIVACY_OFFICER,
    REFERRER,
    SEES_LIMITS,
    SEES_PEOPLE,
    TREATS,
    Row,
    clinic_page,
    open_page,
    own_page,
    set_up_page,
    terminal_page,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "access-matrix.md"

ROWS: tuple[Row, ...] = (
    # coming in: the agency's side, and the clinic's
    clinic_page("referrals:list_own_referrals", REFERRER),
    clinic_page("referrals:refer_person", REFERRER, post=200),
    clinic_page("referrals:continue_referral", REFERRER, post=200, things="key"),
    clinic_page("referrals:drop_draft", REFERRER, get=405, post=302, things="key"),
    clinic_page("referrals:import_referrals", REFERRER, post=200),
    clinic_page("referrals:write_to_clinic", REFERRER, post=200, things="referral_id"),
    clinic_page("referrals:tell_release", REFERRER, post=200, things="referral_id"),
    clinic_page("referrals:print_own_letter", REFERRER, things="referral_id"),
    clinic_page("referrals:see_own_referral", REFERRER, things="referral_id"),
    clinic_page("referrals:withdraw_referral", REFERRER, post=200, things="referral_id"),
    clinic_page("referrals:list_referrals", *TREATS),
    clinic_page("referrals:see_referral", *TREATS, things="referral_id"),
    *(
        clinic_page(f"referrals:{act}", DOCTOR, PRESCRIBER, CLINICAL_LEAD, post=200, things="referral_id")
        for act in ("plan_assessment", "accept_referral", "decline_referral")
    ),
    clinic_page("referrals:ask_agency", *TREATS, post=200, things="referral_id"),
    clinic_page("referrals:stop_telling", *TREATS, post=200, things="referral_id"),
    clinic_page("referrals:print_letter", *TREATS, things="referral_id"),
    clinic_page("referrals:note_fact", *TREATS, post=200, things="referral_id criterion"),
    clinic_page("referrals:list_overrides", *TREATS),
    clinic_page("referrals:refer_oneself", DOCTOR, PRESCRIBER, CLINICAL_LEAD, post=200),
    clinic_page("referrals:import_for_agency", DOCTOR, PRESCRIBER, CLINICAL_LEAD, post=200),
    clinic_page("referrals:list_releases", *TREATS, CASE_WORKER),
    clinic_page(
        "referrals:plan_release",
        *TREATS,
        CASE_WORKER,
        post=200,
        things="referral_id",
    ),
    clinic_page("referrals:see_criteria", *TREATS, MANAGER),
    clinic_page("referrals:write_criteria", DOCTOR, CLINICAL_LEAD, post=200),
    clinic_page("referrals:approve_criteria", CLINICAL_LEAD, post=200, things="criteria_id"),
    # the treatment room and the register
    clinic_page("dosing:see_board", *TREATS),
    clinic_page("dosing:identify_person", NURSE, get=302, post=302, things="patient_id"),
    clinic_page("dosing:note_arrival", NURSE, get=405, post=302, things="patient_id"),
    clinic_page("dosing:note_late_arrival", NURSE, get=405, post=302, things="patient_id"),
    clinic_page("dosing:record_not_given", NURSE, post=200, things="patient_id"),
    clinic_page("dosing:record_check", NURSE, post=200, things="session_id"),
    clinic_page("dosing:preview_check", NURSE, get=405, post=200, things="session_id"),
    clinic_page("dosing:prepare_dose", NURSE, get=302, post=200, things="session_id"),
    clinic_page("dosing:record_injection", NURSE, post=200, things="session_id"),
    clinic_page("dosing:waste_dose", NURSE, post=200, things="session_id"),
    clinic_page("dosing:record_reading", NURSE, get=302, post=302, things="session_id"),
    clinic_page("dosing:amend_reading", NURSE, post=200, things="reading_id"),
    clinic_page("dosing:amend_check", NURSE, post=200, things="check_id"),
    clinic_page("dosing:amend_injection", NURSE, post=200, things="injection_id"),
    clinic_page("dosing:amend_oral", NURSE, post=200, things="oral_dose_id"),
    clinic_page("dosing:see_past_lines", CLINICAL_LEAD, things="session_id"),
    clinic_page("dosing:amend_later", CLINICAL_LEAD, post=200, things="written_id"),
    clinic_page("dosing:see_written", NURSE, things="session_id"),
    clinic_page("dosing:amend_outcome", NURSE, post=200, things="outcome_id"),
    clinic_page("dosing:release_person", NURSE, get=405, post=302, things="session_id"),
    clinic_page("dosing:record_early_leaving", NURSE, get=302, post=302, things="session_id"),
    clinic_page("dosing:see_emergency", *TREATS, things="emergency_id"),
    clinic_page("dosing:sign_emergency", NURSE, post=200, things="emergency_id"),
    clinic_page("dosing:approve_emergency_card", CLINICAL_LEAD, post=200),
    clinic_page("dosing:see_incidents", CLINICAL_LEAD),
    clinic_page("dosing:see_downtime", NURSE, DOCTOR, PRESCRIBER, CD_LEAD, CLINICAL_LEAD),
    clinic_page(
        "dosing:see_downtime_pack",
        *(NURSE, DOCTOR, PRESCRIBER, CD_LEAD, CLINICAL_LEAD),
        things="pack_id",
    ),
    clinic_page("dosing:find_paper", NURSE, CD_LEAD, CLINICAL_LEAD, get=302),
    clinic_page("dosing:see_paper", NURSE, CD_LEAD, CLINICAL_LEAD, things="pack_id"),
    clinic_page("dosing:begin_paper", NURSE, CLINICAL_LEAD, get=405, post=302, things="pack_id"),
    clinic_page("dosing:enter_paper_line", NURSE, CLINICAL_LEAD, post=200, things="pack_id line"),
    clinic_page("dosing:see_paper_cases", NURSE, CD_LEAD, CLINICAL_LEAD),
    clinic_page("dosing:see_paper_line", NURSE, CD_LEAD, CLINICAL_LEAD, things="line_id"),
    clinic_page("dosing:settle_paper_line", CLINICAL_LEAD, post=200, things="line_id"),
    clinic_page("dosing:enter_paper_oral", NURSE, CLINICAL_LEAD, get=302, post=302, things="pack_id line"),
    clinic_page("dosing:settle_paper_oral", CLINICAL_LEAD, post=200, things="dose_id"),
    clinic_page("dosing:write_waiting_line", CD_LEAD, get=405, post=404, things="line_id"),
    clinic_page(
        "dosing:print_downtime_pack",
        *(NURSE, DOCTOR, PRESCRIBER, CD_LEAD, CLINICAL_LEAD),
        get=405,
        post=200,
    ),
    clinic_page("dosing:lift_hold", DOCTOR, post=200, things="hold_id"),
    clinic_page("dosing:authorise_at_hatch", NURSE, post=200, things="session_id"),
    clinic_page("dosing:authorise_finding", DOCTOR, post=200, things="session_id"),
    clinic_page("dosing:set_oxygen_target", DOCTOR, post=200, things="patient_id"),
    clinic_page("dosing:place_hold", *TREATS, post=200, things="patient_id"),
    clinic_page("dosing:see_register", NURSE, DOCTOR, PRESCRIBER, CD_LEAD, CLINICAL_LEAD, INSPECTOR),
    clinic_page("dosing:see_checkpoints", CD_LEAD, MANAGER, INSPECTOR),
    clinic_page("dosing:note_line", NURSE, CD_LEAD, post=200, things="entry_key"),
    clinic_page("dosing:adjust_line", NURSE, CD_LEAD, post=200, things="entry_key"),
    # the stock
    clinic_page("dosing:see_stock", CD_LEAD),
    *(
        clinic_page(f"dosing:{act}", CD_LEAD, post=200)
        for act in ("open_register", "order_stock", "record_authority", "destroy_stock", "send_stock")
    ),
    clinic_page("dosing:see_expected", NURSE, CD_LEAD),
    clinic_page("dosing:close_requisition", CD_LEAD, post=200, things="requisition_id"),
    clinic_page("dosing:receive_stock", NURSE, CD_LEAD, post=200, things="requisition_id"),
    clinic_page("dosing:receive_transfer", NURSE, CD_LEAD, post=200, things="transfer_id"),
    clinic_page("dosing:quarantine_stock", NURSE, CD_LEAD, post=200),
    clinic_page("dosing:destroy_return", NURSE, CD_LEAD, post=200, things="return_id"),
    clinic_page("dosing:receive_own", NURSE, post=200, things="patient_id"),
    clinic_page("dosing:take_return", NURSE, post=200, things="patient_id"),
    # before the day
    clinic_page("dosing:open_day", NURSE, CD_LEAD, post=302),
    clinic_page("dosing:count_stock", NURSE, CD_LEAD, get=302, post=302),
    clinic_page("dosing:set_count_aside", NURSE, CD_LEAD, get=405, post=302),
    clinic_page("dosing:open_day_unchecked", CD_LEAD, get=302, post=302),
    # handing over
    clinic_page("dosing:see_handovers", *TREATS),
    clinic_page("dosing:see_handover", *TREATS, things="handover_id"),
    clinic_page("dosing:sign_handover", NURSE, post=200),
    clinic_page("dosing:acknowledge_handover", NURSE, post=200, things="handover_id"),
    # closed sessions
    clinic_page("dosing:see_closures", *TREATS),
    clinic_page("dosing:see_closure", *TREATS, things="closure_id"),
    clinic_page("dosing:close_sessions", CLINICAL_LEAD, post=200),
    clinic_page("dosing:reopen_sessions", CLINICAL_LEAD, post=200, things="closure_id"),
    # closing the day; cases; the register on paper
    clinic_page("dosing:close_day", NURSE, CD_LEAD, MANAGER, post=302),
    clinic_page("dosing:count_closing", NURSE, CD_LEAD, get=302, post=302),
    clinic_page("dosing:set_closing_count_aside", NURSE, CD_LEAD, get=405, post=302),
    clinic_page("dosing:print_register", CD_LEAD, CLINICAL_LEAD, INSPECTOR),
    clinic_page("dosing:see_cases", CD_LEAD, CLINICAL_LEAD, MANAGER, INSPECTOR),
    clinic_page("dosing:see_checks", CD_LEAD, CLINICAL_LEAD, MANAGER, INSPECTOR),
    clinic_page("dosing:see_case", CD_LEAD, CLINICAL_LEAD, MANAGER, INSPECTOR, things="case_id"),
    clinic_page("dosing:note_case", CD_LEAD, MANAGER, post=200, things="case_id"),
    clinic_page("dosing:tell_of_case", CD_LEAD, MANAGER, post=200, things="case_id"),
    clinic_page("dosing:classify_case", CD_LEAD, post=200, things="case_id"),
    clinic_page("dosing:close_case", CD_LEAD, post=200, things="case_id"),
    # orders
    clinic_page("dosing:see_worklist", DOCTOR, PRESCRIBER, CLINICAL_LEAD),
    clinic_page("dosing:see_orders", *TREATS, things="patient_id"),
    clinic_page("dosing:see_timeline", *TREATS, things="patient_id"),
    # whoever has no licence here is sent on to the page that asks a licensed doctor
    clinic_page("dosing:sign_order", DOCTOR, get=302, post=200, things="patient_id"),
    clinic_page("dosing:request_order", DOCTOR, post=200, things="patient_id"),
    *(
        clinic_page(f"dosing:{act}", DOCTOR, post=200, things="request_id")
        for act in ("authorise_order", "send_back_order", "withdraw_order_request")
    ),
    clinic_page("dosing:decide_gap", DOCTOR, post=200, things="patient_id"),
    clinic_page("dosing:note_contact", NURSE, DOCTOR, PRESCRIBER, CASE_WORKER, post=200, things="patient_id"),
    clinic_page("dosing:end_order", DOCTOR, PRESCRIBER, post=200, things="patient_id"),
    clinic_page("dosing:print_order", NURSE, DOCTOR, things="patient_id"),
    clinic_page("dosing:print_prescription", DOCTOR, post=200, things="patient_id"),
    clinic_page("dosing:see_prescription", DOCTOR, things="prescription_id"),
    # oral medicine
    *(
        clinic_page(f"dosing:{act}", DOCTOR, PRESCRIBER, post=200, things="patient_id")
        for act in ("sign_oral_order", "end_oral_order", "allow_oral", "order_naloxone")
    ),
    clinic_page("dosing:give_oral", NURSE, post=200, things="patient_id"),
    # licences
    clinic_page("dosing:see_licences", CLINICAL_LEAD, MANAGER),
    clinic_page("dosing:record_licence", CLINICAL_LEAD, MANAGER, post=200),
    clinic_page("dosing:revoke_licence", CLINICAL_LEAD, MANAGER, post=200, things="licence_id"),
    # limits
    *(
        clinic_page(f"dosing:{page}", *SEES_LIMITS, things=things)
        for page, things in (
            ("see_protocol", ""),
            ("see_protocol_version", "version_id"),
            ("compare_protocols", ""),
        )
    ),
    clinic_page("dosing:draft_protocol", DOCTOR, CLINICAL_LEAD, MANAGER, post=200),
    clinic_page("dosing:approve_protocol", CLINICAL_LEAD, post=200),
    # the person
    clinic_page("pages:list_people", *SEES_PEOPLE),
    clinic_page("pages:see_person", *SEES_PEOPLE, things="patient_id"),
    clinic_page("patients:change_person", *SEES_PEOPLE, post=200, things="patient_id"),
    clinic_page("patients:see_photo", *SEES_PEOPLE, things="patient_id"),
    clinic_page("patients:add_photo", *SEES_PEOPLE, post=200, things="patient_id"),
    clinic_page("patients:record_consent", *SEES_PEOPLE, post=200, things="patient_id"),
    clinic_page("patients:withdraw_consent", *SEES_PEOPLE, post=200, things="patient_id consent_id"),
    clinic_page("patients:record_assessment", DOCTOR, PRESCRIBER, post=200, things="patient_id"),
    clinic_page("patients:see_assessments", *TREATS, things="patient_id"),
    clinic_page("patients:see_assessment", *TREATS, things="patient_id assessment_id"),
    clinic_page("patients:set_stage", DOCTOR, PRESCRIBER, post=200, things="patient_id"),
    clinic_page("patients:set_alert", *SEES_PEOPLE, post=200, things="patient_id"),
    clinic_page("patients:end_alert", *SEES_PEOPLE, get=405, post=302, things="patient_id alert_id"),
    clinic_page("patients:add_contact", *SEES_PEOPLE, post=200, things="patient_id"),
    clinic_page("patients:end_contact", *SEES_PEOPLE, get=405, post=302, things="patient_id contact_id"),
    clinic_page("patients:add_relationship", *SEES_PEOPLE, post=200, things="patient_id"),
    clinic_page(
        "patients:end_relationship", *SEES_PEOPLE, get=405, post=302, things="patient_id relationship_id"
    ),
    clinic_page("patients:plan_leaving", *TREATS, post=200, things="patient_id"),
    clinic_page("dosing:give_statement", *TREATS, post=200, things="patient_id"),
    *(
        clinic_page(f"dosing:{page}", *TREATS, things="patient_id statement_id")
        for page in ("see_statement", "print_statement")
    ),
    # records of people one does not work with: to read, for whoever opened it or is named for who left
    clinic_page("patients:open_record", *TREATS, post=200),
    clinic_page(
        "pages:see_opened_record",
        *TREATS,
        get=404,
        things="opening_id",
    ),
    clinic_page("pages:check_harm", DOCTOR, CLINICAL_LEAD, post=200, things="patient_id"),
    clinic_page("pages:see_left_person", *TREATS, get=404, things="patient_id"),
    clinic_page("patients:see_openings", PRIVACY_OFFICER),
    clinic_page("patients:review_opening", PRIVACY_OFFICER, post=200, things="opening_id"),
    # the programme
    clinic_page("dosing:close_programme", CLINICAL_LEAD, MANAGER, post=200),
    clinic_page("pages:see_checklist", CD_LEAD, CLINICAL_LEAD, MANAGER),
    clinic_page("patients:end_treatment", DOCTOR, CLINICAL_LEAD, post=200, things="patient_id"),
    *HELP,
    # the staff
    clinic_page("accounts:list_staff", MANAGER),
    clinic_page("accounts:invite_person", MANAGER, post=200),
    clinic_page("accounts:invite_inspector", CD_LEAD, MANAGER, post=200),
    clinic_page("accounts:add_agency", MANAGER, post=200),
    clinic_page("accounts:withdraw_invitation", MANAGER, get=405, post=302, things="invitation_id"),
    clinic_page("accounts:see_staff_member", MANAGER, things="user_id"),
    clinic_page("accounts:grant_role", MANAGER, post=200, things="user_id"),
    clinic_page("accounts:end_role", MANAGER, get=405, post=302, things="user_id"),
    clinic_page("accounts:close_account", MANAGER, post=302, things="user_id"),
    # the terminals
    clinic_page("list_terminals", MANAGER),
    clinic_page("add_terminal", MANAGER, post=200),
    clinic_page("retire_terminal", MANAGER, get=405, post=302, things="terminal_id"),
    terminal_page("dosing:start_emergency", get=200, post=200),
    terminal_page("dosing:handle_emergency", get=200, post=405, things="emergency_id"),
    terminal_page("dosing:write_emergency", get=405, post=302, things="emergency_id"),
    terminal_page("dosing:hand_over_watching", get=405, post=302, things="emergency_id"),
    terminal_page("dosing:give_naloxone", get=200, post=200, things="emergency_id"),
    terminal_page("dosing:correct_emergency", get=200, post=200, things="emergency_id"),
    terminal_page("choose_person", get=200, post=200),
    terminal_page("lock_terminal", get=405, post=302),
    terminal_page("unlock_terminal", get=302, post=302),
    # whoever comes first uses the link up
    open_page("enrol_terminal", get=410, post=410, anonymous=(200, 302), things="token"),
    # what is typed and not sent
    own_page("note_input", get=405, post=204),
    own_page("save_draft", get=405, post=400),
    own_page("load_draft", get=200, post=405),
    # the audit trail
    clinic_page("pages:see_acts", MANAGER, PRIVACY_OFFICER),
    clinic_page("pages:see_looks", PRIVACY_OFFICER),
    # inspections and legal holds
    clinic_page("pages:see_inspections", CD_LEAD, MANAGER),
    clinic_page("pages:see_legal_holds", MANAGER, PRIVACY_OFFICER),
    clinic_page("pages:set_legal_hold", MANAGER, PRIVACY_OFFICER, post=200),
    clinic_page("pages:lift_legal_hold", MANAGER, PRIVACY_OFFICER, post=200, things="legal_hold_id"),
    # the first page, one's own sign-in
    own_page("pages:home", get=302),
    own_page("accounts:choose_pin", post=200),
    own_page("mfa_index"),
    own_page("mfa_list_webauthn"),
    own_page("remove_key", get=405, post=404),
    own_page("mfa_view_recovery_codes", get=404, post=405),
    own_page("mfa_generate_recovery_codes", post=302),
    own_page("mfa_reauthenticate", post=200),
    own_page("mfa_reauthenticate_webauthn", get=302, post=302),
    set_up_page("set_up_app", get=200, post=200, newcomer=(200, 200)),
    set_up_page("mfa_add_webauthn", get=200, post=200, newcomer=(200, 200)),
    set_up_page("account_reauthenticate", get=200, post=200, newcomer=(200, 200)),
    open_page("accounts:accept_invitation", get=200, post=200, anonymous=(200, 200)),
    open_page("account_login", get=302, post=302, anonymous=(200, 200)),
    open_page("account_logout", get=200, post=302, anonymous=(302, 302)),
    open_page("mfa_authenticate", get=302, post=302, anonymous=(302, 302)),
    # asked by machines
    open_page("pages:livez", get=200, post=405, anonymous=(200, 405)),
    open_page("pages:readyz", get=200, post=405, anonymous=(200, 405)),
)


def written() -> str:
    """Return the table as a page: a dot where a role may open the address."""
    roles = list(Role)
    lines = [
        "# Who may open what",
        "",
        "Every address of the program. This page is written by `python -m tests.architecture.access_matrix`,",
        "and a test compares it with the code, for every role, every kind of outsider, GET and POST.",
        "",
        "An address of a clinic sends whoever has not proved both factors to the sign-in page; answers people of",
        "other clinics exactly like an address that does not exist (404); and tells a colleague whose role does",
        "not include it so, in words (403), which is written into the audit trail. Roles are read at every",
        "request: who leaves is out at the next click.",
        "",
        "## Addresses of a clinic",
        "",
        f"| Address | {' | '.join(role.label for role in roles)} |",
        f"|---|{':-:|' * len(roles)}",
    ]
    for row in ROWS:
        if row.roles:
            marks = " | ".join("●" if role in row.roles else "" for role in roles)
            lines.append(f"| `{row.name}` | {marks} |")
    lines += ["", "## Other addresses", "", "| Address | Open to |", "|---|---|"]
    lines += [f"| `{row.name}` | {row.note} |" for row in ROWS if not row.roles]
    return "\n".join(line.rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hat_clinic.settings")
    PAGE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is written.\n")
