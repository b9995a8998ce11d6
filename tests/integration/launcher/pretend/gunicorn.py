"""Stands in for gunicorn: answers 200 on the socket it was handed, until it is stopped."""

import socket
import sys
from http.server import BaseHTTPRequestHandler


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"alive")


descriptor = int(sys.argv[sys.argv.index("--bind") + 1].removeprefix("fd://"))
listener = socket.socket(fileno=descriptor)
while True:
    connection, address = listener.accept()
    with connection:
        Answer(connection, address, None)  # type: ignore[arg-type]  # no server object is needed to answer
