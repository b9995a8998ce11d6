"""An order that an unlicensed doctor writes and a licensed one signs: when it may be asked for, and how it ends.

A request is no order: nobody is given a dose on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from dosing.rules.moments import end_in_words
from dosing.rules.orders import OrderDraft, OrderTerms
from dosing.rules.signing import SigningFacts, may_begin_order, may_sign_order
from hat_clinic.core.decisions import Decision, Finding, block, note

# What stands against the author alone: it is why they ask.
NO_LICENCE: Final = "no_licence"


class OrderRequestStatus(StrEnum):
    """What became of a request."""

    OPEN = "open"
    SIGNED = "signed"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @property
    def label(self) -> str:
        """The status in words."""
        return _LABELS[self]


_LABELS: Final = {
    OrderRequestStatus.OPEN: "waits for a licensed doctor",
    OrderRequestStatus.SIGNED: "signed by a licensed doctor",
    OrderRequestStatus.SENT_BACK: "sent back by a licensed doctor",
    OrderRequestStatus.WITHDRAWN: "withdrawn by its author",
    OrderRequestStatus.LAPSED: "over with the treatment that it was written for",
}
_ENDS: Final = frozenset(set(OrderRequestStatus) - {OrderRequestStatus.OPEN})
TRANSITIONS: Final[dict[OrderRequestStatus, frozenset[OrderRequestStatus]]] = {
    OrderRequestStatus.OPEN: _ENDS,
    **{status: frozenset[OrderRequestStatus]() for status in _ENDS},
}


@dataclass(frozen=True, slots=True)
class AskingFacts:
    """What else is known when an order is asked for.

    `open_request` tells of the request that is open for this person and drug, empty without one. `licensed_until`
    is the end of the last licence in force at these premises for this drug, None where nobody holds one.
    """

    open_request: str
    licensed_until: datetime | None


def may_begin_request(facts: SigningFacts, asking: AskingFacts) -> Decision:
    """Decide what is known before a number is written: who asks, for whom, and whether anybody could sign.

    Source: clinical rules 1, 2, 3 and 4.
    """
    return _without_licence(may_begin_order(facts)) | _asking(facts, asking)


def may_request_order(
    draft: OrderDraft, terms: OrderTerms, facts: SigningFacts, asking: AskingFacts
) -> Decision:
    """Decide whether an unlicensed doctor may ask for an order: whatever bars its signature bars asking for it.

    Only the licence that the author lacks does not. Source: clinical rules 1, 2 and 3.
    """
    return (
        _without_licence(may_sign_order(draft, terms, facts))
        | _asking(facts, asking)
        | _outlives_every_licence(draft, asking)
    )


def _without_licence(decision: Decision) -> Decision:
    return Decision(tuple(finding for finding in decision if finding.code != NO_LICENCE))


def _asking(facts: SigningFacts, asking: AskingFacts) -> Decision:
    return Decision.of(
        (
            block(
                "licensed_yourself",
                "You are licensed for this drug at these premises: sign the order yourself.",
                "clinical rule 3",
            )
            if facts.licence_ends_at is not None
            else None,
            block(
                "asked_already",
                f"{asking.open_request} It is answered or withdrawn before another is written.",
                "clinical rule 3",
            )
            if asking.open_request
            else None,
            block(
                "nobody_is_licensed",
                "No doctor is licensed for this drug at these premises now, so nobody can sign. The clinic’s "
                "manager records a licence first.",
                "clinical rule 1",
            )
            if asking.licensed_until is None and facts.licence_ends_at is None
            else None,
        )
    )


def _outlives_every_licence(draft: OrderDraft, asking: AskingFacts) -> Decision:
    until = asking.licensed_until
    if until is None or draft.ends_at <= until:
        return Decision()
    message = f"The order would end after the last licence here, which ends {end_in_words(until)}. Choose an earlier end."
    return Decision((block("outlives_every_licence", message, "clinical rule 1"),))


@dataclass(frozen=True, slots=True)
class SinceWritten:
    """What happened to the person and the clinic's limits since a request was written.

    `order` tells what stands where the order is another than the author saw, else it is empty. `limits` holds the
    versions then and now where they differ. `last_dose` tells of the last of the doses given since.
    """

    order: str = ""
    limits: tuple[int, int] | None = None
    doses: int = 0
    last_dose: str = ""
    missed: int = 0
    holds: int = 0
    is_assessed_anew: bool = False


def changes(since: SinceWritten) -> Decision:
    """Return a note for each thing that changed since a request was written; each is ticked before it is signed.

    Source: clinical rules 3 and 5.
    """
    return Decision.of(
        (
            _changed(
                "order_since", since.order and f"The order changed since this was written. {since.order}"
            ),
            _changed("limits_since", _limits_since(since.limits)),
            _changed(
                "doses_since",
                since.doses
                and f"{_counted(since.doses, 'dose was', 'doses were')} given since this was written, the last "
                f"{since.last_dose}.",
            ),
            _changed(
                "missed_since",
                since.missed
                and f"{_counted(since.missed, 'session', 'sessions')} ended without a dose since this was written.",
            ),
            _changed(
                "holds_since",
                since.holds
                and f"{_counted(since.holds, 'hold was', 'holds were')} opened since this was written.",
            ),
            _changed(
                "assessed_since",
                since.is_assessed_anew
                and "A new medical assessment was signed since this was written. Read it.",
            ),
        )
    )


def _limits_since(limits: tuple[int, int] | None) -> str:
    if limits is None:
        return ""
    return f"The clinic’s limits changed since this was written: version {limits[0]} then, version {limits[1]} now."


def _changed(code: str, message: str | int | bool) -> Finding | None:
    return note(code, str(message), "clinical rule 3") if message else None


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


@dataclass(frozen=True, slots=True)
class AskedFacts:
    """What is known of a request when it is answered.

    `ended` tells how it ended, for whoever still sees it as open.
    """

    status: OrderRequestStatus
    ended: str
    is_author: bool
    since: SinceWritten = SinceWritten()


def may_authorise_order(
    draft: OrderDraft, terms: OrderTerms, facts: SigningFacts, asked: AskedFacts
) -> Decision:
    """Decide whether a doctor may sign what another wrote, by everything that is known now.

    Source: clinical rules 1, 2, 3 and 5; 7.11 (limits are tested again).
    """
    return _is_open(asked) | _is_anothers(asked) | may_sign_order(draft, terms, facts) | changes(asked.since)


def may_send_back_order(facts: SigningFacts, asked: AskedFacts, *, reason: str) -> Decision:
    """Decide whether a doctor may send a request back unsigned. Source: clinical rules 1, 2 and 3."""
    return _is_open(asked) | _is_anothers(asked) | _is_licensed(facts) | _has_reason(reason)


def may_withdraw_order_request(asked: AskedFacts, *, reason: str) -> Decision:
    """Decide whether somebody may take a request back: its author, while nobody answered. Source: clinical rule 3."""
    own = (
        Decision()
        if asked.is_author
        else Decision(
            (
                block(
                    "not_the_author",
                    "Only who wrote it withdraws it. A licensed doctor sends it back.",
                    "clinical rule 3",
                ),
            )
        )
    )
    return _is_open(asked) | own | _has_reason(reason)


def _is_open(asked: AskedFacts) -> Decision:
    if asked.status is OrderRequestStatus.OPEN:
        return Decision()
    return Decision((block("answered_already", f"{asked.ended} Nothing was changed.", "clinical rule 3"),))


def _is_anothers(asked: AskedFacts) -> Decision:
    if not asked.is_author:
        return Decision()
    message = "You wrote this. Another doctor, licensed for these premises, signs it or sends it back."
    return Decision((block("own_request", message, "clinical rule 3"),))


def _is_licensed(facts: SigningFacts) -> Decision:
    if facts.signer_is_doctor and facts.licence_ends_at is not None:
        return Decision()
    message = "Only a doctor licensed for this drug at these premises answers this."
    return Decision((block("not_licensed", message, "clinical rules 1 and 2"),))


def _has_reason(reason: str) -> Decision:
    if reason.strip():
        return Decision()
    return Decision((block("reason", "Write why, in a sentence.", "clinical rule 3"),))
