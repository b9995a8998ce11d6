"""What is held about one person, table by table: how each leads to them, and why a table is left out.

A table that can reach a person and stands in neither list fails a test. Source: trust design 7 (subject access).
"""

from __future__ import annotations

from typing import Final

SOURCE: Final = "trust design 7"

_PERSON: Final = ("person",)
_PATIENT: Final = ("patient",)
_EPISODE: Final = ("episode__person",)
_REFERRAL: Final = ("referral__person",)

# By the model's label: the ways from a row to its person. A row that any of them leads to is about them.
EXPORTED: Final[dict[str, tuple[str, ...]]] = {
    "patients.Person": ("id",),
    "patients.PersonChange": _PERSON,
    "patients.PersonPhoto": _PERSON,
    "patients.ContactDetail": _PERSON,
    "patients.Alert": _PERSON,
    "patients.Relationship": _PERSON,
    "patients.Consent": _PERSON,
    "patients.ConsentWithdrawal": ("consent__person",),
    "patients.Disclosure": _PERSON,
    "patients.Episode": _PERSON,
    "patients.EpisodeStage": _EPISODE,
    "patients.LeavingPlan": _EPISODE,
    "patients.Assessment": _EPISODE,
    "patients.Incident": _PERSON,
    "patients.RecordOpening": _PERSON,
    "patients.OpeningReview": ("opening__person",),
    "patients.HarmCheck": ("person_id",),
    "referrals.Referral": _PERSON,
    "referrals.AgencyFlag": _REFERRAL,
    "referrals.PriorTreatment": _REFERRAL,
    "referrals.ReleasePlan": _REFERRAL,
    "referrals.EligibilityFact": _REFERRAL,
    "referrals.ReferralMessage": _REFERRAL,
    "referrals.TellingStop": _REFERRAL,
    "referrals.ReferralDecision": _REFERRAL,
    "referrals.EligibilityJudgement": ("decision__referral__person",),
    "dosing.Order": _PATIENT,
    "dosing.OrderPeriod": _PATIENT,
    "dosing.OrderStep": ("order__patient",),
    "dosing.OrderSlot": ("order__patient",),
    "dosing.OrderRequest": _PATIENT,
    "dosing.OrderRequestStanding": _PATIENT,
    "dosing.GapDecision": _PATIENT,
    "dosing.OxygenBaseline": _PATIENT,
    "dosing.Hold": _PATIENT,
    "dosing.PrescriptionPrint": ("order__patient",),
    "dosing.PrescriptionPart": ("prescription__order__patient",),
    "dosing.OralOrder": _PATIENT,
    "dosing.OralOrderPeriod": _PATIENT,
    "dosing.OralSettlement": ("dose__patient",),
    "dosing.OralDecision": _PATIENT,
    "dosing.OralDose": _PATIENT,
    "dosing.NaloxoneOrder": _PATIENT,
    "dosing.PlannedSession": _PATIENT,
    "dosing.SessionOutcome": ("session__patient",),
    "dosing.PatientDay": _PATIENT,
    "dosing.Visit": _PATIENT,
    "dosing.IdentityCheck": _PATIENT,
    "dosing.PreInjectionCheck": _PATIENT,
    "dosing.LateArrival": ("session__patient",),
    "dosing.Authorisation": _PATIENT,
    "dosing.AuthorisationUse": ("authorisation__patient",),
    "dosing.Preparation": _PATIENT,
    "dosing.Acknowledgement": ("preparation__patient",),
    "dosing.Injection": _PATIENT,
    "dosing.InjectionFacts": ("injection__patient",),
    "dosing.PaperLine": _PATIENT,
    "dosing.PaperCase": ("line__patient",),
    "dosing.PaperSettlement": ("case__line__patient",),
    "dosing.WaitingEntry": ("line__patient",),
    "dosing.WastedDose": ("preparation__patient",),
    "dosing.Reading": ("session__patient",),
    "dosing.Release": ("session__patient",),
    "dosing.Correction": ("reading__session__patient", "outcome__session__patient"),
    "dosing.Emergency": _PATIENT,
    "dosing.EmergencyLine": ("emergency__patient",),
    "dosing.EmergencySignature": ("emergency__patient",),
    "dosing.EmergencyIncident": ("emergency__patient",),
    "dosing.Contact": _PATIENT,
    "dosing.HandoverNote": _PATIENT,
    "dosing.ClosedPerson": _PATIENT,
    "dosing.PatientReturn": _PATIENT,
    "dosing.ReturnDestruction": ("patient_return__patient",),
    "dosing.Batch": _PATIENT,
    "dosing.Delivery": _PATIENT,
    "dosing.Quarantine": ("batch__patient",),
    "dosing.RegisterEntry": _PATIENT,
    "dosing.Amendment": ("entry__patient", "amends__patient"),
    "dosing.StockMovement": ("entry__patient",),
    "dosing.Destruction": ("entry__patient",),
    "dosing.LegalHold": _PERSON,
    "dosing.LegalHoldLift": ("hold__person",),
    "outcomes.Appointment": _PATIENT,
    "outcomes.AppointmentEnd": ("appointment__patient",),
    "outcomes.CaseAssignment": _PATIENT,
    "outcomes.CustodyStay": _PATIENT,
    "outcomes.FollowUp": _PATIENT,
    "outcomes.FollowUpDone": ("follow_up__patient",),
    "outcomes.Goal": _PATIENT,
    "outcomes.GoalStep": ("goal__patient",),
    "outcomes.HealthLine": _PATIENT,
    "outcomes.HousingRecord": _PATIENT,
    "outcomes.IncidentReport": _PATIENT,
    "outcomes.IncidentTelling": ("report__patient",),
    "outcomes.MoneyLine": _PATIENT,
    "outcomes.Offence": ("person_id",),
    "outcomes.OutcomeForm": _PATIENT,
    "outcomes.OwnAnswers": _PATIENT,
    "outcomes.PoliceOffence": ("person_id",),
    "outcomes.PoliceReference": _PATIENT,
    "outcomes.PoliceReferenceEnd": ("reference__patient",),
    "outcomes.ServiceUse": _PATIENT,
    "outcomes.SupportSession": _PATIENT,
    "outcomes.UrineDraw": _PATIENT,
    "outcomes.UrineStep": ("draw__patient",),
    "outcomes.UrineTest": _PATIENT,
    "audit.AuditEvent": _PERSON,
}

