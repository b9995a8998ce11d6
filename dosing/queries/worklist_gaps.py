"""Rows of the worklist about missed sessions and about doses that were not borne."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dosing.models import Order
from dosing.queries.contacts import HeardOf, list_heard_of
from dosing.queries.gap_states import GapState, OnOrder, list_gap_states
from dosing.rules.contacts import ALERT_DAYS, asks_for_alert, asks_for_contact, days_missed, missed_in_a_row
from dosing.rules.history import counted, gap_in_words
from dosing.rules.ladder import Ladder
from dosing.rules.limits import unreviewed_event
from dosing.rules.moments import days_ago, moment_in_words
from dosing.rules.observation import Escalation
from dosing.rules.protocol import Protocol
from dosing.rules.worklist import Group, Matter
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class GapRow:
    """One row: about whom, how soon, what it asks for, in words why, and since when."""

    episode: Episode
    group: Group
    matter: Matter
    why: str
    since: datetime | None


def list_gap_rows(
    episodes: Sequence[Episode], orders: dict[uuid.UUID, Order], *, protocol: Protocol, at: datetime
) -> Iterator[GapRow]:
    """Yield what the gaps and events of people with an order ask for.

    `orders` holds the live order by person; whoever has none waits for one as it is. The same five statements
    for any number of people. Source: clinical rules 28, 32, 35 and 7.11.
    """
    here = [episode for episode in episodes if episode.person_id in orders]
    people = [OnOrder.of(episode, orders[episode.person_id]) for episode in here]
    states = list_gap_states(people, protocol=protocol, at=at)
    heard = list_heard_of(here, at=at)
    for episode in here:
        state = states[episode.id]
        yield from _ladder_row(episode, state)
        yield from _event_row(episode, state, orders[episode.person_id], at)
        yield from _looked_for(episode, state, heard[episode.id], at)


def _ladder_row(episode: Episode, state: GapState) -> Iterator[GapRow]:
    words, gap = gap_in_words(state.standing), state.standing.gap
    since = gap.since if gap is not None else None
    if state.ladder is Ladder.CAPPED:
        why = f"{words} The next dose is at most {state.cap_percent} %."
        yield GapRow(episode, Group.TODAY, Matter.GAP_CAPPED, why, since)
    elif state.ladder is Ladder.DECIDE:
        why = f"{words} No dose before you decide."
        yield GapRow(episode, Group.NOW, Matter.GAP_DECIDE, why, since)
    elif state.ladder is Ladder.RESTART:
        why = f"{words} The order is suspended. Welfare check: has anybody seen them?"
        yield GapRow(episode, Group.NOW, Matter.RESTART, why, since)


def _event_row(episode: Episode, state: GapState, order: Order, at: datetime) -> Iterator[GapRow]:
    event = unreviewed_event(state.history, order_signed_at=order.signed_at, at=at)
    if event is None:
        return
    what = "an emergency" if event.escalation == Escalation.B else "had to be roused, or stayed longer"
    why = (
        f"After {event.mg} mg on {moment_in_words(event.started_at)}: {what}. Nothing above {event.mg} mg is given "
        "until a doctor has reviewed it and signed a new order."
    )
    yield GapRow(episode, Group.TODAY, Matter.EVENT, why, event.started_at)


def _looked_for(episode: Episode, state: GapState, heard: HeardOf, at: datetime) -> Iterator[GapRow]:
    missed = missed_in_a_row(state.history, state.standing, at=at)
    days = days_missed(missed, state.history)
    if asks_for_alert(days, told_at=heard.told_at):
        why = (
            f"{counted(len(days), 'whole day')} missed in a row. Tell the pharmacy that dispenses for them, if one "
            "does, and note that you did."
        )
        yield GapRow(episode, Group.NOW, Matter.DAYS_MISSED, why, days[ALERT_DAYS - 1].over_at)
    if asks_for_contact(missed, heard_at=heard.heard_at):
        last = (
            f"Last heard of on {moment_in_words(heard.heard_at)}."
            if heard.heard_at
            else "Not heard of in the last 21 days."
        )
        tried = f" Tried in vain {days_ago(heard.tried_at, at)} ago." if heard.tried_at else ""
        why = f"{counted(len(missed), 'session')} missed in a row. {last}{tried}"
        yield GapRow(episode, Group.TODAY, Matter.CONTACT, why, missed[0].over_at)
