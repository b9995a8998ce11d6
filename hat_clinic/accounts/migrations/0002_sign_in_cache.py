"""The table behind the default cache: counts of wrong sign-ins and codes already used.

In PostgreSQL, not in Redis: nobody gets more tries, and nobody is kept out, because Redis is down.
"""

from django.db import migrations

MAKE = """
CREATE TABLE sign_in_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX sign_in_cache_expires ON sign_in_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE sign_in_cache")]
