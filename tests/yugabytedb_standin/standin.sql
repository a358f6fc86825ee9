-- Makes a database of PostgreSQL 15 answer like YugabyteDB. See README.md.
CREATE SCHEMA yb_standin;

CREATE TABLE yb_standin.setting (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO yb_standin.setting VALUES
  ('version', 'PostgreSQL 15.2-YB-2025.2.3.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 17.0.6, 64-bit'),
  ('colocated', 'false');

CREATE FUNCTION yb_standin.version() RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT value FROM yb_standin.setting WHERE name = 'version' $$;

CREATE TABLE yb_standin.server (
  host text, port bigint, num_connections bigint DEFAULT 0, node_type text DEFAULT 'primary', cloud text DEFAULT 'cloud1',
  region text DEFAULT 'datacenter1', zone text, public_ip text, uuid text DEFAULT gen_random_uuid()::text);

CREATE FUNCTION yb_standin.yb_servers(
  OUT host text, OUT port bigint, OUT num_connections bigint, OUT node_type text, OUT cloud text, OUT region text,
  OUT zone text, OUT public_ip text, OUT uuid text) RETURNS SETOF record LANGUAGE sql STABLE
  AS $$ SELECT host, port, num_connections, node_type, cloud, region, zone, public_ip, uuid FROM yb_standin.server ORDER BY host, port $$;

CREATE TABLE yb_standin.metric (
  uuid text PRIMARY KEY, cpu_user numeric DEFAULT 0.10, cpu_system numeric DEFAULT 0.05,
  memory_total bigint DEFAULT 16000000000, memory_available bigint DEFAULT 12000000000,
  tserver_limit bigint DEFAULT 8000000000, tserver_soft_limit bigint DEFAULT 6800000000,
  tserver_consumption bigint DEFAULT 1000000000, status text DEFAULT 'OK', error text DEFAULT '');

CREATE FUNCTION yb_standin.yb_servers_metrics(OUT uuid text, OUT metrics jsonb, OUT status text, OUT error text)
  RETURNS SETOF record LANGUAGE sql STABLE AS $$
  SELECT s.uuid,
         jsonb_build_object(
           'cpu_usage_user', m.cpu_user::text, 'cpu_usage_system', m.cpu_system::text,
           'memory_total', m.memory_total::text, 'memory_available', m.memory_available::text,
           'memory_free', m.memory_available::text,
           'tserver_root_memory_limit', m.tserver_limit::text,
           'tserver_root_memory_soft_limit', m.tserver_soft_limit::text,
           'tserver_root_memory_consumption', m.tserver_consumption::text),
         m.status, m.error
    FROM yb_standin.server s JOIN yb_standin.metric m ON m.uuid = s.uuid $$;

CREATE FUNCTION yb_standin.yb_is_database_colocated() RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT value::boolean FROM yb_standin.setting WHERE name = 'colocated' $$;

CREATE FUNCTION yb_standin.accepts_rows_per_transaction() RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT false $$;

-- Refusals on order. Sequences are not rolled back with the refused transaction, so they can count.
CREATE TABLE yb_standin.refusal (
  tab oid PRIMARY KEY, sqlstate text, message text, times bigint, counter text);

CREATE FUNCTION yb_standin.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE r yb_standin.refusal;
BEGIN
  SELECT * INTO r FROM yb_standin.refusal WHERE tab = TG_RELID;
  IF FOUND AND nextval(r.counter::regclass) <= r.times THEN
    RAISE EXCEPTION USING ERRCODE = r.sqlstate, MESSAGE = r.message;
  END IF;
  RETURN NULL;
END $$;

-- The next `times` statements that insert into `tab` fail with `sqlstate` and `message`.
CREATE FUNCTION yb_standin.fail_next(tab regclass, sqlstate text, message text, times bigint) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE counter text := format('yb_standin.refused_%s', tab::oid);
BEGIN
  EXECUTE format('DROP SEQUENCE IF EXISTS %s', counter);
  EXECUTE format('CREATE SEQUENCE %s', counter);
  INSERT INTO yb_standin.refusal VALUES (tab::oid, sqlstate, message, times, counter)
    ON CONFLICT ON CONSTRAINT refusal_pkey DO UPDATE SET sqlstate = EXCLUDED.sqlstate, message = EXCLUDED.message, times = EXCLUDED.times;
  EXECUTE format('DROP TRIGGER IF EXISTS yb_standin_refuse ON %s', tab);
  EXECUTE format('CREATE TRIGGER yb_standin_refuse BEFORE INSERT ON %s FOR EACH STATEMENT EXECUTE FUNCTION yb_standin.refuse()', tab);
  -- Loads run with session_replication_role = replica, which silences ordinary triggers.
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER yb_standin_refuse', tab);
END $$;

-- How many statements were refused so far.
CREATE FUNCTION yb_standin.refused(tab regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE r yb_standin.refusal; seen bigint;
BEGIN
  SELECT * INTO r FROM yb_standin.refusal f WHERE f.tab = refused.tab::oid;
  EXECUTE format('SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s', r.counter) INTO seen;
  RETURN least(seen, r.times);
END $$;

-- Puts the trigger away, so that it is no difference between the two sides.
CREATE FUNCTION yb_standin.stop_failing(tab regclass) RETURNS void LANGUAGE plpgsql
  AS $$ BEGIN EXECUTE format('DROP TRIGGER IF EXISTS yb_standin_refuse ON %s', tab); END $$;

-- Under which setting tables and indexes were made. The setting itself cannot exist here: the filter in front of the server
-- (tests/harness/standin.py) sends it as yb_standin.use_hash_splitting_by_default.
CREATE TABLE yb_standin.made (
  number bigint GENERATED ALWAYS AS IDENTITY, tag text, object text, hash_splitting text);

CREATE FUNCTION yb_standin.note_made() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO yb_standin.made (tag, object, hash_splitting)
    SELECT command_tag, object_identity, current_setting('yb_standin.use_hash_splitting_by_default', true)
      FROM pg_event_trigger_ddl_commands() WHERE object_type IN ('table', 'index') AND NOT in_extension;
END $$;
CREATE EVENT TRIGGER yb_standin_made ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE INDEX')
  EXECUTE FUNCTION yb_standin.note_made();

GRANT USAGE ON SCHEMA yb_standin TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA yb_standin TO PUBLIC;
