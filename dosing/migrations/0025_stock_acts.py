"""The kinds of line that move stock: deliveries, quarantine, destruction, transfers, corrections, patients' own.

What the database itself refuses is hand-written and plain like the register's other triggers: tables stand with
their schema, so that a temporary one cannot stand in.
"""

import uuid
from typing import Any

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only, quoted

# --- a batch: where its ampoules are, and whose ---------------------------------------------------------------
# Run as the register's role, which alone may change the count of a batch.
BATCH = """
CREATE OR REPLACE FUNCTION batch_begins_empty() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.ampoules IS DISTINCT FROM 0 OR NEW.quarantined IS DISTINCT FROM 0 THEN
        RAISE EXCEPTION 'A batch begins with no ampoules; a stock movement brings them.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_begins_empty';
    END IF;
    IF (NEW.patient_id IS NOT NULL) IS DISTINCT FROM (
        SELECT l.supply = 'named' FROM public.dosing_registerline l WHERE l.id = NEW.line_id
    ) THEN
        RAISE EXCEPTION 'What was dispensed for a patient is kept in the patients'' own register, and nothing else is.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_is_in_the_register_of_its_kind';
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION batch_changes_only_by_movement() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF current_user <> {register_literal}
        OR (NEW.id, NEW.line_id, NEW.number, NEW.expires_on, NEW.patient_id)
            IS DISTINCT FROM (OLD.id, OLD.line_id, OLD.number, OLD.expires_on, OLD.patient_id)
    THEN
        RAISE EXCEPTION 'The count of a batch changes only by a stock movement; nothing else of it changes.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'batch_changes_only_by_movement';
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION stock_movement_moves_its_batch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    is_destroyed boolean;
BEGIN
    SELECT e.kind = 'destroyed' INTO is_destroyed
        FROM public.dosing_registerentry e WHERE e.id = NEW.entry_id;
    UPDATE public.dosing_batch b
        SET ampoules = b.ampoules + NEW.ampoules,
            -- Only what is in quarantine is destroyed: the table refuses less than none of it. An adjustment says
            -- where the ampoules are missing or too many.
            quarantined = b.quarantined + CASE WHEN is_destroyed OR NEW.in_quarantine THEN NEW.ampoules ELSE 0 END
        WHERE b.id = NEW.batch_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no such batch.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'stock_movement_moves_its_batch';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION stock_movement_agrees_with_its_line() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_registerentry e
            JOIN public.dosing_batch b ON b.line_id = e.line_id
            WHERE e.id = NEW.entry_id AND e.ampoules = NEW.ampoules AND b.id = NEW.batch_id
    ) THEN
        RAISE EXCEPTION 'A stock movement and its register line do not say the same.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_movement_agrees_with_its_line';
    END IF;
    IF NEW.in_quarantine AND NOT EXISTS (
        SELECT FROM public.dosing_registerentry e WHERE e.id = NEW.entry_id AND e.kind = 'adjusted'
    ) THEN
        RAISE EXCEPTION 'Only an adjustment says that its ampoules are those in quarantine.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_adjustments_say_where';
    END IF;
    IF EXISTS (
        SELECT FROM public.dosing_registerentry e, public.dosing_batch b
            WHERE e.id = NEW.entry_id AND b.id = NEW.batch_id
                AND b.patient_id IS NOT NULL AND e.patient_id IS DISTINCT FROM b.patient_id
    ) THEN
        RAISE EXCEPTION 'What was dispensed for one patient is theirs alone.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'patients_own_is_theirs_alone';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION quarantine_moves_its_batch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE public.dosing_batch b SET quarantined = b.quarantined + NEW.ampoules WHERE b.id = NEW.batch_id;
    RETURN NULL;
END
$$;
"""

