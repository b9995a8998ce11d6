"""What the audit trail's events are called when people read them.

A test collects every event that the program writes and refuses one without words here.
Source: trust design 3 (the read audit).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What stands after a colleague's name: for an act that was done or a look, and for one that was refused."""

    done: str
    refused: str = ""


WORDS: dict[str, Words] = {
    # signing in, roles, PINs
    "accounts.access_refused": Words("", "tried to open a page that their role does not include"),
    "accounts.account_closed": Words("closed an account"),
    "accounts.clinic_opened": Words("opened the clinic in the program"),
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
    "accounts.user_created": Words("made an account"),
    # people coming in
    "patients.episode_opened": Words("opened an episode of treatment"),
    "patients.history_imported": Words("imported people of earlier records"),
    "patients.person_registered": Words("registered a person"),
    "patients.treatment_started": Words("noted that treatment has started"),
    "referrals.assessment_planned": Words("planned the assessment of somebody referred"),
    "referrals.history_imported": Words("imported earlier referrals"),
    "referrals.list_seen": Words("looked at the list of referrals"),
    "referrals.own_list_seen": Words("looked at the referrals of their agency"),
    "referrals.own_referral_seen": Words("looked at where a referral of their agency stands"),
    "referrals.person_referred": Words("referred a person"),
    "referrals.referral_accepted": Words("accepted a referral"),
    "referrals.referral_declined": Words("closed a referral without accepting"),
    "referrals.referral_first_seen": Words("was the first clinician to open a referral"),
    "referrals.referral_received": Words("received a referral"),
    "referrals.referral_seen": Words("looked at a referral"),
    "referrals.referral_withdrawn": Words("took a referral back"),
    # orders and the treatment room
    "dosing.board_seen": Words("looked at the board"),
    "dosing.history_imported": Words("imported earlier sessions"),
    "dosing.injection_page_seen": Words("opened the page of one dose"),
    "dosing.injection_recorded": Words("recorded an injection", "tried to record an injection"),
    "dosing.licence_recorded": Words("recorded a doctor’s licence"),
    "dosing.order_signed": Words("signed an order", "tried to sign an order"),
    "dosing.protocol_approved": Words("approved the clinic’s limits"),
    # the register
    "dosing.register_line_written": Words("wrote a line of the register"),
    "dosing.register_opened": Words("opened a register"),
    "dosing.register_seen": Words("looked at the register"),
    "dosing.stock_received": Words("received stock"),
    # reports
    "outcomes.cohort_imported": Words("imported a clinic’s history"),
    "outcomes.extract_frozen": Words("froze the records for a report"),
    "outcomes.report_built": Words("built a report"),
    "outcomes.report_downloaded": Words("took a report home"),
    "outcomes.report_finished": Words("finished a report", "could not finish a report"),
    "outcomes.report_printed": Words("printed a report"),
    "outcomes.report_requested": Words("asked for a report"),
    "outcomes.report_started": Words("started on a report"),
    "outcomes.reports_seen": Words("looked at the list of reports"),
    # the audit trail itself
    "pages.acts_seen": Words("read who did what"),
    "pages.looks_seen": Words("read who looked at whom"),
}


def words_for(event: str, *, is_refused: bool) -> str:
    """Return what stands after the colleague's name; an event of an older version is told by its bare name."""
    words = WORDS.get(event, Words(event, f"was refused: {event}"))
    return words.refused if is_refused else words.done
