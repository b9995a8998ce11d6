"""Giving a last-dose statement to somebody outside."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.queries.statements import what_is_said
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from patients.actions.disclosures import Recipient, store_disclosure
from patients.models import Disclosure, Episode
from patients.queries.people import lock_person


class StatementRefused(Refused):
    """Nothing left the clinic; `decision` holds every reason."""


def give_statement(
    *, clinic: Clinic, episode: Episode, to: Recipient, key: uuid.UUID, by: User, at: datetime
) -> Disclosure:
    """Store what is told about somebody's doses, to whom and on what it rests; it may then be printed.

    It is of the moment at which the person's row was locked, so that a consent that was withdrawn before is seen. One
    key is one statement. Raises StatementRefused with every reason; the refusal is in the trail.
    Source: product P 8; trust design 7.
    """

    def work() -> Disclosure | Decision:
        person = lock_person(person_id=episode.person_id)
        assert person is not None  # noqa: S101 - an episode has its person
        moment = max(at, now())  # the lock may have been long in coming, behind a withdrawal
        said = what_is_said(person=person, clinic=clinic, at=moment)
        return store_disclosure(
            person_id=person.id, clinic=clinic, to=to, said=said, key=key, by=by, at=moment
        )

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise StatementRefused(answer)
    return answer
