"""The register belongs to a role that nobody signs in as; the application may only ask it to append.

Hand-written and plain on purpose: every trigger is ENABLE ALWAYS and knows no setting that ignores it. Names of
tables are written with their schema and pg_temp stands last, so that a temporary table cannot stand in for one.
"""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only, quoted

# --- the text that is hashed: the same bytes as dosing.rules.register.canonical_text ---------------------------
DIGEST = """
CREATE FUNCTION register_digest(VARIADIC p_fields text[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT encode(sha256(convert_to(string_agg(
        CASE WHEN field IS NULL THEN '-,'
             ELSE octet_length(convert_to(field, 'UTF8')) || ':' || field || ','
        END, '' ORDER BY place), 'UTF8')), 'hex')
    FROM unnest(p_fields) WITH ORDINALITY AS fields (field, place)
$$;

-- timestamptz::text follows the session's zone and date style; this form follows nothing.
CREATE FUNCTION register_time(p_at timestamptz) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
"""

# --- writing a line ------------------------------------------------------------------------------------------
APPEND = """
CREATE FUNCTION register_open_head() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    INSERT INTO public.dosing_registerhead (line_id, seq, balance, hash)
    VALUES (NEW.id, 0, 0, repeat('0', 64));
    RETURN NULL;
END
$$;

CREATE FUNCTION register_head_steps_by_one() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.line_id IS DISTINCT FROM OLD.line_id OR NEW.seq IS DISTINCT FROM OLD.seq + 1 THEN
        RAISE EXCEPTION 'the head of a register moves on by one line at a time'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'register_head_steps_by_one';
    END IF;
    RETURN NEW;
END
$$;

-- Takes the one lock of a ledger and returns where it stands, nothing for no ledger. Every writer waits here.
CREATE FUNCTION register_lock(p_line uuid, OUT last_seq integer, OUT last_balance integer)
    RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    SELECT h.seq, h.balance INTO last_seq, last_balance
        FROM public.dosing_registerhead h WHERE h.line_id = p_line FOR UPDATE;
END
$$;

CREATE FUNCTION register_append(
    p_line uuid,
    p_kind text,
    p_ampoules integer,
    p_drawn_mg integer,
    p_given_mg integer,
    p_wasted_mg integer,
    p_party_name text,
    p_party_address text,
    p_patient uuid,
    p_order uuid,
    p_prescriber uuid,
    p_injection uuid,
    p_reference text,
    p_entered_by uuid,
    p_witness uuid,
    p_occurred_at timestamptz,
    p_key uuid
)
    RETURNS TABLE (
        new_id bigint, new_seq integer, new_balance integer, new_hash text, new_recorded_at timestamptz
    )
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    head public.dosing_registerhead%ROWTYPE;
    strength integer;
    total bigint;
    salt uuid := gen_random_uuid();
BEGIN
    SELECT * INTO head FROM public.dosing_registerhead h WHERE h.line_id = p_line FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no such register.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'register_is_open';
    END IF;
    -- A line that was acknowledged is on the disk, whatever the session asked for.
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
    -- First of all refusals, so that a line sent twice is told apart from a line refused.
    IF EXISTS (SELECT FROM public.dosing_registerentry e WHERE e.key = p_key) THEN
        RAISE EXCEPTION 'This line is already written.'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'register_key_is_used_once';
    END IF;

    new_recorded_at := public.hat_now();
    IF p_occurred_at > new_recorded_at + interval '1 second' THEN
        RAISE EXCEPTION 'A register line cannot tell of the future.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_tells_of_the_past';
    END IF;
    IF p_occurred_at < timestamptz '1900-01-01 00:00:00+00' THEN
        RAISE EXCEPTION 'A register line tells of a date after 1900.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_tells_of_a_plausible_date';
    END IF;
    IF EXISTS (
        SELECT FROM public.accounts_user u WHERE u.id IN (p_entered_by, p_witness) AND u.is_service
    ) THEN
        RAISE EXCEPTION 'A register line names people, never a program.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_names_people';
    END IF;

    SELECT l.strength_mg INTO strength FROM public.dosing_registerline l WHERE l.id = p_line;
    IF p_kind = 'supplied' AND p_drawn_mg::bigint IS DISTINCT FROM -p_ampoules::bigint * strength THEN
        RAISE EXCEPTION 'What was drawn is not the content of the ampoules opened.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_drawn_is_what_the_ampoules_hold';
    END IF;
    total := head.balance::bigint + p_ampoules;
    IF total < 0 THEN
        RAISE EXCEPTION 'The register has % ampoules; this line would take % out.', head.balance, -p_ampoules::bigint
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_balance_is_never_negative';
    END IF;
    IF total > 2147483647 THEN
        RAISE EXCEPTION 'That is more ampoules than a register can hold.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_balance_is_a_plausible_number';
    END IF;

    new_id := nextval('public.dosing_registerentry_id_seq');
    new_seq := head.seq + 1;
    new_balance := total;
    new_hash := public.register_digest(
        'hat-register/1',
        p_line::text,
        new_seq::text,
        new_id::text,
        p_kind,
        p_ampoules::text,
        p_drawn_mg::text,
        p_given_mg::text,
        p_wasted_mg::text,
        new_balance::text,
        p_patient::text,
        public.register_digest(salt::text, p_party_name, p_party_address),
        p_order::text,
        p_prescriber::text,
        p_entered_by::text,
        p_witness::text,
        p_reference,
        public.register_time(p_occurred_at),
        public.register_time(new_recorded_at),
        p_key::text,
        p_injection::text,
        head.hash
    );
    INSERT INTO public.dosing_registerentry (
        id, line_id, seq, kind, ampoules, balance, drawn_mg, given_mg, wasted_mg, party_name, party_address,
        identity_salt, patient_id, order_id, prescriber_id, injection_id, reference, entered_by_id, witness_id,
        occurred_at, recorded_at, key, previous_hash, hash
    ) VALUES (
        new_id, p_line, new_seq, p_kind, p_ampoules, new_balance, p_drawn_mg, p_given_mg, p_wasted_mg,
        p_party_name, p_party_address, salt, p_patient, p_order, p_prescriber, p_injection, p_reference,
        p_entered_by, p_witness, p_occurred_at, new_recorded_at, p_key, head.hash, new_hash
    );
    UPDATE public.dosing_registerhead h
        SET seq = new_seq, balance = new_balance, hash = new_hash WHERE h.line_id = p_line;
    RETURN NEXT;
END
$$;
"""

