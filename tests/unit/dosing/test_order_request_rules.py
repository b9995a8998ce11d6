"""When a licensed doctor may be asked to sign, and who may answer: both sides of each edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dosing.rules.history import DoseHistory
from dosing.rules.order_requests import (
    TRANSITIONS,
    AskedFacts,
    AskingFacts,
    OrderRequestStatus,
    SinceWritten,
    changes,
    may_authorise_order,
    may_begin_request,
    may_request_order,
    may_send_back_order,
    may_withdraw_order_request,
)
from dosing.rules.orders import OrderDraft, OrderTerms
from dosing.rules.signing import SigningFacts, may_sign_order
from dosing.rules.worklist import Group, request_group
from hat_clinic.core.decisions import Decision, Level
from tests.unit.dosing.test_order_rules import DRAFT, FACTS, TERMS

SECOND = timedelta(seconds=1)
UNLICENSED = replace(FACTS, licence_ends_at=None)
ASKING = AskingFacts(open_request="", licensed_until=DRAFT.ends_at)
OPEN = AskedFacts(status=OrderRequestStatus.OPEN, ended="", is_author=False)


def codes(decision: Decision) -> set[str]:
    return {finding.code for finding in decision}


def asked_for(
    draft: OrderDraft = DRAFT,
    terms: OrderTerms = TERMS,
    facts: SigningFacts = UNLICENSED,
    asking: AskingFacts = ASKING,
) -> set[str]:
    return codes(may_request_order(draft, terms, facts, asking))


class TestAsking:
    def test_is_open_to_a_doctor_who_lacks_nothing_but_the_licence(self) -> None:
        assert asked_for() == set()
        assert codes(may_sign_order(DRAFT, TERMS, UNLICENSED)) == {"no_licence"}

    def test_is_barred_to_whoever_is_no_doctor(self) -> None:
        assert asked_for(facts=replace(UNLICENSED, signer_is_doctor=False)) == {"not_a_doctor"}

    def test_is_not_for_whoever_may_sign(self) -> None:
        assert asked_for(facts=FACTS) == {"licensed_yourself"}

    @pytest.mark.parametrize(
        ("draft", "terms", "facts"),
        [
            ({}, {}, {"history": DoseHistory()}),
            ({"dose_mg": 451, "daily_max_mg": 902}, {}, {}),
            ({"daily_max_mg": 359}, {}, {}),
            ({"daily_max_mg": 901}, {}, {}),
            ({"interval_minutes": 179}, {}, {}),
            ({"sessions_per_day": 3}, {}, {}),
            ({"starts_at": DRAFT.starts_at - SECOND}, {}, {}),
            ({}, {"routes": ()}, {}),
            ({}, {"sites": ()}, {}),
            ({}, {"basis": " "}, {}),
            ({}, {"hold_criteria": ""}, {}),
            ({}, {"oral_plan": ""}, {}),
            ({}, {"observation_minutes": 14}, {}),
            ({}, {"gap_cap_percent": 76}, {}),
            ({}, {}, {"protocol": None}),
            ({}, {}, {"has_treatment_consent": False}),
            ({}, {}, {"assessment": None}),
            ({}, {}, {"person_is_in_treatment": False}),
        ],
        ids=str,
    )
    def test_is_barred_by_everything_that_bars_the_signature(
        self, draft: dict[str, Any], terms: dict[str, Any], facts: dict[str, Any]
    ) -> None:
        written, said = replace(DRAFT, **draft), replace(TERMS, **terms)
        signed = may_sign_order(written, said, replace(FACTS, **facts))

        decision = may_request_order(written, said, replace(UNLICENSED, **facts), ASKING)

        assert signed.refusals
        assert decision.refusals == signed.refusals

    def test_shows_the_notes_of_a_signature(self) -> None:
        facts = replace(FACTS, licence_ends_at=None)
        day = replace(DRAFT, daily_max_mg=601)

        assert [finding.code for finding in may_request_order(day, TERMS, facts, ASKING)] == ["high_day"]

    def test_is_one_at_a_time(self) -> None:
        asking = replace(ASKING, open_request="Dr Sam Ito asked.")

        (finding,) = may_request_order(DRAFT, TERMS, UNLICENSED, asking)

        assert (finding.code, finding.level) == ("asked_already", Level.BLOCK)
        assert finding.message.startswith("Dr Sam Ito asked. It is answered or withdrawn before")

    def test_waits_for_somebody_who_could_sign(self) -> None:
        asking = replace(ASKING, licensed_until=None)

        assert asked_for(asking=asking) == {"nobody_is_licensed"}
        assert codes(may_begin_request(UNLICENSED, asking)) == {"nobody_is_licensed"}
        assert codes(may_begin_request(FACTS, asking)) == {"licensed_yourself"}

    @pytest.mark.parametrize(
        ("left", "found"), [(timedelta(0), set()), (-SECOND, {"outlives_every_licence"})]
    )
    def test_ends_with_the_last_licence_here(self, left: timedelta, found: set[str]) -> None:
        asking = replace(ASKING, licensed_until=DRAFT.ends_at + left)

        assert asked_for(asking=asking) == found

    def test_begins_with_nothing_against_it(self) -> None:
        assert list(may_begin_request(UNLICENSED, ASKING)) == []


class TestAuthorising:
    def authorise(self, asked: AskedFacts = OPEN, **facts: Any) -> set[str]:
        return codes(may_authorise_order(DRAFT, TERMS, replace(FACTS, **facts), asked))

    def test_is_signing_what_another_wrote(self) -> None:
        assert self.authorise() == set()

    def test_is_never_for_the_author_licensed_or_not(self) -> None:
        own = replace(OPEN, is_author=True)

        assert self.authorise(own) == {"own_request"}
        assert self.authorise(own, licence_ends_at=None) == {"own_request", "no_licence"}

    @pytest.mark.parametrize("status", sorted(set(OrderRequestStatus) - {OrderRequestStatus.OPEN}))
    def test_is_done_once(self, status: OrderRequestStatus) -> None:
        decision = may_authorise_order(DRAFT, TERMS, FACTS, replace(OPEN, status=status, ended="Gone."))

        assert [finding.message for finding in decision] == ["Gone. Nothing was changed."]

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"signer_is_doctor": False}, "not_a_doctor"),
            ({"licence_ends_at": None}, "no_licence"),
            ({"licence_ends_at": DRAFT.ends_at - SECOND}, "outlives_licence"),
            ({"protocol": None}, "no_protocol"),
            ({"has_treatment_consent": False}, "no_consent"),
            ({"at": DRAFT.starts_at + SECOND}, "starts_in_the_past"),
        ],
    )
    def test_asks_every_rule_again(self, facts: dict[str, Any], code: str) -> None:
        assert code in self.authorise(**facts)

    def test_has_a_note_for_each_thing_that_changed(self) -> None:
        since = SinceWritten(
            order="Order 2 is 100 mg twice a day.",
            limits=(1, 2),
            doses=1,
            last_dose="180 mg on 3 February",
            missed=2,
            holds=1,
            is_assessed_anew=True,
        )

        decision = may_authorise_order(DRAFT, TERMS, FACTS, replace(OPEN, since=since))

        assert decision.is_allowed
        assert [finding.message for finding in decision] == [
            "The order changed since this was written. Order 2 is 100 mg twice a day.",
            "The clinic’s limits changed since this was written: version 1 then, version 2 now.",
            "1 dose was given since this was written, the last 180 mg on 3 February.",
            "2 sessions ended without a dose since this was written.",
            "1 hold was opened since this was written.",
            "A new medical assessment was signed since this was written. Read it.",
        ]

    def test_has_none_where_nothing_changed(self) -> None:
        assert list(changes(SinceWritten())) == []


class TestSendingBack:
    @pytest.mark.parametrize(
        ("facts", "asked", "reason", "found"),
        [
            ({}, {}, "Too high.", set()),
            ({}, {}, " ", {"reason"}),
            ({}, {"is_author": True}, "Too high.", {"own_request"}),
            ({}, {"status": OrderRequestStatus.SIGNED}, "Too high.", {"answered_already"}),
            ({"licence_ends_at": None}, {}, "Too high.", {"not_licensed"}),
            ({"signer_is_doctor": False}, {}, "Too high.", {"not_licensed"}),
        ],
    )
    def test_is_for_a_licensed_doctor_with_a_reason(
        self, facts: dict[str, Any], asked: dict[str, Any], reason: str, found: set[str]
    ) -> None:
        decision = may_send_back_order(replace(FACTS, **facts), replace(OPEN, **asked), reason=reason)

        assert codes(decision) == found


class TestWithdrawing:
    @pytest.mark.parametrize(
        ("asked", "reason", "found"),
        [
            ({"is_author": True}, "Written wrong.", set()),
            ({"is_author": True}, "", {"reason"}),
            ({"is_author": False}, "Written wrong.", {"not_the_author"}),
            (
                {"is_author": True, "status": OrderRequestStatus.SENT_BACK},
                "Written wrong.",
                {"answered_already"},
            ),
        ],
    )
    def test_is_for_its_author_with_a_reason(
        self, asked: dict[str, Any], reason: str, found: set[str]
    ) -> None:
        assert codes(may_withdraw_order_request(replace(OPEN, **asked), reason=reason)) == found


class TestAStanding:
    def test_changes_once(self) -> None:
        assert set(TRANSITIONS) == set(OrderRequestStatus)
        assert [status for status, after in TRANSITIONS.items() if after] == [OrderRequestStatus.OPEN]

    @pytest.mark.parametrize("status", OrderRequestStatus)
    def test_has_words(self, status: OrderRequestStatus) -> None:
        assert status.label

    @pytest.mark.parametrize(("is_dosed", "group"), [(True, Group.TODAY), (False, Group.NOW)])
    def test_that_waits_is_more_urgent_for_somebody_without_an_order(
        self, is_dosed: bool, group: Group
    ) -> None:
        assert request_group(is_dosed=is_dosed) is group
