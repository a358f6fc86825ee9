-- Which of the two readings of the load comes next. $1 text: initial or final. Result: nothing of interest.
SELECT pg_catalog.set_config('yb_voyager.measurement', $1, false)