# --- stock: a batch's count changes only by a movement -------------------------------------------------------
STOCK = """
CREATE FUNCTION batch_begins_empty() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.ampoules IS DISTINCT FROM 0 THEN
        RAISE EXCEPTION 'A batch begins with no ampoules; a stock movement brings them.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_begins_empty';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION batch_changes_only_by_movement() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF current_user <> {register_literal}
        OR (NEW.id, NEW.line_id, NEW.number, NEW.expires_on)
            IS DISTINCT FROM (OLD.id, OLD.line_id, OLD.number, OLD.expires_on)
    THEN
        RAISE EXCEPTION 'The count of a batch changes only by a stock movement; nothing else of it changes.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'batch_changes_only_by_movement';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION stock_movement_moves_its_batch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    UPDATE public.dosing_batch b SET ampoules = b.ampoules + NEW.ampoules WHERE b.id = NEW.batch_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no such batch.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'stock_movement_moves_its_batch';
    END IF;
    RETURN NULL;
END
$$;
"""

# --- what must stand together when a transaction commits -----------------------------------------------------
WHOLE = """
CREATE FUNCTION require_whole_injection(p_injection uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    injection public.dosing_injection%ROWTYPE;
    entry public.dosing_registerentry%ROWTYPE;
BEGIN
    -- It is there: a register line without its injection was refused by the foreign key before.
    SELECT * INTO STRICT injection FROM public.dosing_injection i WHERE i.id = p_injection;
    -- Facts are never refused: a contested injection may have to wait for its line.
    IF NOT injection.is_contested AND NOT EXISTS (
        SELECT FROM public.dosing_sessionoutcome o WHERE o.injection_id = p_injection
    ) THEN
        RAISE EXCEPTION 'An injection without its outcome is refused.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_has_its_outcome';
    END IF;

    SELECT * INTO entry FROM public.dosing_registerentry e WHERE e.injection_id = p_injection;
    IF NOT FOUND THEN
        IF injection.is_contested THEN
            RETURN;
        END IF;
        RAISE EXCEPTION 'An injection without its register line is refused.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_has_its_register_line';
    END IF;
    IF (entry.kind, entry.ampoules, entry.drawn_mg, entry.given_mg, entry.wasted_mg,
            entry.patient_id, entry.order_id, entry.entered_by_id, entry.witness_id)
        IS DISTINCT FROM
        ('supplied', -injection.ampoules, injection.drawn_mg, injection.given_mg, injection.wasted_mg,
            injection.patient_id, injection.order_id, injection.giver_id, injection.witness_id)
        OR NOT EXISTS (
            SELECT FROM public.dosing_registerline l
                JOIN public.dosing_order o ON o.product = l.product
                WHERE l.id = entry.line_id AND o.id = injection.order_id
                    AND l.premises_id = injection.premises_id
        )
    THEN
        RAISE EXCEPTION 'An injection and its register line do not say the same.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_agrees_with_its_register_line';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_stockmovement m
            WHERE m.entry_id = entry.id AND m.batch_id = injection.batch_id
    ) THEN
        RAISE EXCEPTION 'An injection without its stock movement is refused.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_has_its_stock_movement';
    END IF;
END
$$;

CREATE FUNCTION injection_is_whole() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM public.require_whole_injection(NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION outcome_agrees_with_its_injection() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.injection_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_injection i
            WHERE i.id = NEW.injection_id AND i.session_id = NEW.session_id
                AND NEW.given_mg = (
                    SELECT sum(j.given_mg) FROM public.dosing_injection j
                        WHERE j.session_id = i.session_id AND j.number <= i.number
                )
    ) THEN
        RAISE EXCEPTION 'An outcome and its injection do not say the same.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_agrees_with_its_injection';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION stock_movement_agrees_with_its_line() RETURNS trigger
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
    RETURN NULL;
END
$$;

CREATE FUNCTION register_entry_is_whole() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.injection_id IS NOT NULL THEN
        PERFORM public.require_whole_injection(NEW.injection_id);
    END IF;
    IF NEW.ampoules <> 0 AND NOT EXISTS (
        SELECT FROM public.dosing_stockmovement m WHERE m.entry_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'A register line that moves ampoules without its stock movement is refused.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_line_has_its_stock_movement';
    END IF;
    IF (SELECT h.balance FROM public.dosing_registerhead h WHERE h.line_id = NEW.line_id) IS DISTINCT FROM
        (SELECT coalesce(sum(b.ampoules), 0) FROM public.dosing_batch b WHERE b.line_id = NEW.line_id)
    THEN
        RAISE EXCEPTION 'The batches of a register do not make its balance.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batches_make_the_balance';
    END IF;
    RETURN NULL;
END
$$;
"""

