"""Addresses of the treatment room and the register."""

from __future__ import annotations

from django.urls import path

from dosing.views import (
    amend_later,
    amendments,
    authorisations,
    board,
    cases,
    checkpoints,
    closing,
    closures,
    contacts,
    corrections,
    days,
    deliveries,
    downtime,
    emergencies,
    gaps,
    handovers,
    hatch,
    holds,
    incidents,
    injection_corrections,
    licences,
    observation,
    oral,
    oral_corrections,
    oral_doses,
    order_requests,
    orders,
    oxygen,
    paper,
    paper_oral,
    preparations,
    prescriptions,
    programme,
    protocol,
    quarantine,
    register,
    register_prints,
    statements,
    stock,
    timeline,
    transfers,
    written,
)

app_name = "dosing"

PERSON = "clinics/<slug:clinic_code>/people/<uuid:patient_id>/"
REQUEST = "clinics/<slug:clinic_code>/order-requests/<uuid:request_id>/"
STOCK = "clinics/<slug:clinic_code>/stock/"
LINE = "clinics/<slug:clinic_code>/register/lines/<uuid:entry_key>/"
CASE = "clinics/<slug:clinic_code>/cases/<uuid:case_id>/"
HANDOVER = "clinics/<slug:clinic_code>/handovers/<uuid:handover_id>/"
CLOSURE = "clinics/<slug:clinic_code>/closures/<uuid:closure_id>/"
EMERGENCY = "emergency/<uuid:emergency_id>/"
SESSION = "clinics/<slug:clinic_code>/sessions/<uuid:session_id>/"

