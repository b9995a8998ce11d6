"""What a handover says, and who signs and reads it."""

from __future__ import annotations

import uuid

from dosing.rules.handovers import Fact, FactKind, facts_sha256, grouped, may_acknowledge, may_hand_over
from hat_clinic.core.decisions import Decision

PERSON = uuid.UUID(int=7)


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestAFact:
    def test_is_stored_and_read_as_it_was(self) -> None:
        for fact in (Fact(FactKind.HOLD, "On hold.", "Ann Cole", PERSON), Fact(FactKind.CASE, "1 open")):
            assert Fact.thawed(fact.frozen()) == fact

    def test_stands_under_its_heading_in_the_order_of_the_page(self) -> None:
        held, drawn = Fact(FactKind.HOLD, "held"), Fact(FactKind.DRAWN, "drawn")
        assert grouped((held, drawn)) == (
            ("Drawn up, without an ending", (drawn,)),
            ("On hold", (held,)),
        )
        assert grouped(()) == ()
        assert all(kind.label for kind in FactKind)

    def test_changes_the_hash_with_its_words_and_its_signer(self) -> None:
        one, other = Fact(FactKind.HOLD, "a"), Fact(FactKind.HOLD, "b")
        assert facts_sha256((one,), PERSON) == facts_sha256((one,), PERSON)
        assert facts_sha256((one,), PERSON) != facts_sha256((other,), PERSON)
        assert facts_sha256((one,), PERSON) != facts_sha256((one,), uuid.UUID(int=8))


class TestHandingOver:
    def test_is_a_nurses_once_and_on_the_facts_that_were_seen(self) -> None:
        assert codes(may_hand_over(may_sign=True, is_signed=False, has_changed=False)) == []
        assert codes(may_hand_over(may_sign=False, is_signed=False, has_changed=False)) == ["not_a_nurse"]
        assert codes(may_hand_over(may_sign=True, is_signed=True, has_changed=True)) == ["handed_over"]
        assert codes(may_hand_over(may_sign=True, is_signed=False, has_changed=True)) == ["facts_changed"]


class TestReading:
    def test_is_another_nurses(self) -> None:
        assert codes(may_acknowledge(may_sign=True, is_signer=False)) == []
        assert codes(may_acknowledge(may_sign=False, is_signer=False)) == ["not_a_nurse"]
        assert codes(may_acknowledge(may_sign=True, is_signer=True)) == ["signed_it_yourself"]