# --- what an act with the stock rests on -----------------------------------------------------------------------
ACTS = """
-- Whoever changes what a batch has waits for its register's one lock, then leaves what is drawn up in the cabinet.
CREATE FUNCTION require_drawn_in_cabinet(p_batch uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    usable integer;
    drawn integer;
BEGIN
    PERFORM public.register_lock(b.line_id) FROM public.dosing_batch b WHERE b.id = p_batch;
    SELECT b.ampoules - b.quarantined INTO usable FROM public.dosing_batch b WHERE b.id = p_batch;
    SELECT coalesce(sum(p.ampoules), 0) INTO drawn FROM public.dosing_preparation p
        WHERE p.batch_id = p_batch
            AND NOT EXISTS (SELECT FROM public.dosing_injection i WHERE i.preparation_id = p.id)
            AND NOT EXISTS (SELECT FROM public.dosing_wasteddose w WHERE w.preparation_id = p.id);
    IF drawn > usable THEN
        RAISE EXCEPTION 'Fewer ampoules of this batch are in the cabinet that are not drawn up.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'drawn_ampoules_are_in_the_cabinet';
    END IF;
END
$$;

CREATE FUNCTION require_two_signatures(p_signature uuid, p_one uuid, p_witness_signature uuid, p_two uuid)
    RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s, public.dosing_signature w
            WHERE s.id = p_signature AND s.signed_by_id = p_one
                AND w.id = p_witness_signature AND w.signed_by_id = p_two
    ) THEN
        RAISE EXCEPTION 'What is done with the stock is signed by both who did it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_act_is_signed_by_its_two';
    END IF;
END
$$;

CREATE FUNCTION preparation_takes_usable_stock() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.dosing_batch b
            WHERE b.id = NEW.batch_id AND b.expires_on < (NEW.prepared_at AT TIME ZONE 'Europe/London')::date
    ) THEN
        RAISE EXCEPTION 'Nothing is drawn up from a batch after its last day of use.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_is_in_date';
    END IF;
    IF EXISTS (
        SELECT FROM public.dosing_batch b
            WHERE b.id = NEW.batch_id AND b.patient_id IS NOT NULL AND b.patient_id <> NEW.patient_id
    ) THEN
        RAISE EXCEPTION 'What was dispensed for one patient is theirs alone.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'patients_own_is_theirs_alone';
    END IF;
    PERFORM public.require_drawn_in_cabinet(NEW.batch_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION what_is_drawn_up_is_not_quarantined() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM public.require_two_signatures(
        NEW.signature_id, NEW.quarantined_by_id, NEW.witness_signature_id, NEW.witness_id
    );
    PERFORM public.require_drawn_in_cabinet(NEW.batch_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION delivery_agrees_with_its_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    entry public.dosing_registerentry%ROWTYPE;
BEGIN
    SELECT * INTO STRICT entry FROM public.dosing_registerentry e WHERE e.id = NEW.entry_id;
    PERFORM public.require_two_signatures(
        NEW.signature_id, entry.entered_by_id, NEW.witness_signature_id, entry.witness_id
    );
    IF entry.kind <> 'obtained' OR NEW.patient_id IS DISTINCT FROM entry.patient_id
        OR (NEW.requisition_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM public.dosing_requisition r
                WHERE r.id = NEW.requisition_id AND r.line_id = entry.line_id AND r.number = entry.reference
        ))
    THEN
        RAISE EXCEPTION 'A delivery, its requisition and its register line do not say the same.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_agrees_with_its_line';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION destruction_is_authorised() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    entry public.dosing_registerentry%ROWTYPE;
    is_service boolean;
    clinic uuid;
BEGIN
    SELECT * INTO STRICT entry FROM public.dosing_registerentry e WHERE e.id = NEW.entry_id;
    SELECT l.supply = 'service', p.clinic_id INTO is_service, clinic
        FROM public.dosing_registerline l JOIN public.accounts_premises p ON p.id = l.premises_id
        WHERE l.id = entry.line_id;
    PERFORM public.require_two_signatures(
        NEW.signature_id, entry.entered_by_id, NEW.witness_signature_id, entry.witness_id
    );
    IF entry.kind <> 'destroyed' THEN
        RAISE EXCEPTION 'A destruction has a line that says so.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'destruction_agrees_with_its_line';
    END IF;
    IF is_service AND NOT EXISTS (
        SELECT FROM public.dosing_witnessauthority a
            WHERE a.id = NEW.authority_id AND a.clinic_id = clinic
                AND (entry.occurred_at AT TIME ZONE 'Europe/London')::date BETWEEN a.starts_on AND a.ends_on
    ) THEN
        RAISE EXCEPTION 'Stock is destroyed before a witness whose authority covers that day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'destruction_is_authorised';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION return_destruction_is_signed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM public.require_two_signatures(
        NEW.signature_id, NEW.destroyed_by_id, NEW.witness_signature_id, NEW.witness_id
    );
    RETURN NULL;
END
$$;

CREATE FUNCTION transfer_agrees_with_its_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    entry public.dosing_registerentry%ROWTYPE;
BEGIN
    SELECT * INTO STRICT entry FROM public.dosing_registerentry e WHERE e.id = NEW.entry_id;
    PERFORM public.require_two_signatures(
        NEW.signature_id, entry.entered_by_id, NEW.witness_signature_id, entry.witness_id
    );
    IF entry.kind <> 'sent' OR entry.ampoules <> -NEW.ampoules OR NOT EXISTS (
        SELECT FROM public.dosing_stockmovement m WHERE m.entry_id = entry.id AND m.batch_id = NEW.batch_id
    ) THEN
        RAISE EXCEPTION 'A transfer and its register line do not say the same.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_agrees_with_its_line';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_registerline f, public.dosing_registerline t
            WHERE f.id = entry.line_id AND t.id = NEW.target_id AND f.premises_id <> t.premises_id
                AND (f.product, f.strength_mg, f.form) = (t.product, t.strength_mg, t.form)
                AND f.supply = 'service' AND t.supply = 'service'
    ) THEN
        RAISE EXCEPTION 'Only service stock is sent, to the same register of other premises.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_is_of_service_stock_to_the_same_register';
    END IF;
    PERFORM public.require_drawn_in_cabinet(NEW.batch_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION transfer_receipt_agrees_with_its_transfer() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    entry public.dosing_registerentry%ROWTYPE;
BEGIN
    SELECT * INTO STRICT entry FROM public.dosing_registerentry e WHERE e.id = NEW.entry_id;
    PERFORM public.require_two_signatures(
        NEW.signature_id, entry.entered_by_id, NEW.witness_signature_id, entry.witness_id
    );
    IF NOT (CASE entry.kind
        WHEN 'received' THEN EXISTS (
            SELECT FROM public.dosing_transfer t
                JOIN public.dosing_batch b ON b.id = t.batch_id
                JOIN public.dosing_stockmovement m ON m.entry_id = entry.id
                JOIN public.dosing_batch c ON c.id = m.batch_id
                WHERE t.id = NEW.transfer_id AND t.target_id = entry.line_id
                    AND t.ampoules = entry.ampoules + NEW.missing
                    AND (c.number, c.expires_on) = (b.number, b.expires_on)
        )
        -- Nothing came: the line moves nothing and says so.
        WHEN 'note' THEN EXISTS (
            SELECT FROM public.dosing_transfer t
                WHERE t.id = NEW.transfer_id AND t.target_id = entry.line_id AND t.ampoules = NEW.missing
        )
        ELSE false
    END) THEN
        RAISE EXCEPTION 'What is received is what was sent, of the same batch, or less with its reason.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_receipt_agrees_with_its_transfer';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION amendment_agrees_with_its_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    entry public.dosing_registerentry%ROWTYPE;
    wrong public.dosing_registerentry%ROWTYPE;
BEGIN
    SELECT * INTO STRICT entry FROM public.dosing_registerentry e WHERE e.id = NEW.entry_id;
    SELECT * INTO STRICT wrong FROM public.dosing_registerentry e WHERE e.id = NEW.amends_id;
    IF entry.line_id <> wrong.line_id OR wrong.seq >= entry.seq OR NOT (
        (entry.kind = 'note' AND NEW.signature_id IS NULL AND entry.entered_by_id = NEW.written_by_id)
        OR (entry.kind = 'adjusted' AND NEW.signature_id IS NOT NULL AND EXISTS (
            SELECT FROM public.dosing_stockmovement m JOIN public.dosing_stockmovement w ON w.batch_id = m.batch_id
                WHERE m.entry_id = entry.id AND w.entry_id = wrong.id
        ))
    ) THEN
        RAISE EXCEPTION 'A note or an adjustment stands beside an earlier line of its register, of the same batch.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'amendment_agrees_with_its_line';
    END IF;
    IF entry.kind = 'adjusted' THEN
        PERFORM public.require_two_signatures(
            NEW.signature_id, entry.entered_by_id, NEW.witness_signature_id, entry.witness_id
        );
        IF wrong.entered_by_id IN (entry.entered_by_id, entry.witness_id) THEN
            RAISE EXCEPTION 'Who wrote the line that is corrected does not approve its adjustment.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_is_approved_by_others';
        END IF;
        IF NOT EXISTS (
            SELECT FROM public.accounts_membership m
                JOIN public.accounts_premises p ON p.clinic_id = m.clinic_id
                JOIN public.dosing_registerline l ON l.premises_id = p.id
                WHERE l.id = entry.line_id AND m.role = 'cd_lead'
                    AND m.user_id IN (entry.entered_by_id, entry.witness_id)
                    AND m.starts_at <= entry.recorded_at
                    AND (m.ends_at IS NULL OR m.ends_at > entry.recorded_at)
        ) THEN
            RAISE EXCEPTION 'An adjustment is approved by the controlled-drug lead and a second person.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_is_approved_by_the_lead';
        END IF;
        PERFORM public.require_drawn_in_cabinet(
            (SELECT m.batch_id FROM public.dosing_stockmovement m WHERE m.entry_id = entry.id)
        );
    END IF;
    RETURN NULL;
END
$$;

-- Asked when the transaction commits: the line comes first, what it tells of after it.
CREATE FUNCTION register_line_has_its_act() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT (CASE NEW.kind
        WHEN 'destroyed' THEN EXISTS (SELECT FROM public.dosing_destruction d WHERE d.entry_id = NEW.id)
        WHEN 'sent' THEN EXISTS (SELECT FROM public.dosing_transfer t WHERE t.entry_id = NEW.id)
        WHEN 'received' THEN EXISTS (SELECT FROM public.dosing_transferreceipt t WHERE t.entry_id = NEW.id)
        WHEN 'adjusted' THEN EXISTS (SELECT FROM public.dosing_amendment a WHERE a.entry_id = NEW.id)
        WHEN 'note' THEN EXISTS (SELECT FROM public.dosing_amendment a WHERE a.entry_id = NEW.id)
            OR EXISTS (SELECT FROM public.dosing_transferreceipt t WHERE t.entry_id = NEW.id)
        WHEN 'wasted' THEN EXISTS (SELECT FROM public.dosing_wasteddose w WHERE w.register_entry_id = NEW.id)
        WHEN 'supplied' THEN NEW.injection_id IS NOT NULL
        -- Also the stock that a clinic begins with, which came on no requisition of this system.
        WHEN 'obtained' THEN true
        ELSE false
    END) THEN
        RAISE EXCEPTION 'A register line without the act that it tells of is refused.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_line_has_its_act';
    END IF;
    RETURN NULL;
END
$$;
"""