urlpatterns = [
    path(f"{PERSON}give-statement/", statements.give_statement, name="give_statement"),
    path(f"{PERSON}statements/<uuid:statement_id>/", statements.see_statement, name="see_statement"),
    path(
        f"{PERSON}statements/<uuid:statement_id>/print-statement/",
        statements.print_statement,
        name="print_statement",
    ),
    path("clinics/<slug:clinic_code>/end-of-programme/", programme.close_programme, name="close_programme"),
    path("clinics/<slug:clinic_code>/worklist/", orders.see_worklist, name="see_worklist"),
    path("clinics/<slug:clinic_code>/people/<uuid:patient_id>/orders/", orders.see_orders, name="see_orders"),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/sign-order/",
        orders.sign_order,
        name="sign_order",
    ),
    path(f"{PERSON}request-order/", orders.request_order, name="request_order"),
    path(f"{REQUEST}authorise/", order_requests.authorise_order, name="authorise_order"),
    path(f"{REQUEST}send-back/", order_requests.send_back_order, name="send_back_order"),
    path(f"{REQUEST}withdraw/", order_requests.withdraw_order_request, name="withdraw_order_request"),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/end-order/", orders.end_order, name="end_order"
    ),
    path(f"{PERSON}print-order/", prescriptions.print_order, name="print_order"),
    path(f"{PERSON}print-prescription/", prescriptions.print_prescription, name="print_prescription"),
    path(
        "clinics/<slug:clinic_code>/prescriptions/<uuid:prescription_id>/",
        prescriptions.see_prescription,
        name="see_prescription",
    ),
    path(f"{PERSON}sign-oral-order/", oral.sign_oral_order, name="sign_oral_order"),
    path(f"{PERSON}end-oral-order/", oral.end_oral_order, name="end_oral_order"),
    path(f"{PERSON}order-naloxone/", oral.order_naloxone, name="order_naloxone"),
    path(f"{PERSON}allow-oral/", oral_doses.allow_oral, name="allow_oral"),
    path(f"{PERSON}give-oral/", oral_doses.give_oral, name="give_oral"),
    path(f"{PERSON}line-of-time/", timeline.see_timeline, name="see_timeline"),
    path(f"{PERSON}decide-gap/", gaps.decide_gap, name="decide_gap"),
    path(f"{PERSON}note-contact/", contacts.note_contact, name="note_contact"),
    path("clinics/<slug:clinic_code>/licences/", licences.see_licences, name="see_licences"),
    path("clinics/<slug:clinic_code>/licences/record/", licences.record_licence, name="record_licence"),
    path(
        "clinics/<slug:clinic_code>/licences/<uuid:licence_id>/revoke/",
        licences.revoke_licence,
        name="revoke_licence",
    ),
    path("clinics/<slug:clinic_code>/limits/", protocol.see_protocol, name="see_protocol"),
    path("clinics/<slug:clinic_code>/limits/compare/", protocol.compare_protocols, name="compare_protocols"),
    path("clinics/<slug:clinic_code>/limits/draft/", protocol.draft_protocol, name="draft_protocol"),
    path("clinics/<slug:clinic_code>/limits/approve/", protocol.approve_protocol, name="approve_protocol"),
    path(
        "clinics/<slug:clinic_code>/limits/<uuid:version_id>/",
        protocol.see_protocol_version,
        name="see_protocol_version",
    ),
    path("clinics/<slug:clinic_code>/board/", board.see_board, name="see_board"),
    path(f"{PERSON}identify/", hatch.identify_person, name="identify_person"),
    path(f"{PERSON}note-arrival/", hatch.note_arrival, name="note_arrival"),
    path(f"{PERSON}note-late-arrival/", hatch.note_late_arrival, name="note_late_arrival"),
    path(f"{PERSON}not-given/", hatch.record_not_given, name="record_not_given"),
    path(f"{SESSION}check/", hatch.record_check, name="record_check"),
    path(f"{SESSION}preview-check/", hatch.preview_check, name="preview_check"),
    path(f"{SESSION}authorise-at-hatch/", authorisations.authorise_at_hatch, name="authorise_at_hatch"),
    path(f"{SESSION}authorise-finding/", authorisations.authorise_finding, name="authorise_finding"),
    path(f"{SESSION}prepare/", preparations.prepare_dose, name="prepare_dose"),
    path(f"{SESSION}inject/", preparations.record_injection, name="record_injection"),
    path(f"{SESSION}waste/", preparations.waste_dose, name="waste_dose"),
    path(f"{SESSION}observe/", observation.record_reading, name="record_reading"),
    path(
        "clinics/<slug:clinic_code>/readings/<uuid:reading_id>/amend/",
        corrections.amend_reading,
        name="amend_reading",
    ),
    path(
        "clinics/<slug:clinic_code>/checks/<uuid:check_id>/amend/",
        corrections.amend_check,
        name="amend_check",
    ),
    path(
        "clinics/<slug:clinic_code>/injections/<uuid:injection_id>/amend/",
        injection_corrections.amend_injection,
        name="amend_injection",
    ),
    path(
        "clinics/<slug:clinic_code>/oral-doses/<uuid:oral_dose_id>/amend/",
        oral_corrections.amend_oral,
        name="amend_oral",
    ),
    path(f"{SESSION}past-lines/", amend_later.see_past_lines, name="see_past_lines"),
    path(
        "clinics/<slug:clinic_code>/written/<uuid:written_id>/amend-later/",
        amend_later.amend_later,
        name="amend_later",
    ),
    path(f"{SESSION}written/", written.see_written, name="see_written"),
    path(
        "clinics/<slug:clinic_code>/endings/<uuid:outcome_id>/amend/",
        corrections.amend_outcome,
        name="amend_outcome",
    ),
    path(f"{SESSION}release/", observation.release_person, name="release_person"),
    path(f"{SESSION}leave-early/", observation.record_early_leaving, name="record_early_leaving"),
    path(f"{PERSON}set-oxygen-target/", oxygen.set_oxygen_target, name="set_oxygen_target"),
    # No clinic in these: a terminal knows its own, whoever stands at it.
    path("emergency/", emergencies.start_emergency, name="start_emergency"),
    path(EMERGENCY, emergencies.handle_emergency, name="handle_emergency"),
    path(f"{EMERGENCY}write/", emergencies.write_emergency, name="write_emergency"),
    path(f"{EMERGENCY}hand-over/", emergencies.hand_over_watching, name="hand_over_watching"),
    path(f"{EMERGENCY}naloxone/", emergencies.give_naloxone, name="give_naloxone"),
    path(f"{EMERGENCY}put-right/", emergencies.correct_emergency, name="correct_emergency"),
    path(
        "clinics/<slug:clinic_code>/emergencies/<uuid:emergency_id>/",
        emergencies.see_emergency,
        name="see_emergency",
    ),
    path(
        "clinics/<slug:clinic_code>/emergencies/<uuid:emergency_id>/sign/",
        emergencies.sign_emergency,
        name="sign_emergency",
    ),
    path("clinics/<slug:clinic_code>/incidents/", incidents.see_incidents, name="see_incidents"),
    path(
        "clinics/<slug:clinic_code>/emergency-card/",
        emergencies.approve_emergency_card,
        name="approve_emergency_card",
    ),
    path("clinics/<slug:clinic_code>/paper-pack/", downtime.see_downtime, name="see_downtime"),
    path(
        "clinics/<slug:clinic_code>/paper-pack/print/",
        downtime.print_downtime_pack,
        name="print_downtime_pack",
    ),
    path(
        "clinics/<slug:clinic_code>/paper-pack/<uuid:pack_id>/",
        downtime.see_downtime_pack,
        name="see_downtime_pack",
    ),
    path("clinics/<slug:clinic_code>/paper-pack/<uuid:pack_id>/lines/", paper.see_paper, name="see_paper"),
    path(
        "clinics/<slug:clinic_code>/paper-pack/<uuid:pack_id>/begin/", paper.begin_paper, name="begin_paper"
    ),
    path(
        "clinics/<slug:clinic_code>/paper-pack/<uuid:pack_id>/lines/<int:line>/",
        paper.enter_paper_line,
        name="enter_paper_line",
    ),
    path(
        "clinics/<slug:clinic_code>/paper-pack/<uuid:pack_id>/lines/<int:line>/oral/",
        paper_oral.enter_paper_oral,
        name="enter_paper_oral",
    ),
    path(
        "clinics/<slug:clinic_code>/paper-lines/oral/<uuid:dose_id>/settle/",
        paper_oral.settle_paper_oral,
        name="settle_paper_oral",
    ),
    path("clinics/<slug:clinic_code>/paper-pack/find/", paper.find_paper, name="find_paper"),
    path("clinics/<slug:clinic_code>/paper-lines/", paper.see_paper_cases, name="see_paper_cases"),
    path(
        "clinics/<slug:clinic_code>/paper-lines/<uuid:line_id>/", paper.see_paper_line, name="see_paper_line"
    ),
    path(
        "clinics/<slug:clinic_code>/paper-lines/<uuid:line_id>/settle/",
        paper.settle_paper_line,
        name="settle_paper_line",
    ),
    path(
        "clinics/<slug:clinic_code>/paper-lines/<uuid:line_id>/register/",
        paper.write_waiting_line,
        name="write_waiting_line",
    ),
    path(f"{PERSON}place-hold/", holds.place_hold, name="place_hold"),
    path("clinics/<slug:clinic_code>/holds/<uuid:hold_id>/lift/", holds.lift_hold, name="lift_hold"),
    path("clinics/<slug:clinic_code>/day/", days.open_day, name="open_day"),
    path("clinics/<slug:clinic_code>/day/count/", days.count_stock, name="count_stock"),
    path("clinics/<slug:clinic_code>/day/count/set-aside/", days.set_count_aside, name="set_count_aside"),
    path("clinics/<slug:clinic_code>/day/unchecked/", days.open_day_unchecked, name="open_day_unchecked"),
    path("clinics/<slug:clinic_code>/day/close/", closing.close_day, name="close_day"),
    path("clinics/<slug:clinic_code>/day/close/count/", closing.count_closing, name="count_closing"),
    path(
        "clinics/<slug:clinic_code>/day/close/count/set-aside/",
        closing.set_closing_count_aside,
        name="set_closing_count_aside",
    ),
    path("clinics/<slug:clinic_code>/handovers/", handovers.see_handovers, name="see_handovers"),
    path("clinics/<slug:clinic_code>/handovers/sign/", handovers.sign_handover, name="sign_handover"),
    path(HANDOVER, handovers.see_handover, name="see_handover"),
    path(f"{HANDOVER}acknowledge/", handovers.acknowledge_handover, name="acknowledge_handover"),
    path("clinics/<slug:clinic_code>/closures/", closures.see_closures, name="see_closures"),
    path("clinics/<slug:clinic_code>/closures/close/", closures.close_sessions, name="close_sessions"),
    path(CLOSURE, closures.see_closure, name="see_closure"),
    path(f"{CLOSURE}reopen/", closures.reopen_sessions, name="reopen_sessions"),
    path("clinics/<slug:clinic_code>/register/", register.see_register, name="see_register"),
    path("clinics/<slug:clinic_code>/checkpoints/", checkpoints.see_checkpoints, name="see_checkpoints"),
    path(f"{LINE}note/", amendments.note_line, name="note_line"),
    path(f"{LINE}adjust/", amendments.adjust_line, name="adjust_line"),
    path(STOCK, stock.see_stock, name="see_stock"),
    path(f"{STOCK}open-register/", stock.open_register, name="open_register"),
    path(f"{STOCK}order/", stock.order_stock, name="order_stock"),
    path(f"{STOCK}record-authority/", stock.record_authority, name="record_authority"),
    path(
        f"{STOCK}requisitions/<uuid:requisition_id>/receive/", deliveries.receive_stock, name="receive_stock"
    ),
    path(f"{STOCK}expected/", deliveries.see_expected, name="see_expected"),
    path(
        f"{STOCK}requisitions/<uuid:requisition_id>/close/", stock.close_requisition, name="close_requisition"
    ),
    path(f"{STOCK}quarantine/", quarantine.quarantine_stock, name="quarantine_stock"),
    path(f"{STOCK}destroy/", quarantine.destroy_stock, name="destroy_stock"),
    path(f"{STOCK}send/", transfers.send_stock, name="send_stock"),
    path(
        f"{STOCK}transfers/<uuid:transfer_id>/receive/", transfers.receive_transfer, name="receive_transfer"
    ),
    path(f"{STOCK}returns/<uuid:return_id>/destroy/", quarantine.destroy_return, name="destroy_return"),
    path(f"{PERSON}receive-own/", deliveries.receive_own, name="receive_own"),
    path(f"{PERSON}take-return/", quarantine.take_return, name="take_return"),
    path("clinics/<slug:clinic_code>/register/print/", register_prints.print_register, name="print_register"),
    path("clinics/<slug:clinic_code>/checks/", cases.see_checks, name="see_checks"),
    path("clinics/<slug:clinic_code>/cases/", cases.see_cases, name="see_cases"),
    path(CASE, cases.see_case, name="see_case"),
    path(f"{CASE}note/", cases.note_case, name="note_case"),
    path(f"{CASE}classify/", cases.classify_case, name="classify_case"),
    path(f"{CASE}tell/", cases.tell_of_case, name="tell_of_case"),
    path(f"{CASE}close/", cases.close_case, name="close_case"),
]