# How a table leads to the referral of somebody who is no person of ours yet, and is known by its id alone. A referral
# that is only likely about somebody is about them once a clinician has said so, and is named as doubtful before.
BEFORE_A_PERSON: Final = {
    label: "" if label == "referrals.Referral" else "referral__"
    for label, ways in EXPORTED.items()
    if label == "referrals.Referral" or ways == _REFERRAL
}

# What leads to a person and is not written out, and why.
LEFT_OUT: Final[dict[str, str]] = {
    "dosing.DosingState": "A lock: it holds the person's id and nothing else.",
    "dosing.DowntimePack": "Which people stood on a paper together; each one's own lines are exported with their orders.",
    "dosing.DowntimeFile": "The paper of everybody in a session: it tells of other people.",
    "dosing.PaperRun": "Which paper was used, and since when; each line that was entered from it is exported.",
    "dosing.Transfer": "Stock between clinics; only a batch of own medicine leads to a person.",
    "outcomes.PoliceStrike": "Which police files told of somebody else under a reference; its taking back is exported.",
    "dosing.TransferReceipt": "Stock between clinics; only a batch of own medicine leads to a person.",
}

# What nobody is told before its day, and by which column: a row whose day has not come is left out until then.
TOLD_ON_THE_DAY: Final = {"outcomes.UrineDraw": "due_on"}

# What stands in a schema of its own and is read by a login of its own: only where the other table has the person.
KEPT_APART: Final = {"outcomes.PoliceOffence": "outcomes.PoliceReference"}

# What is written by reading and handing over itself: it does not make a record another one.
NOT_READ: Final = frozenset({"audit.AuditEvent", "patients.HarmCheck"})

# What may name somebody else, and is read before the export is handed over.
THIRD_PARTIES: Final = {
    "patients.Person": ("next_of_kin", "next_of_kin_phone", "gp_name"),
    "patients.ContactDetail": ("who", "how"),
    "patients.Assessment": ("physical_health", "mental_health", "why_in_their_words"),
    "dosing.Contact": ("words",),
    "dosing.HandoverNote": ("words",),
    "outcomes.Appointment": ("where", "words"),
    "outcomes.AppointmentEnd": ("words",),
    "outcomes.FollowUp": ("what",),
    "outcomes.FollowUpDone": ("how",),
    "outcomes.Goal": ("words",),
    "outcomes.GoalStep": ("words",),
    "outcomes.IncidentReport": ("words", "why"),
    "outcomes.IncidentTelling": ("words", "why"),
    "outcomes.SupportSession": ("note", "next_step"),
    "outcomes.UrineStep": ("words",),
    "referrals.Referral": ("reach", "contact", "concern"),
}

BEFORE_HANDING_OVER: Final = (
    "A clinician reads it and signs that nothing in it would do serious harm to the person or to somebody else.",
    "What may name somebody else is marked: take it out, or ask them.",
    "It goes to the person themself, or to whom they sent in writing, within one month of the day they asked.",
)
