-- What of tables and their partitions can act on rows that are loaded.
-- $1 text[], $2 text[]: schemas and names of tables, pair by pair.
-- Result: table schema, table; relation schema, relation; kind (trigger, rule, foreign key, deferrable key), name, in which
-- sessions it fires (O: those that have not switched triggers off, R: those that have, A: all), we may switch it.
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
), family(root, member) AS (
  -- The key of a partitioned table has one of its own for each partition.
  SELECT oid, oid FROM pg_catalog.pg_constraint WHERE contype IN ('f', 'p', 'u', 'x') AND conparentid = 0
  UNION ALL
  SELECT family.root, k.oid FROM family JOIN pg_catalog.pg_constraint k ON k.conparentid = family.member
), hook(root, relid, kind, name, fires, internal) AS (
  -- 4: ON INSERT. The copies of a trigger on partitions count as internal before 15; those of keys have a constraint.
  SELECT tree.root, tree.relid, 'trigger', t.tgname, t.tgenabled::text, t.tgisinternal
  FROM tree
  JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid AND t.tgenabled <> 'D' AND (t.tgtype::int & 4) <> 0
  LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
  WHERE coalesce(k.contype, 't') = 't'
  UNION ALL
  -- 2: ON UPDATE, 3: ON INSERT. Those of partitions do not fire for rows that come in through their root.
  SELECT tree.root, tree.relid, 'rule', r.rulename, r.ev_enabled::text, false
  FROM tree
  JOIN pg_catalog.pg_rewrite r ON r.ev_class = tree.relid AND r.ev_type IN ('2', '3') AND r.ev_enabled <> 'D'
  WHERE tree.relid = tree.root
  UNION ALL
  -- Foreign keys, and keys that are checked later, act by triggers.
  SELECT tree.root, k.conrelid, CASE k.contype WHEN 'f' THEN 'foreign key' ELSE 'deferrable key' END, k.conname,
         t.tgenabled::text, true
  FROM tree
  JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid AND t.tgenabled <> 'D' AND (t.tgtype::int & 4) <> 0
  JOIN family ON family.member = t.tgconstraint
  JOIN pg_catalog.pg_constraint k ON k.oid = family.root
)
SELECT DISTINCT rn.nspname, rc.relname, n.nspname, c.relname, hook.kind, hook.name, hook.fires,
       hook.kind IN ('trigger', 'rule') AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
         AND (NOT hook.internal OR pg_catalog.current_setting('is_superuser')::boolean)
FROM hook
JOIN pg_catalog.pg_class rc ON rc.oid = hook.root
JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
JOIN pg_catalog.pg_class c ON c.oid = hook.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY 1, 2, 3, 4, 5, 6
