-- Loads new tables of schema shop into Redshift, once: upload the bundle to S3,
-- replace BUCKET/PREFIX (or name it with --stage), and run this with psql or the query editor.
BEGIN;
CREATE SCHEMA IF NOT EXISTS "shop";

CREATE TABLE "shop"."a" (
    "id" varchar(1024),
    "received_at" timestamp,
    "uuid_ts" timestamp,
    "event" varchar(1024),
    "event_text" varchar(1024),
    "anonymous_id" varchar(1024),
    "user_id" varchar(1024),
    "timestamp" timestamp,
    "sent_at" timestamp,
    "original_timestamp" timestamp,
    "_null" varchar(512),
    "backslash" varchar(512),
    "empty" varchar(512),
    "later" bigint,
    "longer" varchar(512),
    "n" varchar(512),
    "other" varchar(512),
    "quoted" varchar(512)
) DISTKEY("id") SORTKEY("received_at");
COPY "shop"."a" ("id", "received_at", "uuid_ts", "event", "event_text", "anonymous_id", "user_id", "timestamp", "sent_at", "original_timestamp", "_null", "backslash", "empty", "later", "longer", "n", "other", "quoted")
FROM 's3://BUCKET/PREFIX/a/part-'
IAM_ROLE default
FORMAT CSV NULL AS '\\NNNN' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;

CREATE TABLE "shop"."tracks" (
    "id" varchar(1024),
    "received_at" timestamp,
    "uuid_ts" timestamp,
    "event" varchar(1024),
    "event_text" varchar(1024),
    "anonymous_id" varchar(1024),
    "user_id" varchar(1024),
    "timestamp" timestamp,
    "sent_at" timestamp,
    "original_timestamp" timestamp
) DISTKEY("id") SORTKEY("received_at");
COPY "shop"."tracks" ("id", "received_at", "uuid_ts", "event", "event_text", "anonymous_id", "user_id", "timestamp", "sent_at", "original_timestamp")
FROM 's3://BUCKET/PREFIX/tracks/part-'
IAM_ROLE default
FORMAT CSV NULL AS '\\NNNN' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;

COMMIT;
