"""What was taken in before."""

from __future__ import annotations

import uuid

from patients.models import ImportRun, Person


def list_imported_refs(clinic_id: uuid.UUID) -> dict[str, ImportRun]:
    """Return which references were taken in before, and with which run."""
    people = Person.objects.select_related("import_run").filter(import_run__clinic_id=clinic_id)
    return {person.imported_ref: person.import_run for person in people if person.import_run is not None}
