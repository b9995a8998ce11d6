"""Loading a code set of the national dataset, and making its file."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import CodeSet, DatasetExport
from outcomes.queries.ndtms import get_code_set, list_treatments
from outcomes.rules.ndtms import CodeSetSaid, file_of, may_load_code_set, read_code_set
from patients.models import Consent, Person
from patients.rules.consents import Purpose


class CodeSetRefused(Refused):
    """No code set was stored; `decision` holds every reason."""


class NothingLoaded(Exception):
    """There is no code set: no file was made."""


class ExportKeyReused(Exception):
    """The same key came again after something changed: no file was made."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made, and its line in the list."""

    export: DatasetExport
    text: str


def load_code_set(*, clinic: Clinic, said: CodeSetSaid, content: bytes, by: User, at: datetime) -> CodeSet:
    """Store one version of the dataset's fields and codes, once: the same file with the same words again is the first.

    Raises CodeSetRefused (the refusal is in the trail) and CodeSetUnreadable, which stores nothing.
    """
    read_code_set(content)
    fingerprint = hashlib.sha256(content).hexdigest()

    def work() -> CodeSet | Decision:
        Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
        known = CodeSet.objects.filter(clinic=clinic, dataset=said.dataset, version=said.version).first()
        if known is not None and (
            known.sha256,
            known.valid_from,
            known.source,
            known.verified_by,
            known.loaded_by_id,
        ) == (fingerprint, said.valid_from, said.source, said.verified_by, by.id):
            return known
        decision = may_load_code_set(said, is_known=known is not None)
        if not decision.is_allowed:
            record(
                "outcomes.code_set_loaded",
                refused=True,
                by=by,
                at=at,
                clinic=clinic.id,
                codes=decision.refusal_codes,
            )
            return decision
        row = CodeSet.objects.create(
            clinic=clinic,
            dataset=said.dataset,
            version=said.version,
            valid_from=said.valid_from,
            source=said.source,
            verified_by=said.verified_by,
            content=content,
            sha256=fingerprint,
            loaded_by=by,
            loaded_at=at,
        )
        record("outcomes.code_set_loaded", by=by, at=at, clinic=clinic.id, thing=row, sha256=fingerprint)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise CodeSetRefused(answer)
    return answer


def export_ndtms(*, clinic: Clinic, key: uuid.UUID, by: User, at: datetime) -> Made:
    """Make the file of everybody whose consent to it stands at this moment, and record it.

    A consent that is taken back waits for the person's row, as this does: whichever comes first is what the other sees.
    The same key again gives the same file, or nothing where something changed since. Raises NothingLoaded and
    ExportKeyReused.
    """

    def work() -> Made:
        Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
        code_set = get_code_set(clinic)
        if code_set is None:
            raise NothingLoaded("Load a code set first. No file was made.")
        _hold_consents(clinic)
        treatments = list_treatments(clinic, at=max(at, now()))
        ready = [one for one in treatments if one.has_consent]
        text = file_of(code_set.fields, code_set.said, [one.leaving for one in ready])
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        stored = DatasetExport.objects.filter(key=key).first()
        if stored is not None:
            if (stored.clinic_id, stored.exported_by_id, stored.sha256) != (clinic.id, by.id, fingerprint):
                raise ExportKeyReused("Something changed since this page was opened. Make the file again.")
            return Made(stored, text)
        row = DatasetExport.objects.create(
            clinic=clinic,
            code_set_id=code_set.id,
            treatments=len(ready),
            without_consent=len(treatments) - len(ready),
            with_gaps=sum(bool(one.gaps(code_set)) for one in ready),
            sha256=fingerprint,
            key=key,
            exported_by=by,
            exported_at=at,
        )
        for person in sorted({one.person_id for one in ready}):
            record(
                "outcomes.ndtms_exported",
                by=by,
                at=at,
                clinic=clinic.id,
                person=person,
                thing=row,
                sha256=fingerprint,
            )
        if not ready:
            record("outcomes.ndtms_exported", by=by, at=at, clinic=clinic.id, thing=row, sha256=fingerprint)
        return Made(row, text)

    return one_act(work)


def _hold_consents(clinic: Clinic) -> None:
    """Lock everybody here who ever agreed to the dataset, always in the same order, so that no consent ends meanwhile."""
    asked = Consent.objects.filter(purpose=Purpose.NDTMS, person__episodes__clinic=clinic)
    people = Person.objects.select_for_update(no_key=True).filter(id__in=asked.values("person_id"))
    list(people.order_by("id").values_list("id"))
