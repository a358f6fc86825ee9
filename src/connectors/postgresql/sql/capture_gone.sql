-- Which of the tables are not there any more.
-- $1 their numbers. Result: the numbers of those that are gone.
SELECT known.number
FROM unnest($1::bigint[]) AS known(number)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = known.number::oid)
ORDER BY 1
