"""What the audit trail's events are called when people read them.

A test collects every event that the program writes and refuses one without words here.
Source: trust design 3 (the read audit).
"""

from __future__ import annotations

from hat_clinic.pages.rules.event_words import Words
from hat_clinic.pages.rules.events_of_help import HELP

WORDS: dict[str, Words] = {
    # signing in, roles, PINs
    "accounts.access_refused": Words("", "tried to open a page that their role does not include"),
    "accounts.account_closed": Words("closed an account"),
    "accounts.account_reopened": Words("opened an account again"),
    "accounts.agency_added": Words("entered an agency"),
    "accounts.clinic_opened": Words("opened the clinic in the program"),
    "accounts.invitation_accepted": Words("took up an invitation"),
    "accounts.invitation_withdrawn": Words("took an invitation back"),
    "accounts.person_invited": Words("invited somebody"),
    "accounts.pin_proved": Words("proved who they are with their PIN", "gave a PIN that was not taken"),
    "accounts.pin_set": Words("set a signing PIN"),
    "accounts.pin_tries_forgiven": Words("may try the PIN again after a full sign-in"),
    "accounts.premises_opened": Words("opened premises"),
    "accounts.program_created": Words("entered a program that acts by itself"),
    "accounts.recovery_codes_renewed": Words("made new recovery codes"),
    "accounts.role_ended": Words("ended a role"),
    "accounts.role_granted": Words("gave a role"),
    "accounts.second_factor_failed": Words("", "gave a second factor that was not taken"),
    "accounts.second_factor_removed": Words("removed a second factor"),
    "accounts.second_factor_set": Words("set up a second factor"),
    "accounts.sign_in_failed": Words("", "tried to sign in and was not let in"),
    "accounts.signed_in": Words("signed in"),
    "accounts.signed_out": Words("signed out"),
    "accounts.staff_member_seen": Words("looked at a colleague’s roles"),
    "accounts.staff_seen": Words("looked at the list of staff"),
    "accounts.terminal_added": Words("entered a terminal"),
    "accounts.terminal_enrolled": Words("enrolled a terminal"),
    "accounts.terminal_locked": Words("locked a terminal"),
    "accounts.terminal_opened": Words("opened a terminal"),
    "accounts.terminal_retired": Words("took a terminal out of use"),
    "accounts.user_created": Words("made an account"),
    # people, and how they come in
    "pages.people_listed": Words("looked at the list of people"),
    "pages.person_seen": Words("opened a person’s record"),
    "patients.assessment_recorded": Words(
        "recorded a medical assessment", "tried to record a medical assessment"
    ),
    "patients.consent_recorded": Words("recorded a consent", "tried to record a consent"),
    "patients.consent_withdrawn": Words("recorded that a consent was withdrawn"),
    "patients.consent_ended": Words("ended a consent with the treatment it was for"),
    "patients.episode_opened": Words("opened an episode of treatment"),
    "patients.history_imported": Words("imported people of earlier records"),
    "pages.checklist_seen": Words("looked at what is missing until the first dose"),
    "patients.harm_checked": Words(
        "signed that an export does nobody serious harm",
        "tried to sign that an export does nobody serious harm",
    ),
    "pages.record_read_before_export": Words("read everything held about a person before it is handed over"),
    "pages.record_exported": Words(
        "exported everything held about a person", "tried to export everything held about a person"
    ),
    "patients.alert_ended": Words("ended an alert"),
    "patients.alert_set": Words("set an alert", "tried to set an alert"),
    "patients.contact_added": Words("added a way to reach somebody", "tried to add a way to reach somebody"),
    "patients.contact_ended": Words("took a way to reach somebody out of use"),
    "patients.leaving_planned": Words("wrote a plan for leaving", "tried to write a plan for leaving"),
    "patients.opened_record_seen": Words("read a record that was opened with a reason"),
    "patients.opening_reviewed": Words(
        "closed the review of a record that was opened with a reason",
        "tried to close the review of a record that was opened with a reason",
    ),
    "patients.openings_seen": Words("looked at the records that were opened with a reason"),
    "patients.record_opened": Words(
        "opened the record of somebody they do not work with",
        "tried to open the record of somebody they do not work with",
    ),
    "patients.relationship_added": Words(
        "wrote who works with a person", "tried to write who works with a person"
    ),
    "patients.relationship_ended": Words("ended that somebody works with a person"),
    "patients.statement_given": Words("gave a last-dose statement", "tried to give a last-dose statement"),
    "dosing.programme_decided": Words(
        "decided about the end of the programme", "tried to decide about the end of the programme"
    ),
    "dosing.programme_seen": Words("looked at the end of the programme"),
    "dosing.statement_page_seen": Words("opened the page for a last-dose statement"),
    "dosing.statement_printed": Words("printed a last-dose statement"),
    "dosing.statement_seen": Words("read a last-dose statement"),
    "patients.person_changed": Words("changed a person’s details", "tried to change a person’s details"),
    "patients.person_opened": Words("opened a form about a person"),
    "patients.other_record_told": Words("was told of another record of the same names"),
    "patients.person_registered": Words("registered a person"),
    "patients.photo_added": Words("added a photo", "tried to add a photo"),
    "patients.photo_seen": Words("looked at a photo"),
    "patients.assessments_seen": Words("read a person’s assessments"),
    "patients.treatment_ended": Words("ended a treatment", "tried to end a treatment"),
    "patients.stage_set": Words("set the stage of a treatment", "tried to set the stage of a treatment"),
    "patients.treatment_started": Words("noted that treatment has started"),
    "referrals.agency_wrote": Words("wrote to the clinic about a referral"),
    "referrals.assessment_planned": Words("planned the assessment of somebody referred"),
    "referrals.criteria_approved": Words("approved the criteria of the clinic"),
    "referrals.criteria_written": Words("wrote criteria for approval"),
    "referrals.draft_dropped": Words("threw a draft of a referral away"),
    "referrals.draft_saved": Words("kept a draft of a referral"),
    "referrals.eligibility_noted": Words("noted a finding about somebody referred"),
    "referrals.file_imported": Words("brought a file of referrals in"),
    "referrals.history_imported": Words("imported earlier referrals"),
    "referrals.list_seen": Words("looked at the list of referrals"),
    "referrals.own_list_seen": Words("looked at the referrals of their agency"),
    "referrals.own_referral_seen": Words("looked at where a referral of their agency stands"),
    "referrals.person_referred": Words("referred a person"),
    "referrals.question_asked": Words("asked an agency about a referral"),
    "referrals.drafts_purged": Words("emptied referrals that were never sent"),
    "referrals.telling_stopped": Words("noted that an agency is told no more of its referral"),
    "referrals.referral_accepted": Words("accepted a referral"),
    "referrals.referral_declined": Words("closed a referral without accepting"),
    "referrals.referral_first_seen": Words("was the first clinician to open a referral"),
    "referrals.referral_received": Words("received a referral"),
    "referrals.referral_seen": Words("looked at a referral"),
    "referrals.referral_withdrawn": Words("took a referral back"),
    "referrals.overrides_seen": Words("looked at the acceptances against the criteria"),
    "referrals.release_planned": Words("noted an expected release"),
    "referrals.releases_seen": Words("looked at who is expected out of prison"),
    # orders and the treatment room
    "dosing.arrival_noted": Words("noted that a person has arrived"),
    "dosing.balance_checked": Words("checked the balance", "tried to check the balance"),
    "dosing.board_seen": Words("looked at the board"),
    "dosing.authorising_page_seen": Words("looked at a finding that a doctor can let pass"),
    "dosing.oxygen_page_seen": Words("looked at somebody's target for oxygen"),
    "dosing.check_page_seen": Words("opened the check before a dose"),
    "dosing.check_recorded": Words(
        "recorded the check before a dose", "tried to record a check that was not whole"
    ),
    "dosing.late_arrival_noted": Words(
        "noted that somebody came after all", "tried to note that somebody came after all"
    ),
    "dosing.handover_acknowledged": Words(
        "read a handover and signed", "tried to sign that a handover was read"
    ),
    "dosing.handover_seen": Words("looked at a handover"),
    "dosing.handover_signed": Words("signed a handover", "tried to sign a handover"),
    "dosing.closure_seen": Words("looked at who is affected by closed sessions"),
    "dosing.sessions_closed": Words("closed sessions", "tried to close sessions"),
    "dosing.sessions_reopened": Words("reopened closed sessions", "tried to reopen closed sessions"),
    "dosing.contact_noted": Words("noted a contact", "tried to note a contact"),
    "dosing.contact_page_seen": Words("opened the page for noting a contact"),
    "dosing.case_classified": Words("classified a discrepancy", "tried to classify a discrepancy"),
    "dosing.case_closed": Words("closed a discrepancy case", "tried to close a discrepancy case"),
    "dosing.case_noted": Words("added a note to a discrepancy case", "tried to add a note to a case"),
    "dosing.case_seen": Words("opened a discrepancy case"),
    "dosing.case_told": Words(
        "wrote down who was told of a discrepancy", "tried to write down who was told of a discrepancy"
    ),
    "dosing.cases_seen": Words("looked at the discrepancy cases"),
    "dosing.checks_seen": Words("looked at the balance checks"),
    "dosing.closing_seen": Words("looked at the closing of the day"),
    "dosing.day_closed": Words("closed the day", "tried to close the day"),
    "dosing.day_opened": Words("opened the day", "tried to open the day"),
    "dosing.discrepancy_opened": Words("opened a discrepancy", "tried to open a discrepancy"),
    "dosing.dose_prepared": Words("prepared a dose", "tried to prepare a dose"),
    "dosing.dose_wasted": Words("wasted a prepared dose", "tried to waste a prepared dose"),
    "dosing.early_leaving_page_seen": Words("opened the page for leaving early"),
    "dosing.early_leaving_recorded": Words(
        "recorded that a person left early", "tried to record that a person left early"
    ),
    "dosing.ending_page_seen": Words("opened the page for ending an order"),
    "dosing.history_imported": Words("imported earlier sessions"),
    "dosing.finding_authorised": Words(
        "let one dose go ahead over a finding", "tried to let a dose go ahead over a finding"
    ),
    "dosing.authorisation_used": Words("used what a doctor had let pass"),
    "dosing.notes_acknowledged": Words("ticked notes as read"),
    "dosing.oxygen_target_set": Words("set a target for oxygen", "tried to set a target for oxygen"),
    "dosing.hold_lifted": Words("lifted a hold", "tried to lift a hold"),
    "dosing.emergency_card_approved": Words(
        "approved the emergency card", "tried to approve the emergency card"
    ),
    "dosing.emergency_card_seen": Words("looked at the emergency card"),
    "dosing.emergency_seen": Words("looked at an emergency"),
    "dosing.emergency_signed": Words(
        "signed an emergency, having been there", "tried to sign an emergency that was written on meanwhile"
    ),
    "dosing.emergency_start_seen": Words("saw whom the red button may be about"),
    "dosing.emergency_started": Words("began an emergency"),
    "dosing.emergency_written": Words("wrote in an emergency", "tried to write in an emergency"),
    "dosing.incident_opened": Words("opened an incident by an emergency"),
    "dosing.incidents_seen": Words("looked at the incidents"),
    "dosing.watching_extended": Words("wrote that they are watched longer, after an emergency"),
    "dosing.watching_handed_over": Words(
        "handed over who watches them in an emergency", "tried to hand over who watches in an emergency"
    ),
    "dosing.hold_opened": Words("opened a hold"),
    "dosing.gap_page_seen": Words("looked at a gap to decide on"),
    "dosing.hold_placed": Words("held a person’s doses", "tried to hold a person’s doses"),
    "dosing.hold_placing_page_seen": Words("opened the page for holding doses"),
    "dosing.hold_page_seen": Words("looked at a hold"),
    "dosing.identity_page_seen": Words("opened the page for identity"),
    "dosing.injection_page_seen": Words("opened the page of one dose"),
    "dosing.injection_recorded": Words("recorded an injection", "tried to record an injection"),
    "dosing.legal_hold_lifted": Words("lifted a legal hold", "tried to lift a legal hold"),
    "dosing.legal_hold_set": Words("set a legal hold", "tried to set a legal hold"),
    "dosing.licence_recorded": Words("recorded a doctor’s licence", "tried to record a doctor’s licence"),
    "dosing.naloxone_ordered": Words("ordered naloxone to take home", "tried to order naloxone to take home"),
    "dosing.naloxone_page_seen": Words("opened the page for ordering naloxone"),
    "dosing.licence_revoked": Words("revoked a doctor’s licence", "tried to revoke a doctor’s licence"),
    "dosing.not_given_page_seen": Words("opened the page for a dose not given"),
    "dosing.observation_page_seen": Words("looked at an observation"),
    "dosing.oral_allowed": Words(
        "let an oral dose go ahead after a withheld injection", "tried to let an oral dose go ahead"
    ),
    "dosing.oral_decision_page_seen": Words("opened the page for deciding on an oral dose"),
    "dosing.oral_ending_page_seen": Words("opened the page for ending oral medicine"),
    "dosing.oral_given": Words("gave oral medicine", "tried to give oral medicine"),
    "dosing.oral_order_ended": Words(
        "ended an order of oral medicine", "tried to end an order of oral medicine"
    ),
    "dosing.oral_order_signed": Words(
        "signed an order of oral medicine", "tried to sign an order of oral medicine"
    ),
    "dosing.oral_page_seen": Words("opened the page for giving oral medicine"),
    "dosing.oral_signing_page_seen": Words("opened the page for signing oral medicine"),
    "dosing.order_ended": Words("ended an order", "tried to end an order"),
    "dosing.order_printed": Words("printed a person’s order"),
    "dosing.gap_decided": Words("decided on a gap", "tried to decide on a gap"),
    "dosing.order_authorised": Words(
        "signed an order that another doctor wrote", "tried to sign an order that another doctor wrote"
    ),
    "dosing.order_request_lapsed": Words(
        "ended an order that waited for a licensed doctor in a treatment that is over",
        "tried to end an order that waited for a licensed doctor",
    ),
    "dosing.order_request_seen": Words("looked at an order that waits for a licensed doctor"),
    "dosing.order_request_withdrawn": Words(
        "withdrew an order that waited for a licensed doctor",
        "tried to withdraw an order that waited for a licensed doctor",
    ),
    "dosing.order_requested": Words(
        "asked a licensed doctor to sign an order", "tried to ask a licensed doctor to sign an order"
    ),
    "dosing.order_sent_back": Words("sent an order back unsigned", "tried to send an order back unsigned"),
    "dosing.request_page_seen": Words("opened the page for asking a licensed doctor to sign"),
    "dosing.order_signed": Words("signed an order", "tried to sign an order"),
    "dosing.orders_seen": Words("looked at a person’s orders"),
    "dosing.person_identified": Words("identified a person", "tried to identify a person"),
    "dosing.reading_amended": Words("put a reading right", "tried to put a reading right"),
    "dosing.outcome_amended": Words(
        "put the ending of a session right", "tried to put the ending of a session right"
    ),
    "dosing.check_amended": Words("put a check right", "tried to put a check right"),
    "dosing.injection_amended": Words("put an injection right", "tried to put an injection right"),
    "dosing.oral_amended": Words("put an oral dose right", "tried to put an oral dose right"),
    "dosing.written_seen": Words("looked at what was written of a session"),
    "dosing.amend_page_seen": Words("opened the page for putting a line of the room right"),
    "dosing.person_released": Words("let a person go after observation", "tried to let a person go"),
    "dosing.preparation_page_seen": Words("opened the preparation of a dose"),
    "dosing.prescription_page_seen": Words("opened the page for printing a prescription"),
    "dosing.prescription_printed": Words("printed a prescription", "tried to print a prescription"),
    "dosing.prescription_seen": Words("opened a printed prescription"),
    "dosing.protocol_approved": Words("approved the clinic’s limits", "tried to approve the clinic’s limits"),
    "dosing.protocol_drafted": Words(
        "wrote a draft of the clinic’s limits", "tried to write a draft of the clinic’s limits"
    ),
    "dosing.protocol_seen": Words("looked at the clinic’s limits"),
    "dosing.reading_recorded": Words("recorded a reading", "tried to record a reading"),
    "dosing.session_not_given": Words("recorded a dose not given", "tried to record a dose not given"),
    "dosing.signing_page_seen": Words("opened the page for signing an order"),
    "dosing.timeline_seen": Words("looked at a person’s line of time"),
    "dosing.waste_page_seen": Words("opened the page for wasting a dose"),
    "dosing.worklist_seen": Words("looked at the decisions that wait"),
    # the register
    "dosing.checkpoint_signed": Words("had a checkpoint of the register signed"),
    "dosing.checkpoints_seen": Words("looked at the checkpoints of the register"),
    "dosing.incarnation_started": Words(
        "began a new incarnation of the database after a restore",
        "tried to begin a new incarnation of the database",
    ),
    "dosing.register_exported": Words("took a copy of the register without names"),
    "dosing.register_line_written": Words("wrote a line of the register"),
    "dosing.authority_recorded": Words(
        "recorded an authority to witness destruction", "tried to record an authority to witness destruction"
    ),
    "dosing.line_adjusted": Words("adjusted the register", "tried to adjust the register"),
    "dosing.line_noted": Words("wrote a note in the register", "tried to write a note in the register"),
    "dosing.own_medicine_page_seen": Words("opened the page for a person’s own medicine"),
    "dosing.register_opened": Words("opened a register", "tried to open a register"),
    "dosing.return_destroyed": Words("destroyed what a person brought back", "tried to destroy a return"),
    "dosing.return_page_seen": Words("opened the page for what a person brought back"),
    "dosing.return_taken": Words(
        "wrote down what a person brought back", "tried to write down what a person brought back"
    ),
    "dosing.stock_destroyed": Words("destroyed stock", "tried to destroy stock"),
    "dosing.requisition_closed": Words("closed a requisition", "tried to close a requisition"),
    "dosing.expected_stock_seen": Words("looked at the deliveries that are expected"),
    "dosing.quarantine_page_seen": Words("looked at whose medicine can be put into quarantine"),
    "dosing.destruction_page_seen": Words("looked at whose medicine waits for destruction"),
    "dosing.stock_ordered": Words("ordered stock", "tried to order stock"),
    "dosing.stock_quarantined": Words("put stock into quarantine", "tried to put stock into quarantine"),
    "dosing.stock_seen": Words("looked at the stock"),
    "dosing.stock_sent": Words("sent stock to other premises", "tried to send stock to other premises"),
    "dosing.transfer_received": Words(
        "took stock of other premises in", "tried to take stock of other premises in"
    ),
    "dosing.register_printed": Words("printed the register"),
    "dosing.downtime_seen": Words("looked at the page of the paper pack"),
    "dosing.downtime_pack_made": Words("made a paper pack"),
    "dosing.downtime_pack_seen": Words("took out a paper pack"),
    "dosing.paper_begun": Words("began to enter a paper pack"),
    "dosing.paper_line_entered": Words(
        "entered a line of a paper pack", "tried to enter a line of a paper pack"
    ),
    "dosing.paper_case_opened": Words("opened the case of a contested line"),
    "dosing.paper_line_settled": Words("settled a contested line", "tried to settle a contested line"),
    "dosing.paper_register_line_written": Words(
        "wrote the waiting register line of a paper dose",
        "tried to write the waiting register line of a paper dose",
    ),
    "dosing.paper_oral_entered": Words(
        "entered an oral dose of a paper pack", "tried to enter an oral dose of a paper pack"
    ),
    "dosing.paper_oral_settled": Words(
        "settled a contested oral dose", "tried to settle a contested oral dose"
    ),
    "dosing.paper_seen": Words("looked at the lines of a paper pack"),
    "dosing.paper_cases_seen": Words("looked at the contested lines"),
    "dosing.register_seen": Words("looked at the register"),
    "dosing.register_verified": Words("verified the register"),
    "dosing.stock_counted": Words("counted the stock", "tried to count the stock"),
    "dosing.stock_received": Words("received stock", "tried to receive stock"),
    **HELP,
    # the audit trail itself
    "pages.acts_seen": Words("read who did what"),
    "pages.inspections_seen": Words("read what inspectors opened"),
    "pages.legal_holds_seen": Words("looked at the legal holds"),
    "pages.looks_seen": Words("read who looked at whom"),
}


def words_for(event: str, *, is_refused: bool) -> str:
    """Return what stands after the colleague's name; an event of an older version is told by its bare name."""
    words = WORDS.get(event, Words(event, f"was refused: {event}"))
    return words.refused if is_refused else words.done
