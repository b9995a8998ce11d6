"""Everything that several agencies said about one person, with who said what and when."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from referrals.models import PriorTreatment, Referral
from referrals.rules.asking import Answer, Ending, Flag, Treatment, service_of, which_are_same
from referrals.rules.eligibility import Concern, Told, details_of
from referrals.rules.whens import read_kept


@dataclass(frozen=True, slots=True)
class Saying:
    """One answer, and who gave it when: each agency with its day. `details` is empty where there are none."""

    answer: str
    details: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One question, and every answer to it, the first first."""

    label: str
    sayings: tuple[Saying, ...]
    is_yes: bool


@dataclass(frozen=True, slots=True)
class Together:
    """What every referral about one person says: concerns in a sentence, reasons, services, treatments."""

    concerns: tuple[Saying, ...]
    flags: tuple[Line, ...]
    services: tuple[Line, ...]
    treatments: tuple[Line, ...]


def list_about_same(referral: Referral) -> QuerySet[Referral]:
    """Return every referral to the clinic that is likely about the same person, this one included, in time.

    Those that are linked only through a third one are left out: what was said of somebody else never counts here.
    """
    linked = list(_linked_with(referral))
    same = which_are_same(referral.identity, [one.identity for one in linked])
    ids = {
        one.id
        for one, is_same in zip(linked, same, strict=True)
        if is_same
        or one.id == referral.id
        or (one.person_id is not None and one.person_id == referral.person_id)
    }
    return (
        Referral.objects.filter(id__in=ids)
        .select_related("agency", "person")
        .order_by("referred_on", "sent_at", "id")
    )


def _linked_with(referral: Referral) -> QuerySet[Referral]:
    first_id = referral.same_as_id or referral.id
    same = Q(id=first_id) | Q(same_as_id=first_id)
    if referral.person_id is not None:
        same |= Q(person_id=referral.person_id)
    return Referral.objects.filter(same, clinic_id=referral.clinic_id).select_related("person")


def sender_of(referral: Referral) -> str:
    """Return who sent a referral: the agency, else the kind of source."""
    return referral.agency.name if referral.agency else str(Referral.Source(referral.source).label)


def told_of(referral: Referral, row: PriorTreatment) -> Told:
    """Return what one agency said of one treatment, as the rules read it."""
    return Told(
        sender=sender_of(referral),
        said_on=referral.referred_on,
        treatment=Treatment(row.treatment),
        answer=Answer(row.answer),
        started=read_kept(row.started),
        ended=read_kept(row.ended or str(row.last_year or "")),
        highest_dose_mg=row.highest_dose_mg,
        supervised=Answer(row.supervised) if row.supervised else None,
        ending=Ending(row.ending) if row.ending else None,
    )


def list_told(referrals: list[Referral]) -> tuple[Told, ...]:
    """Return what was said of treatments in referrals whose rows were fetched."""
    return tuple(told_of(one, row) for one in referrals for row in one.treatments.all())


def list_concerns(referrals: list[Referral]) -> tuple[Concern, ...]:
    """Return which agencies referred, and which services they named as concerned."""
    return tuple(
        Concern(
            sender_of(one),
            one.referred_on,
            tuple(
                flag
                for flag in Flag
                if flag.is_service
                and any(row.flag == flag and row.answer == Answer.YES for row in one.flags.all())
            ),
            service_of(one.agency.kind) if one.agency else None,
        )
        for one in referrals
        if one.agency_id is not None
    )


def bring_together(referrals: list[Referral]) -> Together:
    """Return what referrals about one person say, question by question; the same answer of several stands once."""
    flags = {}
    for flag in Flag:
        said = [
            (_by(one), Answer(row.answer).label, "")
            for one in referrals
            for row in one.flags.all()
            if row.flag == flag and (row.answer == Answer.YES or not flag.is_service)
        ]
        if said:
            label = f"{flag.label[0].upper()}{flag.label[1:]}"
            flags[flag] = Line(
                label, _sayings(said), any(answer == Answer.YES.label for _, answer, _ in said)
            )
    words = {Answer.YES: "Tried", Answer.NO: "Not tried", Answer.UNKNOWN: "Not known"}
    told = list_told(referrals)
    treatments = []
    for treatment in Treatment:
        found = [one for one in told if one.treatment is treatment]
        if found:
            said = [(_told_by(one), words[one.answer], _ended_too(one)) for one in found]
            is_yes = any(one.answer is Answer.YES for one in found)
            treatments.append(Line(treatment.label, _sayings(said), is_yes))
    return Together(
        concerns=_sayings([(_by(one), one.concern, "") for one in referrals if one.concern]),
        flags=tuple(line for flag, line in flags.items() if not flag.is_service),
        services=tuple(line for flag, line in flags.items() if flag.is_service),
        treatments=tuple(treatments),
    )


def _ended_too(told: Told) -> str:
    """Return the details of a treatment; of one that was tried also that its ending is missing."""
    details = details_of(told)
    if told.answer is not Answer.YES or told.ending not in (None, Ending.UNKNOWN):
        return details
    return f"{details}, ending not known" if details else "ending not known"


def _by(referral: Referral) -> str:
    return f"{sender_of(referral)}, {referral.referred_on:%-d %B %Y}"


def _told_by(told: Told) -> str:
    return f"{told.sender}, {told.said_on:%-d %B %Y}"


def _sayings(said: list[tuple[str, str, str]]) -> tuple[Saying, ...]:
    """Return each answer once, with everybody who gave it."""
    by: dict[tuple[str, str], list[str]] = {}
    for who, answer, details in said:
        by.setdefault((answer, details), []).append(who)
    return tuple(Saying(answer, details, tuple(who)) for (answer, details), who in by.items())
