"""Addresses of the help around treatment and of the reports."""

from __future__ import annotations

from django.urls import path, re_path

from outcomes.views import following, plans, reports, support

app_name = "outcomes"

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
    path("clinics/<slug:clinic_code>/reports/", reports.list_reports, name="list_reports"),
    path("clinics/<slug:clinic_code>/reports/request-report/", reports.request_report, name="request_report"),
    re_path(
        r"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/reports/(?P<run_id>[0-9a-f-]{36})/download\.(?P<kind>pdf|csv)$",
        reports.download_report,
        name="download_report",
    ),
]
