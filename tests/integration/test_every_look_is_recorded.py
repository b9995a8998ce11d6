"""Every page that tells of a person leaves a look at that person, and every change leaves an act.

Nothing is listed here: every address of the access matrix is opened by every role, with real things in it.
"""

from __future__ import annotations

import io
import logging
import logging.config
import re
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.rules import Role
from tests import crawl
from tests.architecture import test_access_matrix as matrix
from tests.architecture.access_matrix import ROWS, Row
from tests.factories.treatment import TreatmentRoom, another

pytestmark = pytest.mark.django_db(databases=["default", "police"])

# The things that stand in the addresses and the browsers of every role are those of the access matrix.
our_room = matrix.our_room
things_of = matrix.things_of
enter = matrix.enter


@pytest.fixture(autouse=True)
def broker_answers(monkeypatch) -> None:
    monkeypatch.setattr(redis.Redis, "ping", lambda self: True)


@pytest.fixture
def walk(our_room: TreatmentRoom, things_of, enter) -> Callable[..., list[crawl.Answer]]:
    """Return a function that walks through a room where a dose was given, and gives every answer."""
    another(our_room).give()
    things = things_of(our_room)

    def go(
        rows: tuple[Row, ...] = ROWS,
        roles_of: Callable[[Row], tuple[Role, ...]] = crawl.whoever_may_open,
        **more: bool,
    ) -> list[crawl.Answer]:
        return list(
            crawl.walk(
                rows,
                roles_of,
                address_of=lambda row: matrix.address_of(row, our_room.clinic, things),
                enter=enter,
                **more,
            )
        )

    return go


@pytest.fixture
def people(walk) -> tuple[crawl.Identity, ...]:
    """Everybody in the database, with a date of birth and an NHS number that nobody else has."""
    return crawl.identify_everybody()


def by(role: Role) -> Callable[[Row], tuple[Role, ...]]:
    return lambda row: (role,)


def rows_named(*names: str) -> tuple[Row, ...]:
    return tuple(row for row in ROWS if row.name in names)


class TestEveryLook:
    def test_at_a_person_is_recorded(self, walk, people) -> None:
        answers = walk()

        missing = [sentence for answer in answers for sentence in crawl.unrecorded_looks(answer, people)]
        telling = {answer.row.name for answer in answers if crawl.shown_in(answer, people)}
        assert missing == [], "\n" + "\n".join(missing)
        assert {"dosing:see_board", "dosing:record_injection", "dosing:see_register"} <= telling

    def test_that_is_not_recorded_is_seen(self, walk, people, monkeypatch) -> None:
        for name in ("views.board.record_look", "views.register.record_register_look"):
            monkeypatch.setattr(f"dosing.{name}", lambda *_, **__: None)

        answers = walk(rows_named("dosing:see_board", "dosing:see_register"), by(Role.NURSE))

        missing = [sentence for answer in answers for sentence in crawl.unrecorded_looks(answer, people)]
        assert {sentence.partition(":")[2].partition(" by")[0] for sentence in missing} == {
            "see_board",
            "see_register",
        }

    def test_by_somebody_else_or_in_another_request_is_no_record_of_it(self, walk, people) -> None:
        walk(rows_named("dosing:see_board"), by(Role.DOCTOR))
        seen = walk(rows_named("dosing:see_board"), by(Role.NURSE))[0]

        assert crawl.unrecorded_looks(seen, people) == []
        assert crawl.unrecorded_looks(_with(seen, request_id=uuid.uuid4().hex), people)
        assert crawl.unrecorded_looks(_with(seen, actor_id=str(uuid.uuid4())), people)


