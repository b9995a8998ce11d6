"""What production is made of: the services of docker-compose.yml and what nginx lets through."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.house import ROOT

SERVICES = {"nginx", "postgres", "valkey", "migrate", "web", "worker", "beat"}
# Who may sign checkpoints; the login that owns the tables must never be beside that key.
SIGNERS = {"web", "worker"}
# What stands in the file instead of a value: ${NAME}, ${NAME:-default}, ${NAME:?what to set}.
_ASKED_FOR = re.compile(r"\$\{[A-Z_]+(:[-?][^}]*)?\}")
_SECRET = re.compile(r"^\s+[A-Z_]*(?:SECRET|PEPPER|PASSWORD|KEY|_URL)[A-Z_]*: (?P<value>.+)$", re.MULTILINE)


def services(text: str) -> dict[str, str]:
    """Return the text of each service, what it takes from `<<: *app` included.

    The file is our own and of one shape (two spaces before a service); a reader of any YAML is not needed.
    """
    shared = re.search(r"^x-app: &app\n(?P<lines>(?:  .*\n)+)", text, re.MULTILINE)
    part = text.partition("\nservices:\n")[2].partition("\nnetworks:\n")[0]
    pieces = re.split(r"^  ([a-z]+):\n", part, flags=re.MULTILINE)[1:]
    found = dict(zip(pieces[::2], pieces[1::2], strict=True))
    return {
        name: (
            re.sub("^  ", "    ", shared["lines"], flags=re.MULTILINE) if shared and "*app\n" in lines else ""
        )
        + lines
        for name, lines in found.items()
    }


def weaknesses(text: str) -> list[str]:
    """Return a sentence for each thing in a compose file that lies open."""
    found = services(text)
    said = [f"{name} is missing" for name in sorted(SERVICES - set(found))]
    for name, lines in sorted(found.items()):
        if "read_only: true" not in lines:
            said.append(f"{name} may write on its own disk")
        if "no-new-privileges:true" not in lines:
            said.append(f"{name} may gain rights")
        if "healthcheck:" not in lines and name != "migrate":
            said.append(f"{name} is not asked whether it is well")
        if "ports:" in lines and name != "nginx":
            said.append(f"{name} is reachable from outside")
        if "hat_owner:" in lines and name != "migrate":
            said.append(f"{name} holds the login that owns the tables")
        if ("CHECKPOINT_KEY:" in lines or "*signing-environment" in lines) and name not in SIGNERS:
            said.append(f"{name} holds the key that signs the register")
        if re.search(r"networks: \[.*outside", lines) and name != "nginx":
            said.append(f"{name} stands in the network of the world")
    for match in _SECRET.finditer(text):
        if not _ASKED_FOR.search(match["value"]):
            said.append(f"a secret stands in the file: {match['value']}")
    return said


def compose() -> str:
    return (ROOT / "docker-compose.yml").read_text()


class TestComposeFile:
    def test_leaves_nothing_open(self) -> None:
        assert weaknesses(compose()) == []

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("  web:\n", "  web:\n    ports: [8000]\n", "web is reachable from outside"),
            ('    user: "10002:10002"\n    read_only: true\n', "", "valkey may write on its own disk"),
            ("&app\n", "&app\n  # hat_owner:\n", "web holds the login that owns the tables"),
            (
                "    environment:\n      <<: *app-environment\n      DATABASE_OWNER_URL",
                "    environment:\n      <<: *signing-environment\n      DATABASE_OWNER_URL",
                "migrate holds the key that signs the register",
            ),
            ("  beat:\n", "  tick:\n", "beat is missing"),
            ('healthcheck.py", "beat"]', "", ""),
            ("[front, back]", "[front, back, outside]", "web stands in the network of the world"),
            (
                '"${POSTGRES_PASSWORD:?set it to the password of the database superuser}"',
                "hunter2",
                "a secret stands in the file: hunter2",
            ),
        ],
    )
    def test_with_an_opening_is_seen(self, old: str, new: str, said: str) -> None:
        assert old in compose()

        assert (said in weaknesses(compose().replace(old, new))) is bool(said)

    def test_gives_the_signing_key_to_those_alone_who_sign(self) -> None:
        shared = compose().partition("&app-environment\n")[2].partition("\nservices:\n")[0]

        assert "CHECKPOINT_KEY" not in shared
        assert {
            name
            for name, lines in services(compose()).items()
            if "CHECKPOINT_KEY:" in lines or "*signing-environment" in lines
        } == SIGNERS

    def test_keeps_all_but_nginx_from_the_world(self) -> None:
        networks = compose().partition("\nnetworks:\n")[2]

        assert "front: {internal: true}" in networks
        assert "back: {internal: true}" in networks

    def test_serves_with_two_processes_of_four_threads(self) -> None:
        command = (ROOT / "Dockerfile").read_text().partition("\nCMD ")[2]

        for words in ('"gthread"', '"--workers", "2"', '"--threads", "4"'):
            assert words in command


def directives(text: str) -> dict[str, list[str]]:
    """Return what each directive of an nginx file is set to, in the order of the file."""
    found: dict[str, list[str]] = {}
    for statement in re.split(r"[;{}]", re.sub(r"#.*", "", text)):
        name, _, value = " ".join(statement.split()).partition(" ")
        if name:
            found.setdefault(name, []).append(value)
    return found


class TestNginx:
    @pytest.fixture
    def text(self) -> str:
        return (ROOT / "docker" / "nginx.conf").read_text()

    def test_speaks_tls_of_today_only(self, text) -> None:
        assert directives(text)["ssl_protocols"] == ["TLSv1.2 TLSv1.3"]
        assert all("ECDHE" in cipher for cipher in directives(text)["ssl_ciphers"][0].split(":"))

    def test_sends_plain_http_away(self, text) -> None:
        plain = text.partition("listen 80 ")[2].partition("\n    }")[0]

        assert directives(plain)["return"] == ["308 https://$host$request_uri"]

    def test_writes_over_what_a_browser_says_of_where_it_comes_from(self, text) -> None:
        headers = dict(value.split(" ", 1) for value in directives(text)["proxy_set_header"])

        assert headers["X-Forwarded-For"] == "$remote_addr"
        assert headers["X-Forwarded-Proto"] == "$scheme"
        assert headers["X-Forwarded-Host"] == headers["Forwarded"] == '""'

    def test_takes_uploads_of_ten_megabytes_at_most(self, text) -> None:
        assert directives(text)["client_max_body_size"] == ["10m"]

    def test_keeps_the_state_of_the_database_inside(self, text) -> None:
        assert re.search(r"location = /readyz \{\s+return 404;", text)

    def test_sends_nothing_twice_and_keeps_no_page(self, text) -> None:
        assert directives(text)["proxy_next_upstream"] == ["off"]
        assert directives(text)["proxy_max_temp_file_size"] == ["0"]

    def test_writes_no_query_into_its_log(self, text) -> None:
        (line,) = directives(text)["log_format"]

        assert "$uri" in line
        for telling in ("$request ", '$request"', "$request_uri", "$args", "$query_string", "$http_referer"):
            assert telling not in line

    def test_waits_longer_than_the_database_lets_a_statement_run(self, text) -> None:
        limit = re.search(
            r"statement_timeout\s*(?:=|TO)\s*'?(\d+)s", (ROOT / "launcher/roles.sql").read_text()
        )

        assert limit
        assert int(directives(text)["proxy_read_timeout"][0].rstrip("s")) > int(limit[1])


class TestHealthCheckOfTheContainers:
    @pytest.mark.parametrize("program", ["web", "beat"])
    def test_says_no_where_nothing_answers(self, program: str, tmp_path: Path) -> None:
        environment: dict[str, Any] = {
            "HAT_ALLOWED_HOSTS": "hat.example.org",
            "DATABASE_URL": f"postgres://nobody@/nothing?host={tmp_path}",
        }

        checked = subprocess.run(
            [sys.executable, str(ROOT / "docker" / "healthcheck.py"), program],
            env=environment,
            capture_output=True,
            check=False,
        )

        assert checked.returncode != 0
