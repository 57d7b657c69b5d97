-- This database, where a zero-ETL integration fills it (Redshift); and from where.
SELECT 'integration', CAST(i.target_database AS varchar), CAST(i.source AS varchar)
FROM svv_integration i
WHERE i.target_database = current_database()
