-- What one database needs from a superuser before the first migration. Running it again changes nothing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS btree_gist;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE, USAGE ON SCHEMA public TO hat_owner, hat_register;
GRANT USAGE ON SCHEMA public TO hat_app;
