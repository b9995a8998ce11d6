"""The pages of a clinic's limits: what is in force, every version, what changes, and what is to be approved."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dosing.models import ProtocolDraft, ProtocolVersion
from dosing.queries.protocol import as_limits_seen, as_rules_read_it, get_waiting_draft
from dosing.rules.moments import moment_in_words
from dosing.rules.protocol import LIMITS, Limit, Protocol, limit_of, numbers_of
from dosing.rules.protocol_versions import GROUPS, Change, Period, changes_between, periods_of, with_unit
from hat_clinic.accounts.models import Clinic, User

NOT_VERIFIED = "Not verified: confirm locally"


@dataclass(frozen=True, slots=True)
class ShownLimit:
    """One limit as it is printed, with the range that no clinic leaves; `standing` says what it rests on."""

    name: str
    label: str
    number: str
    range: str
    source: str
    is_verified: bool
    standing: str


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """One approved version: who wrote and who approved it, from when until when, and its numbers."""

    id: uuid.UUID
    number: int
    state: str
    is_in_force: bool
    begins: str
    until: str
    written: str
    reason: str
    approved: str
    by_one_person: bool
    groups: tuple[tuple[str, tuple[ShownLimit, ...]], ...]


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """One draft: who wrote it, when, why, and its numbers."""

    id: uuid.UUID
    number: int
    written: str
    reason: str
    groups: tuple[tuple[str, tuple[ShownLimit, ...]], ...]


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One limit that differs: before, after, and whether that is stricter or looser, in words."""

    label: str
    before: str
    after: str
    direction: str
    word: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two sets of limits, and how many of them do not."""

    before: str
    after: str
    changes: tuple[ShownChange, ...]
    same: int


@dataclass(frozen=True, slots=True)
class ProtocolPage:
    """The version in force, those that begin later, the draft that waits, and every version there was."""

    in_force: ShownVersion | None
    later: tuple[ShownVersion, ...]
    draft: ShownDraft | None
    comparison: Comparison | None
    versions: tuple[ShownVersion, ...]


def get_protocol_page(*, clinic: Clinic, at: datetime) -> ProtocolPage:
    """Return what is known of a clinic's limits."""
    versions, periods = _versions(clinic)
    shown = tuple(_shown(version, periods[version.number], at) for version in versions)
    draft = get_waiting_draft(clinic_id=clinic.id)
    standing = _in_force(versions, periods, at)
    return ProtocolPage(
        in_force=next((version for version in shown if version.is_in_force), None),
        later=tuple(
            _shown(version, periods[version.number], at)
            for version in sorted(versions, key=lambda version: version.starts_at)
            if _is_later(version, periods, at)
        ),
        draft=_shown_draft(draft) if draft else None,
        comparison=_compared(standing, draft) if draft and standing else None,
        versions=shown,
    )


def get_protocol_version(*, clinic: Clinic, version_id: uuid.UUID, at: datetime) -> ShownVersion | None:
    """Return one version of a clinic, or None for one of another clinic and for none."""
    versions, periods = _versions(clinic)
    found = next((version for version in versions if version.id == version_id), None)
    return None if found is None else _shown(found, periods[found.number], at)


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Which sets of limits can be compared, by id and name, and what two of them differ in."""

    choices: tuple[tuple[str, str], ...]
    comparison: Comparison | None
    before: str
    after: str


def get_compare_page(*, clinic: Clinic, before: str, after: str, at: datetime) -> ComparePage:
    """Compare two versions, or a version and the draft that waits, by their ids.

    What is not named or not of this clinic gives way to the version in force, and to the draft or the version
    before it.
    """
    versions, periods = _versions(clinic)
    draft = get_waiting_draft(clinic_id=clinic.id)
    found: list[ProtocolVersion | ProtocolDraft] = [*([draft] if draft else []), *versions]
    known = {str(one.id): one for one in found}
    choices = tuple((key, _name(one, periods, at)) for key, one in known.items())
    if len(known) < 2:
        return ComparePage(choices, None, "", "")
    standing = _in_force(versions, periods, at) or versions[0]
    newer = draft or standing
    older = next((one for one in (standing, *versions) if one.id != newer.id), standing)
    first, second = known.get(before, older), known.get(after, newer)
    return ComparePage(choices, _compared(first, second), str(first.id), str(second.id))


@dataclass(frozen=True, slots=True)
class DraftingPage:
    """What a draft is filled in from, in numbers and in words, and what the page was opened on."""

    numbers: Mapping[str, int]
    starts_from: str
    draft: ShownDraft | None
    is_from_draft: bool
    seen: str


def get_drafting_page(*, clinic: Clinic, from_draft: bool, at: datetime) -> DraftingPage:
    """Return the numbers that stand in the form: of the version in force, or of the draft that waits if asked for.

    Where nothing is in force they are those of the version that begins next, or the program's starting values,
    which nobody has approved.
    """
    versions, periods = _versions(clinic)
    draft = get_waiting_draft(clinic_id=clinic.id)
    standing = _in_force(versions, periods, at) or next(iter(versions), None)
    source = draft if draft is not None and from_draft else standing
    words = "the starting values of this program, which no clinician has approved"
    if isinstance(source, ProtocolDraft):
        words = f"draft {source.number}, which waits for approval"
    elif source is not None:
        words = _name(source, periods, at)[0].lower() + _name(source, periods, at)[1:]
    return DraftingPage(
        numbers=_numbers(source) if source else numbers_of(Protocol()),
        starts_from=words,
        draft=_shown_draft(draft) if draft else None,
        is_from_draft=isinstance(source, ProtocolDraft),
        seen=as_limits_seen(clinic_id=clinic.id),
    )


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """The draft that is read before it is approved, what it changes, and what it would take the place of."""

    draft: ShownDraft | None
    numbers: Mapping[str, int]
    is_own: bool
    in_force: ShownVersion | None
    later: tuple[ShownVersion, ...]
    comparison: Comparison | None
    seen: str


def get_approval_page(*, clinic: Clinic, approver: User, at: datetime) -> ApprovalPage:
    """Return what a clinical lead reads before approving the draft that waits; no draft where none does."""
    page = get_protocol_page(clinic=clinic, at=at)
    draft = get_waiting_draft(clinic_id=clinic.id)
    return ApprovalPage(
        draft=page.draft,
        numbers=_numbers(draft) if draft else {},
        is_own=draft is not None and draft.written_by_id == approver.id,
        in_force=page.in_force,
        later=page.later,
        comparison=page.comparison,
        seen=as_limits_seen(clinic_id=clinic.id),
    )


def approved_sentence(version: ProtocolVersion) -> str:
    """Return what is said when a version was approved."""
    when = "now" if version.starts_at <= version.approved_at else moment_in_words(version.starts_at)
    return f"Saved: version {version.number} of the limits is approved, in force from {when}."


def _versions(clinic: Clinic) -> tuple[list[ProtocolVersion], dict[int, Period]]:
    """Return a clinic's versions, the newest first, and from when until when each is in force."""
    versions = list(
        ProtocolVersion.objects.select_related("approved_by", "draft__written_by")
        .filter(clinic=clinic)
        .order_by("-number")
    )
    return versions, periods_of((version.number, version.starts_at) for version in versions)