class TestEveryChange:
    @pytest.mark.parametrize("role", Role)
    def test_by_an_empty_form_is_recorded(self, walk, role) -> None:
        def if_it_may(row: Row) -> tuple[Role, ...]:
            return (role,) if role in crawl.whoever_may_open(row) else ()

        answers = walk(roles_of=if_it_may, watches_the_record=True)

        silent = [sentence for answer in answers for sentence in crawl.unrecorded_changes(answer)]
        assert answers

        assert silent == [], "\n" + "\n".join(silent)

    def test_by_a_filled_form_is_recorded(self, walk, people, enter, our_room) -> None:
        month = our_room.clinic.opened_on.replace(day=1).isoformat()
        row = rows_named("outcomes:request_report")[0]
        client = enter(Role.MANAGER)
        address = reverse(row.name, args=[our_room.clinic.code])

        before = crawl.fingerprints()
        response = client.post(address, {"month": month, "build": "Build this report"})
        answer = crawl.answer_of(
            row, Role.MANAGER, "POST", address, "", response, before, crawl.fingerprints()
        )

        assert answer.status == 302
        assert answer.changed == {"outcomes_reportrequest"}
        assert crawl.unrecorded_changes(answer) == []
        assert crawl.unrecorded_changes(_with(answer, request_id=uuid.uuid4().hex)) == [
            "POST outcomes:request_report by manager: outcomes_reportrequest changed, and no act is recorded"
        ]


class TestNoTrace:
    """A person in treatment stands on pages and in the database, and nowhere else."""

    def test_of_a_person_is_left_in_logs_addresses_refusals_queues_or_files(
        self, walk, people, our_room, enter, tmp_path, monkeypatch
    ) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        log = _listen(monkeypatch)
        answers = walk(roles_of=_one_who_may_and_one_who_may_not)
        _fail_with_the_name_of(our_room, enter, monkeypatch)
        telling = [answer for answer in answers if crawl.shown_in(answer, people)]
        texts = {
            "a log line": log.getvalue(),
            "an address": "\n".join(
                address for answer in telling for address in crawl.addresses_in(answer.text)
            ),
            "a refusal": "\n".join(answer.text for answer in answers if answer.status >= 400),
            "a queue": _queues(),
            "a file": "\n".join(
                path.read_bytes().decode("latin-1") for path in Path(tmp_path).rglob("*") if path.is_file()
            ),
        }

        traces = [
            f"{person.id} is told of in {place}"
            for place, text in texts.items()
            for person in people
            if any(word in text for word in person.texts if len(word) > len("Marsh 12"))
        ]
        assert traces == []
        assert len(telling) > 3
        assert "Internal Server Error" in texts["a log line"]
        assert f"/clinics/{our_room.clinic.code}/" in texts["an address"]

    def test_is_found_where_there_is_one(self, people, monkeypatch) -> None:
        log = _listen(monkeypatch)

        logging.getLogger("dosing").warning("dose of %s", people[0].names[0])

        assert people[0].is_told_in(log.getvalue())


def _one_who_may_and_one_who_may_not(row: Row) -> tuple[Role, ...]:
    may = crawl.whoever_may_open(row)
    return (may[0], *[role for role in Role if role not in may][:1])


def _with(answer: crawl.Answer, **changes: Any) -> crawl.Answer:
    return crawl.Answer(
        **{name: getattr(answer, name) for name in crawl.Answer.__dataclass_fields__} | changes
    )


def _listen(monkeypatch: Any) -> io.StringIO:
    """Return what collects every log line as production would print it."""
    log = io.StringIO()
    configured = logging.config.DictConfigurator(django_settings.LOGGING)
    handler = logging.StreamHandler(log)
    handler.setFormatter(configured.configure_formatter(dict(django_settings.LOGGING["formatters"]["json"])))
    monkeypatch.setattr(logging.getLogger(), "handlers", [*logging.getLogger().handlers, handler])
    monkeypatch.setattr(logging.getLogger(), "level", logging.INFO)
    return log


def _fail_with_the_name_of(room: TreatmentRoom, enter: Any, monkeypatch: Any) -> None:
    """Open a page whose database refuses a row, with a name in the refusal."""

    def fail(**facts: Any) -> None:
        raise RuntimeError(f"row ({room.patient.full_name}, {room.patient.id}) refused")

    monkeypatch.setattr("dosing.views.board.get_board", fail)
    client: Client = enter(Role.NURSE)
    client.raise_request_exception = False
    answer = client.get(reverse("dosing:see_board", args=[room.clinic.code]))
    assert answer.status_code == 500
    assert room.patient.full_name not in answer.content.decode()


def _queues() -> str:
    """Return everything that the message broker holds, as text."""
    found = []
    with redis.Redis.from_url(django_settings.REDIS_URL, socket_timeout=2) as broker:
        for key in broker.scan_iter():
            found += [key, broker.dump(key) or b""]
    return re.sub(r"\0", "", b"\n".join(found).decode("latin-1"))
