"""Asks the web server of this container whether it is alive, as the proxy in front of it would ask."""

import http.client
import os
import sys

host = os.environ["HAT_ALLOWED_HOSTS"].split(",")[0].strip()
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
connection.request("GET", "/livez", headers={"Host": host, "X-Forwarded-Proto": "https"})
sys.exit(connection.getresponse().status != 200)
