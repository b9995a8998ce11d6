"""Addresses of the help around treatment and of the reports."""

from __future__ import annotations

from django.urls import path, re_path

from outcomes.views import (
    agency_slots,
    aims,
    appointments,
    area,
    clinic_corrections,
    costs,
    custody,
    disruptions,
    exports,
    figures,
    following,
    form_schedules,
    groups,
    health,
    housing,
    incidents,
    money,
    ndtms,
    networks,
    outcome_forms,
    outcome_tablet,
    own_answers,
    phases,
    plans,
    police,
    police_file,
    programme_files,
    readers,
    recorded_offences,
    releases,
    reports,
    sample_days,
    service_use,
    support,
    told_offences,
    unit_costs,
    urine,
    urine_results,
)

app_name = "outcomes"

POLICE = "clinics/<slug:clinic_code>/police-agreements/"
UUID = "[0-9a-f-]{36}"
NETWORK = "clinics/<slug:clinic_code>/networks/<uuid:network_id>/"
AIMS = "clinics/<slug:clinic_code>/aims/"
UNIT_COSTS = "clinics/<slug:clinic_code>/unit-costs/"
AREA = "clinics/<slug:clinic_code>/area/"
COSTS = "clinics/<slug:clinic_code>/costs/"
CLINIC = "clinics/<slug:clinic_code>/clinic/"
PHASES = "clinics/<slug:clinic_code>/phases/"
DISRUPTIONS = "clinics/<slug:clinic_code>/disruptions/"
URINE = "clinics/<slug:clinic_code>/urine/"
SLOTS = "clinics/<slug:clinic_code>/agency-slots/"
PERSON = "clinics/<slug:clinic_code>/people/<uuid:patient_id>/"
# The same, for an address with one of a few words in it.
ASKED = r"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/people/(?P<patient_id>[0-9a-f-]{36})/"

