"""Who may open the pages of help around treatment, of measures and of reports."""

from __future__ import annotations

from tests.architecture.access_row import (
    CASE_WORKER,
    CLINICAL_LEAD,
    COMMISSIONER,
    MANAGER,
    NURSE,
    PRIVACY_OFFICER,
    TREATS,
    Row,
    case_pages,
    clinic_page,
)

HELP: tuple[Row, ...] = (
    # help around treatment
    *case_pages("see_caseload see_appointments list_reminders list_agency_slots"),
    *case_pages("set_agency_slot log_group_session", post=200),
    *case_pages("add_to_group_session", "group_id", post=200),
    *case_pages(
        "see_support see_housing see_told_offences see_custody see_person_appointments see_plan", "patient_id"
    ),
    *case_pages("print_plan", "patient_id"),
    *case_pages("log_support_session record_housing record_told_offence set_goal", "patient_id", post=200),
    *case_pages("book_appointment record_custody", "patient_id", post=200),
    *case_pages("end_custody amend_custody", "patient_id stay_id", post=200),
    *case_pages("amend_support_session", "patient_id support_id", post=200),
    *case_pages("amend_housing", "patient_id housing_id", post=200),
    *case_pages("amend_told_offence", "patient_id offence_id", post=200),
    *case_pages("note_goal_step", "patient_id goal_id", post=200),
    *case_pages("move_appointment cancel_appointment log_appointment", "patient_id appointment_id", post=200),
    *case_pages("end_agency_slot", "slot_id", post=200),
    *case_pages("close_follow_up", "follow_up_id", post=200),
    *case_pages("join_caseload leave_caseload", "patient_id", get=405, post=302),
    *case_pages("see_recorded_offences see_money see_service_use", "patient_id"),
    clinic_page("outcomes:list_costs", MANAGER),
    clinic_page("outcomes:import_costs", MANAGER, post=200),
    clinic_page("outcomes:record_costs", MANAGER, post=200, things="month"),
    clinic_page("outcomes:amend_cost", MANAGER, post=200, things="cost_id"),
    clinic_page("outcomes:see_area", MANAGER),
    clinic_page("outcomes:record_area_figure", MANAGER, post=200),
    clinic_page("outcomes:record_need_estimate", MANAGER, post=200),
    clinic_page("outcomes:amend_area_figure", MANAGER, post=200, things="figure_id"),
    clinic_page("outcomes:amend_need_estimate", MANAGER, post=200, things="estimate_id"),
    clinic_page("outcomes:see_clinic", MANAGER, CLINICAL_LEAD),
    clinic_page("outcomes:correct_clinic", MANAGER, CLINICAL_LEAD, post=200),
    clinic_page(
        "outcomes:approve_clinic_correction", MANAGER, CLINICAL_LEAD, post=200, things="clinic_correction_id"
    ),
    clinic_page("outcomes:list_phases", MANAGER),
    clinic_page("outcomes:import_programme_files", MANAGER, post=200),
    clinic_page("outcomes:record_phase", MANAGER, post=200),
    clinic_page("outcomes:amend_phase", MANAGER, post=200, things="phase_line_id"),
    clinic_page("outcomes:list_disruptions", MANAGER),
    clinic_page("outcomes:record_disruption", MANAGER, post=200),
    clinic_page("outcomes:amend_disruption", MANAGER, post=200, things="disruption_id"),
    *case_pages("record_service_use", "patient_id", post=200),
    *case_pages("amend_service_use", "patient_id use_id", post=200),
    *case_pages("record_money", "patient_id money_topic", post=200),
    *case_pages("amend_money", "patient_id money_id", post=200),
    *case_pages("give_police_reference", "patient_id agreement_id", post=200),
    clinic_page("outcomes:list_police_agreements", MANAGER, PRIVACY_OFFICER),
    clinic_page("outcomes:record_police_agreement", MANAGER, post=200),
    clinic_page("outcomes:end_police_agreement", MANAGER, post=200, things="agreement_id"),
    clinic_page("outcomes:import_police_file", MANAGER, PRIVACY_OFFICER, post=200, things="agreement_id"),
    clinic_page("outcomes:list_due_forms", NURSE, CASE_WORKER),
    clinic_page("outcomes:see_outcome_forms", NURSE, CASE_WORKER, things="patient_id"),
    clinic_page("outcomes:record_outcome_form", NURSE, CASE_WORKER, post=200, things="patient_id stage"),
    clinic_page("outcomes:amend_outcome_form", NURSE, CASE_WORKER, post=200, things="patient_id form_id"),
    clinic_page("outcomes:see_own_answers", NURSE, CASE_WORKER, things="patient_id"),
    clinic_page("outcomes:record_own_answers", NURSE, CASE_WORKER, post=200, things="patient_id stage"),
    clinic_page("outcomes:amend_own_answers", NURSE, CASE_WORKER, post=200, things="patient_id answers_id"),
    # blood-borne viruses, wounds, teeth, kits; a case worker is told due, offered or done
    clinic_page("outcomes:list_health", *TREATS),
    clinic_page("outcomes:list_health_due", CASE_WORKER),
    clinic_page("outcomes:see_health", *TREATS, things="patient_id"),
    clinic_page("outcomes:record_health_step", *TREATS, post=200, things="patient_id topic"),
    clinic_page("outcomes:amend_health_step", *TREATS, post=200, things="patient_id health_id"),
    # incidents; urine samples, of which a case worker is told due, taken or not taken
    clinic_page("outcomes:list_incidents", *TREATS),
    clinic_page("outcomes:record_incident", *TREATS, post=200, things="patient_id"),
    clinic_page("outcomes:amend_incident", *TREATS, post=200, things="report_id"),
    clinic_page("outcomes:note_incident_told", CLINICAL_LEAD, post=200, things="report_id"),
    clinic_page("outcomes:amend_incident_told", CLINICAL_LEAD, post=200, things="telling_id"),
    clinic_page("outcomes:list_sample_days", CASE_WORKER),
    clinic_page("outcomes:list_urine", *TREATS),
    clinic_page("outcomes:see_urine", *TREATS, things="patient_id"),
    clinic_page("outcomes:draw_urine_days", NURSE, CLINICAL_LEAD, get=405, post=302),
    *(
        clinic_page(f"outcomes:{act}", NURSE, post=200, things="draw_id")
        for act in ("take_urine", "note_urine_not_taken", "void_urine")
    ),
    clinic_page("outcomes:send_urine", NURSE, post=200),
    clinic_page("outcomes:import_urine_results", NURSE, CLINICAL_LEAD, post=200),
    clinic_page("outcomes:enter_urine_result", NURSE, CLINICAL_LEAD, post=200, things="draw_id"),
    clinic_page("outcomes:amend_urine_result", NURSE, CLINICAL_LEAD, post=200, things="result_id"),
    clinic_page("outcomes:list_form_schedules", CLINICAL_LEAD, MANAGER),
    clinic_page("outcomes:write_form_schedule", CLINICAL_LEAD, MANAGER, post=200),
    clinic_page("outcomes:approve_form_schedule", CLINICAL_LEAD, MANAGER, post=200, things="schedule_id"),
    # reports
    clinic_page("outcomes:list_reports", COMMISSIONER, CLINICAL_LEAD, MANAGER),
    clinic_page("outcomes:list_figures", COMMISSIONER, CLINICAL_LEAD, MANAGER),
    clinic_page("outcomes:see_figure", COMMISSIONER, CLINICAL_LEAD, MANAGER, get=404),
    clinic_page("outcomes:see_report", COMMISSIONER, CLINICAL_LEAD, MANAGER, things="run_id"),
    clinic_page("outcomes:request_report", MANAGER, post=200),
    clinic_page("outcomes:release_report", CLINICAL_LEAD, MANAGER, post=200, things="run_id"),
    *(
        clinic_page(f"outcomes:{name}", COMMISSIONER, CLINICAL_LEAD, MANAGER, things="run_id")
        for name in ("see_changes", "download_changes")
    ),
    clinic_page("outcomes:list_downloads", MANAGER),
    clinic_page("outcomes:download_report", COMMISSIONER, CLINICAL_LEAD, MANAGER, things="run_id kind"),
    # groups of clinics: whoever reads the reports of each of their clinics
    clinic_page("outcomes:list_networks", COMMISSIONER, CLINICAL_LEAD, MANAGER),
    clinic_page("outcomes:add_network", MANAGER, post=200),
    clinic_page("outcomes:request_rollup", MANAGER, post=200, things="network_id"),
    clinic_page("outcomes:see_rollup", COMMISSIONER, CLINICAL_LEAD, MANAGER, things="network_id rollup_id"),
    clinic_page(
        "outcomes:download_rollup",
        COMMISSIONER,
        CLINICAL_LEAD,
        MANAGER,
        things="network_id rollup_id table_kind",
    ),
    # the national dataset
    clinic_page("outcomes:see_ndtms", MANAGER),
    clinic_page("outcomes:load_code_set", MANAGER, post=200),
    clinic_page("outcomes:export_ndtms", MANAGER, post=200),
    clinic_page("outcomes:list_ndtms_gaps", CASE_WORKER),
)