# --- an injection needs an order in force, checked again by the database -------------------------------------
ORDERED = """
CREATE FUNCTION injection_is_ordered() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_plannedsession s WHERE s.id = NEW.session_id AND s.patient_id = NEW.patient_id
    ) THEN
        RAISE EXCEPTION 'The session is another person''s.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_is_in_the_persons_session';
    END IF;
    -- Facts are never refused: what was given without an order is stored as contested.
    IF NOT NEW.is_contested AND NOT EXISTS (
        SELECT FROM public.dosing_order o JOIN public.dosing_orderperiod p ON p.order_id = o.id
            WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND o.premises_id = NEW.premises_id
                AND p.patient_id = o.patient_id AND p.product = o.product
                AND o.signed_at <= NEW.started_at AND p.during @> NEW.started_at
    ) THEN
        RAISE EXCEPTION 'No signed order of this person at these premises was in force at that time.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_is_ordered';
    END IF;
    RETURN NEW;
END
$$;
"""

# (table, trigger = function, when)
TRIGGERS = [
    ("dosing_registerline", "register_open_head", "AFTER INSERT"),
    ("dosing_registerhead", "register_head_steps_by_one", "BEFORE UPDATE"),
    ("dosing_batch", "batch_begins_empty", "BEFORE INSERT"),
    ("dosing_batch", "batch_changes_only_by_movement", "BEFORE UPDATE"),
    ("dosing_stockmovement", "stock_movement_moves_its_batch", "AFTER INSERT"),
    ("dosing_injection", "injection_is_ordered", "BEFORE INSERT"),
]
AT_COMMIT = [
    ("dosing_injection", "injection_is_whole"),
    ("dosing_sessionoutcome", "outcome_agrees_with_its_injection"),
    ("dosing_stockmovement", "stock_movement_agrees_with_its_line"),
    ("dosing_registerentry", "register_entry_is_whole"),
]
CALLED_BY_THE_APP = [
    "register_append(uuid, text, integer, integer, integer, integer, text, text, uuid, uuid, uuid, uuid, text,"
    " uuid, uuid, timestamptz, uuid)",
    "register_lock(uuid)",
]
CALLED_BY_THE_DATABASE = [
    "register_digest(text[])",
    "register_time(timestamptz)",
    "require_whole_injection(uuid)",
    "register_open_head()",
    "register_head_steps_by_one()",
    "batch_begins_empty()",
    "batch_changes_only_by_movement()",
    "stock_movement_moves_its_batch()",
    "injection_is_whole()",
    "outcome_agrees_with_its_injection()",
    "stock_movement_agrees_with_its_line()",
    "register_entry_is_whole()",
    "injection_is_ordered()",
]
# What the register's functions read of other tables.
READ_BY_THE_REGISTER = {
    "accounts_user": "id, is_service",
    "dosing_registerline": "id, premises_id, product, strength_mg",
    "dosing_batch": "id, line_id, number, expires_on, ampoules",
    "dosing_stockmovement": "id, batch_id, entry_id, ampoules",
    "dosing_order": "id, patient_id, premises_id, product, signed_at",
    "dosing_orderperiod": "order_id, patient_id, product, during",
    "dosing_plannedsession": "id, patient_id",
    "dosing_sessionoutcome": "id, session_id, injection_id, given_mg",
}


