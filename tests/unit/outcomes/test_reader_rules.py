"""Which class of readers reads which edition, what each may be given at most, and who decides it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hat_clinic.accounts.rules import Permission, Role, may
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.readers import (
    EditionsSaid,
    Given,
    Grants,
    Reader,
    editions_given,
    may_approve_editions,
    may_write_editions,
    readers_of,
)

TODAY = date(2026, 3, 1)
SAID = EditionsSaid(
    Reader.PROBATION, TODAY, has_restricted=False, has_justice=True, source="Agreement of 2026"
)
EVERY, PUBLIC = set(Edition), {Edition.PUBLIC}
JUSTICE = {Edition.PUBLIC, Edition.JUSTICE}


class TestAClass:
    @pytest.mark.parametrize(
        ("reader", "proposed", "most"),
        [
            (Reader.COMMISSIONER, {Edition.RESTRICTED, Edition.PUBLIC}, EVERY),
            (Reader.BOARD, PUBLIC, EVERY),
            (Reader.POLICE_COMMISSIONER, PUBLIC, JUSTICE),
            (Reader.PROBATION, PUBLIC, JUSTICE),
            (Reader.PRISON_GROUP, PUBLIC, JUSTICE),
            (Reader.INSPECTOR, PUBLIC, EVERY),
            (Reader.EVALUATOR, PUBLIC, EVERY),
            (Reader.PUBLIC, PUBLIC, PUBLIC),
        ],
    )
    def test_has_what_is_proposed_and_never_more_than_its_most(self, reader, proposed, most):
        assert (set(reader.proposed), set(reader.most)) == (proposed, most)
        assert reader.label

    def test_is_that_of_the_role_and_everybody_is_one_of_the_public(self):
        assert readers_of({Role.PRISON_GROUP, Role.NURSE}) == {Reader.PRISON_GROUP, Reader.PUBLIC}
        assert readers_of([]) == {Reader.PUBLIC}

    def test_is_there_for_every_role_outside_that_reads_reports(self):
        for role in Role:
            roles = frozenset({role})
            reads = may(roles, Permission.SEE_REPORTS) and not may(roles, Permission.RELEASE_REPORT)
            assert (len(readers_of(roles)) == 2) is reads, role


class TestWhatHolds:
    GRANTS = Grants(
        (
            (Reader.PROBATION, date(2026, 2, 1), Given(frozenset(JUSTICE), "First.", is_proposed=False)),
            (Reader.PROBATION, date(2026, 3, 1), Given(frozenset(PUBLIC), "Second.", is_proposed=False)),
        )
    )

    def test_is_proposed_until_a_line_begins_and_then_the_last_that_has(self):
        days = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1))

        found = [self.GRANTS.on(Reader.PROBATION, day) for day in days]

        assert [given.is_proposed for given in found] == [True, False, False, False]
        assert [set(given.editions) for given in found] == [PUBLIC, JUSTICE, JUSTICE, PUBLIC]
        assert "nobody at this clinic has decided it" in found[0].basis

    def test_of_one_class_is_not_that_of_another(self):
        assert self.GRANTS.on(Reader.PRISON_GROUP, date(2026, 2, 1)).editions == PUBLIC

    def test_of_everybody_is_nothing_to_decide(self):
        given = Grants().on(Reader.PUBLIC, TODAY)

        assert (given.editions, given.is_proposed) == (PUBLIC, False)

    def test_of_several_roles_adds_up(self):
        roles = {Role.PROBATION, Role.COMMISSIONER}

        assert self.GRANTS.editions(roles, date(2026, 2, 1)) == EVERY
        assert self.GRANTS.editions({Role.PROBATION}, date(2026, 3, 1)) == PUBLIC


class TestWriting:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"has_justice": False}, []),
            ({"from_day": date(2026, 2, 28)}, ["readers_past"]),
            ({"has_restricted": True}, ["readers_restricted"]),
            ({"reader": Reader.POLICE_COMMISSIONER, "has_restricted": True}, ["readers_restricted"]),
            ({"reader": Reader.PRISON_GROUP, "has_restricted": True}, ["readers_restricted"]),
            ({"reader": Reader.BOARD, "has_restricted": True}, []),
            ({"reader": Reader.PUBLIC}, ["readers_public", "readers_justice"]),
            ({"source": "  "}, ["readers_source"]),
            (
                {"from_day": date(2020, 1, 1), "has_restricted": True, "source": ""},
                ["readers_past", "readers_restricted", "readers_source"],
            ),
        ],
    )
    def test_says_each_reason_against_a_line(self, changes, codes):
        decision = may_write_editions(replace(SAID, **changes), today=TODAY)

        assert [finding.code for finding in decision.refusals] == codes

    def test_always_gives_the_public_edition(self):
        assert editions_given(has_restricted=False, has_justice=False) == PUBLIC
        assert replace(SAID, has_restricted=True).editions == EVERY


class TestApproving:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"is_own": True}, ["readers_own"]),
            ({"is_approved": True}, ["readers_approved"]),
            ({"is_confirmed": False}, ["readers_unconfirmed"]),
            ({"from_day": date(2026, 2, 28)}, ["readers_past"]),
        ],
    )
    def test_is_for_another_on_the_first_day_at_the_latest(self, changes, codes):
        asked = {"from_day": TODAY, "is_own": False, "is_approved": False, "is_confirmed": True}

        decision = may_approve_editions(today=TODAY, **(asked | changes))

        assert [finding.code for finding in decision.refusals] == codes
