"""Load the table of offence types: severity weights and unit costs, as published, none verified here."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import migrations

TABLE = Path(__file__).resolve().parent.parent / "data" / "offences.csv"


def load(apps: Any, schema_editor: Any) -> None:
    offence_type = apps.get_model("outcomes", "OffenceType")
    with TABLE.open(encoding="utf-8", newline="") as file:
        offence_type.objects.bulk_create(
            offence_type(
                code=row["code"],
                label=row["label"],
                group=row["group"],
                severity_weight=int(row["css_weight"]) if row["css_weight"] else None,
                harm_days=Decimal(row["cchi_days"]) if row["cchi_days"] else None,
                response_cost_gbp=int(row["response_cost_gbp_2015_16"])
                if row["response_cost_gbp_2015_16"]
                else None,
                social_cost_gbp=int(row["social_cost_gbp_2015_16"]) if row["social_cost_gbp_2015_16"] else None,
                source=row["source"],
                is_verified=row["verified"] == "yes",
            )
            for row in csv.DictReader(file)
        )


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0002_append_only")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