# (table, trigger = function); those of one table fire in the order of their names, so that what is put apart has moved
# when it is asked what is left in the cabinet.
AFTER_INSERT = [
    ("dosing_quarantine", "quarantine_moves_its_batch"),
    ("dosing_quarantine", "what_is_drawn_up_is_not_quarantined"),
    ("dosing_delivery", "delivery_agrees_with_its_line"),
    ("dosing_destruction", "destruction_is_authorised"),
    ("dosing_returndestruction", "return_destruction_is_signed"),
    ("dosing_transfer", "transfer_agrees_with_its_line"),
    ("dosing_transferreceipt", "transfer_receipt_agrees_with_its_transfer"),
    ("dosing_amendment", "amendment_agrees_with_its_line"),
]
AT_COMMIT = [
    ("dosing_preparation", "preparation_takes_usable_stock"),
    ("dosing_registerentry", "register_line_has_its_act"),
]
OF_THE_REGISTER = ["quarantine_moves_its_batch()", "register_line_has_its_act()"]
READ_BY_THE_REGISTER = {
    "dosing_registerline": "supply",
    "dosing_batch": "quarantined, patient_id",
    "dosing_destruction": "entry_id",
    "dosing_transfer": "entry_id",
    "dosing_transferreceipt": "entry_id",
    "dosing_amendment": "entry_id",
    "dosing_wasteddose": "register_entry_id",
}


