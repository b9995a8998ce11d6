"""One row that is written to see that the database takes anything in. It tells of nothing and nobody."""

from django.db import migrations

HEARTBEAT = """
CREATE TABLE heartbeat (
    is_the_only_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_one),
    at timestamptz NOT NULL
)
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_looks_apart")]

    operations = [migrations.RunSQL(HEARTBEAT, "DROP TABLE heartbeat")]
