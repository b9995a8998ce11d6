"""Every finding before signing says what would make it go away: all of them, driven through the rules."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing.rules import gaps, limits, oral, signing
from dosing.rules.gaps import GapFacts, may_decide_gap
from dosing.rules.history import DoseHistory, Gap, GivenDose, MissedSession, Row, Standing
from dosing.rules.limits import OrderKind, Step
from dosing.rules.oral import OralDraft, OralDrug, OralSigningFacts, may_sign_oral_order
from dosing.rules.orders import OrderDraft, OrderTerms
from dosing.rules.protocol import Protocol
from dosing.rules.remedies import REMEDIES, remedy_of
from dosing.rules.signing import SigningFacts, may_sign_order
from hat_clinic.core.decisions import Decision, block
from patients.rules import assessments, closings
from patients.rules.assessments import StandingAssessment

AT = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
# Codes of these files that other acts give: ending oral medicine, naloxone, and giving a dose.
ELSEWHERE = {
    "nothing_to_end",
    "no_words",
    "naloxone_is_none",
    "first_day_wait",
    "gap_cap",
    "gap_decided",
    "gap_decision",
    "event",
    "plan",
}


def a_code(node: ast.Call) -> str | None:
    """Return the code that a call gives a finding or a cap, without the number behind it."""
    if getattr(node.func, "id", "") not in {"block", "stop", "note", "Finding", "Cap"} or not node.args:
        return None
    first = node.args[0]
    if isinstance(first, ast.JoinedStr):
        return str(first.values[0].value).removesuffix("_")  # type: ignore[attr-defined]  # begins with words
    return first.value if isinstance(first, ast.Constant) else None


def codes_of(source: str) -> set[str]:
    """Return the code of every finding and cap that a piece of code can give."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {code for call in calls if (code := a_code(call)) is not None}


def codes_in(*modules: ModuleType) -> set[str]:
    """Return the codes of whole files of rules."""
    return set().union(*(codes_of(inspect.getsource(module)) for module in modules))


def may_rest_on() -> set[str]:
    """Return the codes of what an order may rest on; the rest of that file judges the assessment itself."""
    asked = ("may_order_rest_on", "_incapable", "_overdue", "_pregnant")
    return set().union(*(codes_of(inspect.getsource(getattr(assessments, name))) for name in asked))


def within_the_programme() -> set[str]:
    """Return the code of an order that runs past the last day of its programme."""
    return codes_of(inspect.getsource(closings.outlives_programme))


def faults(decision: Decision) -> list[str]:
    """Return the code of each finding that does not say in a sentence what would make it go away."""
    return [
        finding.code
        for finding in decision
        if not re.fullmatch(r"[A-Z][^.]+(; [^.]+)?\.( [A-Z][^.]+\.)?", finding.remedy)
    ]


moments = st.integers(-40, 60).map(lambda days: AT + timedelta(days=days))
words = st.sampled_from(["", "  ", "said"])
mgs = st.integers(0, 500)


@st.composite
def histories(draw: st.DrawFn) -> DoseHistory:
    """Return up to four doses of the last week, tolerated or not, and sessions missed since."""
    doses = []
    for hours in sorted(draw(st.lists(st.integers(4, 160), max_size=4, unique=True)), reverse=True):
        started = AT - timedelta(hours=hours)
        doses.append(
            GivenDose(
                started_at=started,
                ended_at=started + timedelta(minutes=2),
                given_on=started.date(),
                mg=(mg := draw(st.integers(1, 450))),
                allowed_mg=mg,
                route="iv",
                session=f"s{hours}",
                is_tolerated=draw(st.sampled_from([True, False, None])),
                had_event=draw(st.booleans()),
                passed_at=None,
            )
        )
    missed = draw(st.lists(st.integers(1, 150), max_size=6, unique=True))
    return DoseHistory(
        doses=tuple(doses),
        missed=tuple(
            MissedSession(over_at=moment, on=moment.date(), slot="am")
            for moment in sorted(AT - timedelta(hours=hours) for hours in missed)
        ),
    )


