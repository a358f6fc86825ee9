-- The schemas that publications name as a whole, for servers from PostgreSQL 15 on; else as objects.sql.
-- Parameters: $1 name[], the schemas that are exported.
-- Result: catalogue and OID; kind; schema; name; whether the schema is exported.
SELECT 'pg_catalog.pg_publication_namespace'::regclass::oid, r.oid, 'PUBLICATION TABLES IN SCHEMA', n.nspname, p.pubname || ' ' || n.nspname,
       n.nspname = ANY ($1::name[])
  FROM pg_catalog.pg_publication_namespace r
       JOIN pg_catalog.pg_publication p ON p.oid = r.pnpubid
       JOIN pg_catalog.pg_namespace n ON n.oid = r.pnnspid
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_publication'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 4, 5
