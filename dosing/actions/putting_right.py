"""What every correction of the room has in common: asked and stored once, with its reason and its signature."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from dosing.models import (
    Correction,
    Injection,
    InjectionFacts,
    PreInjectionCheck,
    Reading,
    SessionOutcome,
    Signature,
    Visit,
)
from dosing.queries.orders import lock_dosing_state
from dosing.queries.visits import lock_visit
from dosing.rules.corrections import Corrected, CorrectedFor, may_correct
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Refused, block

Row = TypeVar("Row", Reading, SessionOutcome, PreInjectionCheck, InjectionFacts)
Event = Literal[
    "dosing.reading_amended", "dosing.outcome_amended", "dosing.check_amended", "dosing.injection_amended"
]
# Which line of a correction a row is.
PART: Final = {
    Reading: "reading",
    SessionOutcome: "outcome",
    PreInjectionCheck: "check_made",
    InjectionFacts: "facts",
}


class CorrectionRefused(Refused):
    """Nothing was put right; `decision` holds every reason."""

    @property
    def is_stale(self) -> bool:
        """Whether somebody was faster: the page showed a line that does not stand any more."""
        return any(finding.code == "amended_meanwhile" for finding in self.decision.refusals)

    @staticmethod
    def unless_stored(answer: Row | Decision) -> Row:
        """Return what was stored. Raises CorrectionRefused with every reason where nothing was."""
        if isinstance(answer, Decision):
            raise CorrectionRefused(answer)
        return answer


@dataclass(frozen=True, slots=True)
class SignedWhy:
    """Why a line is put right, the PIN of who does it, the terminal they stand at, and the key of the page.

    `is_lead`: the clinical lead does it at a desk once the day is over, and has given the password afresh.
    """

    reason: CorrectedFor
    words: str
    pin: str
    terminal_id: uuid.UUID | None
    key: uuid.UUID
    is_lead: bool = False

    def prove(self, *, by: User, at: datetime) -> None:
        """Ask for the PIN of who signs; the lead's password was asked for by the page. Raises PinRefused."""
        if not self.is_lead:
            prove_pin(user=by, pin=self.pin, terminal_id=self.terminal_id, at=at)

    def may_put_right(
        self, visit: Visit, *, stands: bool, is_same: bool, at: datetime, has_desk: bool = True
    ) -> Decision:
        """Ask the rule whether a line may be put right by its day, its reason and what has become of it."""
        facts = Corrected(
            stands=stands,
            is_same=is_same,
            service_date=visit.session.service_date,
            today=london_date(at),
            is_lead=self.is_lead,
            has_desk=has_desk,
        )
        return may_correct(facts, reason=self.reason, words=self.words)


def put_right_once(
    *,
    event: Event,
    model: type[Row],
    first: Row | Injection,
    content: str,
    work: Callable[[Visit, datetime], Row | Decision],
    why: SignedWhy,
    clinic: Clinic,
    by: User,
    at: datetime,
) -> Row | Decision:
    """Ask and store inside the person's lock, in the caller's transaction; the same page is the same correction.

    What is stored is of the moment at which the lock was had; a refusal is of `at`.
    """
    patient_id = Visit.objects.values_list("patient_id", flat=True).get(session_id=first.session_id)
    lock_dosing_state(patient_id=patient_id)
    visit = lock_visit(session_id=first.session_id)
    assert visit is not None  # noqa: S101 - visits are never deleted, and this one was found above
    stored = Correction.objects.select_related("signature").filter(key=why.key).first()
    trail: dict[str, Any] = {"by": by, "clinic": clinic.id, "person": patient_id}
    if stored is not None and stored.signature.content_sha256 == content:
        return model._default_manager.get(correction=stored)
    moment = now()
    answer: Row | Decision
    if stored is not None:
        message = "This page was already used for something else. Open it again."
        answer = Decision((block("key_reused", message, "trust design 5"),))
    else:
        answer = work(visit, moment)
    if isinstance(answer, Decision):
        codes = answer.refusal_codes
        record(event, at=at, refused=True, codes=codes, amends=str(first.id), **trail)
        return answer
    Correction.objects.create(
        key=why.key,
        **{PART[model]: answer},
        reason=why.reason,
        words=why.words,
        signature=Signature.objects.create(
            signed_by=by, signed_at=moment, part=Signature.Part.AMENDER, content_sha256=content
        ),
        corrected_at=moment,
        corrected_by=by,
    )
    record(event, at=moment, thing=answer, amends=str(first.id), correction=why.reason.value, **trail)
    return answer
