"""What the room refuses, asked of the tables: closed sessions, emergencies, late arrivals, handovers, endings."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from dosing.models import DowntimePack, HandoverAcknowledgement, LateArrival, PaperRun, SessionOutcome
from dosing.rules.sessions import Outcome
from tests.factories import NINE, SessionOutcomeFactory, UserFactory
from tests.factories.closures import ClosureFactory, ReopeningFactory
from tests.factories.drawn import a_drawn_dose, injection_of
from tests.factories.emergencies import EmergencyFactory
from tests.factories.handovers import HandoverFactory
from tests.factories.oral import OralDoseFactory, OralOrderFactory
from tests.factories.paper import PackFactory, PaperLineFactory
from tests.factories.register import its_outcome
from tests.integration.dosing.test_correction_triggers import correction
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

DRAWN_AT = NINE - timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


class TestADoseBeforePaperIsEntered:
    def used(self, drawn, **changes: object) -> DowntimePack:
        """Return a used pack with the person of the drawn dose on its second line."""
        begun_at = changes.pop("begun_at", DRAWN_AT)
        people = [uuid.UUID(int=1), drawn.patient_id]
        pack = PackFactory(people=people, service_date=DRAWN_AT.date(), made_at=DRAWN_AT, **changes)
        PaperRun.objects.create(pack=pack, begun_at=begun_at, begun_by=pack.made_by)
        return pack

    def test_is_not_drawn_up(self) -> None:
        pack = self.used(a_drawn_dose(prepared_at=DRAWN_AT))
        PaperLineFactory(pack=pack, line=1)

        with refused_by("nothing_is_drawn_before_paper_is_entered"):
            commit()

    def test_is_drawn_up_once_it_is(self) -> None:
        PaperLineFactory(pack=self.used(a_drawn_dose(prepared_at=DRAWN_AT)), line=2)

        commit()

    def test_is_not_drawn_up_while_the_oral_dose_on_it_is_missing(self) -> None:
        drawn = a_drawn_dose(prepared_at=DRAWN_AT)
        pack = self.used(drawn)
        of_the_person = {"patient_id": drawn.patient_id, "entered_at": DRAWN_AT}
        PaperLineFactory(pack=pack, line=2, written={"has_oral": True}, **of_the_person)

        with refused_by("nothing_is_drawn_before_paper_is_entered"):
            commit()

        order = OralOrderFactory(episode=drawn.session.episode)
        OralDoseFactory(order=order, pack=pack, given_at=DRAWN_AT - timedelta(hours=2))
        commit()

    def test_is_drawn_up_beside_it(self) -> None:
        drawn = a_drawn_dose(prepared_at=DRAWN_AT)
        self.used(drawn, begun_at=DRAWN_AT + MOMENT)
        PaperRun.objects.create(pack=PackFactory(), begun_at=DRAWN_AT, begun_by=UserFactory())

        commit()


class TestADoseInAClosedSession:
    def test_is_not_drawn_up(self) -> None:
        drawn = a_drawn_dose(prepared_at=DRAWN_AT)
        ClosureFactory(clinic=drawn.session.clinic, starts_at=DRAWN_AT)

        with refused_by("nothing_is_drawn_in_a_closed_session"):
            commit()

    @pytest.mark.parametrize(
        "beside",
        [
            {"starts_at": DRAWN_AT + MOMENT},
            {"starts_at": DRAWN_AT - timedelta(hours=3), "ends_at": DRAWN_AT},
            {"starts_at": DRAWN_AT, "closed_at": DRAWN_AT + MOMENT},
        ],
        ids=["it begins after", "it has ended", "it was closed after"],
    )
    def test_is_drawn_up_beside_it(self, beside: dict[str, object]) -> None:
        drawn = a_drawn_dose(prepared_at=DRAWN_AT)
        ClosureFactory(clinic=drawn.session.clinic, **beside)
        ClosureFactory(starts_at=DRAWN_AT)

        commit()

    def test_is_drawn_up_once_it_reopened(self) -> None:
        drawn = a_drawn_dose(prepared_at=DRAWN_AT)
        closure = ClosureFactory(clinic=drawn.session.clinic, starts_at=DRAWN_AT - timedelta(hours=1))
        ReopeningFactory(closure=closure, from_at=DRAWN_AT)

        commit()


class TestADoseDrawnBeforeAnEmergency:
    def test_went_in_before_it_or_not_at_all(self) -> None:
        drawn = a_drawn_dose(prepared_at=DRAWN_AT)
        began = EmergencyFactory(
            injection=None,
            session=drawn.session,
            patient=drawn.patient,
            clinic=drawn.session.clinic,
            began_at=NINE,
        ).began_at

        with refused_by("injection_began_before_its_emergency"):
            injection_of(drawn, started_at=DRAWN_AT, ended_at=began + MOMENT)
        injection_of(drawn, started_at=DRAWN_AT, ended_at=began)

    def test_is_not_bound_by_one_before_it_was_drawn_up(self) -> None:
        drawn = a_drawn_dose(prepared_at=DRAWN_AT)
        EmergencyFactory(
            injection=None,
            session=drawn.session,
            patient=drawn.patient,
            clinic=drawn.session.clinic,
            began_at=DRAWN_AT - MOMENT,
        )

        injection_of(drawn)


class TestALateArrival:
    def late(self, ended: SessionOutcome, **changes: object) -> LateArrival:
        content = {
            "session": ended.session,
            "ends": ended,
            "reason": "came_late",
            "noted_at": NINE,
            "noted_by": UserFactory(),
        }
        return LateArrival.objects.create(**(content | changes))

    @pytest.mark.parametrize(
        ("outcome", "reason"), [("missed", "unknown"), ("excused", "custody"), ("withheld", "declined")]
    )
    def test_follows_an_ending_without_a_dose(self, outcome: str, reason: str) -> None:
        self.late(SessionOutcomeFactory(outcome=outcome, reason=reason))

    def test_follows_none_that_a_nurse_withheld(self) -> None:
        with refused_by("late_arrival_follows_its_ending"):
            self.late(SessionOutcomeFactory(outcome="withheld", reason="intoxicated"))

    def test_is_of_the_same_session(self) -> None:
        ended = SessionOutcomeFactory()
        with refused_by("late_arrival_follows_its_ending"):
            self.late(ended, session=SessionOutcomeFactory().session)

    def test_follows_the_ending_that_stands(self) -> None:
        first = SessionOutcomeFactory()
        later = SessionOutcomeFactory(session=first.session, amends=first, outcome="excused", reason="ill")
        with refused_by("late_arrival_follows_its_ending"):
            self.late(first)
        self.late(later)


class TestAHandover:
    def test_is_read_by_somebody_else(self) -> None:
        handover = HandoverFactory()
        content = {"handover": handover, "content_sha256": "0" * 64, "acknowledged_at": NINE}

        with refused_by("handover_is_read_by_somebody_else"):
            HandoverAcknowledgement.objects.create(acknowledged_by=handover.signed_by, **content)
        HandoverAcknowledgement.objects.create(acknowledged_by=UserFactory(), **content)


class TestAnEndingThatAmends:
    def test_says_why(self) -> None:
        first = SessionOutcomeFactory()
        SessionOutcomeFactory(session=first.session, amends=first, outcome="excused", reason="ill")

        with refused_by("amending_outcome_says_why"):
            commit()

    def test_is_a_correction_or_follows_a_late_arrival(self) -> None:
        first = SessionOutcomeFactory()
        by = UserFactory()
        later = SessionOutcomeFactory(
            session=first.session, amends=first, outcome="excused", reason="ill", recorded_by=by
        )
        correction(outcome=later, by=by)
        other = SessionOutcomeFactory()
        LateArrival.objects.create(
            session=other.session, ends=other, reason="came_late", noted_at=NINE, noted_by=by
        )
        SessionOutcomeFactory(session=other.session, amends=other, outcome="withheld", reason="intoxicated")

        commit()

    def test_is_that_of_an_injection(self) -> None:
        first = SessionOutcomeFactory(outcome=Outcome.MISSED)
        its_outcome(injection_of(a_drawn_dose(session=first.session)), amends=first)

        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS amending_outcome_says_why IMMEDIATE")
