"""What the trail's events of help around treatment, measures and reports are called."""

from __future__ import annotations

from hat_clinic.pages.rules.event_words import Words

HELP: dict[str, Words] = {
    # help around treatment
    "outcomes.agency_slot_ended": Words(
        "ended a time at which an agency is here", "tried to end a time at which an agency is here"
    ),
    "outcomes.agency_slot_set": Words(
        "wrote down a time at which an agency is here", "tried to write down when an agency is here"
    ),
    "outcomes.appointment_booked": Words("booked an appointment", "tried to book an appointment"),
    "outcomes.appointment_cancelled": Words("cancelled an appointment", "tried to cancel an appointment"),
    "outcomes.appointment_form_seen": Words("opened the form of an appointment"),
    "outcomes.appointment_moved": Words("moved an appointment", "tried to move an appointment"),
    "outcomes.appointments_seen": Words("looked at the appointments"),
    "outcomes.person_appointments_seen": Words("looked at a person’s appointments"),
    "outcomes.reminders_seen": Words("looked at whom to remind"),
    "outcomes.caseload_joined": Words("took a person into their caseload"),
    "outcomes.caseload_left": Words("gave a person up from their caseload"),
    "outcomes.caseload_seen": Words("looked at their caseload"),
    "outcomes.clinic_corrected": Words(
        "wrote a correction of what the clinic is", "tried to write a correction of what the clinic is"
    ),
    "outcomes.clinic_correction_approved": Words(
        "approved a correction of what the clinic is", "tried to approve a correction of what the clinic is"
    ),
    "outcomes.cost_amended": Words("corrected a cost", "tried to correct a cost"),
    "outcomes.costs_imported": Words("brought in costs from a file", "tried to bring in costs from a file"),
    "outcomes.costs_recorded": Words("entered costs", "tried to enter costs"),
    "outcomes.custody_amended": Words("corrected a stay in custody", "tried to correct a stay in custody"),
    "outcomes.custody_ended": Words(
        "wrote that a person came out of custody", "tried to write that a person came out of custody"
    ),
    "outcomes.custody_form_seen": Words("opened the form of a stay in custody"),
    "outcomes.custody_recorded": Words("recorded a stay in custody", "tried to record a stay in custody"),
    "outcomes.custody_seen": Words("looked at a person’s stays in custody"),
    "outcomes.disruption_amended": Words("corrected a disruption", "tried to correct a disruption"),
    "outcomes.disruption_recorded": Words("entered a disruption", "tried to enter a disruption"),
    "outcomes.programme_files_imported": Words(
        "brought in files of the programme", "tried to bring in files of the programme"
    ),
    "outcomes.phase_amended": Words("corrected a phase", "tried to correct a phase"),
    "outcomes.phase_recorded": Words("entered a phase", "tried to enter a phase"),
    "outcomes.follow_up_done": Words("did a follow-up", "tried to close a follow-up"),
    "outcomes.follow_up_seen": Words("looked at a follow-up"),
    "outcomes.follow_up_set": Words("set a follow-up after somebody did not come"),
    "outcomes.goal_set": Words("set a goal", "tried to set a goal"),
    "outcomes.goal_step_noted": Words("noted how a goal goes", "tried to note how a goal goes"),
    "outcomes.plan_seen": Words("looked at a person’s recovery plan"),
    "outcomes.health_due_seen": Words("looked at whose health checks are due"),
    "outcomes.health_form_seen": Words("opened the form of a health step"),
    "outcomes.health_list_seen": Words("looked at the list of health checks"),
    "outcomes.health_seen": Words("looked at a person’s health checks"),
    "outcomes.health_step_amended": Words("corrected a health step", "tried to correct a health step"),
    "outcomes.health_step_recorded": Words("recorded a health step", "tried to record a health step"),
    "outcomes.group_form_seen": Words("opened the form of a group"),
    "outcomes.group_session_added_to": Words("added somebody to a group", "tried to add somebody to a group"),
    "outcomes.group_session_logged": Words("logged a group", "tried to log a group"),
    "outcomes.housing_amended": Words(
        "corrected where a person lives", "tried to correct where a person lives"
    ),
    "outcomes.housing_form_seen": Words("opened the form of where a person lives"),
    "outcomes.housing_recorded": Words(
        "recorded where a person lives", "tried to record where a person lives"
    ),
    "outcomes.housing_seen": Words("looked at where a person lives"),
    "outcomes.incident_amended": Words("put an incident right", "tried to put an incident right"),
    "outcomes.incident_form_seen": Words("opened the page of an incident"),
    "outcomes.incident_list_seen": Words("looked at the incidents that were written down"),
    "outcomes.incident_recorded": Words("wrote an incident down", "tried to write an incident down"),
    "outcomes.incident_told": Words(
        "wrote down who was told of an incident", "tried to write down who was told of an incident"
    ),
    "outcomes.incident_told_amended": Words(
        "put right who was told of an incident", "tried to put right who was told of an incident"
    ),
    "outcomes.code_set_loaded": Words("loaded a code set", "tried to load a code set"),
    "outcomes.ndtms_exported": Words("made a file for the national dataset"),
    "outcomes.ndtms_gaps_seen": Words("looked at what is missing for the national dataset"),
    "outcomes.ndtms_seen": Words("looked at the page of the national dataset"),
    "outcomes.money_amended": Words(
        "corrected a line about money or work", "tried to correct a line about money or work"
    ),
    "outcomes.money_form_seen": Words("opened the form about a person’s money or work"),
    "outcomes.money_recorded": Words(
        "recorded a line about money or work", "tried to record a line about money or work"
    ),
    "outcomes.money_seen": Words("looked at a person’s money and work"),
    "outcomes.due_forms_seen": Words("looked at which outcome forms are due"),
    "outcomes.outcome_form_amended": Words(
        "corrected a person’s outcome form", "tried to correct a person’s outcome form"
    ),
    "outcomes.outcome_form_handed_over": Words("handed a tablet to a person to answer the outcome form"),
    "outcomes.outcome_form_recorded": Words(
        "recorded a person’s outcome form", "tried to record a person’s outcome form"
    ),
    "outcomes.outcome_form_seen": Words("opened an outcome form"),
    "outcomes.outcome_forms_seen": Words("looked at a person’s outcome forms"),
    "outcomes.own_answers_amended": Words(
        "corrected what a person answered to the clinic’s own questions",
        "tried to correct what a person answered to the clinic’s own questions",
    ),
    "outcomes.own_answers_form_seen": Words("opened the form of the clinic’s own questions"),
    "outcomes.own_answers_recorded": Words(
        "recorded what a person answered to the clinic’s own questions",
        "tried to record what a person answered to the clinic’s own questions",
    ),
    "outcomes.own_answers_seen": Words("looked at what a person answered to the clinic’s own questions"),
    "outcomes.police_agreement_ended": Words("ended a police agreement"),
    "outcomes.police_agreement_recorded": Words(
        "wrote down a police agreement", "tried to write down a police agreement"
    ),
    "outcomes.police_file_imported": Words("brought in a police file", "tried to bring in a police file"),
    "outcomes.police_reference_form_seen": Words("opened the form of a police reference"),
    "outcomes.police_reference_given": Words(
        "gave a person a police reference", "tried to give a person a police reference"
    ),
    "outcomes.police_reference_taken_back": Words(
        "took a police reference back", "tried to take a police reference back"
    ),
    "outcomes.recorded_offences_seen": Words("looked at what police recorded of a person"),
    "outcomes.sample_days_seen": Words("looked at who is asked for a sample"),
    "outcomes.service_use_amended": Words(
        "corrected a person’s health-service use", "tried to correct a person’s health-service use"
    ),
    "outcomes.service_use_form_seen": Words("opened the form of health-service use"),
    "outcomes.service_use_recorded": Words(
        "recorded a person’s health-service use", "tried to record a person’s health-service use"
    ),
    "outcomes.service_use_seen": Words("looked at a person’s health-service use"),
    "outcomes.support_form_seen": Words("opened the form of a support session"),
    "outcomes.support_seen": Words("looked at a person’s support sessions"),
    "outcomes.support_session_amended": Words(
        "amended a support session", "tried to amend a support session"
    ),
    "outcomes.support_session_logged": Words("logged a support session", "tried to log a support session"),
    "outcomes.told_offence_amended": Words(
        "corrected an offence that a person told of", "tried to correct an offence that a person told of"
    ),
    "outcomes.told_offence_form_seen": Words("opened the form of an offence that a person told of"),
    "outcomes.told_offence_recorded": Words(
        "wrote down an offence that a person told of", "tried to write down an offence that a person told of"
    ),
    "outcomes.told_offences_seen": Words("looked at the offences that a person told of"),
    "outcomes.urine_days_drawn": Words("had the days of urine samples drawn"),
    "outcomes.urine_form_seen": Words("opened the page of a urine sample"),
    "outcomes.urine_list_seen": Words("looked at the list of urine samples"),
    "outcomes.urine_not_taken": Words(
        "signed that a urine sample was not taken", "tried to sign that a urine sample was not taken"
    ),
    "outcomes.urine_result_amended": Words("put a urine result right", "tried to put a urine result right"),
    "outcomes.urine_result_entered": Words("entered a urine result", "tried to enter a urine result"),
    "outcomes.urine_results_imported": Words(
        "brought in urine results from a file", "tried to bring in urine results from a file"
    ),
    "outcomes.urine_seen": Words("looked at a person’s urine samples"),
    "outcomes.urine_sent": Words(
        "signed that a urine sample was sent", "tried to sign that urine samples were sent"
    ),
    "outcomes.urine_taken": Words(
        "signed that a urine sample was taken", "tried to sign that a urine sample was taken"
    ),
    "outcomes.urine_voided": Words(
        "signed that a urine sample is void", "tried to sign that a urine sample is void"
    ),
    # reports
    "outcomes.cohort_imported": Words("imported a clinic’s history"),
    "outcomes.changes_downloaded": Words("took home what a new issue of a report changed"),
    "outcomes.changes_seen": Words("looked at what a new issue of a report changed"),
    "outcomes.downloads_listed": Words("looked at who took reports home"),
    "outcomes.extract_frozen": Words("froze the records for a report"),
    "outcomes.network_added": Words("made a group of clinics", "tried to make a group of clinics"),
    "outcomes.network_ended": Words("ended a group of clinics", "tried to end a group of clinics"),
    "outcomes.network_left": Words(
        "let a clinic leave its group of clinics", "tried to let a clinic leave its group of clinics"
    ),
    "outcomes.networks_listed": Words("looked at the groups of clinics"),
    "outcomes.notice_settled": Words("settled whether a reader is told by mail of a new report"),
    "outcomes.reader_editions_approved": Words(
        "approved who reads which report", "tried to approve who reads which report"
    ),
    "outcomes.reader_editions_written": Words(
        "wrote who reads which report", "tried to write who reads which report"
    ),
    "outcomes.report_built": Words("built a report"),
    "outcomes.report_counted": Words("counted the figures of a report"),
    "outcomes.report_downloaded": Words("took a report home"),
    "outcomes.report_finished": Words("finished a report", "could not finish a report"),
    "outcomes.report_printed": Words("printed a report"),
    "outcomes.report_put_off": Words(
        "tried to build a report", "failed to build a report and will try again"
    ),
    "outcomes.report_released": Words("signed a report off", "tried to sign a report off"),
    "outcomes.report_requested": Words("asked for a report"),
    "outcomes.report_started": Words("started on a report"),
    "outcomes.export_asked": Words(
        "asked for records for an evaluator", "tried to ask for records for an evaluator"
    ),
    "outcomes.export_approved": Words(
        "approved records for an evaluator", "tried to approve records for an evaluator"
    ),
    "outcomes.export_made": Words(
        "wrote records for an evaluator", "tried to write records for an evaluator"
    ),
    "outcomes.export_told_of": Words("gave the record to an evaluator without the name"),
    "outcomes.form_schedule_written": Words(
        "wrote how often the outcome form is asked", "tried to write how often the outcome form is asked"
    ),
    "outcomes.form_schedule_approved": Words(
        "approved how often the outcome form is asked", "tried to approve how often the outcome form is asked"
    ),
    "outcomes.unit_costs_loaded": Words(
        "loaded a table of unit costs", "tried to load a table of unit costs"
    ),
    "outcomes.unit_costs_approved": Words(
        "approved a table of unit costs", "tried to approve a table of unit costs"
    ),
    "outcomes.aims_written": Words(
        "wrote the aims of the programme", "tried to write the aims of the programme"
    ),
    "outcomes.aims_approved": Words(
        "approved the aims of the programme", "tried to approve the aims of the programme"
    ),
    "outcomes.area_figure_recorded": Words(
        "entered a count of the area", "tried to enter a count of the area"
    ),
    "outcomes.area_figure_amended": Words(
        "corrected a count of the area", "tried to correct a count of the area"
    ),
    "outcomes.need_estimate_recorded": Words(
        "entered an estimate of need", "tried to enter an estimate of need"
    ),
    "outcomes.need_estimate_amended": Words(
        "corrected an estimate of need", "tried to correct an estimate of need"
    ),
    "outcomes.figures_seen": Words("looked at the figures of the reports"),
    "outcomes.report_read": Words("read a report"),
    "outcomes.reports_seen": Words("looked at the list of reports"),
    "outcomes.rollup_built": Words("put the figures of a group together"),
    "outcomes.rollup_downloaded": Words("took the figures of a group home"),
    "outcomes.rollup_part_taken": Words("took a clinic’s figures for a group"),
    "outcomes.rollup_put_off": Words(
        "tried to put the figures of a group together",
        "failed to put the figures of a group together and will try again",
    ),
    "outcomes.rollup_requested": Words(
        "asked for the figures of a group", "tried to ask for the figures of a group"
    ),
    "outcomes.rollup_seen": Words("looked at the figures of a group"),
}
