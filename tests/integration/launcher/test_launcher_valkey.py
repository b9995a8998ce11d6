"""The launcher's Valkey: only those who know the password, and no process list shows it."""

import socket
from pathlib import Path

from launcher.processes import Run
from launcher.valkey import Valkey

PASSWORD = "p" * 40


def say(port: int, words: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(f"{words}\r\n".encode())
        return connection.recv(200)


class TestValkey:
    def test_refuses_those_without_the_password(self, run: Run) -> None:
        server = Valkey(run, password=PASSWORD)
        server.start()

        assert b"NOAUTH" in say(server.port, "PING")
        assert say(server.port, f"AUTH {PASSWORD}") == b"+OK\r\n"

    def test_shows_the_password_in_no_process_list(self, run: Run) -> None:
        child = Valkey(run, password=PASSWORD).start()

        command = Path(f"/proc/{child.record.pid}/cmdline").read_bytes()

        assert PASSWORD.encode() not in command

    def test_comes_back_on_the_same_port(self, run: Run) -> None:
        server = Valkey(run, password=PASSWORD)
        child = server.start()
        before = server.url
        child.process.kill()
        child.process.wait()

        server.start()

        assert server.url == before
        assert say(server.port, f"AUTH {PASSWORD}") == b"+OK\r\n"