@st.composite
def signings(draw: st.DrawFn) -> Decision:
    """Return what signing any order at all says."""
    plan = tuple(
        Step(
            day=draw(st.integers(1, 5)),
            max_mg=draw(mgs),
            first_mg=draw(st.none() | mgs),
            repeat_mg=draw(st.none() | mgs),
        )
        for _ in range(draw(st.integers(0, 3)))
    )
    draft = OrderDraft(
        dose_mg=draw(mgs),
        sessions_per_day=draw(st.integers(0, 4)),
        daily_max_mg=draw(st.integers(0, 1500)),
        interval_minutes=draw(st.integers(0, 300)),
        starts_at=draw(moments),
        ends_at=draw(moments),
        kind=draw(st.sampled_from(OrderKind)),
        least_mg=draw(st.none() | mgs),
        slots=tuple((slot, draw(mgs)) for slot in draw(st.sampled_from([(), ("am", "pm")]))),
        plan=plan,
    )
    terms = OrderTerms(
        routes=draw(st.sampled_from([(), ("iv",), ("iv", "im"), ("mouth",)])),
        sites=draw(st.sampled_from([(), ("left_arm",), ("neck",)])),
        observation_minutes=draw(st.integers(0, 40)),
        basis=draw(words),
        high_dose_reason=draw(words),
        gap_cap_percent=draw(st.none() | st.integers(0, 100)),
        hold_criteria=draw(words),
        oral_plan=draw(words),
    )
    assessed = StandingAssessment(
        number=1,
        signed_by="Dr Priya Nair",
        signed_at=AT,
        due_on=draw(moments).date(),
        has_capacity=draw(st.booleans()),
        is_pregnant=draw(st.booleans()),
    )
    facts = SigningFacts(
        at=AT,
        signer_is_doctor=draw(st.booleans()),
        licence_ends_at=draw(st.none() | moments),
        protocol=draw(st.sampled_from([None, Protocol(), Protocol()])),
        person_is_in_treatment=draw(st.booleans()),
        has_treatment_consent=draw(st.booleans()),
        assessment=draw(st.none() | st.just(assessed)),
        history=draw(histories()),
        clinic_sessions_per_day=3,
        last_given_at=draw(st.none() | moments),
        programme_ends_on=draw(st.none() | moments.map(datetime.date)),
    )
    return may_sign_order(draft, terms, facts)


@st.composite
def oral_signings(draw: st.DrawFn) -> Decision:
    """Return what signing any oral order at all says."""
    draft = OralDraft(
        drug=draw(st.sampled_from([*OralDrug, "heroin"])),
        daily_mg=draw(st.integers(0, 1300)),
        is_supervised=True,
        starts_at=draw(moments),
        ends_at=draw(moments),
        basis=draw(words),
    )
    facts = OralSigningFacts(
        at=AT,
        signer_may_prescribe=draw(st.booleans()),
        protocol=draw(st.sampled_from([None, Protocol()])),
        person_is_in_treatment=draw(st.booleans()),
        has_treatment_consent=draw(st.booleans()),
        others=tuple(draw(st.lists(st.just("methadone 40 mg a day"), max_size=12))),
        last_given_at=draw(st.none() | moments),
        programme_ends_on=draw(st.none() | moments.map(datetime.date)),
    )
    return may_sign_oral_order(draft, facts)


@st.composite
def gap_decisions(draw: st.DrawFn) -> Decision:
    """Return what deciding on any gap at all says."""
    facts = GapFacts(
        standing=Standing(
            gap=Gap(since=AT, elapsed=timedelta(hours=60), missed=3),
            row=draw(st.sampled_from(Row)),
            returned_at=None,
            restarted_at=None,
        ),
        reference_mg=draw(st.none() | st.integers(0, 450)),
        decider_is_doctor=draw(st.booleans()),
        licence_ends_at=draw(st.none() | moments),
        has_protocol=draw(st.booleans()),
        has_order=draw(st.booleans()),
    )
    return may_decide_gap(facts, Protocol(), ceiling_mg=draw(mgs), reason=draw(words))


class TestEveryFindingBeforeSigning:
    @settings(max_examples=400)
    @given(signings())
    def test_of_an_order_says_what_would_make_it_go_away(self, decision: Decision) -> None:
        assert faults(decision) == []

    @given(oral_signings())
    def test_of_an_oral_order_says_what_would_make_it_go_away(self, decision: Decision) -> None:
        assert faults(decision) == []

    @given(gap_decisions())
    def test_of_a_decision_on_a_gap_says_what_would_make_it_go_away(self, decision: Decision) -> None:
        assert faults(decision) == []

    def test_that_a_rule_can_give_is_in_the_table_and_nothing_else_is(self) -> None:
        can_be_given = codes_in(signing, limits, oral, gaps) | may_rest_on() | within_the_programme()

        assert {"high_single", "other_oral", "half_of_yesterday", "pregnant"} <= can_be_given
        assert can_be_given - ELSEWHERE == set(REMEDIES)

    def test_without_a_remedy_is_seen(self) -> None:
        planted = Decision((block("planted", "It stands.", "clinical rule 4"),))

        assert faults(planted) == ["planted"]
        assert codes_of('block("planted", "It stands.", "clinical rule 4")') == {"planted"}


class TestARemedy:
    def test_names_no_number(self) -> None:
        assert [
            code for code, words in REMEDIES.items() if re.search(r"\d", words.replace("day 1", ""))
        ] == []

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("other_oral_12", "End the order of the other drug first."),
            ("drug", "Choose a drug of the list."),
            ("of_no_rule", ""),
        ],
    )
    def test_is_found_by_its_code(self, code: str, words: str) -> None:
        assert remedy_of(code) == words

    def test_is_said_once(self) -> None:
        finding = block("too_long", "It is long.", "clinical rule 6")

        assert finding.told == "It is long."
        assert replace(finding, remedy="It is long.").told == "It is long."
        assert replace(finding, remedy="Make it shorter.").told == "It is long. Make it shorter."
