-- Owners as facts for a comparison, of everything that has one. Sequences of a column, indexes and row types follow their table.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
WITH owned(classid, objid, owner, schema_name) AS (
  SELECT 'pg_proc'::regclass, p.oid, p.proowner, n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, t.typowner, n.nspname
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_class c ON c.oid = t.typrelid
  LEFT JOIN pg_type e ON e.typarray = t.oid
  WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c') OR (t.typtype = 'b' AND e.oid IS NULL))
  UNION ALL SELECT 'pg_operator'::regclass, o.oid, o.oprowner, n.nspname FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
  UNION ALL SELECT 'pg_opclass'::regclass, o.oid, o.opcowner, n.nspname FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
  UNION ALL SELECT 'pg_opfamily'::regclass, o.oid, o.opfowner, n.nspname FROM pg_opfamily o JOIN pg_namespace n ON n.oid = o.opfnamespace
  UNION ALL SELECT 'pg_collation'::regclass, o.oid, o.collowner, n.nspname FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace
  UNION ALL SELECT 'pg_conversion'::regclass, o.oid, o.conowner, n.nspname FROM pg_conversion o JOIN pg_namespace n ON n.oid = o.connamespace
  UNION ALL SELECT 'pg_ts_dict'::regclass, o.oid, o.dictowner, n.nspname FROM pg_ts_dict o JOIN pg_namespace n ON n.oid = o.dictnamespace
  UNION ALL SELECT 'pg_ts_config'::regclass, o.oid, o.cfgowner, n.nspname FROM pg_ts_config o JOIN pg_namespace n ON n.oid = o.cfgnamespace
  UNION ALL SELECT 'pg_statistic_ext'::regclass, o.oid, o.stxowner, n.nspname FROM pg_statistic_ext o JOIN pg_namespace n ON n.oid = o.stxnamespace
  UNION ALL SELECT 'pg_namespace'::regclass, n.oid, n.nspowner, n.nspname FROM pg_namespace n WHERE n.nspname <> 'public'  -- Of older versions it is another's.
 
  UNION ALL SELECT 'pg_language'::regclass, o.oid, o.lanowner, NULL FROM pg_language o WHERE o.oid >= 16384
  UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, o.oid, o.fdwowner, NULL FROM pg_foreign_data_wrapper o
  UNION ALL SELECT 'pg_foreign_server'::regclass, o.oid, o.srvowner, NULL FROM pg_foreign_server o
  UNION ALL SELECT 'pg_publication'::regclass, o.oid, o.pubowner, NULL FROM pg_publication o
  UNION ALL
  SELECT 'pg_event_trigger'::regclass, o.oid, o.evtowner, n.nspname
  FROM pg_event_trigger o
  JOIN pg_proc p ON p.oid = o.evtfoid
  JOIN pg_namespace n ON n.oid = p.pronamespace
)
SELECT 'owner', NULL, NULL, NULL, i.type || ' ' || i.identity, pg_get_userbyid(o.owner)
FROM owned o
CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
WHERE (o.schema_name IS NULL OR o.schema_name = ANY ($1::text[]))
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = o.classid AND e.objid = o.objid AND e.deptype = 'e')
UNION ALL
-- As pg_identify_object() names them, but much quicker where there are many.
SELECT 'owner', NULL, NULL, NULL,
       CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'f' THEN 'foreign table ' WHEN 'S' THEN 'sequence '
                      ELSE 'table ' END || quote_ident(n.nspname) || '.' || quote_ident(c.relname), pg_get_userbyid(c.relowner)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                    AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass)))
UNION ALL
SELECT 'owner', NULL, NULL, NULL, 'large object ' || l.oid, pg_get_userbyid(l.lomowner)
FROM pg_largeobject_metadata l
