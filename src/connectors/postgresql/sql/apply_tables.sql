-- Tables as changes are applied to them. to_jsonb reads attgenerated so that servers before 12, which lack it, answer too.
-- $1, $2 schemas and names.
-- One row a column, in order: schema, table, column, type to cast a text to (without length or scale), generated, position in the
-- primary key (0: none; a deferrable one names no row in the middle of a transaction), how values are compared, position of the table in $1,
-- it is partitioned, the type with length and scale, the numbers of table and column.
SELECT n.nspname, c.relname, a.attname,
       pg_catalog.format_type(coalesce(nullif(a.atttypid, 0), 25), -1),
       coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') <> '', coalesce(pg_catalog.array_position(k.conkey, a.attnum), 0),
       coalesce(o.operator, 'OPERATOR(pg_catalog.=)'), w.position, c.relkind = 'p',
       pg_catalog.format_type(a.atttypid, a.atttypmod), c.oid, a.attnum
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS w(schema_name, table_name, position)
JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name AND c.relkind IN ('r', 'p')
LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' AND NOT k.condeferrable
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN LATERAL (
  SELECT pg_catalog.format('OPERATOR(%I.%s)', p.nspname, e.oprname) AS operator
  FROM pg_catalog.pg_index i
  JOIN ROWS FROM (pg_catalog.unnest(i.indkey::int2[]), pg_catalog.unnest(i.indclass::oid[])) AS u(attnum, opclass) ON u.attnum = a.attnum
  JOIN pg_catalog.pg_opclass l ON l.oid = u.opclass
  JOIN pg_catalog.pg_amop m ON m.amopfamily = l.opcfamily AND m.amoplefttype = l.opcintype AND m.amoprighttype = l.opcintype
    AND m.amopstrategy = CASE WHEN l.opcmethod = 403 THEN 3 ELSE 1 END
  JOIN pg_catalog.pg_operator e ON e.oid = m.amopopr
  JOIN pg_catalog.pg_namespace p ON p.oid = e.oprnamespace
  WHERE i.indrelid = c.oid AND i.indisunique
  LIMIT 1
) o ON true
ORDER BY w.position, a.attnum
