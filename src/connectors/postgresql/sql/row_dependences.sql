-- Tables whose rows are checked, computed or indexed by functions of users, which may look at rows of other tables.
-- $1 text[], $2 text[]: schemas and names of tables, pair by pair.
-- Result: schema, name, such a function surely or probably looks at tables or stores what it finds.
WITH RECURSIVE tree(root, relid) AS (
  SELECT c.oid, c.oid
  FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name AND c.relkind IN ('r', 'p')
  UNION ALL
  SELECT tree.root, i.inhrelid
  FROM tree
  JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
), type(root, oid) AS (
  SELECT tree.root, a.atttypid
  FROM tree
  JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.relid AND a.attnum > 0 AND NOT a.attisdropped
  UNION
  SELECT type.root, below.oid
  FROM type
  JOIN pg_catalog.pg_type t ON t.oid = type.oid
  CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) AS below(oid)
  WHERE below.oid <> 0
), user_object(root, classid, objid, stored) AS (
  SELECT tree.root, 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid, k.oid, false
  FROM tree
  JOIN pg_catalog.pg_constraint k ON k.conrelid = tree.relid AND k.contype = 'c'
  UNION ALL
  SELECT type.root, 'pg_catalog.pg_constraint'::pg_catalog.regclass::oid, k.oid, false
  FROM type
  JOIN pg_catalog.pg_constraint k ON k.contypid = type.oid AND k.contypid <> 0
  UNION ALL
  SELECT tree.root, 'pg_catalog.pg_attrdef'::pg_catalog.regclass::oid, d.oid, true
  FROM tree
  JOIN pg_catalog.pg_attribute a
    ON a.attrelid = tree.relid AND coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') <> ''
  JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  UNION ALL
  SELECT tree.root, 'pg_catalog.pg_class'::pg_catalog.regclass::oid, i.indexrelid, true
  FROM tree
  JOIN pg_catalog.pg_index i ON i.indrelid = tree.relid
)
SELECT n.nspname, c.relname, bool_or(u.stored OR p.prosrc = '' OR p.prosrc ~* '\m(from|table|execute)\M')
FROM user_object u
JOIN pg_catalog.pg_depend d ON d.classid = u.classid AND d.objid = u.objid
LEFT JOIN pg_catalog.pg_operator o
  ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = d.refobjid
JOIN pg_catalog.pg_proc p
  ON p.oid = CASE WHEN d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass THEN d.refobjid ELSE o.oprcode END
JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')
JOIN pg_catalog.pg_class c ON c.oid = u.root
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE p.oid >= 16384
GROUP BY n.nspname, c.relname
