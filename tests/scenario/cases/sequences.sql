-- schemas: public,other
CREATE SCHEMA other;
CREATE SEQUENCE never_called START 77;
CREATE SEQUENCE called_once; SELECT nextval('called_once');
CREATE SEQUENCE far; SELECT setval('far', 9223372036854775807 - 5);
CREATE SEQUENCE down INCREMENT -3 MINVALUE -1000 MAXVALUE 50 START 50; SELECT nextval('down') FROM generate_series(1, 5);
CREATE SEQUENCE cyclic MINVALUE 1 MAXVALUE 3 CYCLE CACHE 5; SELECT nextval('cyclic') FROM generate_series(1, 4);
CREATE SEQUENCE set_not_called; SELECT setval('set_not_called', 500, false);
CREATE SEQUENCE other."Small" AS smallint; SELECT nextval('other."Small"') FROM generate_series(1, 3);
CREATE TABLE uses (a bigint DEFAULT nextval('other."Small"') PRIMARY KEY, b int);
INSERT INTO uses (b) SELECT g FROM generate_series(1, 10) g;
CREATE SEQUENCE owned; CREATE TABLE owner (a bigint DEFAULT nextval('owned')); ALTER SEQUENCE owned OWNED BY owner.a;
INSERT INTO owner SELECT FROM generate_series(1, 12) g;
CREATE TABLE many_use_one (a int DEFAULT nextval('called_once'), b int DEFAULT nextval('called_once'));
INSERT INTO many_use_one SELECT FROM generate_series(1, 4) g;
