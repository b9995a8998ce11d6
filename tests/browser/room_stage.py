"""What a state of the treatment room is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dosing.actions.visits import record_not_given
from dosing.models import Visit
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from patients.actions.photos import add_photo
from tests.browser.dose import Hands
from tests.browser.windows import Window
from tests.factories.pictures import a_picture
from tests.factories.treatment import (
    DOSE_MG,
    TreatmentRoom,
    a_patient_in_treatment,
    an_order,
)


@dataclass(frozen=True)
class Stage:
    """What a state is made of: a clinic at work, a way to open a window, and a clock that can be moved."""

    room: TreatmentRoom
    open_window: Callable[..., Window]
    let_pass: Callable[..., None]

    @property
    def clinic(self) -> str:
        return f"/clinics/{self.room.clinic.code}"

    def see(self, path: str, user: User | None = None) -> Window:
        window = self.open_window(user or self.room.nurse)
        window.go(f"{self.clinic}/{path}")
        return window

    def see_board(self, user: User | None = None) -> Window:
        return self.see("board/", user)

    def see_person(self, page: str, user: User | None = None) -> Window:
        return self.see(f"people/{self.room.patient.id}/{page}/", user)

    def see_visit(self, visit: Visit, page: str, user: User | None = None) -> Window:
        return self.see(f"sessions/{visit.session_id}/{page}/", user)

    def check(self, **changes: str) -> Hands:
        """Return hands at a check in which every key is tapped, all in order unless told otherwise."""
        hands = Hands(self.see_visit(self.room.identify(), "check"))
        hands.answer(**changes)
        return hands

    def observed(self, *, minutes: float) -> Visit:
        """Return the visit of the person, who injected some minutes ago."""
        self.room.give()
        self.let_pass(minutes=minutes)
        return Visit.objects.get(patient=self.room.patient)

    def read_so_far(self, visit: Visit, *minutes: int, **changes: object) -> None:
        """Take the readings of these minutes when they are due, the first now."""
        for minute, following in zip(minutes, (*minutes[1:], None), strict=True):
            self.room.read(visit.session_id, minute, **changes)
            if following is not None:
                self.let_pass(minutes=following - minute)


def somebody_else(room: TreatmentRoom, *, dose_mg: int = DOSE_MG) -> TreatmentRoom:
    """Return the same room, about one person more."""
    episode = a_patient_in_treatment(room.clinic, by=room.doctor)
    order = an_order(episode, room.premises, doctor=room.doctor, dose_mg=dose_mg)
    return replace(room, patient=episode.person, episode=episode, order=order)


def keep_photo(room: TreatmentRoom) -> None:
    add_photo(person=room.patient, clinic=room.clinic, content=a_picture(), by=room.nurse, at=now())


def end_without_a_dose(room: TreatmentRoom, outcome: Outcome, reason: Reason) -> None:
    record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=outcome,
        reason=reason,
        by=room.nurse,
        at=now(),
    )
