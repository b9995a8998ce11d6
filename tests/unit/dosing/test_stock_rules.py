"""Ampoules on the shelf: reading what is typed, deliveries, quarantine, destruction, transfers, corrections."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dosing.rules.amendments import AmendedLine, Approver, may_adjust, may_note
from dosing.rules.deliveries import (
    Delivered,
    OrderedStock,
    may_close_requisition,
    may_order_stock,
    may_receive_own,
    may_receive_stock,
)
from dosing.rules.quarantine import (
    AuthorityFacts,
    AuthorityKind,
    QuarantineReason,
    may_destroy,
    may_destroy_return,
    may_quarantine,
    may_record_authority,
)
from dosing.rules.stock import (
    BatchFacts,
    Supply,
    is_usable_on,
    last_day_of_use,
    may_open_register,
    parse_ampoules,
    parse_ampoules_or_none,
)
from dosing.rules.transfers import LedgerFacts, may_receive_transfer, may_send_stock
from hat_clinic.core.decisions import Decision

AT = datetime(2026, 10, 12, 8, 30, tzinfo=UTC)
TODAY = date(2026, 10, 12)
BATCH = BatchFacts(ampoules=20, quarantined=3, drawn=2, expires_on=date(2028, 6, 30))


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestWhatIsTyped:
    @pytest.mark.parametrize(("text", "number"), [("1", 1), (" 50 ", 50), ("9999", 9999)])
    def test_is_a_whole_number_of_ampoules(self, text: str, number: int) -> None:
        assert parse_ampoules(text) == number

    @pytest.mark.parametrize(
        "text",
        ["", "0", "007", "-1", "+1", "1.0", "1,0", "1_000", "1e3", "10000", "１２", "٣", "5 ampoules", "1 2"],
    )
    def test_that_is_none_is_refused_and_never_cleaned(self, text: str) -> None:
        assert parse_ampoules(text) is None

    @pytest.mark.parametrize(("text", "number"), [("0", 0), (" 0 ", 0), ("1", 1), ("00", None), ("-0", None)])
    def test_may_be_none_where_nothing_came(self, text: str, number: int | None) -> None:
        assert parse_ampoules_or_none(text) == number

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("30/06/2028", date(2028, 6, 30)),
            ("6/2028", date(2028, 6, 30)),
            ("02/2028", date(2028, 2, 29)),
            ("02/2027", date(2027, 2, 28)),
            ("1/1/2027", date(2027, 1, 1)),
            ("12/2999", date(2999, 12, 31)),
        ],
    )
    def test_is_a_last_day_of_use_and_a_month_is_good_to_its_last(self, text: str, day: date) -> None:
        assert last_day_of_use(text) == day

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2028",
            "31/06/2028",
            "00/06/2028",
            "13/2028",
            "00/2028",
            "6/28",
            "29/02/2027",
            "1/1/3000",
            "1/1/1899",
        ],
    )
    def test_that_is_no_day_is_refused(self, text: str) -> None:
        assert last_day_of_use(text) is None


class TestAnExpiryDate:
    def test_lets_ampoules_be_used_to_the_end_of_its_day(self) -> None:
        assert is_usable_on(TODAY, TODAY)
        assert not is_usable_on(TODAY - timedelta(days=1), TODAY)


class TestABatch:
    def test_has_in_the_cabinet_what_is_neither_quarantined_nor_drawn_up(self) -> None:
        assert BATCH.in_cabinet == 15

    @pytest.mark.parametrize(
        ("supply", "label"), [(Supply.SERVICE, "service stock"), (Supply.NAMED, "patients' own")]
    )
    def test_is_kept_for_somebody(self, supply: Supply, label: str) -> None:
        assert supply.label == label


class TestARegister:
    def test_is_opened_once(self) -> None:
        assert may_open_register(is_open=False).is_allowed
        assert codes(may_open_register(is_open=True)) == ["register_exists"]


class TestADelivery:
    ordered = OrderedStock(ampoules=50, delivered=0, ordered_at=AT - timedelta(days=2))

    def ask(self, ordered: OrderedStock | None = None, **changes: object) -> Decision:
        delivered = Delivered(50, date(2028, 6, 30), AT)
        return may_receive_stock(
            replace(delivered, **changes),
            ordered or self.ordered,
            today=TODAY,
            at=AT,  # type: ignore[arg-type]
        )

    def test_of_what_was_ordered_is_clean(self) -> None:
        assert codes(self.ask()) == []
        assert codes(self.ask(ampoules=20)) == []

    def test_may_come_in_parts_up_to_what_was_ordered(self) -> None:
        assert codes(self.ask(replace(self.ordered, delivered=30), ampoules=20)) == []
        assert replace(self.ordered, delivered=30).outstanding == 20
        assert replace(self.ordered, delivered=60).outstanding == 0

    def test_of_more_is_accepted_with_a_note(self) -> None:
        decision = self.ask(replace(self.ordered, delivered=30), ampoules=21)

        assert codes(decision) == ["over_delivery"]
        assert decision.is_allowed
        assert (
            "51 ampoules have come on this requisition, and 50 were ordered" in decision.findings[0].message
        )

    def test_past_its_day_is_accepted_with_a_note(self) -> None:
        assert codes(self.ask(expires_on=TODAY)) == []
        assert codes(self.ask(expires_on=TODAY - timedelta(days=1))) == ["expired_on_arrival"]

    def test_is_not_entered_before_it_has_come(self) -> None:
        assert codes(self.ask(arrived_at=AT + timedelta(seconds=1))) == []
        assert codes(self.ask(arrived_at=AT + timedelta(seconds=2))) == ["future"]

    def test_is_ordered_once_under_its_number(self) -> None:
        assert may_order_stock(is_recorded=False).is_allowed
        assert codes(may_order_stock(is_recorded=True)) == ["requisition_exists"]

    def test_for_a_patient_tells_that_no_order_stands(self) -> None:
        own = Delivered(10, date(2028, 6, 30), AT)

        def ask(delivered: Delivered, *, has_order: bool = True) -> list[str]:
            return codes(may_receive_own(delivered, has_order=has_order, today=TODAY, at=AT))

        assert ask(own) == []
        assert ask(own, has_order=False) == ["no_order"]
        assert ask(replace(own, arrived_at=AT + timedelta(minutes=1))) == ["future"]
        assert ask(replace(own, expires_on=TODAY)) == []
        assert ask(replace(own, expires_on=TODAY - timedelta(days=1))) == ["expired_on_arrival"]

    def test_on_a_closed_requisition_is_accepted_with_a_note(self) -> None:
        assert codes(self.ask(replace(self.ordered, is_closed=True))) == ["requisition_closed"]

    @pytest.mark.parametrize(
        ("changes", "reason", "found"),
        [
            ({}, "cancelled", []),
            ({}, "  ", ["no_reason"]),
            ({"delivered": 49}, "cancelled", []),
            ({"delivered": 50}, "cancelled", ["nothing_outstanding"]),
            ({"is_closed": True}, "cancelled", ["requisition_is_closed"]),
        ],
    )
    def test_that_will_not_come_is_closed_once_with_a_reason(self, changes, reason, found) -> None:
        assert codes(may_close_requisition(replace(self.ordered, **changes), reason=reason)) == found


class TestQuarantine:
    def ask(
        self,
        batch: BatchFacts = BATCH,
        ampoules: int = 15,
        reason: QuarantineReason = QuarantineReason.BROKEN,
    ):
        return may_quarantine(batch, ampoules=ampoules, reason=reason, today=TODAY)

    def test_takes_what_is_in_the_cabinet_and_no_more(self) -> None:
        assert codes(self.ask()) == []
        assert codes(self.ask(ampoules=16)) == ["not_in_cabinet"]

    def test_for_expiry_is_of_what_has_expired(self) -> None:
        last_day, over = (
            replace(BATCH, expires_on=TODAY),
            replace(BATCH, expires_on=TODAY - timedelta(days=1)),
        )

        assert codes(self.ask(last_day, reason=QuarantineReason.EXPIRED)) == ["not_expired"]
        assert codes(self.ask(over, reason=QuarantineReason.EXPIRED)) == []

    @pytest.mark.parametrize("reason", list(QuarantineReason))
    def test_has_a_reason_in_words(self, reason: QuarantineReason) -> None:
        assert reason.label

    @pytest.mark.parametrize("kind", list(AuthorityKind))
    def test_has_witnesses_of_two_kinds(self, kind: AuthorityKind) -> None:
        assert kind.label


class TestAnAuthority:
    @pytest.mark.parametrize(
        ("kind", "days", "found"),
        [
            (AuthorityKind.TEMPORARY, 28, []),
            (AuthorityKind.TEMPORARY, 29, ["longer_than_28_days"]),
            (AuthorityKind.TEMPORARY, 1, []),
            (AuthorityKind.TEMPORARY, 0, ["ends_before_it_starts"]),
            (AuthorityKind.STANDING, 400, []),
            (AuthorityKind.STANDING, 0, ["ends_before_it_starts"]),
        ],
    )
    def test_is_as_long_as_its_kind_allows(self, kind: AuthorityKind, days: int, found: list[str]) -> None:
        decision = may_record_authority(kind, starts_on=TODAY, ends_on=TODAY + timedelta(days=days - 1))

        assert codes(decision) == found


class TestDestruction:
    authority = AuthorityFacts("Kofi Mensah", date(2026, 9, 14), date(2026, 10, 11))

    def ask(self, **changes: object) -> Decision:
        facts: dict[str, object] = {
            "ampoules": 3,
            "is_service_stock": True,
            "authority": self.authority,
            "destroyed_at": AT,
            "on": date(2026, 10, 11),
            "at": AT,
        }
        return may_destroy(BATCH, **(facts | changes))  # type: ignore[arg-type]

    def test_is_of_what_is_in_quarantine_and_no_more(self) -> None:
        assert codes(self.ask()) == []
        assert codes(self.ask(ampoules=4)) == ["not_in_quarantine"]

    @pytest.mark.parametrize(
        ("on", "found"),
        [
            (date(2026, 9, 13), ["authority_not_begun"]),
            (date(2026, 9, 14), []),
            (date(2026, 10, 11), []),
            (date(2026, 10, 12), ["authority_ended"]),
        ],
    )
    def test_is_seen_by_a_witness_whose_authority_covers_that_day(self, on: date, found: list[str]) -> None:
        decision = self.ask(on=on)

        assert codes(decision) == found
        assert "ended on 11 October 2026" in " ".join(f.message for f in decision) or found != [
            "authority_ended"
        ]

    def test_of_stock_needs_an_authorised_witness_and_of_a_patients_own_none(self) -> None:
        assert codes(self.ask(authority=None)) == ["no_authority"]
        assert codes(self.ask(authority=None, is_service_stock=False)) == []

    def test_is_not_entered_before_it_has_happened(self) -> None:
        assert codes(self.ask(destroyed_at=AT + timedelta(minutes=1))) == ["future"]

    def test_of_a_return_happens_once(self) -> None:
        assert may_destroy_return(is_destroyed=False).is_allowed
        assert codes(may_destroy_return(is_destroyed=True)) == ["return_is_destroyed"]


class TestATransfer:
    here = LedgerFacts(uuid.uuid4(), "Harbour House", "diamorphine", 100, "ampoule_powder", Supply.SERVICE)
    there = replace(here, premises_id=uuid.uuid4(), premises="Mill Lane")

    def send(self, **changes: object) -> Decision:
        facts: dict[str, object] = {
            "source": self.here,
            "target": self.there,
            "ampoules": 15,
            "sent_at": AT,
            "on": TODAY,
            "at": AT,
        }
        return may_send_stock(**({"batch": BATCH} | facts | changes))  # type: ignore[arg-type]

    def come(self, **changes: object) -> Decision:
        facts: dict[str, object] = {
            "sent": 10,
            "ampoules": 10,
            "reason": "",
            "sent_at": AT - timedelta(hours=2),
            "received_at": AT,
            "is_received": False,
            "at": AT,
        }
        return may_receive_transfer(**(facts | changes))  # type: ignore[arg-type]

    def test_takes_what_is_in_the_cabinet_and_no_more(self) -> None:
        assert codes(self.send()) == []
        assert codes(self.send(ampoules=16)) == ["not_in_cabinet"]

    @pytest.mark.parametrize("side", ["source", "target"])
    def test_never_carries_what_was_dispensed_for_a_patient(self, side: str) -> None:
        own = replace(self.here if side == "source" else self.there, supply=Supply.NAMED)

        assert codes(self.send(**{side: own})) == ["patients_own"]

    @pytest.mark.parametrize(
        "target",
        [None, replace(there, strength_mg=10), replace(there, product="x"), replace(there, form="x")],
    )
    def test_goes_to_the_same_register_of_other_premises(self, target: LedgerFacts | None) -> None:
        assert codes(self.send(target=target)) == ["no_such_register"]
        assert codes(self.send(target=self.here)) == ["same_premises"]

    def test_may_be_entered_late_and_not_before_it_has_gone(self) -> None:
        assert codes(self.send(sent_at=AT - timedelta(days=4))) == []
        assert codes(self.send(sent_at=AT + timedelta(minutes=1))) == ["future"]

    def test_does_not_carry_what_has_expired(self) -> None:
        assert codes(self.send(batch=replace(BATCH, expires_on=TODAY))) == []
        assert codes(self.send(batch=replace(BATCH, expires_on=TODAY - timedelta(days=1)))) == [
            "batch_expired"
        ]

    def test_is_taken_in_once_and_whole(self) -> None:
        assert codes(self.come()) == []
        assert codes(self.come(is_received=True)) == ["already_received"]
        assert codes(self.come(ampoules=11)) == ["more_than_sent"]
        assert "write the 10 that were sent" in self.come(ampoules=11).findings[0].message

    def test_of_which_nothing_came_is_ended_with_a_reason(self) -> None:
        assert codes(self.come(ampoules=0)) == ["missing_without_reason"]
        assert codes(self.come(ampoules=0, reason="van burnt")) == ["fewer_than_sent"]

    def test_with_ampoules_missing_is_taken_in_with_a_reason(self) -> None:
        assert codes(self.come(ampoules=9)) == ["missing_without_reason"]
        assert codes(self.come(ampoules=9, reason="  ")) == ["missing_without_reason"]
        decision = self.come(ampoules=9, reason="box torn")
        assert codes(decision) == ["fewer_than_sent"]
        assert decision.is_allowed

    def test_comes_after_it_was_sent_and_before_now(self) -> None:
        assert codes(self.come(received_at=AT - timedelta(hours=2))) == []
        assert codes(self.come(received_at=AT - timedelta(hours=3))) == ["before_it_was_sent"]
        assert codes(self.come(received_at=AT + timedelta(minutes=1))) == ["future"]


class TestACorrection:
    author, lead, second = (uuid.uuid4() for _ in range(3))
    line = AmendedLine(author_id=author, batch=BATCH)

    def ask(self, *approvers: Approver, **changes: object) -> Decision:
        two = approvers or (Approver(self.lead, "Fiona", True), Approver(self.second, "Ewan", False))
        facts: dict[str, object] = {
            "line": self.line,
            "ampoules": -1,
            "in_quarantine": False,
            "reason": "two were opened",
        }
        return may_adjust(**(facts | changes), approvers=two)  # type: ignore[arg-type]

    def test_in_words_needs_words(self) -> None:
        assert may_note("x").is_allowed
        assert codes(may_note("  ")) == ["no_reason"]

    def test_of_a_number_is_approved_by_the_lead_and_a_second_person(self) -> None:
        lead, second = Approver(self.lead, "Fiona", True), Approver(self.second, "Ewan", False)

        assert codes(self.ask()) == []
        assert codes(self.ask(second, lead)) == []
        assert codes(self.ask(lead)) == ["needs_lead_and_second"]
        assert codes(self.ask(lead, lead)) == ["needs_lead_and_second"]
        assert codes(self.ask(second, Approver(uuid.uuid4(), "Dev", False))) == ["needs_lead_and_second"]

    def test_tells_nobody_alone_what_the_book_has(self) -> None:
        assert codes(self.ask(Approver(self.lead, "Fiona", True), ampoules=-9999, reason="")) == [
            "needs_lead_and_second"
        ]
        assert "15" not in self.ask(ampoules=-16).findings[0].message

    def test_is_not_approved_by_who_wrote_the_line(self) -> None:
        decision = self.ask(Approver(self.lead, "Fiona", True), Approver(self.author, "Carys", False))

        assert codes(decision) == ["wrote_the_line"]
        assert "Carys wrote the line" in decision.findings[0].message

    @pytest.mark.parametrize(
        ("changes", "found"),
        [
            ({"ampoules": 0}, ["moves_nothing"]),
            ({"reason": " "}, ["no_reason"]),
            ({"line": replace(line, batch=None)}, ["line_moved_nothing"]),
            ({"line": replace(line, is_on_the_way=True)}, ["still_on_the_way"]),
            ({"ampoules": -15}, []),
            ({"ampoules": -16}, ["not_in_cabinet"]),
            ({"ampoules": -3, "in_quarantine": True}, []),
            ({"ampoules": -4, "in_quarantine": True}, ["not_in_quarantine"]),
            ({"line": replace(line, batch=replace(BATCH, ampoules=5)), "ampoules": 1}, []),
        ],
    )
    def test_moves_ampoules_that_are_there_for_a_reason(
        self, changes: dict[str, object], found: list[str]
    ) -> None:
        assert codes(self.ask(**changes)) == found