def _in_force(
    versions: list[ProtocolVersion], periods: Mapping[int, Period], at: datetime
) -> ProtocolVersion | None:
    return next((version for version in versions if periods[version.number].holds(at)), None)


def _is_later(version: ProtocolVersion, periods: Mapping[int, Period], at: datetime) -> bool:
    return version.starts_at > at and not periods[version.number].never_begins


def _state(period: Period, at: datetime) -> str:
    if period.never_begins:
        return "Never in force: a newer version took its place"
    if period.holds(at):
        return "In force now"
    return "Begins later" if at < period.starts_at else "Ended"


def _name(one: ProtocolVersion | ProtocolDraft, periods: Mapping[int, Period], at: datetime) -> str:
    if isinstance(one, ProtocolDraft):
        return f"Draft {one.number}"
    state = _state(periods[one.number], at).partition(":")[0]
    return f"Version {one.number}, {state[0].lower()}{state[1:]}"


def _shown(version: ProtocolVersion, period: Period, at: datetime) -> ShownVersion:
    draft = version.draft
    confirmed = frozenset(version.confirmed)
    until = "a newer version begins" if period.ends_at is None else moment_in_words(period.ends_at)
    return ShownVersion(
        id=version.id,
        number=version.number,
        state=_state(period, at),
        is_in_force=period.holds(at),
        begins=moment_in_words(version.starts_at),
        until="" if period.never_begins else until,
        written=_who_and_when(draft.written_by, draft.written_at) if draft else "",
        reason=draft.reason if draft else "",
        approved=_who_and_when(version.approved_by, version.approved_at),
        by_one_person=draft is not None and draft.written_by_id == version.approved_by_id,
        groups=_groups(_numbers(version), confirmed, version.approved_by.full_name),
    )


def _shown_draft(draft: ProtocolDraft) -> ShownDraft:
    return ShownDraft(
        id=draft.id,
        number=draft.number,
        written=_who_and_when(draft.written_by, draft.written_at),
        reason=draft.reason,
        groups=_groups(_numbers(draft), frozenset(), ""),
    )


def _who_and_when(who: User, at: datetime) -> str:
    return f"{who.full_name}, {moment_in_words(at)}"


def _numbers(one: ProtocolVersion | ProtocolDraft) -> dict[str, int]:
    protocol = as_rules_read_it(one)
    assert protocol is not None  # noqa: S101 - None only of None
    return numbers_of(protocol)


def _groups(
    numbers: Mapping[str, int], confirmed: frozenset[str], approver: str
) -> tuple[tuple[str, tuple[ShownLimit, ...]], ...]:
    return tuple(
        (
            heading,
            tuple(
                _shown_limit(limit_of(name), numbers[name], approver if name in confirmed else "")
                for name in names
            ),
        )
        for heading, names in GROUPS
    )


def _shown_limit(limit: Limit, number: int, confirmed_by: str) -> ShownLimit:
    standing = "Compared with its source" if limit.is_verified else NOT_VERIFIED
    if confirmed_by and not limit.is_verified:
        standing = f"Not verified; confirmed locally by {confirmed_by}"
    return ShownLimit(
        name=limit.name,
        label=limit.label,
        number=with_unit(limit, number),
        range=f"{limit.least} to {limit.most}",
        source=limit.source,
        is_verified=limit.is_verified,
        standing=standing,
    )


def _compared(before: ProtocolVersion | ProtocolDraft, after: ProtocolVersion | ProtocolDraft) -> Comparison:
    changes = changes_between(_numbers(before), _numbers(after))
    return Comparison(
        before=_title(before),
        after=_title(after),
        changes=tuple(_shown_change(change) for change in changes),
        same=len(LIMITS) - len(changes),
    )


def _title(one: ProtocolVersion | ProtocolDraft) -> str:
    return f"{'Draft' if isinstance(one, ProtocolDraft) else 'Version'} {one.number}"


def _shown_change(change: Change) -> ShownChange:
    return ShownChange(
        label=change.limit.label,
        before=with_unit(change.limit, change.before),
        after=with_unit(change.limit, change.after),
        direction=change.direction.value,
        word=change.direction.label,
    )
