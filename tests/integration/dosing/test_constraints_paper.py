"""What the tables of a used paper pack refuse, whoever asks, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from dosing.models import Injection, PaperCase, PaperLine, PaperRun, PaperSettlement
from dosing.rules.paper import OnLine, Stands
from tests.factories.dosing import SignatureFactory
from tests.factories.moments import NINE
from tests.factories.paper import PackFactory, PaperCaseFactory, PaperLineFactory, PaperRoom, a_paper_room
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")


def again(line: PaperLine, **changes: Any) -> PaperLine:
    """Insert a copy of a line of a dose on the next line of its pack."""
    signed = line.giver_signature, line.witness_signature
    values = {
        field.attname: getattr(line, field.attname)
        for field in PaperLine._meta.concrete_fields
        if field.name not in ("id", "check_made", "ended", "giver_signature", "witness_signature")
    }
    copies = [
        SignatureFactory(signed_by=one.signed_by, part=one.part, content_sha256=one.content_sha256)
        for one in signed
        if one is not None
    ]
    values |= {"line": line.line + 1, "giver_signature": copies[0], "witness_signature": copies[1]}
    return PaperLine.objects.create(**(values | changes))


@pytest.fixture
def paper(db: None) -> PaperRoom:
    return a_paper_room()


class TestALine:
    def test_is_entered_once(self) -> None:
        first = PaperLineFactory()
        PaperLineFactory(pack=first.pack, line=2)
        with refused_by("a_line_of_a_pack_is_entered_once"):
            PaperLineFactory(pack=first.pack)

    @pytest.mark.parametrize(
        "fault", [{"is_contested": False}, {"conflicts": []}], ids=["no-contest", "no-conflict"]
    )
    def test_is_contested_for_a_reason(self, fault: dict[str, Any]) -> None:
        PaperLineFactory()
        with refused_by("contested_line_says_why"):
            PaperLineFactory(case=None, **fault)

    @pytest.mark.parametrize("part", ["given_mg", "ampoules", "batch_id", "started_at"])
    def test_with_a_dose_has_all_its_parts(self, paper: PaperRoom, part: str) -> None:
        line = paper.enter()
        with refused_by("paper_dose_has_all_its_parts"):
            again(line, **{part: None})

    def test_has_two_people(self, paper: PaperRoom) -> None:
        line = paper.enter()
        with refused_by("paper_giver_and_witness_are_two_people"):
            again(
                line,
                witness_id=line.giver_id,
                witness_signature=SignatureFactory(
                    signed_by=line.giver_signature.signed_by, content_sha256=line.content_sha256
                ),
                is_contested=True,
                conflicts=["signature_missing"],
            )

    def test_tells_of_the_past(self, paper: PaperRoom) -> None:
        line = paper.enter()
        with refused_by("paper_line_tells_of_the_past"):
            again(line, started_at=line.entered_at + timedelta(seconds=1))

    @pytest.mark.parametrize("part", ["giver_signature", "witness_signature"])
    def test_is_signed_by_who_did_it(self, paper: PaperRoom, part: str) -> None:
        line = paper.enter()
        with refused_by("paper_line_is_signed"):
            again(line, **{part: SignatureFactory(content_sha256=line.content_sha256)})
        with refused_by("paper_line_is_signed"):
            signer = getattr(line, part).signed_by
            again(line, **{part: SignatureFactory(signed_by=signer, content_sha256="1" * 64)})

    def test_that_is_not_contested_is_signed_by_two(self, paper: PaperRoom) -> None:
        line = paper.enter()
        same = line.giver_signature.signed_by
        with refused_by("paper_line_is_signed"):
            again(
                line,
                away_reason="On leave.",
                witness_signature=SignatureFactory(signed_by=same, content_sha256=line.content_sha256),
            )

    def test_that_is_contested_has_its_case(self) -> None:
        PaperLineFactory(case=None)
        with refused_by("contested_line_has_its_case"), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS paper_line_is_whole IMMEDIATE")

    def test_with_a_dose_has_its_injection(self, paper: PaperRoom) -> None:
        line = paper.enter()
        again(line)
        with refused_by("paper_dose_has_its_injection"), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS paper_line_is_whole IMMEDIATE")

    def test_is_never_changed_nor_is_what_belongs_to_it(self) -> None:
        case = PaperCaseFactory()
        run = PaperRun.objects.create(pack=PackFactory(), begun_at=NINE, begun_by=case.opened_by)
        for change in (
            lambda: PaperLine.objects.filter(id=case.line_id).update(is_contested=False),
            lambda: PaperCase.objects.filter(line=case.line_id).delete(),
            lambda: PaperRun.objects.filter(pack=run.pack_id).update(begun_at=NINE + timedelta(hours=1)),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


class TestAnInjectionOfALine:
    @pytest.mark.parametrize(
        "fault",
        [{"given_mg": 14, "wasted_mg": 6}, {"is_contested": True}, {"started_at": NINE}],
        ids=["milligrams", "contested", "start"],
    )
    def test_is_what_its_line_says(self, paper: PaperRoom, fault: dict[str, Any]) -> None:
        first = paper.enter()
        line = again(first)
        injection = Injection.objects.get()
        values = {
            field.attname: getattr(injection, field.attname)
            for field in Injection._meta.concrete_fields
            if field.name not in ("id", "paper_line", "number", "recorded_at")
        }
        values |= {
            "paper_line": line,
            "number": 2,
            "giver_signature_id": line.giver_signature_id,
            "witness_signature_id": line.witness_signature_id,
        }
        with refused_by("injection_is_of_its_paper_line"):
            Injection.objects.create(**(values | fault))
        # What the line says, without a check of its own, is contested or nothing.
        with refused_by("paper_dose_rests_on_its_check"):
            Injection.objects.create(**values)


class TestACase:
    def test_is_of_a_contested_line(self) -> None:
        line = PaperLineFactory(case=None, is_contested=False, conflicts=[], what=OnLine.NOTHING)
        with refused_by("paper_case_is_contested"):
            PaperCaseFactory(line=line)


class TestASettlement:
    def settled(self, case: PaperCase, **changes: Any) -> PaperSettlement:
        by = changes.pop("settled_by", case.opened_by)
        values = {
            "case": case,
            "stands": Stands.PAPER,
            "reason": "Read out by both.",
            "settled_at": NINE + timedelta(hours=4),
            "settled_by": by,
            "signature": SignatureFactory(signed_by=by, part="amender"),
        }
        return PaperSettlement.objects.create(**(values | changes))

    def test_has_a_reason(self) -> None:
        with refused_by("settlement_has_a_reason"):
            self.settled(PaperCaseFactory(), reason="")
        assert self.settled(PaperCaseFactory()).pk

    def test_is_signed_by_who_settles_it(self) -> None:
        with refused_by("settlement_is_signed_by_somebody_else"):
            self.settled(PaperCaseFactory(), signature=SignatureFactory(part="amender"))

    def test_is_not_signed_by_who_gave_the_dose(self, paper: PaperRoom) -> None:
        line = paper.enter(paper.entry(check=None))
        with refused_by("settlement_is_signed_by_somebody_else"):
            self.settled(line.case, settled_by=paper.room.nurse)
