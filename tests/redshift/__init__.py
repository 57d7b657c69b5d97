"""A stand-in for Amazon Redshift: a wire proxy in front of PostgreSQL. See README.md."""
