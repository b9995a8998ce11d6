"""Asks the program of this container whether it does its work: `healthcheck.py web` or `healthcheck.py beat`."""

import http.client
import os
import sys


def web() -> bool:
    """Ask the web server whether it is alive, as the proxy in front of it would ask."""
    host = os.environ["HAT_ALLOWED_HOSTS"].split(",")[0].strip()
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
    connection.request("GET", "/livez", headers={"Host": host, "X-Forwarded-Proto": "https"})
    return connection.getresponse().status == 200


def beat() -> bool:
    """Look whether the scheduler sent anything lately: it writes that down every three minutes."""
    import psycopg2

    connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(last_run_at) > now() - interval '10 minutes', false)"
            " FROM django_celery_beat_periodictask WHERE enabled"
        )
        return bool(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(not {"web": web, "beat": beat}[sys.argv[1]]())
