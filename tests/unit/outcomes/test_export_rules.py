"""Which exports may be asked for, approved and made; the names people go out under; and the files."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes.rules.cohort.columns import FILE_NAMES
from outcomes.rules.cohort.writing import write_folder
from outcomes.rules.exports import (
    ExportSaid,
    MakingFacts,
    may_approve_export,
    may_ask_for_export,
    may_make_export,
    pseudonym,
)

KEY = bytes(range(32))
ANNA, BEN = (str(uuid.UUID(int=number)) for number in (1, 2))
NAMES = {ANNA: "a1", BEN: "b2"}
CLINIC = {
    "clinic_code": "MADE",
    "clinic_name": "Invented clinic",
    "opened_on": "2020-01-01",
    "places": 5,
    "sessions_per_day": 2,
}
LIFE = {
    "referred_on": "2020-01-01",
    "referral_source": "self",
    "assessed_on": None,
    "eligible": True,
    "started_on": "2020-02-01",
    "exited_on": None,
    "exit_reason": None,
    "area": None,
}


def rows_of(name: str, *lines: dict, people: tuple[dict, ...] | None = None, **names) -> list[str]:
    """The rows of one file below its header."""
    lives = people or tuple({"person": one, **LIFE} for one in (ANNA, BEN))
    folder = write_folder(
        {"people": lives, name: lines},
        clinic=CLINIC,
        names=names.get("names", NAMES),
        births={ANNA: {"sex": "F", "birth_year": 1980}},
        as_of=date(2020, 12, 1),
    )
    return folder.files.get(f"{name}.csv", b"\n").decode().splitlines()[1:]


class TestAskingFor:
    def test_an_export_says_everything(self):
        said = ExportSaid(recipient="A", purpose="B", agreement="C", as_of=date(2021, 1, 1))
        decide = {"opened_on": date(2020, 1, 1), "today": date(2021, 1, 1)}
        assert may_ask_for_export(said, **decide).is_allowed
        nothing = ExportSaid(recipient=" ", purpose=" ", agreement=" ", as_of=date(2020, 1, 1))
        assert may_ask_for_export(nothing, **decide).refusal_codes == [
            "export_recipient",
            "export_purpose",
            "export_agreement",
            "export_day",
        ]
        late = ExportSaid(recipient="A", purpose="B", agreement="C", as_of=date(2021, 1, 2))
        assert may_ask_for_export(late, **decide).refusal_codes == ["export_day"]

    def test_it_is_approved_by_another_once(self):
        assert may_approve_export(is_own=False, is_approved=False, is_confirmed=True).is_allowed
        assert len(may_approve_export(is_own=True, is_approved=True, is_confirmed=False).refusals) == 3

    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({}, []),
            ({"approved_on": None}, ["export_unapproved"]),
            ({"approved_on": date(2020, 12, 2)}, []),
            ({"approved_on": date(2020, 12, 1)}, ["export_too_old"]),
            ({"is_made": True}, ["export_made"]),
            ({"has_key": False, "people": 0}, ["export_key", "export_nobody"]),
        ],
    )
    def test_it_is_made_while_the_approval_is_good(self, changes, codes):
        facts = {"approved_on": date(2021, 1, 1), "is_made": False, "has_key": True, "people": 1}
        decision = may_make_export(MakingFacts(**(facts | changes)), today=date(2021, 1, 1))
        assert decision.refusal_codes == codes


class TestPseudonyms:
    @given(st.uuids(), st.uuids(), st.text(min_size=1, max_size=20), st.binary(min_size=32, max_size=40))
    def test_tell_people_recipients_and_keys_apart(self, one, other, recipient, key):
        name = pseudonym(key=key, recipient=recipient, person=one)
        assert name == pseudonym(key=key, recipient=f"  {recipient} ", person=one)
        assert (name == pseudonym(key=key, recipient=recipient, person=other)) == (one == other)
        assert name != pseudonym(key=key, recipient=f"{recipient} and another", person=one)
        assert name != pseudonym(key=key + b"x", recipient=recipient, person=one)
        assert len(name) == 32 and one.hex not in name

    def test_need_a_whole_key(self):
        with pytest.raises(ValueError, match="32 bytes"):
            pseudonym(key=b"short", recipient="A", person=uuid.uuid4())


class TestTheFiles:
    def test_hold_only_who_is_named_and_the_two_that_every_folder_has(self):
        assert [line.split(",")[:3] for line in rows_of("patients")] == [["a1", "F", "1980"], ["b2", "", ""]]
        folder = write_folder({}, clinic=CLINIC, names={}, births={}, as_of=date(2020, 12, 1))
        assert set(folder.files) == {"programme.csv", "patients.csv"} <= set(FILE_NAMES)
        told = {"person": BEN, "date": "2020-03-01", "state": "own"}
        assert rows_of("housing", told, names={ANNA: "a1"}) == []

    def test_give_a_dose_or_a_reason_and_leave_out_an_open_session(self):
        session = {"person": ANNA, "date": "2020-02-01", "slot": "am", "given_mg": 100, "reason": "ill"}
        assert rows_of("attendance", session | {"outcome": "given"}) == ["a1,2020-02-01,am,given,100,"]
        assert rows_of("attendance", session | {"outcome": "missed"}) == ["a1,2020-02-01,am,missed,,ill"]
        unsaid = session | {"outcome": "missed", "reason": None}
        assert rows_of("attendance", unsaid) == ["a1,2020-02-01,am,missed,,other"]
        assert rows_of("attendance", session | {"outcome": None}) == []

    def test_say_how_many_rows_they_have_no_words_for(self):
        tables = {
            "people": [{"person": ANNA, **LIFE}],
            "attendance": [
                {
                    "person": ANNA,
                    "date": "2020-02-01",
                    "slot": "am",
                    "outcome": None,
                    "given_mg": None,
                    "reason": None,
                }
            ],
            "urine": [
                {
                    "person": ANNA,
                    "due_on": "2020-02-01",
                    "taken_on": None,
                    "assay": "cocaine",
                    "result": None,
                }
            ],
            "support": [{"person": ANNA, "date": "2020-02-01", "domain": "housing", "attended": None}],
        }
        folder = write_folder(tables, clinic=CLINIC, names=NAMES, births={}, as_of=date(2020, 12, 1))
        assert list(folder.left_out.values()) == [1, 1, 1]
        assert set(folder.files) == {"programme.csv", "patients.csv"}

    def test_join_stays_that_overlap_and_keep_those_that_touch(self):
        def stays(*days: tuple[str, str | None]) -> list[str]:
            return rows_of(
                "custody", *({"person": ANNA, "starts_on": first, "ends_on": last} for first, last in days)
            )

        assert stays(("2020-03-05", "2020-03-09"), ("2020-03-01", "2020-03-06")) == [
            "a1,2020-03-01,2020-03-09"
        ]
        assert stays(("2020-03-01", "2020-03-05"), ("2020-03-05", None), ("2020-03-07", "2020-03-08")) == [
            "a1,2020-03-01,2020-03-05",
            "a1,2020-03-05,",
        ]
        assert stays(("2020-03-01", "2020-03-08"), ("2020-03-02", None)) == ["a1,2020-03-01,"]
        assert stays(("2020-03-01", "2020-03-08"), ("2020-03-02", "2020-03-03")) == [
            "a1,2020-03-01,2020-03-08"
        ]

    def test_write_the_home_in_force_for_the_days_that_are_asked_about(self):
        told = {"person": ANNA, "date": "2020-01-10", "state": "rough", "holds": True}
        assert rows_of("housing", told) == [
            "a1,2020-01-10,rough",
            "a1,2020-02-01,rough",
            "a1,2020-02-29,rough",
        ]
        left = ({"person": ANNA, **LIFE, "exited_on": "2020-02-10"},)
        assert rows_of("housing", told, people=left) == ["a1,2020-01-10,rough", "a1,2020-02-01,rough"]
        near = told | {"date": "2020-02-20"}
        assert rows_of("housing", near, people=left) == ["a1,2020-02-20,rough", "a1,2020-02-29,rough"]
        assert rows_of("housing", told | {"holds": False}) == ["a1,2020-01-10,rough"]
        late = ({"person": ANNA, **LIFE, "started_on": "2020-11-20"},)
        assert rows_of("housing", told, people=late) == ["a1,2020-01-10,rough", "a1,2020-11-20,rough"]
        never = ({"person": ANNA, **LIFE, "started_on": None},)
        assert rows_of("housing", told, people=never) == ["a1,2020-01-10,rough"]

    def test_call_what_they_have_no_name_for_other(self):
        event = {
            "person": ANNA,
            "date": "2020-03-01",
            "category": "emergency",
            "on_site": True,
            "naloxone": None,
        }
        assert rows_of("events", event) == ["a1,2020-03-01,other,yes,,,"]
        assert rows_of("events", event | {"category": "death", "naloxone": False}) == [
            "a1,2020-03-01,death,yes,no,,"
        ]

    def test_write_pounds_months_and_no_day_to_come(self):
        cost = {"month": "2020-03-01", "payer": "=Fund\n one", "category": "drug", "amount_pence": 1205}
        assert rows_of("costs", cost) == ["2020-03,Fund one,drug,12.05"]
        phase = {
            "name": "One",
            "starts_on": "2020-01-01",
            "ends_on": "2020-12-01",
            "places": 5,
            "sessions_per_day": 2,
            "funded_by": "",
            "funded_until": "2020-11-30",
        }
        assert rows_of("phases", phase) == ["One,2020-01-01,,5,2,,2020-11-30"]
        own = {
            "person": ANNA,
            "date": "2020-03-01",
            "stage": "start",
            "answers": {"spend_week_pence": 5, "public_injecting": False},
        }
        assert rows_of("own", own) == ["a1,2020-03-01,start,0.05,no,,"]
