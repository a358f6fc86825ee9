-- What the queries of gather/ read from the session.
-- $1 text: schemas as an array literal, $2 text: the node, $3 text: seconds between the readings of the load.
-- Result: nothing of interest.
SELECT pg_catalog.set_config('yb_voyager.schemas', $1, false), pg_catalog.set_config('yb_voyager.node', $2, false),
       pg_catalog.set_config('yb_voyager.interval', $3, false)
