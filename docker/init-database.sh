#!/bin/sh
# Run once by the PostgreSQL image, as superuser, on an empty data folder: the roles, their passwords, the database.
set -eu

run_psql() {
    psql -X -q -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" "$@"
}

: "${HAT_OWNER_PASSWORD:?set it to the password of the role that owns the tables}"
: "${HAT_APP_PASSWORD:?set it to the password of the application role}"
: "${HAT_POLICE_PASSWORD:?set it to the password of the role that reads offences police recorded}"

run_psql -d postgres -f /launcher/roles.sql
# The passwords are read from the environment, so that no process list shows them.
run_psql -d postgres <<'SQL'
\getenv owner_password HAT_OWNER_PASSWORD
\getenv app_password HAT_APP_PASSWORD
\getenv police_password HAT_POLICE_PASSWORD
ALTER ROLE hat_owner PASSWORD :'owner_password';
ALTER ROLE hat_app PASSWORD :'app_password';
ALTER ROLE hat_police PASSWORD :'police_password';
CREATE DATABASE hat OWNER hat_owner;
SQL
run_psql -d hat -f /launcher/database.sql
