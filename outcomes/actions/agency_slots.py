"""Writing down when an agency is in the clinic, and that it no longer comes."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import AgencySlot, AgencySlotEnd, Appointment
from outcomes.queries.agency_slots import list_in_room
from outcomes.rules.appointments import SlotSaid, may_end_slot, may_set_slot


class SlotRefused(Refused):
    """The time was not stored or ended; `decision` holds every reason."""


class SlotKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


def set_agency_slot(
    *, clinic: Clinic, agency: uuid.UUID, said: SlotSaid, key: uuid.UUID, by: User, at: datetime
) -> AgencySlot:
    """Write down one time of the week at which an agency sees people here, once.

    Raises SlotRefused with every reason (the refusal is in the trail), and SlotKeyReused.
    """

    def work() -> AgencySlot | Decision:
        # The rooms are the clinic's: two who write a time for one of them follow each other.
        Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
        lock_agency(agency)
        fields = {
            "clinic_id": clinic.id,
            "agency_id": agency,
            "weekday": said.weekday,
            "begins": said.begins,
            "ends": said.ends,
            "room": said.room.strip(),
            "places": said.places,
            "first_on": said.first_on,
            "last_on": said.last_on,
            "set_by_id": by.id,
        }
        if stored := AgencySlot.objects.filter(key=key).first():
            if any(getattr(stored, name) != value for name, value in fields.items()):
                raise SlotKeyReused(
                    "This form was sent before with other answers. Open a new one and write it there."
                )
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        decision = may_set_slot(
            said, today=london_date(at), in_the_room=list_in_room(clinic=clinic, room=said.room)
        )
        if not decision.is_allowed:
            record("outcomes.agency_slot_set", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        slot = AgencySlot.objects.create(key=key, set_at=at, **fields)
        record("outcomes.agency_slot_set", thing=slot, agency=str(agency), **trail)
        return slot

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise SlotRefused(answer)
    return answer


def end_agency_slot(
    *, clinic: Clinic, slot: uuid.UUID, last_on: date | None, by: User, at: datetime
) -> AgencySlotEnd:
    """Say after which day an agency no longer comes, or (None) that the time was a mistake; once.

    Sent again the same, it changes nothing. Raises AgencySlot.DoesNotExist for one of another clinic, and
    SlotRefused (in the trail), also while somebody is booked after that day.
    """

    def work() -> AgencySlotEnd | Decision:
        asked = AgencySlot.objects.get(id=slot, clinic=clinic)
        lock_agency(asked.agency_id)
        ended = AgencySlotEnd.objects.filter(slot=asked).first()
        if ended is not None and (ended.last_on, ended.ended_by_id) == (last_on, by.id):
            return ended
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        booked = Appointment.objects.filter(slot=asked, is_standing=True)
        decision = may_end_slot(
            last_on=last_on,
            first_on=asked.first_on,
            has_ended=ended is not None,
            booked_on=[london_date(starts_at) for starts_at in booked.values_list("starts_at", flat=True)],
        )
        if not decision.is_allowed:
            record("outcomes.agency_slot_ended", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        end = AgencySlotEnd.objects.create(slot=asked, last_on=last_on, ended_by=by, ended_at=at)
        record("outcomes.agency_slot_ended", thing=asked, **trail)
        return end

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise SlotRefused(answer)
    return answer


def lock_agency(agency: uuid.UUID) -> None:
    """Lock an agency, so that two who book or change its times follow each other; the person comes before it."""
    Agency.objects.select_for_update(no_key=True).get(id=agency)
