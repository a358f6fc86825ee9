-- Operator classes, and operator families with all their members, as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'operator class', n.nspname, c.opcname, NULL, ' using ' || quote_ident(am.amname),
       concat_ws(' ', 'for', format_type(c.opcintype, NULL), CASE WHEN c.opcdefault THEN 'default' END,
                 'family', quote_ident(fn.nspname) || '.' || quote_ident(f.opfname),
                 'storage ' || CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END)
FROM pg_opclass c
JOIN pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_opclass'::regclass AND e.objid = c.oid AND e.deptype = 'e')
UNION ALL
SELECT 'operator family', n.nspname, f.opfname, NULL, ' using ' || quote_ident(am.amname),
       concat_ws('; ',
                 (SELECT string_agg(concat_ws(' ', 'operator', o.amopstrategy, o.amopopr::regoperator, 'for', format_type(o.amoplefttype, NULL),
                                              format_type(o.amoprighttype, NULL),
                                              'order by ' || (SELECT quote_ident(sf.opfname) FROM pg_opfamily sf WHERE sf.oid = o.amopsortfamily)),
                                    '; ' ORDER BY o.amopstrategy, o.amoplefttype::regtype::text COLLATE "C", o.amoprighttype::regtype::text COLLATE "C")
                  FROM pg_amop o WHERE o.amopfamily = f.oid),
                 (SELECT string_agg(concat_ws(' ', 'function', p.amprocnum, p.amproc::regprocedure, 'for', format_type(p.amproclefttype, NULL),
                                              format_type(p.amprocrighttype, NULL)),
                                    '; ' ORDER BY p.amprocnum, p.amproclefttype::regtype::text COLLATE "C", p.amprocrighttype::regtype::text COLLATE "C")
                  FROM pg_amproc p WHERE p.amprocfamily = f.oid))
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid AND e.deptype = 'e')
