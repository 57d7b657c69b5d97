-- What is loaded: name, size_bytes, version.
SELECT "name", "size_bytes", "version"
FROM :schema."rs_inputs"