def hand_over(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    app, register = quoted(settings.DATABASE_APP_ROLE), quoted(settings.DATABASE_REGISTER_ROLE)
    literal = "'" + settings.DATABASE_REGISTER_ROLE.replace("'", "''") + "'"

    def run(sql: str) -> None:
        schema_editor.execute(sql, params=None)

    for part in (DIGEST, APPEND, STOCK.replace("{register_literal}", literal), WHOLE, ORDERED):
        run(part)
    # The clock must not depend on who asks: register_append reads it as the register's role.
    run("ALTER FUNCTION hat_now() SECURITY DEFINER")

    for table, name, when in TRIGGERS:
        run(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    for table, name in AT_COMMIT:
        run(
            f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
            f" FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    for table in ("dosing_registerhead", "dosing_batch"):
        run(
            f"""
            CREATE TRIGGER {table}_rows_stay BEFORE DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER {table}_table_stays BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_rows_stay;
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_table_stays;
            """
        )
    for table, name in [*((table, name) for table, name, _when in TRIGGERS), *AT_COMMIT]:
        run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")

    # To be given something, a role must be allowed to make it; only for as long as it takes.
    run(f"GRANT USAGE, CREATE ON SCHEMA public TO {register}")
    for function in [*CALLED_BY_THE_APP, *CALLED_BY_THE_DATABASE]:
        run(f"ALTER FUNCTION {function} OWNER TO {register}; REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function in CALLED_BY_THE_APP:
        run(f"GRANT EXECUTE ON FUNCTION {function} TO {app}")
    for table in ("dosing_registerentry", "dosing_registerhead"):
        run(f"REVOKE ALL ON {table} FROM {app}; ALTER TABLE {table} OWNER TO {register}")
        run(f"GRANT SELECT ON {table} TO {app}")
    run(f"REVOKE ALL ON SEQUENCE dosing_registerentry_id_seq FROM {app}")
    run(f"REVOKE CREATE ON SCHEMA public FROM {register}, {app}, PUBLIC")

    run(f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON dosing_batch FROM {app}")
    run(f"GRANT UPDATE (ampoules) ON dosing_batch TO {register}")
    run(f"GRANT SELECT ON dosing_injection TO {register}")
    for table, columns in READ_BY_THE_REGISTER.items():
        run(f"GRANT SELECT ({columns}) ON {table} TO {register}")


class Migration(migrations.Migration):
    dependencies = [("dosing", "0002_append_only"), ("accounts", "0001_initial"), ("audit", "0001_foundations")]

    operations = [
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                name="batch_has_a_number",
                condition=models.Q(("number", ""), _negated=True),
                violation_error_message="Write the batch number that is printed on the ampoules.",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerentry",
            constraint=models.CheckConstraint(
                name="register_receipt_has_no_milligrams",
                condition=models.Q(("kind", "obtained"), _negated=True)
                | models.Q(drawn_mg__isnull=True, injection__isnull=True),
                violation_error_message="A receipt counts ampoules; nothing is drawn or given by it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerentry",
            constraint=models.CheckConstraint(
                name="register_kind_is_known",
                condition=models.Q(kind__in=["obtained", "supplied"]),
                violation_error_message="A register line is obtained or supplied.",
            ),
        ),
        migrations.AddConstraint(
            model_name="registerentry",
            constraint=models.CheckConstraint(
                name="register_names_the_other_party",
                condition=models.Q(("party_name", ""), _negated=True)
                & models.Q(("party_address", ""), _negated=True),
                violation_error_message=(
                    "Write the name and the address of whom it came from or went to "
                    "(no fixed abode, if there is none)."
                ),
            ),
        ),
        make_append_only("dosing_registerline"),
        migrations.RunPython(hand_over),
    ]
