-- Gives a PostgreSQL user the rights that a migration needs, on the source database. Run it with psql as a superuser, or as
-- an administrator who owns the objects, connected to the database that is migrated:
--
--   psql -h HOST -d DATABASE -U ADMIN -v voyager_user=ybvoyager -v schema_list=public,sales \
--        -v is_live_migration=0 -v is_live_migration_fall_back=0 \
--        -f yb-voyager-pg-grant-migration-permissions.sql
--
--   voyager_user                  the user that yb-voyager connects as; it must exist
--   schema_list                   schemas, comma separated, written as in --source-db-schema
--   is_live_migration             0 or 1; 1 also prepares for capturing changes
--   is_live_migration_fall_back   0 or 1; only for live: also for writing back to this database later
--   replication_group             only for live: the role that owns the tables together with their present owners
--
-- Everything happens in one transaction: on an error nothing is changed. Running it again is harmless.

\set ON_ERROR_STOP on
\set QUIET on

\if :{?voyager_user}
\else
  \echo 'Missing: -v voyager_user=<the user that yb-voyager connects as>'
  \quit
\endif
\if :{?schema_list}
\else
  \echo 'Missing: -v schema_list=<schema>[,<schema>...]'
  \quit
\endif
\if :{?is_live_migration}
\else
  \echo 'Missing: -v is_live_migration=0 (snapshot only) or 1 (with changes)'
  \quit
\endif
\if :is_live_migration
  \if :{?is_live_migration_fall_back}
  \else
    \echo 'Missing: -v is_live_migration_fall_back=0 or 1'
    \quit
  \endif
  \if :{?replication_group}
  \else
    \echo 'Missing: -v replication_group=<role that shall own the tables>'
    \quit
  \endif
\else
  \set is_live_migration_fall_back 0
\endif

BEGIN;

CREATE TEMPORARY TABLE voyager_schemas ON COMMIT DROP AS
  SELECT regexp_replace(trim(entry), '^"(.*)"$', '\1') AS name FROM unnest(string_to_array(:'schema_list', ',')) AS entry
  WHERE trim(entry) <> '';

SELECT coalesce(string_agg(name, ', '), '') AS missing_schemas FROM voyager_schemas
WHERE name NOT IN (SELECT nspname FROM pg_namespace) \gset
SELECT :'missing_schemas' <> '' AS has_missing_schemas \gset
\if :has_missing_schemas
  \echo 'These schemas are not in this database:' :missing_schemas
  ROLLBACK;
  \quit
\endif

\echo 'Schemas: USAGE; tables and sequences: SELECT'
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', name, :'voyager_user') FROM voyager_schemas \gexec
SELECT format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', name, :'voyager_user') FROM voyager_schemas \gexec
SELECT format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', name, :'voyager_user') FROM voyager_schemas \gexec

\echo 'Large objects: SELECT'
SELECT format('GRANT SELECT ON LARGE OBJECT %s TO %I', oid, :'voyager_user') FROM pg_largeobject_metadata \gexec

\echo 'Statistics: pg_read_all_stats'
GRANT pg_read_all_stats TO :"voyager_user";

\if :is_live_migration

\echo 'Tables: REPLICA IDENTITY FULL'
SELECT format('ALTER TABLE %I.%I REPLICA IDENTITY FULL', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN voyager_schemas s ON s.name = n.nspname
WHERE c.relkind IN ('r', 'p') AND c.relreplident <> 'f' AND c.relpersistence = 'p'
ORDER BY 1 \gexec

\echo 'Replication'
SELECT CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication')
            THEN format('GRANT rds_replication TO %I', :'voyager_user')
            ELSE format('ALTER ROLE %I REPLICATION', :'voyager_user') END \gexec
SELECT format('GRANT CREATE ON DATABASE %I TO %I', current_database(), :'voyager_user') \gexec

CREATE TEMPORARY TABLE voyager_owned ON COMMIT DROP AS
  SELECT n.nspname AS schema, c.relname AS name, pg_get_userbyid(c.relowner) AS owner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN voyager_schemas s ON s.name = n.nspname
  WHERE c.relkind IN ('r', 'p');

\echo
\echo 'Capturing changes needs ownership of the tables. Choose how the user gets it:'
\echo '  1  the tables move to the role' :replication_group ', which their present owners and the user join'
\echo '  2  the user joins every present owner role'
\prompt 'Choice (1 or 2): ' choice
SELECT :'choice' = '1' AS by_group, :'choice' = '2' AS by_owners \gset
\if :by_group
  SELECT format('CREATE ROLE %I', :'replication_group')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'replication_group') \gexec
  SELECT format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', name, :'replication_group') FROM voyager_schemas \gexec
  SELECT DISTINCT format('GRANT %I TO %I', :'replication_group', owner) FROM voyager_owned
  WHERE owner <> :'replication_group' \gexec
  GRANT :"replication_group" TO :"voyager_user";
  SELECT format('ALTER TABLE %I.%I OWNER TO %I', schema, name, :'replication_group') FROM voyager_owned
  WHERE owner <> :'replication_group' \gexec
\elif :by_owners
  SELECT DISTINCT format('GRANT %I TO %I', owner, :'voyager_user') FROM voyager_owned WHERE owner <> :'voyager_user' \gexec
\else
  \echo 'The choice must be 1 or 2; nothing was changed.'
  ROLLBACK;
  \quit
\endif

\if :is_live_migration_fall_back
\echo 'Fall-back: writing to tables and sequences'
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', name, :'voyager_user')
FROM voyager_schemas \gexec
SELECT format('GRANT SELECT, UPDATE, USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', name, :'voyager_user')
FROM voyager_schemas \gexec
-- Before PostgreSQL 15 only a superuser can set it: disable triggers and foreign keys by hand there.
SELECT format('GRANT SET ON PARAMETER session_replication_role TO %I', :'voyager_user')
WHERE current_setting('server_version_num')::int >= 150000 \gexec
\endif

\endif

COMMIT;
\echo 'Done.'
