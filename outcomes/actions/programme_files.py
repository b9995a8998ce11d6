"""Bringing in the files of the programme: every line of all of them, or none."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.transactions import one_act
from outcomes.models import AreaFigure, Disruption, NeedEstimate, PhaseLine, ProgrammeFile
from outcomes.queries.programme_files import get_standing
from outcomes.rules.area import AreaSaid, NeedSaid
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.disruptions import DisruptionSaid
from outcomes.rules.phases import PhaseSaid
from outcomes.rules.programme_files import Said, read_programme_files


class ProgrammeFilesRefused(Exception):
    """Nothing was stored; `problems` holds every problem with file, line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def import_programme_files(
    *, clinic: Clinic, files: Mapping[str, bytes], by: User, at: datetime
) -> dict[str, int]:
    """Store every line of the files, and return how many each had. A file of the same content is refused.

    The trail keeps how many lines there were and the files' fingerprints. Raises ProgrammeFilesRefused with every
    problem of all files; then nothing is stored.
    """

    def work() -> dict[str, int] | ProgrammeFilesRefused:
        locked = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        fingerprints = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        lines, problems = read_programme_files(
            files, fingerprints=fingerprints, today=london_date(at), standing=get_standing(locked)
        )
        told = [f"{name} {sha256}" for name, sha256 in fingerprints.items()]
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": locked.id, "sha256": told}
        if problems:
            record("outcomes.programme_files_imported", refused=True, problems=len(problems), **trail)
            return ProgrammeFilesRefused(problems)
        counts = {name: len(found) for name, found in lines.items()}
        for name, found in lines.items():
            for said in found:
                _row(locked, said, key=uuid.uuid4(), recorded_by=by, recorded_at=at).save(force_insert=True)
            ProgrammeFile.objects.create(
                clinic=locked,
                name=name,
                sha256=fingerprints[name],
                lines=len(found),
                imported_by=by,
                imported_at=at,
            )
        record(
            "outcomes.programme_files_imported",
            lines=[f"{name} {number}" for name, number in counts.items()],
            **trail,
        )
        return counts

    answer = one_act(work)
    if isinstance(answer, ProgrammeFilesRefused):
        raise answer
    return answer


def _row(
    clinic: Clinic, said: Said, *, key: uuid.UUID, **who: Any
) -> PhaseLine | Disruption | AreaFigure | NeedEstimate:
    if isinstance(said, PhaseSaid):
        return PhaseLine(
            clinic=clinic,
            phase_id=key,
            name=said.name,
            from_on=said.first_on,
            to_on=said.to_on,
            places=said.places,
            sessions_per_day=said.sessions_per_day,
            funded_by=said.funded_by,
            funded_until=said.funded_until,
            key=key,
            **who,
        )
    if isinstance(said, DisruptionSaid):
        return Disruption(
            clinic=clinic,
            from_on=said.first_on,
            to_on=said.to_on,
            kind=said.kind,
            label=said.label,
            key=key,
            **who,
        )
    if isinstance(said, AreaSaid):
        return AreaFigure(
            clinic=clinic,
            area=said.area,
            from_on=said.first_on,
            to_on=said.to_on,
            measure=said.measure,
            count=said.count,
            source=said.source,
            key=key,
            **who,
        )
    assert isinstance(said, NeedSaid)  # noqa: S101 - the last of the four
    return NeedEstimate(
        clinic=clinic,
        as_of=said.as_of,
        area=said.area,
        people=said.people,
        method=said.method,
        source=said.source,
        key=key,
        **who,
    )
