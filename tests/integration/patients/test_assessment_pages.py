"""The page on which an assessment is signed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from hat_clinic.core.clock import london_date, now
from patients.models import Assessment, Episode
from patients.rules.assessments import REQUIRED
from tests.factories import EpisodeFactory
from tests.factories.people import FOUND, assess
from tests.integration.patients.pages import address, press, seal_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(clinic) -> Episode:
    return EpisodeFactory(clinic=clinic)


@pytest.fixture
def browser(client: Client, doctor, sign_in) -> Client:
    return sign_in(client, doctor)


def answered(**changes: object) -> dict[str, object]:
    """Return the whole form as it is filled in."""
    due_on = london_date(now()) + timedelta(days=84)
    parts = {name: getattr(FOUND, name) for name in FOUND.__dataclass_fields__}
    return {**parts, "options_offered": ["injected", "oral"], "due_on": f"{due_on:%d/%m/%Y}", **changes}


class TestThePage:
    def test_signs_a_whole_assessment(self, episode, browser, doctor) -> None:
        answer = press(browser, address("record_assessment", episode), answered())

        assert answer.status_code == 302
        signed = Assessment.objects.get()
        assert (signed.number, signed.signed_by, signed.opioid_since_year) == (1, doctor, 2001)
        assert signed.options_offered == ["injected", "oral"]

    def test_says_everything_that_is_missing_and_keeps_what_was_typed(self, episode, browser) -> None:
        answer = press(browser, address("record_assessment", episode), {"liver": "Enzymes twice the normal."})

        page = words(answer)
        assert answer.status_code == 200
        missing = [sentence for name, sentence in REQUIRED.items() if name != "liver"]
        assert [sentence for sentence in missing if sentence not in page] == []
        assert "Enzymes twice the normal." in page
        assert not Assessment.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"opioid_days_of_28": "29"}, "from 0 to 28"),
            ({"opioid_days_of_28": "many"}, "with the digits 0 to 9 only"),
            ({"opioid_since_year": "2099"}, "Write a year from 1940 to"),
            ({"option_chosen": "detox"}, "not ticked as offered"),
            ({"ecg": "abnormal"}, "Write what the ECG shows."),
            ({"due_on": "01/01/2090"}, "84 days from now"),
            ({"due_on": "soon"}, "Write the day as day/month/year"),
            ({"capacity": "perhaps"}, "Choose one of the answers"),
        ],
    )
    def test_says_at_the_part_what_to_do(self, episode, browser, changes, sentence) -> None:
        answer = press(browser, address("record_assessment", episode), answered(**changes))

        assert answer.status_code == 200 and sentence in words(answer)
        assert not Assessment.objects.exists()

    def test_proposes_twelve_weeks_and_fills_in_nothing_else(self, episode, doctor, browser) -> None:
        assess(episode, by=doctor, at=now(), liver="A canary of the last time.")

        page = browser.get(address("record_assessment", episode)).content.decode()

        due_on = london_date(now()) + timedelta(days=84)
        assert f'value="{due_on:%d/%m/%Y}"' in page
        assert "checked" not in page and "canary" not in page
        assert "The last one is number 1" in page

    def test_out_of_date_is_refused(self, episode, doctor, browser) -> None:
        seal = seal_of(browser.get(address("record_assessment", episode)))
        assess(episode, by=doctor, at=now())

        answer = browser.post(address("record_assessment", episode), {**answered(), "seal": seal})

        assert "Somebody signed an assessment of this person meanwhile." in words(answer)
        assert Assessment.objects.count() == 1

    def test_is_closed_to_nurses(self, episode, nurse, sign_in) -> None:
        assert sign_in(Client(), nurse).get(address("record_assessment", episode)).status_code == 403
