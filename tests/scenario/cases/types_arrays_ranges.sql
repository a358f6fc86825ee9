CREATE TABLE arrays (id int PRIMARY KEY, a int[], b text[], c numeric[], d timestamptz[], e bytea[], f jsonb[], g boolean[], h uuid[], i inet[], j point[], k bit(3)[], l money[], m int[][], n box[]);
INSERT INTO arrays VALUES
  (1, '{1,NULL,3}', ARRAY['', NULL, 'NULL', 'a,b', '"', E'\\', E'\n\t', '{}', 'ä'], '{NaN,Infinity,1.50}', '{infinity,"2020-01-01 00:00:00+00"}',
   ARRAY['\x00'::bytea, '\x5c'::bytea], ARRAY['{"a":"\"b\\"}'::jsonb, 'null'], '{t,f,NULL}', ARRAY['00000000-0000-0000-0000-000000000000']::uuid[], '{1.2.3.4/8}',
   ARRAY['(1,2)','(3,4)']::point[], '{101,010}', '{1.5,-2}', '{{1,2},{3,4}}', '{(1,1),(0,0);(2,2),(1,1)}'),
  (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  (3, '[-2:0]={7,8,9}', '[5:6]={a,b}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[0:1][2:3]={{1,2},{3,4}}', NULL);
CREATE TABLE ranges (id int PRIMARY KEY, a int4range, b int8range, c numrange, d tsrange, e tstzrange, f daterange,
  g int4multirange, h int8multirange, i nummultirange, j tsmultirange, k tstzmultirange, l datemultirange, m int4range[], n datemultirange[]);
INSERT INTO ranges VALUES
  (1, '[1,5)', '(,9)', '(1.5,2.5]', '["2020-01-01 00:00:00","2020-01-02 00:00:00"]', '["2020-01-01 00:00:00+00",infinity)', '[2020-01-01,)',
   '{[1,2),[5,9)}', '{(,0),[5,)}', '{(1.1,2.2)}', '{["2020-01-01 00:00:00","2020-01-02 00:00:00"]}', '{["2020-01-01 00:00:00+00",infinity)}', '{[2020-01-01,2020-02-01),[2021-01-01,)}', '{"[1,2)",empty}', ARRAY['{[2020-01-01,2020-02-01)}']::datemultirange[]),
  (2, 'empty', 'empty', 'empty', 'empty', 'empty', 'empty', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
  (3, '(,)', NULL, '[NaN,NaN]', '(,infinity]', '[-infinity,infinity]', '[infinity,infinity]', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
