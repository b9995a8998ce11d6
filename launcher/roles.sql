-- The four database roles, made once for a whole server by a superuser. Running it again changes nothing.
--   hat_owner     owns the tables and runs the migrations; never used by the web server or the worker
--   hat_app       what the web server, the worker and the tests sign in as; cannot change a table's shape
--   hat_register  nobody signs in as it; it owns the function that writes the controlled-drug register
--   hat_police    reads the offences that police recorded, which the others cannot, and nothing else
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hat_owner') THEN
        CREATE ROLE hat_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hat_app') THEN
        CREATE ROLE hat_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hat_register') THEN
        CREATE ROLE hat_register NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hat_police') THEN
        CREATE ROLE hat_police LOGIN;
    END IF;
END
$$;
GRANT hat_register TO hat_owner;

-- Kept in the role, so that a shell session as hat_app is bound by them too. The worker asks for more itself.
ALTER ROLE hat_app SET statement_timeout = '5s';
ALTER ROLE hat_app SET lock_timeout = '2s';
ALTER ROLE hat_app SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE hat_police SET default_transaction_read_only = on;
ALTER ROLE hat_police SET statement_timeout = '5s';
ALTER ROLE hat_police SET idle_in_transaction_session_timeout = '10s';
