"""What is known of the area: what the actions store and refuse, what the tables refuse, and the pages."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.area import (
    AreaRefused,
    amend_area_figure,
    amend_need_estimate,
    record_area_figure,
    record_need_estimate,
)
from outcomes.actions.programme_lines import ProgrammeAmended, ProgrammeKeyReused
from outcomes.models import AreaFigure, NeedEstimate
from outcomes.queries.area import get_area_page, standing_estimates, standing_figures
from outcomes.rules.area import AreaSaid, NeedSaid
from outcomes.rules.support import Correction
from tests.factories import AreaFigureFactory, ClinicFactory, ImportRunFactory, NeedEstimateFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
NOBODY = dict.fromkeys(["key", "recorded_by", "recorded_at"])
GUARDS = [
    (
        AreaFigureFactory,
        "one_area_figure_per_key",
        "area_figure_is_recorded_by_a_person_or_imported",
        "area_figure_correction_has_its_reason",
        "area_figure_correction_is_of_the_same_clinic",
    ),
    (
        NeedEstimateFactory,
        "one_need_estimate_per_key",
        "need_estimate_is_recorded_by_a_person_or_imported",
        "need_estimate_correction_has_its_reason",
        "need_estimate_correction_is_of_the_same_clinic",
    ),
]


@pytest.fixture
def clinic():
    return ClinicFactory()


@pytest.fixture
def manager(clinic, make_member):
    return make_member(clinic, Role.MANAGER, "manager")


def count(**changes: Any) -> AreaSaid:
    said = {
        "area": "Invented Town",
        "first_on": date(2025, 1, 1),
        "last_on": date(2025, 1, 31),
        "measure": "recorded_theft",
        "count": 812,
        "source": "Invented office, 2025",
    }
    return AreaSaid(**(said | changes))


def need(**changes: Any) -> NeedSaid:
    said = {
        "as_of": date(2025, 1, 1),
        "area": "Invented Town",
        "people": 60,
        "method": "Counted by hand",
        "source": "Invented office, 2025",
    }
    return NeedSaid(**(said | changes))


def enter(clinic, by, said: AreaSaid | None = None, *, key: uuid.UUID | None = None) -> AreaFigure:
    return record_area_figure(clinic=clinic, said=said or count(), key=key or uuid.uuid4(), by=by, at=now())


def correct(clinic, row: AreaFigure, by, said: AreaSaid, why: Correction, **more: Any) -> AreaFigure:
    given: dict[str, Any] = {"key": uuid.uuid4(), **more}
    return amend_area_figure(
        clinic=clinic, figure=row.pk, said=said, correction=why, by=by, at=now(), **given
    )


def estimate(clinic, by, said: NeedSaid | None = None) -> NeedEstimate:
    return record_need_estimate(clinic=clinic, said=said or need(), key=uuid.uuid4(), by=by, at=now())


class TestACount:
    def test_is_stored_once_with_an_act(self, clinic, manager):
        key = uuid.uuid4()

        rows = [enter(clinic, manager, key=key) for _ in range(2)]

        assert rows[0] == rows[1] and rows[0].to_on == date(2025, 2, 1)
        assert AuditEvent.objects.filter(event="outcomes.area_figure_recorded").count() == 1
        with pytest.raises(ProgrammeKeyReused):
            enter(clinic, manager, count(count=1), key=key)

    def test_that_is_known_is_refused_and_the_trail_says_so(self, clinic, manager):
        enter(clinic, manager)

        with pytest.raises(AreaRefused, match="entered already"):
            enter(clinic, manager, count(first_on=date(2025, 1, 31), last_on=date(2025, 2, 3)))
        assert AuditEvent.objects.get(event="outcomes.area_figure_recorded", outcome="refused")
        for other in (
            count(area="Elsewhere"),
            count(measure="drug_deaths"),
            count(first_on=date(2025, 2, 1), last_on=date(2025, 2, 3)),
        ):
            assert enter(clinic, manager, other).pk

    def test_is_put_right_by_a_line_that_names_it(self, clinic, manager):
        row = enter(clinic, manager)

        again = correct(clinic, row, manager, count(count=813), Correction.WRONG_KEY)

        assert list(standing_figures(clinic)) == [again]
        (entry,) = get_area_page(clinic=clinic).figures
        assert (entry.stands.said.count, entry.before[0].said.count) == (813, 812)
        with pytest.raises(ProgrammeAmended):
            correct(clinic, row, manager, count(count=1), Correction.WRONG_KEY)
        with pytest.raises(AreaRefused):
            correct(clinic, again, manager, count(count=-1), Correction.WRONG_KEY)

    def test_that_was_struck_out_keeps_what_it_said_and_counts_for_nothing(self, clinic, manager):
        row = enter(clinic, manager)

        struck = correct(clinic, row, manager, count(count=5), Correction.ENTERED_TWICE)

        assert (struck.count, list(standing_figures(clinic))) == (812, [])
        assert enter(clinic, manager).pk

    def test_of_another_clinic_is_not_there(self, clinic, manager):
        with pytest.raises(AreaFigure.DoesNotExist):
            correct(clinic, AreaFigureFactory(), manager, count(), Correction.WRONG_KEY)


class TestAnEstimate:
    def test_is_stored_put_right_and_struck_out(self, clinic, manager):
        row = estimate(clinic, manager)
        given: dict[str, Any] = {"clinic": clinic, "by": manager, "at": now()}

        with pytest.raises(AreaRefused, match="entered already"):
            estimate(clinic, manager)
        again = amend_need_estimate(
            estimate=row.pk,
            said=need(people=70),
            correction=Correction.LEARNED_LATER,
            key=uuid.uuid4(),
            **given,
        )
        assert list(standing_estimates(clinic)) == [again]
        struck = amend_need_estimate(
            estimate=again.pk, said=need(), correction=Correction.ENTERED_TWICE, key=uuid.uuid4(), **given
        )

        assert (struck.people, list(standing_estimates(clinic))) == (70, [])
        (entry,) = get_area_page(clinic=clinic).estimates
        assert entry.stands.is_struck and [one.said.people for one in entry.before] == [70, 60]
        assert AuditEvent.objects.filter(event="outcomes.need_estimate_amended").count() == 2


class TestTheTables:
    @pytest.mark.parametrize(("factory", "once", "somebody", "why", "same_clinic"), GUARDS)
    def test_hold_a_line_once_of_somebody_with_why(self, factory, once, somebody, why, same_clinic):
        first = factory()

        with refused_by(once):
            factory(key=first.key)
        with refused_by(somebody):
            factory(recorded_by=None)
        with refused_by(why):
            factory(clinic=first.clinic, amends=first)
        with refused_by(same_clinic):
            factory(amends=first, correction="wrong_key")
        assert factory(clinic=first.clinic, import_run=ImportRunFactory(clinic=first.clinic), **NOBODY).pk

    @pytest.mark.parametrize("table", ["outcomes_areafigure", "outcomes_needestimate"])
    @pytest.mark.parametrize("sql", ["UPDATE {} SET source = ''", "DELETE FROM {}"])
    def test_only_grow(self, table, sql):
        AreaFigureFactory()
        NeedEstimateFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format(table))


COUNT_TYPED = {
    "measure": "recorded_theft",
    "area": "Invented Town",
    "first_on": "01/01/2025",
    "last_on": "31/01/2025",
    "count": "812",
    "source": "Invented office, 2025",
}
NEED_TYPED = {
    "area": "Invented Town",
    "as_of": "01/01/2025",
    "people": "60",
    "method": "Counted by hand",
    "source": "Invented office, 2025",
}


class TestThePages:
    @pytest.fixture
    def client(self, manager, sign_in) -> Client:
        return sign_in(Client(), manager)

    def url(self, name: str, clinic, *more: Any) -> str:
        return reverse(f"outcomes:{name}", args=[clinic.code, *more])

    def opened(self, client: Client, address: str, **said: Any) -> dict[str, Any]:
        page = client.get(address).content.decode()
        return {**dict(re.findall(r'name="(seal|key)" value="([^"]+)"', page)), **said}

    def test_enter_both_once_and_list_them(self, client, clinic):
        empty = client.get(self.url("see_area", clinic)).content.decode()
        assert "Nobody has entered a published count." in empty
        assert "Nobody has entered an estimate." in empty
        for name, typed in (("record_area_figure", COUNT_TYPED), ("record_need_estimate", NEED_TYPED)):
            address = self.url(name, clinic)
            content = self.opened(client, address, **typed)
            answers = [client.post(address, content, follow=True) for _ in range(2)]
            assert "Saved: it is on the list." in answers[1].content.decode()
            other = client.post(address, content | {"area": "Elsewhere"}).content.decode()
            assert "sent before" in other

        text = client.get(self.url("see_area", clinic)).content.decode()
        assert "812" in text and "1 January 2025 to 31 January 2025" in text and "Recorded theft" in text
        assert "60" in text and "Counted by hand" in text
        assert (AreaFigure.objects.count(), NeedEstimate.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("name", "typed", "changes", "words"),
        [
            ("record_area_figure", COUNT_TYPED, {"measure": ""}, "Tap what was counted."),
            ("record_area_figure", COUNT_TYPED, {"area": ""}, "Write which area it is about."),
            ("record_area_figure", COUNT_TYPED, {"count": "many"}, "Write a whole number"),
            (
                "record_area_figure",
                COUNT_TYPED,
                {"last_on": "31/12/2024"},
                "The last day is before the first.",
            ),
            ("record_area_figure", COUNT_TYPED, {"seal": "x"}, "opened by somebody else"),
            ("record_need_estimate", NEED_TYPED, {"method": ""}, "Write how it was worked out."),
            ("record_need_estimate", NEED_TYPED, {"as_of": ""}, "Write the day of the estimate."),
            ("record_need_estimate", NEED_TYPED, {"seal": "x"}, "opened by somebody else"),
        ],
    )
    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, clinic, name, typed, changes, words):
        address = self.url(name, clinic)
        content = self.opened(client, address, **typed) | changes

        text = client.post(address, content).content.decode()

        assert words in text
        assert 'value="Invented office, 2025"' in text
        assert not AreaFigure.objects.exists() and not NeedEstimate.objects.exists()

    @pytest.mark.parametrize(
        ("name", "factory", "typed", "shown"),
        [
            ("amend_area_figure", AreaFigureFactory, COUNT_TYPED, "Before: All recorded offences"),
            ("amend_need_estimate", NeedEstimateFactory, NEED_TYPED, "Before: Invented Town"),
        ],
    )
    def test_correct_one_show_both_and_say_why_not(self, client, clinic, name, factory, typed, shown):
        row = factory(clinic=clinic)
        address = self.url(name, clinic, row.pk)
        content = self.opened(client, address, **typed, correction="wrong_key")
        assert (
            "Tap why it is written again."
            in client.post(address, content | {"correction": ""}).content.decode()
        )

        text = client.post(address, content, follow=True).content.decode()

        assert "Saved: the correction stands" in text and shown in text
        again = self.opened(client, address) | {**content, "key": str(uuid.uuid4())}
        assert "corrected meanwhile" in client.post(address, again).content.decode()
        assert client.get(self.url(name, clinic, factory().pk)).status_code == 404

    def test_show_what_was_imported(self, client, clinic):
        AreaFigureFactory(clinic=clinic, import_run=ImportRunFactory(clinic=clinic), **NOBODY)

        assert "Taken in from earlier records" in client.get(self.url("see_area", clinic)).content.decode()
