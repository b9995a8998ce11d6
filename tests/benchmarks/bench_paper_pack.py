"""What a paper pack costs: from the database to the stored PDF. Run by `./hat bench`, never by `./hat test`.

HAT_BENCH_PACKS sets the number of packs (10), HAT_BENCH_ON_PACK how many people are on each (100).
"""

from __future__ import annotations

import os
import statistics
import time

import pytest

from dosing.actions.downtime import make_downtime_pack
from hat_clinic.core.clock import now
from tests.benchmarks.harness import machine, ninety_five
from tests.factories.treatment import a_patient_in_treatment, a_treatment_room, an_order
from tests.statements import statements

PACKS = int(os.environ.get("HAT_BENCH_PACKS", "10"))
PEOPLE = int(os.environ.get("HAT_BENCH_ON_PACK", "100"))

pytestmark = pytest.mark.timeout(3600)


class TestThePaperPack:
    def test_is_measured(self, own_database: str, capsys) -> None:
        room = a_treatment_room(places=PEOPLE)
        for _ in range(PEOPLE - 1):
            episode = a_patient_in_treatment(room.clinic, by=room.doctor, at=now())
            an_order(episode, room.premises, doctor=room.doctor, at=now())
        took, asked, sizes = [], [], []
        for _ in range(PACKS):
            begun = time.perf_counter()
            with statements() as found:
                pack = make_downtime_pack(clinic=room.clinic, by=room.nurse, at=now())
            took.append(time.perf_counter() - begun)
            asked.append(len(found))
            sizes.append(len(pack.file.pdf))
            assert len(pack.people) == PEOPLE

        with capsys.disabled():
            print(
                f"\n\nPaper pack of {PEOPLE} people, N = {PACKS}: median {statistics.median(took):.2f} s, 95 % under"
                f" {ninety_five(took):.2f} s, longest {max(took):.2f} s; {max(asked)} statements, {max(sizes):,} bytes."
                f"\n{machine()}"
            )
