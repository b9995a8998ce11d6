"""Events: emergencies with their lines, signatures and cards; holds that follow from an event.

Nobody is recorded as recovered, or as leaving well, within two hours of naloxone, and nothing is written to an
emergency that has ended but what happened before. Hand-written and plain like the triggers of the room.
"""

import uuid
from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only

EVENTS = """
-- Of a person, in whatever emergency: it wears off in them, not in a session.
CREATE FUNCTION naloxone_last_given(asked uuid) RETURNS timestamptz
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT max(l.happened_at)
        FROM public.dosing_emergencyline l
            JOIN public.dosing_emergency e ON e.id = l.emergency_id
            LEFT JOIN public.dosing_emergencyline c ON c.id = l.corrects_id
        WHERE e.patient_id = asked AND 'naloxone' IN (l.kind, c.kind)
$$;

CREATE FUNCTION emergency_line_fits() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('emergency ' || NEW.emergency_id, 0));
    IF NEW.corrects_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_emergencyline l
            WHERE l.id = NEW.corrects_id AND l.emergency_id = NEW.emergency_id
    ) THEN
        RAISE EXCEPTION 'A note puts a line of the same emergency right.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'emergency_note_corrects_its_own';
    END IF;
    IF NEW.kind = 'recovered' AND EXISTS (
        SELECT FROM public.dosing_emergency e
            WHERE e.id = NEW.emergency_id
                AND public.naloxone_last_given(e.patient_id) > NEW.happened_at - interval '2 hours'
    ) THEN
        RAISE EXCEPTION 'Nobody has recovered within two hours of naloxone.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'emergency_recovery_waits_two_hours';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER emergency_line_fits BEFORE INSERT ON dosing_emergencyline
    FOR EACH ROW EXECUTE FUNCTION emergency_line_fits();
ALTER TABLE dosing_emergencyline ENABLE ALWAYS TRIGGER emergency_line_fits;

CREATE FUNCTION release_waits_for_naloxone() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT NEW.left_early AND EXISTS (
        SELECT FROM public.dosing_plannedsession s
            WHERE s.id = NEW.session_id
                AND public.naloxone_last_given(s.patient_id) > NEW.released_at - interval '2 hours'
    ) THEN
        RAISE EXCEPTION 'Nobody leaves as well within two hours of naloxone.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_waits_two_hours_after_naloxone';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER release_waits_for_naloxone BEFORE INSERT ON dosing_release
    FOR EACH ROW EXECUTE FUNCTION release_waits_for_naloxone();
ALTER TABLE dosing_release ENABLE ALWAYS TRIGGER release_waits_for_naloxone;

CREATE FUNCTION hold_outlasts_its_emergency() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.lifted_at IS NOT NULL AND NEW.emergency_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_emergencyline l
            WHERE l.emergency_id = NEW.emergency_id AND l.kind IN ('handed_over', 'recovered', 'left')
    ) THEN
        RAISE EXCEPTION 'The emergency that this hold follows from has not ended.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_outlasts_its_emergency';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER hold_outlasts_its_emergency BEFORE UPDATE ON dosing_hold
    FOR EACH ROW EXECUTE FUNCTION hold_outlasts_its_emergency();
ALTER TABLE dosing_hold ENABLE ALWAYS TRIGGER hold_outlasts_its_emergency;
"""


