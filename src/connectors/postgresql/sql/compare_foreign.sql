-- Foreign-data wrappers, servers, user mappings and the options of foreign tables and their columns, as facts for a comparison.
-- Options that hold a password are left out: nobody else may read them, and no dump carries them to other hands.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'foreign data wrapper', w.fdwname, NULL::name, NULL::name, '',
       concat_ws(' ', 'handler ' || nullif(w.fdwhandler::regproc::text, '-'), 'validator ' || nullif(w.fdwvalidator::regproc::text, '-'),
                 'options ' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(w.fdwoptions) AS o WHERE o !~* '^[^=]*passw'))
FROM pg_foreign_data_wrapper w
WHERE $1::text[] IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_foreign_data_wrapper'::regclass AND e.objid = w.oid AND e.deptype = 'e')
UNION ALL
SELECT 'foreign server', s.srvname, NULL, NULL, '',
       concat_ws(' ', 'wrapper', quote_ident(w.fdwname), 'type ' || s.srvtype, 'version ' || s.srvversion,
                 'options ' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(s.srvoptions) AS o WHERE o !~* '^[^=]*passw'))
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = s.oid AND e.deptype = 'e')
UNION ALL
SELECT 'user mapping', m.srvname, NULL, NULL, ' for ' || m.usename,
       coalesce((SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(m.umoptions) AS o WHERE o !~* '^[^=]*passw'), '')
FROM pg_user_mappings m
UNION ALL
SELECT 'foreign table option', n.nspname, c.relname, NULL, ' ' || split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
FROM pg_foreign_table f
JOIN pg_class c ON c.oid = f.ftrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN unnest(f.ftoptions) AS o
WHERE n.nspname = ANY ($1::text[])
UNION ALL
SELECT 'foreign table option', n.nspname, c.relname, a.attname, ' ' || split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)
FROM pg_foreign_table f
JOIN pg_class c ON c.oid = f.ftrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN unnest(a.attfdwoptions) AS o
WHERE n.nspname = ANY ($1::text[])
