"""The offline way from a real MySQL server, with --long: what is MySQL's own and not MariaDB's."""

import pytest

from harness.mariadb import MySqlMigration
from harness.mysql import MySqlServer

TABLES = """
    CREATE TABLE customer (id int unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(60) NOT NULL, mail varchar(80) CHARACTER SET latin1 UNIQUE,
      at timestamp(3) NOT NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3), j json, hidden int INVISIBLE DEFAULT 5,
      half decimal(12,2) GENERATED ALWAYS AS (hidden / 2) STORED, word varchar(60) DEFAULT (upper('abc')), CHECK (hidden < 1000000));
    CREATE INDEX lowered ON customer ((lower(name)));
    CREATE TABLE orders (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, customer int unsigned, state enum('new', 'it''s') DEFAULT 'new', tags set('a', 'b'), bits bit(5), y year,
      day date, t time(6), raw varbinary(20), p point, FOREIGN KEY (customer) REFERENCES customer (id) ON DELETE CASCADE);
    CREATE VIEW recent AS SELECT id, name FROM customer WHERE id > 10;
    INSERT INTO customer (name, mail, j, hidden) SELECT concat('Größe ', seq), concat(seq, '@é'), json_object('b', seq, 'a', json_array(1.5, null, 'x"')), seq FROM seq_1_to_500;
    INSERT INTO orders (customer, state, tags, bits, y, day, t, raw, p) SELECT 1 + seq % 500, 1 + seq % 2, seq % 4, seq % 32, 1999 + seq % 20, '2024-02-29', '23:59:59.999999', unhex('00ff5c'), POINT(seq, -1)
      FROM seq_1_to_2000;
"""


@pytest.mark.long
def test_everything_arrives_from_mysql(target, folder):
    with MySqlServer("offline") as server:
        one = MySqlMigration(server.create("offline"), target, folder)
        one.source.sql(TABLES)
        one.export_schema()
        one.import_schema()
        one.export_data("--yes")
        one.import_data()
        one.finalize()
        result = one.verify("--output-format", "json").json()
        assert all(table["equal"] for table in result["tables"]), result
        assert target.rows("SELECT count(*), sum(hidden) FROM customer") == [("500", "125250")]
        assert target.value("SELECT j::text FROM customer WHERE id = 7") == '{"a": [1.5, null, "x\\""], "b": 7}'
        assert target.value("SELECT count(*) FROM recent") == "490"
