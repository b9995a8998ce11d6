"""Every address of the room is closed to a nurse who is not at a treatment-room terminal."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from dosing.urls import urlpatterns
from dosing.views import hatch, observation, preparations
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.core.clock import now
from tests.factories.treatment import a_treatment_room

OF_THE_ROOM = {view.__name__ for view in (hatch, preparations, observation)}
AT_A_DESK = {"lift_hold"}
ADDRESSES = [
    address
    for address in urlpatterns
    if address.callback.__module__ in OF_THE_ROOM and address.name not in AT_A_DESK
]


@pytest.mark.django_db
class TestAnAddressOfTheRoom:
    @pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
    def test_is_closed_away_from_a_terminal(self, address: URLPattern, sign_in, sign_in_at_terminal) -> None:
        room = a_treatment_room()
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        whole = {"clinic_code": room.clinic.code, "patient_id": room.patient.id}
        whole["session_id"] = room.identify().session_id
        parts = {name: whole[name] for name in address.pattern.converters}
        url = reverse(f"dosing:{address.name}", kwargs=parts)

        away = sign_in(Client(), room.nurse)
        answers = [away.get(url), away.post(url)]
        there = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)

        assert [answer.status_code for answer in answers] == [403, 403]
        assert all("at a treatment-room terminal" in answer.content.decode() for answer in answers)
        assert 403 not in (there.get(url).status_code, there.post(url).status_code)

    def test_is_one_of_the_twelve(self) -> None:
        assert len(ADDRESSES) == 12