urlpatterns = [
    path("clinics/<slug:clinic_code>/caseload/", support.see_caseload, name="see_caseload"),
    path("clinics/<slug:clinic_code>/log-group-session/", groups.log_group_session, name="log_group_session"),
    path(
        "clinics/<slug:clinic_code>/groups/<uuid:group_id>/add-to-group-session/",
        groups.add_to_group_session,
        name="add_to_group_session",
    ),
    path(PERSON + "support/", support.see_support, name="see_support"),
    path(PERSON + "log-support-session/", support.log_support_session, name="log_support_session"),
    path(
        PERSON + "support/<uuid:support_id>/amend-support-session/",
        support.amend_support_session,
        name="amend_support_session",
    ),
    path(PERSON + "housing/", housing.see_housing, name="see_housing"),
    path(PERSON + "record-housing/", housing.record_housing, name="record_housing"),
    path(
        PERSON + "housing/<uuid:housing_id>/amend-housing/",
        housing.amend_housing,
        name="amend_housing",
    ),
    path("clinics/<slug:clinic_code>/due-forms/", outcome_forms.list_due_forms, name="list_due_forms"),
    path(PERSON + "outcome-forms/", outcome_forms.see_outcome_forms, name="see_outcome_forms"),
    re_path(
        ASKED + r"record-outcome-form/(?P<stage>start|review|exit|after)/$",
        outcome_forms.record_outcome_form,
        name="record_outcome_form",
    ),
    re_path(
        ASKED + r"answer-on-tablet/(?P<stage>start|review|exit|after)/$",
        outcome_tablet.answer_on_tablet,
        name="answer_on_tablet",
    ),
    path(PERSON + "thank-on-tablet/", outcome_tablet.thank_on_tablet, name="thank_on_tablet"),
    path(
        PERSON + "outcome-forms/<uuid:form_id>/amend-outcome-form/",
        outcome_forms.amend_outcome_form,
        name="amend_outcome_form",
    ),
    path(PERSON + "own-answers/", own_answers.see_own_answers, name="see_own_answers"),
    re_path(
        ASKED + r"record-own-answers/(?P<stage>start|review|exit|after)/$",
        own_answers.record_own_answers,
        name="record_own_answers",
    ),
    path(
        PERSON + "own-answers/<uuid:answers_id>/amend-own-answers/",
        own_answers.amend_own_answers,
        name="amend_own_answers",
    ),
    path(PERSON + "told-offences/", told_offences.see_told_offences, name="see_told_offences"),
    path(PERSON + "record-told-offence/", told_offences.record_told_offence, name="record_told_offence"),
    path(
        PERSON + "told-offences/<uuid:offence_id>/amend-told-offence/",
        told_offences.amend_told_offence,
        name="amend_told_offence",
    ),
    path(COSTS, costs.list_costs, name="list_costs"),
    path(COSTS + "import-costs/", costs.import_costs, name="import_costs"),
    re_path(
        r"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/costs/(?P<month>[0-9]{4}-[0-9]{2})/record-costs/$",
        costs.record_costs,
        name="record_costs",
    ),
    path(COSTS + "<uuid:cost_id>/amend-cost/", costs.amend_cost, name="amend_cost"),
    path(CLINIC, clinic_corrections.see_clinic, name="see_clinic"),
    path(CLINIC + "correct-clinic/", clinic_corrections.correct_clinic, name="correct_clinic"),
    path(
        CLINIC + "<uuid:clinic_correction_id>/approve-clinic-correction/",
        clinic_corrections.approve_clinic_correction,
        name="approve_clinic_correction",
    ),
    path(PHASES, phases.list_phases, name="list_phases"),
    path(
        PHASES + "import-programme-files/",
        programme_files.import_programme_files,
        name="import_programme_files",
    ),
    path(PHASES + "record-phase/", phases.record_phase, name="record_phase"),
    path(PHASES + "<uuid:phase_line_id>/amend-phase/", phases.amend_phase, name="amend_phase"),
    path(DISRUPTIONS, disruptions.list_disruptions, name="list_disruptions"),
    path(DISRUPTIONS + "record-disruption/", disruptions.record_disruption, name="record_disruption"),
    path(
        DISRUPTIONS + "<uuid:disruption_id>/amend-disruption/",
        disruptions.amend_disruption,
        name="amend_disruption",
    ),
    path(PERSON + "custody/", custody.see_custody, name="see_custody"),
    path(PERSON + "record-custody/", custody.record_custody, name="record_custody"),
    path(PERSON + "custody/<uuid:stay_id>/end-custody/", custody.end_custody, name="end_custody"),
    path(PERSON + "custody/<uuid:stay_id>/amend-custody/", custody.amend_custody, name="amend_custody"),
    path(PERSON + "service-use/", service_use.see_service_use, name="see_service_use"),
    path(PERSON + "record-service-use/", service_use.record_service_use, name="record_service_use"),
    path(
        PERSON + "service-use/<uuid:use_id>/amend-service-use/",
        service_use.amend_service_use,
        name="amend_service_use",
    ),
    path(
        PERSON + "recorded-offences/", recorded_offences.see_recorded_offences, name="see_recorded_offences"
    ),
    path(
        PERSON + "recorded-offences/<uuid:agreement_id>/give-police-reference/",
        recorded_offences.give_police_reference,
        name="give_police_reference",
    ),
    path(
        PERSON + "recorded-offences/references/<uuid:reference_id>/take-back-police-reference/",
        recorded_offences.take_back_police_reference,
        name="take_back_police_reference",
    ),
    path(POLICE, police.list_police_agreements, name="list_police_agreements"),
    path(POLICE + "record-police-agreement/", police.record_police_agreement, name="record_police_agreement"),
    path(
        POLICE + "<uuid:agreement_id>/end-police-agreement/",
        police.end_police_agreement,
        name="end_police_agreement",
    ),
    path(
        POLICE + "<uuid:agreement_id>/import-police-file/",
        police_file.import_police_file,
        name="import_police_file",
    ),
    path(
        "clinics/<slug:clinic_code>/follow-ups/<uuid:follow_up_id>/close-follow-up/",
        following.close_follow_up,
        name="close_follow_up",
    ),
    path(PERSON + "plan/", plans.see_plan, name="see_plan"),
    path(PERSON + "plan/print-plan/", plans.print_plan, name="print_plan"),
    path(PERSON + "plan/set-goal/", plans.set_goal, name="set_goal"),
    path(PERSON + "plan/<uuid:goal_id>/note-goal-step/", plans.note_goal_step, name="note_goal_step"),
    path("clinics/<slug:clinic_code>/appointments/", appointments.see_appointments, name="see_appointments"),
    path("clinics/<slug:clinic_code>/reminders/", appointments.list_reminders, name="list_reminders"),
    path(SLOTS, agency_slots.list_agency_slots, name="list_agency_slots"),
    path(SLOTS + "set-agency-slot/", agency_slots.set_agency_slot, name="set_agency_slot"),
    path(
        SLOTS + "<uuid:slot_id>/end-agency-slot/",
        agency_slots.end_agency_slot,
        name="end_agency_slot",
    ),
    path(PERSON + "appointments/", appointments.see_person_appointments, name="see_person_appointments"),
    path(PERSON + "book-appointment/", appointments.book_appointment, name="book_appointment"),
    *(
        path(
            PERSON + f"appointments/<uuid:appointment_id>/{act.__name__.replace('_', '-')}/",
            act,
            name=act.__name__,
        )
        for act in (
            appointments.move_appointment,
            appointments.cancel_appointment,
            appointments.log_appointment,
        )
    ),
    path(PERSON + "join-caseload/", support.join_caseload, name="join_caseload"),
    path(PERSON + "leave-caseload/", support.leave_caseload, name="leave_caseload"),
    path("clinics/<slug:clinic_code>/samples/", sample_days.list_sample_days, name="list_sample_days"),
    path(URINE, urine.list_urine, name="list_urine"),
    path(URINE + "draw-urine-days/", urine.draw_urine_days, name="draw_urine_days"),
    path(URINE + "import-urine-results/", urine_results.import_urine_results, name="import_urine_results"),
    path(URINE + "send-urine/", urine.send_urine, name="send_urine"),
    path(URINE + "<uuid:draw_id>/take-urine/", urine.take_urine, name="take_urine"),
    path(
        URINE + "<uuid:draw_id>/note-urine-not-taken/",
        urine.note_urine_not_taken,
        name="note_urine_not_taken",
    ),
    path(URINE + "<uuid:draw_id>/void-urine/", urine.void_urine, name="void_urine"),
    path(
        URINE + "<uuid:draw_id>/enter-urine-result/",
        urine_results.enter_urine_result,
        name="enter_urine_result",
    ),
    path(
        URINE + "results/<uuid:result_id>/amend-urine-result/",
        urine_results.amend_urine_result,
        name="amend_urine_result",
    ),
    path("clinics/<slug:clinic_code>/incident-reports/", incidents.list_incidents, name="list_incidents"),
    path(PERSON + "record-incident/", incidents.record_incident, name="record_incident"),
    path(
        "clinics/<slug:clinic_code>/incident-reports/<uuid:report_id>/amend-incident/",
        incidents.amend_incident,
        name="amend_incident",
    ),
    path(
        "clinics/<slug:clinic_code>/incident-reports/<uuid:report_id>/note-incident-told/",
        incidents.note_incident_told,
        name="note_incident_told",
    ),
    path(
        "clinics/<slug:clinic_code>/incident-reports/told/<uuid:telling_id>/amend-incident-told/",
        incidents.amend_incident_told,
        name="amend_incident_told",
    ),
    path("clinics/<slug:clinic_code>/health/", health.list_health, name="list_health"),
    path("clinics/<slug:clinic_code>/health-due/", health.list_health_due, name="list_health_due"),
    path(PERSON + "health/", health.see_health, name="see_health"),
    path(
        PERSON + "health/<slug:topic>/record-health-step/",
        health.record_health_step,
        name="record_health_step",
    ),
    path(
        PERSON + "health/<uuid:health_id>/amend-health-step/",
        health.amend_health_step,
        name="amend_health_step",
    ),
    path("clinics/<slug:clinic_code>/dataset/", ndtms.see_ndtms, name="see_ndtms"),
    path("clinics/<slug:clinic_code>/dataset/load-code-set/", ndtms.load_code_set, name="load_code_set"),
    path("clinics/<slug:clinic_code>/dataset/export-ndtms/", ndtms.export_ndtms, name="export_ndtms"),
    path("clinics/<slug:clinic_code>/dataset/gaps/", ndtms.list_ndtms_gaps, name="list_ndtms_gaps"),
    path(PERSON + "money/", money.see_money, name="see_money"),
    path(PERSON + "money/<slug:money_topic>/record-money/", money.record_money, name="record_money"),
    path(PERSON + "money/<uuid:money_id>/amend-money/", money.amend_money, name="amend_money"),
    path(PERSON + "urine/", urine.see_urine, name="see_urine"),
    path("clinics/<slug:clinic_code>/reports/", reports.list_reports, name="list_reports"),
    path("clinics/<slug:clinic_code>/exports/", exports.see_exports, name="see_exports"),
    path("clinics/<slug:clinic_code>/exports/ask-for-export/", exports.ask_for_export, name="ask_for_export"),
    path(
        "clinics/<slug:clinic_code>/exports/<uuid:export_id>/approve-export/",
        exports.approve_export,
        name="approve_export",
    ),
    path(
        "clinics/<slug:clinic_code>/form-schedules/",
        form_schedules.list_form_schedules,
        name="list_form_schedules",
    ),
    path(
        "clinics/<slug:clinic_code>/form-schedules/write-form-schedule/",
        form_schedules.write_form_schedule,
        name="write_form_schedule",
    ),
    path(
        "clinics/<slug:clinic_code>/form-schedules/<uuid:schedule_id>/approve-form-schedule/",
        form_schedules.approve_form_schedule,
        name="approve_form_schedule",
    ),
    path(AIMS, aims.see_aims, name="see_aims"),
    path(AIMS + "write-aims/", aims.write_aims, name="write_aims"),
    path(AIMS + "<uuid:aims_id>/approve-aims/", aims.approve_aims, name="approve_aims"),
    path("clinics/<slug:clinic_code>/readers/", readers.list_readers, name="list_readers"),
    path(
        "clinics/<slug:clinic_code>/readers/write-reader-editions/",
        readers.write_reader_editions,
        name="write_reader_editions",
    ),
    path(
        "clinics/<slug:clinic_code>/readers/<uuid:editions_id>/approve-reader-editions/",
        readers.approve_reader_editions,
        name="approve_reader_editions",
    ),
    path(UNIT_COSTS, unit_costs.see_unit_costs, name="see_unit_costs"),
    path(UNIT_COSTS + "load-unit-costs/", unit_costs.load_unit_costs, name="load_unit_costs"),
    path(
        UNIT_COSTS + "<uuid:table_id>/approve-unit-costs/",
        unit_costs.approve_unit_costs,
        name="approve_unit_costs",
    ),
    path(AREA, area.see_area, name="see_area"),
    path(AREA + "record-area-figure/", area.record_area_figure, name="record_area_figure"),
    path(AREA + "<uuid:figure_id>/amend-area-figure/", area.amend_area_figure, name="amend_area_figure"),
    path(AREA + "record-need-estimate/", area.record_need_estimate, name="record_need_estimate"),
    path(
        AREA + "<uuid:estimate_id>/amend-need-estimate/", area.amend_need_estimate, name="amend_need_estimate"
    ),
    path("clinics/<slug:clinic_code>/figures/", figures.list_figures, name="list_figures"),
    path("clinics/<slug:clinic_code>/figures/see-figure/", figures.see_figure, name="see_figure"),
    path("clinics/<slug:clinic_code>/reports/request-report/", reports.request_report, name="request_report"),
    path(
        "clinics/<slug:clinic_code>/reports/<uuid:run_id>/changes/", releases.see_changes, name="see_changes"
    ),
    re_path(
        rf"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/reports/(?P<run_id>{UUID})/changes\.(?P<table_kind>csv|ods)$",
        releases.download_changes,
        name="download_changes",
    ),
    path("clinics/<slug:clinic_code>/networks/", networks.list_networks, name="list_networks"),
    path("clinics/<slug:clinic_code>/networks/add-network/", networks.add_network, name="add_network"),
    path(NETWORK + "end-network/", networks.end_network, name="end_network"),
    path(NETWORK + "leave-network/", networks.leave_network, name="leave_network"),
    path(NETWORK + "request-rollup/", networks.request_rollup, name="request_rollup"),
    path(NETWORK + "<uuid:rollup_id>/", networks.see_rollup, name="see_rollup"),
    re_path(
        rf"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/networks/(?P<network_id>{UUID})/(?P<rollup_id>{UUID})/"
        r"download\.(?P<table_kind>json|csv)$",
        networks.download_rollup,
        name="download_rollup",
    ),
    path("clinics/<slug:clinic_code>/reports/downloads/", releases.list_downloads, name="list_downloads"),
    path(
        "clinics/<slug:clinic_code>/reports/<uuid:run_id>/release-report/",
        releases.release_report,
        name="release_report",
    ),
    re_path(
        r"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/reports/(?P<run_id>[0-9a-f-]{36})/download\.(?P<kind>pdf|html|ods|csv|json)$",
        reports.download_report,
        name="download_report",
    ),
    path("clinics/<slug:clinic_code>/reports/<uuid:run_id>/", reports.see_report, name="see_report"),
]
