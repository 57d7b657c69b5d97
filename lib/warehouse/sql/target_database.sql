-- This database, where it is not one of the cluster's own (Redshift): made from a datashare.
SELECT 'database', CAST(d.database_name AS varchar), CAST(d.database_type AS varchar)
FROM svv_redshift_databases d
WHERE d.database_name = current_database() AND d.database_type <> 'local'
