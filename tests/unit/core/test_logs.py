from __future__ import annotations

import io
import json
import logging
import logging.config
from typing import Any

import pytest
import structlog

from hat_clinic.core.logs import logging_settings


@pytest.fixture
def written() -> Any:
    """Return a function that gives the last line written to the log, as an object."""
    settings = logging_settings()
    formatter = settings["formatters"]["json"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=formatter["processors"], foreign_pre_chain=formatter["foreign_pre_chain"]
        )
    )
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    yield lambda: json.loads(stream.getvalue().splitlines()[-1])
    logger.removeHandler(handler)


class TestLogLine:
    def test_is_one_json_object_with_level_and_time(self, written) -> None:
        logging.getLogger("tests.logs").warning("order %s was refused", 7)

        assert written()["event"] == "order 7 was refused"
        assert written()["level"] == "warning"
        assert written()["logger"] == "tests.logs"
        assert written()["timestamp"].endswith("Z")

    def test_holds_no_query_string(self, written) -> None:
        logging.getLogger("tests.logs").warning('"GET /people/?born=1980-01-01&name=x HTTP/1.1" 404')

        assert written()["event"] == '"GET /people/ HTTP/1.1" 404'

    @pytest.mark.parametrize("logger_of", [logging.getLogger, structlog.get_logger])
    def test_holds_no_words_of_an_exception(self, written, logger_of) -> None:
        try:
            raise ValueError("Key (nhs_number)=(9990000001) already exists")
        except ValueError:
            logger_of("tests.logs").exception("not saved")

        line = written()
        assert "9990000001" not in json.dumps(line)
        assert line["exception"] == "builtins.ValueError"
        assert "test_logs.py" in line["raised_in"][0]

    def test_carries_the_id_of_the_request(self, written) -> None:
        with structlog.contextvars.bound_contextvars(request_id="abc"):
            logging.getLogger("tests.logs").warning("x")

        assert written()["request_id"] == "abc"

    def test_of_our_own_loggers_looks_the_same(self, written) -> None:
        structlog.get_logger("tests.logs").warning("drawn", order=7)

        assert (written()["event"], written()["order"]) == ("drawn", 7)
