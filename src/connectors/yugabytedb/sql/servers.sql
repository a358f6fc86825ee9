-- The nodes that serve SQL. Names are not qualified: they are YugabyteDB's own. Result: host, port, public address, zone.
SELECT host, port, public_ip, zone FROM yb_servers() WHERE node_type = 'primary' ORDER BY host, port
