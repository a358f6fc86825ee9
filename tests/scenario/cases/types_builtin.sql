CREATE TABLE numbers (id int PRIMARY KEY, a smallint, b bigint, c numeric, d numeric(20,6), e real, f double precision, g money, h oid, i numeric(5,-2));
INSERT INTO numbers VALUES
  (1, -32768, -9223372036854775808, 'NaN', 12345678901234.123456, 'NaN', 'NaN', -92233720368547758.08, 4294967295, 12300),
  (2, 32767, 9223372036854775807, 'Infinity', -0.000001, 'Infinity', '-Infinity', 92233720368547758.07, 0, -100),
  (3, 0, 0, '-Infinity', 0, 1e-45, 5e-324, 0, 1, 0),
  (4, 1, 1, 1e1000, NULL, 3.4028235e38, 1.7976931348623157e308, 0.01, 1, 99900),
  (5, 1, 1, 1e-1000, NULL, '-0', '-0', NULL, NULL, NULL),
  (6, NULL, NULL, 123456789012345678901234567890.123456789012345678901234567890, NULL, 0.1, 0.30000000000000004, NULL, NULL, NULL);
CREATE TABLE moments (id int PRIMARY KEY, a date, b time, c timetz, d timestamp, e timestamptz, f interval, g timestamp(2), h interval day to second(3));
INSERT INTO moments VALUES
  (1, 'infinity', '24:00:00', '23:59:59.999999+15:59', 'infinity', '-infinity', '178000000 years', '2020-02-02 02:02:02.22', '1 day 00:00:01.5'),
  (2, '-infinity', '00:00:00', '00:00:00-15:59', '-infinity', 'infinity', '-178000000 years', NULL, NULL),
  (3, '4713-01-01 BC', '12:34:56.789012', '12:00:00+00', '4713-01-01 00:00:00 BC', '4713-01-02 00:00:00+00 BC', '1 year -2 mons 3 days -04:05:06.789', NULL, NULL),
  (4, '5874897-12-31', NULL, NULL, '294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00', '0', NULL, NULL),
  (5, '0044-03-15 BC', NULL, NULL, '0044-03-15 12:00:00 BC', '0044-03-15 12:00:00+00 BC', '-1 microsecond', NULL, NULL),
  (6, '2024-02-29', '00:00:00.000001', '00:00:00.000001+00', '1999-12-31 23:59:59.999999', '2016-12-31 23:59:60+00', 'P1Y2M3DT4H5M6S', NULL, NULL);
CREATE TABLE texts (id int PRIMARY KEY, a text, b varchar(10), c char(5), d "char", e name, f bytea, g bit(5), h varbit, i bit varying(64), j uuid, k xml, l json, m jsonb, n tsvector, o tsquery, p jsonpath);
INSERT INTO texts VALUES
  (1, '', '', '', '', '', '', B'00000', B'', B'1', '00000000-0000-0000-0000-000000000000', '<a>&lt;</a>', '{"a" :  1, "a":2}', '{"b":1,"a":[null,true]}', '''a'':1A,2B ''b'':3', '''a'' & !''b'' <2> ''c'':*', '$.a[*] ? (@ > 1)'),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, E'\\N', E'\\.', E'\\', E'\\', E'\n', '\x00ff5c0a', B'10101', B'1', B'1111', 'ffffffff-ffff-ffff-ffff-ffffffffffff', E'<a>\n\t</a>', E'"\\u00e9\\n"', E'"\\u00e9\\n"', '', '', '$'),
  (4, repeat('x', 100000), 'äöü€𝔘', 'é', 'z', repeat('n', 63), decode(repeat('00', 5000), 'hex'), B'11111', repeat('10', 1000)::varbit, B'0', gen_random_uuid(), '<?xml version="1.0"?><a/>', '[]', '{}', 'fat cat sat', 'fat & rat', 'strict $.x');
CREATE TABLE places (id int PRIMARY KEY, a point, b line, c lseg, d box, e path, f polygon, g circle, h inet, i cidr, j macaddr, k macaddr8, l pg_lsn, m txid_snapshot, n pg_snapshot, o xid, p cid, q tid, r regclass, s regtype, t regproc, u regrole, v aclitem, w int2vector, x oidvector, y xid8);
INSERT INTO places VALUES (1, '(1,-2.5)', '{1,2,3}', '[(1,2),(3,4)]', '((3,4),(1,2))', '[(0,0),(1,1)]', '((0,0),(1,1),(2,0))', '<(1,2),3>',
  '2001:db8::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '16/B374D848', '10:20:10,14,15', '10:20:10,14,15', '3', '4', '(1,2)',
  'pg_class', 'integer', 'now', 'postgres', 'postgres=r/postgres', '1 2 3', '4 5 6', '99');
INSERT INTO places (id, a, e) VALUES (2, '(NaN,Infinity)', '((0,0),(1,1))'), (3, NULL, NULL);
CREATE TABLE toggles (id int PRIMARY KEY, a boolean);
INSERT INTO toggles VALUES (1, true), (2, false), (3, NULL);
