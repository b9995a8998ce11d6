"""Making and ending a group of clinics, and putting the figures of a month together from their frozen reports."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, TypeVar

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import (
    Network,
    NetworkClinic,
    NetworkEnd,
    NetworkLeaving,
    Rollup,
    RollupPart,
    RollupRequest,
)
from outcomes.queries.networks import clinics_read_by, last_asked, list_members, released_run
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.fingerprints import hash_of_document
from outcomes.rules.evaluation.indicators import is_over
from outcomes.rules.evaluation.rollup import (
    NetworkKind,
    may_add_network,
    may_end_network,
    may_leave_network,
    may_request_rollup,
    roll_up,
)

Stored = TypeVar("Stored", Network, RollupRequest)


class NetworkRefused(Refused):
    """No group was made; `decision` holds every reason."""


class EndingRefused(Refused):
    """The group did not end, or the clinic did not leave it; `decision` holds every reason."""


class RollupRefused(Refused):
    """Nothing was put together; `decision` holds every reason."""


class NetworkKeyReused(Exception):
    """The same key came from somebody else or for something else: nothing was stored."""


def _refused(
    event: str, decision: Decision, clinic: Clinic, *, by: User, at: datetime, **detail: Any
) -> Decision:
    """Put a refusal into the trail, and give it back."""
    record(event, by=by, at=at, clinic=clinic.id, refused=True, codes=decision.refusal_codes, **detail)
    return decision


def add_network(
    *,
    clinic: Clinic,
    name: str,
    kind: NetworkKind,
    clinics: Collection[uuid.UUID],
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Network:
    """Make a named group of clinics whose reports the maker reads, once. Raises NetworkRefused, NetworkKeyReused."""

    def work() -> Network | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        stored = Network.objects.filter(key=key).first()
        if stored is not None:
            return _mine(stored, (stored.added_by_id, stored.name), (by.pk, name.strip()))
        chosen = {*clinics, clinic.pk}
        decision = may_add_network(
            name=name,
            is_taken=Network.objects.filter(name__iexact=name.strip()).exists(),
            clinics=len(chosen),
            is_reader=chosen <= clinics_read_by(user=by, at=at).keys(),
        )
        if not decision.is_allowed:
            return _refused("outcomes.network_added", decision, clinic, by=by, at=at)
        network = Network.objects.create(
            name=name.strip(), kind=kind.value, key=key, added_at=at, added_by=by
        )
        NetworkClinic.objects.bulk_create(
            NetworkClinic(network=network, clinic_id=one) for one in sorted(chosen)
        )
        record("outcomes.network_added", by=by, at=at, clinic=clinic.id, thing=network, clinics=len(chosen))
        return network

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise NetworkRefused(answer)
    return answer


def end_network(
    *, clinic: Clinic, network: uuid.UUID, ended_on: date, why: str, by: User, at: datetime
) -> NetworkEnd:
    """End a group of clinics with a day, once: what was put together of it stays.

    Sent again the same, it changes nothing. Raises EndingRefused with every reason; the refusal is in the trail.
    """

    def work() -> NetworkEnd | Decision:
        members = _lock_group(network)
        stored = NetworkEnd.objects.filter(network=network).first()
        if stored is not None and _told(stored.ended_by_id, stored.ended_on, stored.why) == _told(
            by.pk, ended_on, why
        ):
            return stored
        decision = may_end_network(
            ended_on=ended_on,
            why=why,
            today=london_date(at),
            has_ended=stored.ended_on if stored else None,
            last_asked=last_asked(network=network),
            is_reader=members <= clinics_read_by(user=by, at=at).keys(),
        )
        if not decision.is_allowed:
            return _refused("outcomes.network_ended", decision, clinic, by=by, at=at, network=str(network))
        end = NetworkEnd.objects.create(
            network_id=network, ended_on=ended_on, why=why.strip(), ended_at=at, ended_by=by
        )
        record(
            "outcomes.network_ended", by=by, at=at, clinic=clinic.id, thing=end, ended_on=ended_on.isoformat()
        )
        return end

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise EndingRefused(answer)
    return answer


def leave_network(
    *,
    clinic: Clinic,
    network: uuid.UUID,
    leaver: uuid.UUID,
    left_on: date,
    why: str,
    by: User,
    at: datetime,
) -> NetworkLeaving:
    """Let one clinic, `leaver`, leave its group with a day, once: what was put together with it stays.

    Sent again the same, it changes nothing. Raises EndingRefused with every reason; the refusal is in the trail.
    """

    def work() -> NetworkLeaving | Decision:
        members = _lock_group(network)
        member = NetworkClinic.objects.filter(network=network, clinic=leaver).first()
        stored = NetworkLeaving.objects.filter(member=member).first() if member else None
        if stored is not None and _told(stored.left_by_id, stored.left_on, stored.why) == _told(
            by.pk, left_on, why
        ):
            return stored
        ended = NetworkEnd.objects.filter(network=network).first()
        decision = may_leave_network(
            left_on=left_on,
            why=why,
            today=london_date(at),
            is_in=member is not None and stored is None,
            clinics=NetworkClinic.objects.filter(network=network, leaving__isnull=True).count(),
            has_ended=ended.ended_on if ended else None,
            last_asked=last_asked(network=network),
            is_reader=members <= clinics_read_by(user=by, at=at).keys(),
        )
        if member is None or not decision.is_allowed:
            return _refused(
                "outcomes.network_left",
                decision,
                clinic,
                by=by,
                at=at,
                network=str(network),
                leaver=str(leaver),
            )
        leaving = NetworkLeaving.objects.create(
            member=member, left_on=left_on, why=why.strip(), left_at=at, left_by=by
        )
        record(
            "outcomes.network_left",
            by=by,
            at=at,
            clinic=clinic.id,
            thing=leaving,
            network=str(network),
            leaver=str(leaver),
            left_on=left_on.isoformat(),
        )
        return leaving

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise EndingRefused(answer)
    return answer


def request_rollup(
    *, clinic: Clinic, network: uuid.UUID, month: date, key: uuid.UUID, by: User, at: datetime
) -> RollupRequest:
    """Ask for the figures of a group in a month, once. Raises RollupRefused and NetworkKeyReused."""

    def work() -> RollupRequest | Decision:
        _lock_group(network)
        stored = RollupRequest.objects.filter(key=key).first()
        if stored is not None:
            was = (stored.requested_by_id, stored.network_id, stored.month)
            return _mine(stored, was, (by.pk, network, month))
        released = [
            released_run(clinic_id=one, month=month, edition=Edition.RESTRICTED.value)
            for one in list_members(network=network, month=month)
        ]
        ended = NetworkEnd.objects.filter(network=network).first()
        decision = may_request_rollup(
            is_over=is_over(month, london_date(at)),
            month=month,
            ended_on=ended.ended_on if ended else None,
            released=sum(one is not None for one in released),
        )
        if not decision.is_allowed:
            return _refused("outcomes.rollup_requested", decision, clinic, by=by, at=at, network=str(network))
        asked = RollupRequest.objects.create(
            network_id=network,
            month=month,
            edition=Edition.RESTRICTED.value,
            key=key,
            requested_at=at,
            requested_by=by,
        )
        record("outcomes.rollup_requested", by=by, at=at, clinic=clinic.id, thing=asked, network=str(network))
        return asked

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise RollupRefused(answer)
    return answer


def take_part(*, request: uuid.UUID, clinic: uuid.UUID, by: User, at: datetime) -> RollupPart:
    """Take what one clinic gives to the figures of its group: its newest released report, or nothing; once."""

    def work() -> RollupPart:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic)
        asked = RollupRequest.objects.get(pk=request)
        taken = RollupPart.objects.filter(request=asked, clinic=clinic).first()
        if taken is not None:
            return taken
        run = released_run(clinic_id=clinic, month=asked.month, edition=asked.edition)
        if run is not None and hash_of_document(run.figures) != run.figures_sha256:
            raise ValueError("The figures of a report are not those that were frozen.")
        part = RollupPart.objects.create(
            request=asked,
            clinic_id=clinic,
            run=run,
            figures_sha256=run.figures_sha256 if run else "",
            taken_at=at,
        )
        record("outcomes.rollup_part_taken", by=by, at=at, clinic=clinic, thing=part, is_missing=run is None)
        return part

    return one_act(work)


def freeze_rollup(*, request: uuid.UUID, by: User, at: datetime) -> Rollup | None:
    """Put the parts of every clinic together and freeze them, once; None while a clinic has not given its part."""

    def work() -> Rollup | None:
        asked = RollupRequest.objects.select_related("network").get(pk=request)
        _lock_group(asked.network_id)
        members = list_members(network=asked.network_id, month=asked.month)
        frozen = Rollup.objects.filter(request=asked).first()
        parts = list(RollupPart.objects.filter(request=asked).select_related("clinic", "run"))
        if frozen is not None or len(parts) < len(members):
            return frozen
        figures = roll_up(
            name=asked.network.name,
            month=f"{asked.month:%Y-%m}",
            edition=asked.edition,
            parts={part.clinic.code: part.run.figures for part in parts if part.run is not None},
            missing=[part.clinic.code for part in parts if part.run is None],
        )
        rollup = Rollup.objects.create(
            request=asked, figures=figures, figures_sha256=hash_of_document(figures), built_at=at
        )
        record("outcomes.rollup_built", by=by, at=at, thing=rollup, sha256=rollup.figures_sha256)
        return rollup

    return one_act(work)


def _lock_group(network: uuid.UUID) -> set[uuid.UUID]:
    """Let two who change or count a group follow each other, at its first clinic; return all that are or were in it."""
    members = set(NetworkClinic.objects.filter(network=network).values_list("clinic", flat=True))
    Clinic.objects.select_for_update(no_key=True).get(pk=min(members))
    return members


def _told(by: uuid.UUID, last_on: date, why: str) -> tuple[uuid.UUID, date, str]:
    return by, last_on, why.strip()


def _mine(stored: Stored, was: tuple[object, ...], is_now: tuple[object, ...]) -> Stored:
    if was != is_now:
        raise NetworkKeyReused(
            "This form was sent before with other answers. Open a new one and write it there."
        )
    return stored
