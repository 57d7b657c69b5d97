-- The slices of the node that has the most (Redshift); NULL where there are none to be seen.
SELECT max(n) FROM (SELECT count(*) AS n FROM stv_slices GROUP BY node) s