def keep_what_a_hold_follows_from(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let nothing of a hold be changed but its lifting, the event it follows from neither."""
    allowed = import_module("dosing.migrations.0010_visits_are_guarded").ALLOWED
    begins = allowed.index("CREATE FUNCTION hold_is_only_lifted(")
    function = allowed[begins : allowed.index("$$;", begins) + 3]
    changed = function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    names = ("severity", "reason", "happened_at", "review_on", "reading_id", "emergency_id")
    for row in ("NEW", "OLD"):
        said = ", ".join(f"{row}.{name}" for name in names)
        changed = changed.replace(f"{row}.opened_by_id)", f"{row}.opened_by_id, {said})", 1)
    if changed.count("emergency_id") != 2:
        raise RuntimeError("hold_is_only_lifted is not what it was")
    schema_editor.execute(changed, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_inspections"),
        ("dosing", "0027_checks"),
        ("patients", "0005_episode_stages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Emergency",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.UUIDField(unique=True)),
                ("began_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="EmergencyCard",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
                ("micrograms", models.PositiveSmallIntegerField()),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("im", "into muscle"),
                            ("nasal", "into the nose"),
                            ("iv", "into a vein"),
                            ("sc", "under the skin"),
                        ],
                        max_length=5,
                    ),
                ),
                ("look_again", models.CharField(max_length=300)),
                ("to_tell", models.CharField(max_length=300)),
                ("key", models.UUIDField(unique=True)),
                ("approved_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="EmergencyLine",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("help", "Help called"),
                            ("airway", "Airway open"),
                            ("oxygen", "Oxygen on"),
                            ("naloxone", "Naloxone"),
                            ("called_999", "999 called"),
                            ("bag_and_mask", "Bag and mask"),
                            ("compressions", "Chest compressions"),
                            ("ambulance", "Ambulance here"),
                            ("breathing_well", "Breathing well"),
                            ("note", "Note"),
                            ("handed_over", "Handed over to the ambulance"),
                            ("recovered", "Recovered"),
                            ("left", "Left"),
                        ],
                        max_length=14,
                    ),
                ),
                ("micrograms", models.PositiveSmallIntegerField(null=True)),
                (
                    "route",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("im", "into muscle"),
                            ("nasal", "into the nose"),
                            ("iv", "into a vein"),
                            ("sc", "under the skin"),
                        ],
                        max_length=5,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("key", models.UUIDField(unique=True)),
                ("happened_at", models.DateTimeField()),
                ("written_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="EmergencyIncident",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[("emergency", "emergency"), ("naloxone", "naloxone given")], max_length=9
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                (
                    "emergency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="dosing.emergency",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("emergency", "category"),
                        name="an_emergency_opens_one_incident_of_a_category",
                        violation_error_message="This incident is opened already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EmergencySignature",
            fields=[
                (
                    "signature",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="emergency",
                        serialize=False,
                        to="dosing.signature",
                    ),
                ),
                ("lines", models.PositiveSmallIntegerField()),
                ("key", models.UUIDField(unique=True)),
                ("signed_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="hold",
            name="hold_severity_is_known",
        ),
        migrations.AddField(
            model_name="hold",
            name="reading",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hold",
                to="dosing.reading",
            ),
        ),
        migrations.AlterField(
            model_name="hold",
            name="opened_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="hold",
            name="severity",
            field=models.CharField(
                choices=[("hold", "Hold"), ("suspension", "Suspension"), ("review", "Review")],
                default="hold",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="signature",
            name="part",
            field=models.CharField(
                choices=[
                    ("giver", "Giver"),
                    ("witness", "Witness"),
                    ("counter", "Counter"),
                    ("opener", "Opener"),
                    ("keeper", "Keeper"),
                    ("doctor", "Doctor"),
                    ("present", "Present"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="begun_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="emergencies", to="accounts.clinic"
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="injection",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="emergencies",
                to="dosing.injection",
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="emergencies", to="patients.person"
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="reading",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="emergency",
                to="dosing.reading",
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="session",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="emergencies",
                to="dosing.plannedsession",
            ),
        ),
        migrations.AddField(
            model_name="emergency",
            name="terminal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.terminal",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="emergency",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="dosing.emergency",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["hold", "suspension", "review"])),
                name="hold_severity_is_known",
                violation_error_message="It is a hold, a suspension or a review.",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opened_by__isnull", False), ("emergency__isnull", False), _connector="OR"
                ),
                name="hold_names_who_opened_it_or_its_emergency",
                violation_error_message="A hold names who opened it, or the emergency it follows from.",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                fields=("emergency", "severity"),
                name="an_emergency_holds_once_for_each_severity",
                violation_error_message="This emergency holds the doses already.",
            ),
        ),
        migrations.AddField(
            model_name="emergencycard",
            name="approved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="emergencycard",
            name="clinic",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="emergency_cards",
                to="accounts.clinic",
            ),
        ),
        migrations.AddField(
            model_name="emergencyline",
            name="corrects",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="dosing.emergencyline",
            ),
        ),
        migrations.AddField(
            model_name="emergencyline",
            name="emergency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="dosing.emergency"
            ),
        ),
        migrations.AddField(
            model_name="emergencyline",
            name="terminal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.terminal",
            ),
        ),
        migrations.AddField(
            model_name="emergencyline",
            name="written_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="emergencysignature",
            name="emergency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="dosing.emergency"
            ),
        ),
        migrations.AddField(
            model_name="emergencysignature",
            name="signed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="emergency",
            index=models.Index(fields=["clinic", "-began_at"], name="emergencies_of_a_clinic"),
        ),
        migrations.AddConstraint(
            model_name="emergency",
            constraint=models.CheckConstraint(
                condition=models.Q(("injection__isnull", True), ("session__isnull", False), _connector="OR"),
                name="emergency_injection_is_of_its_session",
                violation_error_message="An injection is named with its session.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergency",
            constraint=models.CheckConstraint(
                condition=models.Q(("begun_by__isnull", False), ("terminal__isnull", False), _connector="OR"),
                name="emergency_is_begun_by_somebody_or_at_a_terminal",
                violation_error_message="An emergency that nobody is named for was begun at a terminal.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencycard",
            constraint=models.UniqueConstraint(
                fields=("clinic", "number"),
                name="emergency_cards_are_numbered_once",
                violation_error_message="Somebody else has just approved a card. Look again.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencycard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("micrograms__gte", 1),
                    ("route__in", ["im", "nasal", "iv", "sc"]),
                    models.Q(("look_again", ""), _negated=True),
                    models.Q(("to_tell", ""), _negated=True),
                ),
                name="emergency_card_says_everything",
                violation_error_message="A card says the dose, the route, when to look again and what to tell 999.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["handed_over", "recovered", "left"])),
                fields=("emergency",),
                name="an_emergency_ends_once",
                violation_error_message="This emergency has ended already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "naloxone"),
                        ("micrograms__gte", 1),
                        ("micrograms__isnull", False),
                        ("route__in", ["im", "nasal", "iv", "sc"]),
                    ),
                    models.Q(
                        models.Q(("kind", "naloxone"), _negated=True),
                        ("micrograms__isnull", True),
                        ("route", ""),
                    ),
                    _connector="OR",
                ),
                name="emergency_naloxone_has_dose_and_route",
                violation_error_message="Naloxone is written with its dose and route, and nothing else has one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "note"), models.Q(("words", ""), _negated=True)),
                    models.Q(models.Q(("kind", "note"), _negated=True), ("corrects__isnull", True)),
                    _connector="OR",
                ),
                name="emergency_note_is_in_words",
                violation_error_message="A note has words, and only a note puts another line right.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyline",
            constraint=models.CheckConstraint(
                condition=models.Q(("happened_at__lte", models.F("written_at"))),
                name="emergency_line_tells_of_the_past",
                violation_error_message="What is written has happened already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("written_by__isnull", False), ("terminal__isnull", False), _connector="OR"
                ),
                name="emergency_line_is_by_somebody_or_at_a_terminal",
                violation_error_message="A line that nobody is named for was written at a terminal.",
            ),
        ),
        migrations.RunSQL(EVENTS, migrations.RunSQL.noop),
        migrations.RunPython(keep_what_a_hold_follows_from, migrations.RunPython.noop),
        make_append_only(
            "dosing_emergency",
            "dosing_emergencycard",
            "dosing_emergencyincident",
            "dosing_emergencyline",
            "dosing_emergencysignature",
        ),
    ]
