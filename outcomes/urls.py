"""Addresses of the help around treatment and of the reports."""

from __future__ import annotations

from django.urls import path, re_path

from outcomes.views import (
    costs,
    custody,
    following,
    housing,
    incidents,
    plans,
    reports,
    sample_days,
    service_use,
    support,
    urine,
    urine_results,
)

app_name = "outcomes"

COSTS = "clinics/<slug:clinic_code>/costs/"
URINE = "clinics/<slug:clinic_code>/urine/"
PERSON = "clinics/<slug:clinic_code>/people/<uuid:patient_id>/"

urlpatterns = [
    path("clinics/<slug:clinic_code>/caseload/", support.see_caseload, name="see_caseload"),
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
    path(COSTS, costs.list_costs, name="list_costs"),
    path(COSTS + "import-costs/", costs.import_costs, name="import_costs"),
    re_path(
        r"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/costs/(?P<month>[0-9]{4}-[0-9]{2})/record-costs/$",
        costs.record_costs,
        name="record_costs",
    ),
    path(COSTS + "<uuid:cost_id>/amend-cost/", costs.amend_cost, name="amend_cost"),
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
        "clinics/<slug:clinic_code>/follow-ups/<uuid:follow_up_id>/close-follow-up/",
        following.close_follow_up,
        name="close_follow_up",
    ),
    path(PERSON + "plan/", plans.see_plan, name="see_plan"),
    path(PERSON + "plan/print-plan/", plans.print_plan, name="print_plan"),
    path(PERSON + "plan/set-goal/", plans.set_goal, name="set_goal"),
    path(PERSON + "plan/<uuid:goal_id>/note-goal-step/", plans.note_goal_step, name="note_goal_step"),
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
    path(PERSON + "urine/", urine.see_urine, name="see_urine"),
    path("clinics/<slug:clinic_code>/reports/", reports.list_reports, name="list_reports"),
    path("clinics/<slug:clinic_code>/reports/request-report/", reports.request_report, name="request_report"),
    re_path(
        r"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/reports/(?P<run_id>[0-9a-f-]{36})/download\.(?P<kind>pdf|csv)$",
        reports.download_report,
        name="download_report",
    ),
]
