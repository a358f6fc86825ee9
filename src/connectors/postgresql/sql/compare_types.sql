-- Enums, domains, composite types, ranges and base types as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite type' WHEN 'b' THEN 'base type' ELSE 'range' END,
       n.nspname, t.typname, NULL, '',
       CASE t.typtype
         WHEN 'e' THEN (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                        FROM pg_enum e WHERE e.enumtypid = t.oid)
         WHEN 'd' THEN concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
                                 CASE WHEN t.typcollation <> b.typcollation
                                      THEN 'collate ' || (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
                            JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = t.typcollation) END,
                                 CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault,
                                 (SELECT string_agg(quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), ', '
                                                    ORDER BY k.conname::text COLLATE "C")
                                  FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
         WHEN 'c' THEN (SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                                                    CASE WHEN a.attcollation <> at.typcollation
                                                         THEN 'collate ' || (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
                            JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) END),
                                          ', ' ORDER BY a.attnum)
                        FROM pg_attribute a
                        JOIN pg_type at ON at.oid = a.atttypid
                        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
         WHEN 'b' THEN concat_ws(' ', t.typinput::text, t.typoutput::text, nullif(t.typreceive::text, '-'), nullif(t.typsend::text, '-'),
                                 nullif(t.typmodin::text, '-'), nullif(t.typmodout::text, '-'), nullif(t.typanalyze::text, '-'), 'length', t.typlen,
                                 CASE WHEN t.typbyval THEN 'by value' END, 'alignment', t.typalign, 'storage', t.typstorage, 'category', t.typcategory,
                                 CASE WHEN t.typispreferred THEN 'preferred' END, 'delimiter', t.typdelim, 'default ' || t.typdefault,
                                 'element ' || CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END,
                                 CASE WHEN t.typcollation <> 0 THEN 'collatable' END)
         ELSE (SELECT concat_ws(' ', 'subtype', format_type(r.rngsubtype, NULL),
                                'opclass', (SELECT quote_ident(o.opcname) FROM pg_opclass o WHERE o.oid = r.rngsubopc),
                                'collation ' || CASE WHEN r.rngcollation <> 0 THEN (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation co
                            JOIN pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = r.rngcollation) END,
                                'canonical ' || nullif(r.rngcanonical::text, '-'),
                                'subtype_diff ' || nullif(r.rngsubdiff::text, '-'))
               FROM pg_range r WHERE r.rngtypid = t.oid) END
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_type x ON x.typarray = t.oid
WHERE n.nspname = ANY ($1::text[])
  AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')
       OR (t.typtype = 'b' AND x.oid IS NULL))
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e')