def guard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers in place; two that move ampoules run as the register's role."""
    register = quoted(settings.DATABASE_REGISTER_ROLE)
    literal = "'" + settings.DATABASE_REGISTER_ROLE.replace("'", "''") + "'"

    def run(sql: str) -> None:
        schema_editor.execute(sql, params=None)

    # To change what it owns, the role must be allowed to make it; only for as long as it takes.
    run(f"GRANT CREATE ON SCHEMA public TO {register}")
    run(BATCH.replace("{register_literal}", literal))
    run(ACTS)
    for table, name in AFTER_INSERT:
        run(f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    for table, name in AT_COMMIT:
        run(
            f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
            f" FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    for table, name in [*AFTER_INSERT, *AT_COMMIT]:
        run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    for function in OF_THE_REGISTER:
        run(f"ALTER FUNCTION {function} OWNER TO {register}; REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    run(f"REVOKE CREATE ON SCHEMA public FROM {register}")
    run(f"GRANT UPDATE (quarantined) ON dosing_batch TO {register}")
    for table, columns in READ_BY_THE_REGISTER.items():
        run(f"GRANT SELECT ({columns}) ON {table} TO {register}")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0024_checkpoints'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='amendment', serialize=False, to='dosing.registerentry')),
                ('reason', models.CharField(max_length=500)),
                ('written_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='delivery', serialize=False, to='dosing.registerentry')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='Destruction',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='destruction', serialize=False, to='dosing.registerentry')),
                ('method', models.CharField(max_length=200)),
                ('exemption', models.CharField(max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name='PatientReturn',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('drug', models.CharField(max_length=200)),
                ('quantity', models.PositiveIntegerField()),
                ('unit', models.CharField(max_length=40)),
                ('key', models.UUIDField(unique=True)),
                ('taken_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Quarantine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('ampoules', models.PositiveIntegerField()),
                ('reason', models.CharField(choices=[('expired', 'Past its last day of use'), ('broken', 'Broken or damaged'), ('doubted', 'Recalled, or its quality is doubted'), ('unwanted', 'Not needed any more')], max_length=8)),
                ('words', models.CharField(blank=True, max_length=300)),
                ('key', models.UUIDField(unique=True)),
                ('quarantined_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Requisition',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=120)),
                ('supplier_name', models.CharField(max_length=250)),
                ('supplier_address', models.CharField(max_length=300)),
                ('ampoules', models.PositiveIntegerField()),
                ('key', models.UUIDField(unique=True)),
                ('ordered_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RequisitionClosing',
            fields=[
                ('requisition', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='closing', serialize=False, to='dosing.requisition')),
                ('reason', models.CharField(max_length=300)),
                ('closed_at', models.DateTimeField()),
                ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='requisitionclosing',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='requisition_is_closed_with_a_reason', violation_error_message='Write why no more is expected.'),
        ),
        migrations.AddField(
            model_name='stockmovement',
            name='in_quarantine',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('ampoules', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='WitnessAuthority',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('temporary', 'Temporary: 28 days at most'), ('standing', 'Standing: by office, such as a police controlled-drug liaison officer')], max_length=9)),
                ('name', models.CharField(max_length=200)),
                ('granted_by', models.CharField(max_length=160)),
                ('number', models.CharField(max_length=120)),
                ('identity_seen', models.CharField(max_length=200)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('key', models.UUIDField(unique=True)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'witness authorities',
            },
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='one_row_per_batch',
        ),
        migrations.RemoveConstraint(
            model_name='registerentry',
            name='register_kind_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='registerline',
            name='one_register_per_premises_class_strength_form',
        ),
        migrations.AddField(
            model_name='batch',
            name='patient',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_batches', to='patients.person'),
        ),
        migrations.AddField(
            model_name='batch',
            name='quarantined',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='registerline',
            name='supply',
            field=models.CharField(choices=[('service', 'service stock'), ('named', "patients' own")], default='service', max_length=7),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='kind',
            field=models.CharField(choices=[('obtained', 'Obtained'), ('supplied', 'Supplied'), ('wasted', 'Wasted'), ('sent', 'Sent'), ('received', 'Received'), ('destroyed', 'Destroyed'), ('adjusted', 'Adjusted'), ('note', 'Note')], max_length=12),
        ),
        migrations.AlterField(
            model_name='registerentry',
            name='reference',
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name='signature',
            name='part',
            field=models.CharField(choices=[('giver', 'Giver'), ('witness', 'Witness'), ('counter', 'Counter'), ('opener', 'Opener'), ('keeper', 'Keeper')], max_length=8),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('line', 'number', 'expires_on', 'patient'), name='one_row_per_batch', nulls_distinct=False, violation_error_message='That batch is already in stock.'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('quarantined__gte', 0), ('quarantined__lte', models.F('ampoules'))), name='what_is_quarantined_is_part_of_the_batch', violation_error_message='There are not that many ampoules of this batch in that place.'),
        ),
        migrations.AddConstraint(
            model_name='registerentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['obtained', 'supplied', 'wasted', 'sent', 'received', 'destroyed', 'adjusted', 'note'])), name='register_kind_is_known', violation_error_message='That is no kind of register line.'),
        ),
        migrations.AddConstraint(
            model_name='registerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['sent', 'received', 'destroyed', 'adjusted', 'note']), _negated=True), models.Q(('ampoules__gt', 0), ('kind', 'received')), models.Q(('ampoules__lt', 0), ('kind__in', ['sent', 'destroyed'])), models.Q(('kind', 'adjusted'), models.Q(('ampoules', 0), _negated=True)), models.Q(('ampoules', 0), ('kind', 'note')), _connector='OR'), name='register_kind_fits_its_ampoules', violation_error_message='What is received comes in, what is sent or destroyed goes out.'),
        ),
        migrations.AddConstraint(
            model_name='registerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['sent', 'received', 'destroyed', 'adjusted', 'note']), _negated=True), models.Q(('drawn_mg__isnull', True), ('injection__isnull', True), ('order__isnull', True), ('prescriber__isnull', True)), _connector='OR'), name='register_only_doses_have_milligrams', violation_error_message='Only a dose has milligrams, an order and an injection.'),
        ),
        migrations.AddConstraint(
            model_name='registerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['sent', 'received', 'destroyed', 'adjusted']), _negated=True), ('witness__isnull', False), _connector='OR'), name='register_stock_acts_name_two_people', violation_error_message='Two people send, take in, destroy and adjust.'),
        ),
        migrations.AddConstraint(
            model_name='registerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['sent', 'received', 'destroyed', 'adjusted', 'note']), _negated=True), models.Q(('reference', ''), _negated=True), _connector='OR'), name='register_stock_acts_say_what_they_are', violation_error_message='Write down what this line is for.'),
        ),
        migrations.AddConstraint(
            model_name='registerline',
            constraint=models.UniqueConstraint(fields=('premises', 'product', 'strength_mg', 'form', 'supply'), name='one_register_per_premises_class_strength_form', violation_error_message='That register is already open at these premises.'),
        ),
        migrations.AddConstraint(
            model_name='registerline',
            constraint=models.CheckConstraint(condition=models.Q(('supply__in', ['service', 'named'])), name='register_supply_is_known', violation_error_message="A register keeps service stock, or patients' own medicine."),
        ),
        migrations.AddField(
            model_name='amendment',
            name='amends',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='dosing.registerentry'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='signature',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='witness_signature',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='written_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delivery',
            name='patient',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.person'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='witness_signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='destruction',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='destruction',
            name='witness_signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.CreateModel(
            name='ReturnDestruction',
            fields=[
                ('patient_return', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='destruction', serialize=False, to='dosing.patientreturn')),
                ('method', models.CharField(max_length=200)),
                ('destroyed_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='patientreturn',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patient_returns', to='accounts.clinic'),
        ),
        migrations.AddField(
            model_name='patientreturn',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='patients.person'),
        ),
        migrations.AddField(
            model_name='patientreturn',
            name='taken_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='quarantine',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quarantines', to='dosing.batch'),
        ),
        migrations.AddField(
            model_name='quarantine',
            name='quarantined_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='quarantine',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='quarantine',
            name='witness',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='quarantine',
            name='witness_signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='requisition',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requisitions', to='dosing.registerline'),
        ),
        migrations.AddField(
            model_name='requisition',
            name='ordered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='delivery',
            name='requisition',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='dosing.requisition'),
        ),
        migrations.CreateModel(
            name='TransferReceipt',
            fields=[
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='receipt', serialize=False, to='dosing.transfer')),
                ('missing', models.PositiveIntegerField()),
                ('reason', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name='transfer',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='dosing.batch'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='transfer', to='dosing.registerentry'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers_in', to='dosing.registerline'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='witness_signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='witnessauthority',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='witness_authorities', to='accounts.clinic'),
        ),
        migrations.AddField(
            model_name='witnessauthority',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='destruction',
            name='authority',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='destructions', to='dosing.witnessauthority'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='amendment_has_a_reason', violation_error_message='Write what was wrong and what is right.'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signature__isnull', True), ('witness_signature__isnull', True)), models.Q(('signature__isnull', False), ('witness_signature__isnull', False)), _connector='OR'), name='adjustment_is_signed_by_both_or_is_a_note', violation_error_message='An adjustment is signed by the lead and by a second person.'),
        ),
        migrations.AddField(
            model_name='returndestruction',
            name='destroyed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='returndestruction',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='returndestruction',
            name='witness',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='returndestruction',
            name='witness_signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddConstraint(
            model_name='patientreturn',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1), models.Q(('drug', ''), _negated=True), models.Q(('unit', ''), _negated=True)), name='patient_return_says_what_and_how_much', violation_error_message='Write what was brought back, and how much of it.'),
        ),
        migrations.AddConstraint(
            model_name='quarantine',
            constraint=models.CheckConstraint(condition=models.Q(('ampoules__gte', 1), ('reason__in', ['expired', 'broken', 'doubted', 'unwanted'])), name='quarantine_moves_something_for_a_reason', violation_error_message='At least one ampoule is put apart, for a known reason.'),
        ),
        migrations.AddConstraint(
            model_name='quarantine',
            constraint=models.CheckConstraint(condition=models.Q(('quarantined_by', models.F('witness')), _negated=True), name='quarantine_is_seen_by_two_people', violation_error_message='The witness is somebody else.'),
        ),
        migrations.AddConstraint(
            model_name='requisition',
            constraint=models.UniqueConstraint(fields=('line', 'number'), name='requisition_number_stands_once_in_a_ledger', violation_error_message='A requisition of that number is recorded for this register.'),
        ),
        migrations.AddConstraint(
            model_name='requisition',
            constraint=models.CheckConstraint(condition=models.Q(('ampoules__gte', 1), models.Q(('number', ''), _negated=True), models.Q(('supplier_name', ''), _negated=True), models.Q(('supplier_address', ''), _negated=True)), name='requisition_orders_something_of_somebody', violation_error_message='A requisition has a number, a supplier with an address, and ampoules.'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('patient__isnull', True), ('requisition__isnull', False)), models.Q(('patient__isnull', False), ('requisition__isnull', True)), _connector='OR'), name='delivery_is_on_a_requisition_or_for_a_patient', violation_error_message='A delivery is on a requisition, or for one patient.'),
        ),
        migrations.AddField(
            model_name='transferreceipt',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='transfer_receipt', to='dosing.registerentry'),
        ),
        migrations.AddField(
            model_name='transferreceipt',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='transferreceipt',
            name='witness_signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('ampoules__gte', 1)), name='transfer_sends_something', violation_error_message='At least one ampoule is sent.'),
        ),
        migrations.AddConstraint(
            model_name='witnessauthority',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('granted_by', ''), _negated=True), models.Q(('number', ''), _negated=True), models.Q(('identity_seen', ''), _negated=True)), name='authority_names_who_and_whence', violation_error_message='An authority names who has it, who gave it, its number and what proved it.'),
        ),
        migrations.AddConstraint(
            model_name='witnessauthority',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on')), models.Q(('kind', 'standing'), ('ends_on__lt', django.db.models.expressions.CombinedExpression(models.F('starts_on'), '+', models.Value(28))), _connector='OR')), name='authority_is_as_long_as_its_kind_allows', violation_error_message='A temporary authority lasts at most 28 days.'),
        ),
        migrations.AddConstraint(
            model_name='witnessauthority',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['temporary', 'standing'])), name='authority_is_of_a_known_kind', violation_error_message='An authority is temporary or standing.'),
        ),
        migrations.AddConstraint(
            model_name='destruction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('method', ''), _negated=True), models.Q(('exemption', ''), _negated=True)), name='destruction_says_how_and_under_which_exemption', violation_error_message='Write how it was destroyed, and the reference of the T28 exemption.'),
        ),
        migrations.AddConstraint(
            model_name='returndestruction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('destroyed_by', models.F('witness')), _negated=True), models.Q(('method', ''), _negated=True)), name='return_is_destroyed_by_two_people', violation_error_message='Two people destroy a return, and say how.'),
        ),
        migrations.AddConstraint(
            model_name='transferreceipt',
            constraint=models.CheckConstraint(condition=models.Q(('missing', 0), models.Q(('reason', ''), _negated=True), _connector='OR'), name='what_is_missing_of_a_transfer_has_a_reason', violation_error_message='Write what is known of the ampoules that did not come.'),
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
        make_append_only(
            "dosing_amendment",
            "dosing_delivery",
            "dosing_destruction",
            "dosing_patientreturn",
            "dosing_quarantine",
            "dosing_requisition",
            "dosing_requisitionclosing",
            "dosing_returndestruction",
            "dosing_transfer",
            "dosing_transferreceipt",
            "dosing_witnessauthority",
        ),
    ]
