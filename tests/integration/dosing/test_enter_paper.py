"""Entering a line of a paper pack: the dose as it was, once, with both times."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.actions.paper import PaperRefused, begin_entry
from dosing.models import (
    Hold,
    Injection,
    PaperCase,
    PaperLine,
    PatientDay,
    PlannedSession,
    PreInjectionCheck,
    Reading,
    RegisterEntry,
    Release,
    SessionOutcome,
    Visit,
)
from dosing.rules.checks import Sedation
from dosing.rules.observation import NaloxoneHeld
from dosing.rules.paper import HowLeft, LeftOnPaper, OnLine, PaperEntry, SetOnPaper
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.paper import AWAKE, LEAD_PIN, PaperRoom, a_paper_room, recorded_live
from tests.factories.treatment import a_member_of_staff, a_patient_in_treatment

THIRD_PIN = "846105"

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> PaperRoom:
    return a_paper_room()


class TestALineWithADose:
    def test_stands_in_every_place_with_both_times(self, paper: PaperRoom) -> None:
        line = paper.enter()

        assert (line.is_contested, line.conflicts) == (False, [])
        injection = Injection.objects.get(paper_line=line)
        entry = RegisterEntry.objects.get(injection=injection)
        outcome = SessionOutcome.objects.get(injection=injection)
        assert (injection.started_at, injection.is_contested) == (paper.given_at, False)
        assert line.entered_at > injection.started_at + timedelta(hours=1)
        assert (entry.occurred_at, entry.given_mg, entry.wasted_mg) == (injection.ended_at, 15, 5)
        assert entry.recorded_at >= line.entered_at
        assert (entry.balance, entry.reference) == (48, "Paper pack, line P12-01")
        assert (outcome.outcome, outcome.given_mg) == ("given", 15)
        day = PatientDay.objects.get(patient=paper.room.patient)
        assert (day.authorised_mg, day.administered_mg) == (15, 15)
        assert PreInjectionCheck.objects.get(paper_line=line).made_at == paper.given_at
        visit = Visit.objects.get(session=paper.session())
        assert (visit.state, visit.injected_at) == ("observed", injection.ended_at)
        assert not PaperCase.objects.exists()
        assert not Hold.objects.exists()

    def test_is_entered_once_whoever_sends_it_again(self, paper: PaperRoom) -> None:
        first = paper.enter()

        again = paper.enter(by=paper.room.second_nurse)

        assert again == first
        assert (Injection.objects.count(), RegisterEntry.objects.filter(kind="supplied").count()) == (1, 1)

    def test_is_refused_with_other_content_once_it_is_entered(self, paper: PaperRoom) -> None:
        paper.enter()

        with pytest.raises(PaperRefused) as refusal:
            paper.enter(paper.entry(given_mg=14, wasted_mg=6))

        assert [finding.code for finding in refusal.value.decision] == ["entered_already"]
        assert Injection.objects.get().given_mg == 15
        assert AuditEvent.objects.filter(event="dosing.paper_line_entered", outcome="refused").count() == 1

    def test_is_that_persons_whose_line_it_is(self, paper: PaperRoom) -> None:
        other = a_patient_in_treatment(paper.room.clinic, by=paper.room.doctor)

        with pytest.raises(PaperRefused) as refusal:
            paper.enter(replace(paper.entry(), patient_id=other.person_id))

        assert [finding.code for finding in refusal.value.decision] == ["somebody_else"]

    @pytest.mark.parametrize("part", ["patient_id", "batch_id", "giver_id", "witness_id"])
    def test_is_of_this_clinic(self, paper: PaperRoom, part: str) -> None:
        elsewhere = a_paper_room()
        theirs = {
            "patient_id": elsewhere.room.patient.id,
            "batch_id": elsewhere.room.batch.id,
            "giver_id": elsewhere.room.nurse.id,
            "witness_id": elsewhere.room.nurse.id,
        }[part]
        entry = paper.entry() if part == "patient_id" else paper.entry(**{part: theirs})
        if part == "patient_id":
            entry = replace(entry, patient_id=theirs)

        with pytest.raises(PaperRefused) as refusal:
            paper.enter(entry, line=2, pins=paper.pins(away_reason="On leave."))

        found = {finding.code for finding in refusal.value.decision}
        assert found <= {"not_here", "no_such_batch", "no_such_name"}
        assert not PaperLine.objects.exists()

    @pytest.mark.parametrize("line", [0, 8])
    def test_is_one_of_the_packs(self, paper: PaperRoom, line: int) -> None:
        with pytest.raises(PaperRefused) as refusal:
            paper.enter(line=line)

        assert [finding.code for finding in refusal.value.decision] == ["no_such_line"]

    def test_may_be_a_blank_line_of_somebody_not_on_the_pack(self, paper: PaperRoom) -> None:
        assert not paper.enter(line=7).is_contested

    def test_brings_the_visit_on_of_somebody_who_was_in_the_room(self, paper: PaperRoom) -> None:
        planned = PlannedSession.objects.create(
            clinic=paper.room.clinic,
            patient=paper.room.patient,
            episode=paper.room.episode,
            service_date=paper.pack.service_date,
            slot=paper.pack.slot,
            order=paper.room.order,
        )
        Visit.objects.create(
            session=planned,
            clinic=paper.room.clinic,
            patient=paper.room.patient,
            state="identified",
            arrived_at=paper.given_at,
            arrived_by=paper.room.nurse,
            with_staff=paper.room.nurse,
        )

        paper.enter()

        assert Visit.objects.get().state == "observed"


class TestWhoSigns:
    def test_is_refused_with_a_wrong_pin(self, paper: PaperRoom) -> None:
        with pytest.raises(PinRefused):
            paper.enter(pins=paper.pins(witness_pin="000000"))

        assert not PaperLine.objects.exists()

    def test_may_be_the_lead_for_one_who_is_away(self, paper: PaperRoom) -> None:
        away = paper.pins(witness_id=paper.lead.id, witness_pin=LEAD_PIN, away_reason="On leave.")

        line = paper.enter(pins=away)

        assert (line.is_contested, line.away_reason) == (False, "On leave.")
        injection = Injection.objects.get()
        assert injection.witness == paper.room.second_nurse
        assert injection.witness_signature.signed_by == paper.lead

    def test_says_why_somebody_is_away(self, paper: PaperRoom) -> None:
        with pytest.raises(PaperRefused) as refusal:
            paper.enter(pins=paper.pins(witness_id=paper.lead.id, witness_pin=LEAD_PIN))

        assert [finding.code for finding in refusal.value.decision] == ["no_reason"]

    def test_is_contested_where_a_nurse_stands_in(self, paper: PaperRoom) -> None:
        third = a_member_of_staff(paper.room.clinic, Role.NURSE, name="Third Nurse", pin=THIRD_PIN)
        away = paper.pins(witness_id=third.id, witness_pin=THIRD_PIN, away_reason="On leave.")

        line = paper.enter(pins=away)

        assert line.conflicts == ["signature_missing"]
        assert (Injection.objects.get().is_contested, Hold.objects.exists()) == (True, True)

    def test_is_contested_where_one_signs_for_both(self, paper: PaperRoom) -> None:
        away = paper.pins(
            giver_id=paper.lead.id,
            giver_pin=LEAD_PIN,
            witness_id=paper.lead.id,
            witness_pin=LEAD_PIN,
            away_reason="Both are on leave.",
        )

        assert paper.enter(pins=away).conflicts == ["signature_missing"]

    def test_is_on_the_list(self, paper: PaperRoom) -> None:
        with pytest.raises(PaperRefused) as refusal:
            paper.enter(pins=paper.pins(witness_id=paper.room.doctor.id, away_reason="On leave."))

        assert [finding.code for finding in refusal.value.decision] == ["not_a_signer"]


class TestALineWithoutADose:
    def test_ends_the_session(self, paper: PaperRoom) -> None:
        line = paper.enter(paper.ending(Outcome.WITHHELD, Reason.INTOXICATED))

        ended = SessionOutcome.objects.get(session=paper.session())
        assert (ended.outcome, ended.reason, line.ended) == ("withheld", "intoxicated", ended)
        assert Visit.objects.get().state == "not_given"

    def test_is_signed_by_whoever_proves_a_pin_whoever_types_it(self, paper: PaperRoom) -> None:
        line = paper.enter(paper.ending(), by=paper.room.second_nurse)

        assert line.entered_by == paper.room.second_nurse
        assert line.giver_signature.signed_by == paper.room.nurse

    def test_that_says_what_is_recorded_already_changes_nothing(self, paper: PaperRoom) -> None:
        recorded_live(paper, Outcome.MISSED, Reason.UNKNOWN)

        line = paper.enter(paper.ending())

        assert (line.is_contested, line.ended) == (False, None)
        assert SessionOutcome.objects.count() == 1

    def test_that_says_otherwise_is_contested(self, paper: PaperRoom) -> None:
        recorded_live(paper, Outcome.MISSED, Reason.UNKNOWN)

        line = paper.enter(paper.ending(Outcome.WITHHELD, Reason.INTOXICATED))

        assert line.conflicts == ["already_recorded"]
        assert SessionOutcome.objects.get().outcome == "missed"
        assert (PaperCase.objects.count(), Hold.objects.count()) == (1, 0)

    def test_on_which_nothing_is_written_is_nobodys(self, paper: PaperRoom) -> None:
        line = paper.enter(PaperEntry(OnLine.NOTHING, paper.room.patient.id), line=3)

        assert (line.patient, line.session, line.is_contested) == (None, None, False)


class TestWhatWasReadAfterwards:
    def test_and_the_release_stand_with_the_papers_times(self, paper: PaperRoom) -> None:
        ended = paper.given_at + timedelta(minutes=1)
        after = tuple(SetOnPaper(AWAKE, ended + timedelta(minutes=m), m) for m in (2, 5, 10, 20, 30))
        left = LeftOnPaper(HowLeft.RELEASED, ended + timedelta(minutes=31), "", True, True, "")

        paper.enter(paper.entry(after=after, left=replace(left, naloxone=NaloxoneHeld.HAS)))

        release = Release.objects.get()
        assert (release.left_early, release.is_tolerated, release.released_at) == (False, True, left.at)
        assert Reading.objects.count() == 5
        assert Visit.objects.get().state == "released"

    def test_that_does_not_make_a_release_is_an_early_leaving(self, paper: PaperRoom) -> None:
        ended = paper.given_at + timedelta(minutes=1)
        left = LeftOnPaper(HowLeft.RELEASED, ended + timedelta(minutes=5), "", True, True, NaloxoneHeld.HAS)

        paper.enter(paper.entry(left=left))

        release = Release.objects.get()
        assert (release.left_early, release.is_tolerated) == (True, False)
        assert "On paper" in release.reason

    def test_that_asked_for_rousing_holds_the_next_dose(self, paper: PaperRoom) -> None:
        drowsy = replace(AWAKE, sedation=Sedation.DRIFTS_OFF)

        paper.enter(paper.entry(after=(SetOnPaper(drowsy, paper.given_at + timedelta(minutes=6), 5),)))

        assert Hold.objects.get().codes == ["roused"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"started_at": timedelta(hours=4), "ended_at": timedelta(hours=4)}, "time_to_come"),
            ({"ended_at": -timedelta(minutes=1)}, "ends_before_it_starts"),
        ],
        ids=["to-come", "end-first"],
    )
    def test_is_refused_as_no_reading_of_the_paper(
        self, paper: PaperRoom, changes: dict[str, timedelta], code: str
    ) -> None:
        times = {name: paper.given_at + span for name, span in changes.items()}

        with pytest.raises(PaperRefused) as refusal:
            paper.enter(paper.entry(**times))

        assert code in [finding.code for finding in refusal.value.decision]


class TestBeginningAPack:
    def test_is_begun_once(self, paper: PaperRoom) -> None:
        first, second = (
            begin_entry(clinic=paper.room.clinic, pack=paper.pack, by=by, at=now())
            for by in (paper.room.nurse, paper.room.second_nurse)
        )

        assert first == second
        assert AuditEvent.objects.filter(event="dosing.paper_begun").count() == 1
