-- Loads new tables of schema shop into Redshift, once: upload the bundle to S3,
-- replace BUCKET/PREFIX (or name it with --stage), and run this with psql or the query editor.
BEGIN;
CREATE SCHEMA IF NOT EXISTS "shop";

CREATE TABLE "shop"."_order" (
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
    "context_tags" super,
    "empty" super,
    "items" super,
    "mixed" varchar(512),
    "objects_inner" super
) DISTKEY("id") SORTKEY("received_at");
COPY "shop"."_order" ("id", "received_at", "uuid_ts", "event", "event_text", "anonymous_id", "user_id", "timestamp", "sent_at", "original_timestamp", "context_tags", "empty", "items", "mixed", "objects_inner")
FROM 's3://BUCKET/PREFIX/_order/part-'
IAM_ROLE default
FORMAT CSV NULL AS '\\N' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;

CREATE TABLE "shop"."identifies" (
    "id" varchar(1024),
    "received_at" timestamp,
    "uuid_ts" timestamp,
    "anonymous_id" varchar(1024),
    "user_id" varchar(1024),
    "timestamp" timestamp,
    "sent_at" timestamp,
    "original_timestamp" timestamp,
    "roles" super,
    "tags" super
) DISTKEY("id") SORTKEY("received_at");
COPY "shop"."identifies" ("id", "received_at", "uuid_ts", "anonymous_id", "user_id", "timestamp", "sent_at", "original_timestamp", "roles", "tags")
FROM 's3://BUCKET/PREFIX/identifies/part-'
IAM_ROLE default
FORMAT CSV NULL AS '\\N' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;

CREATE TABLE "shop"."pages" (
    "id" varchar(1024),
    "received_at" timestamp,
    "uuid_ts" timestamp,
    "anonymous_id" varchar(1024),
    "user_id" varchar(1024),
    "timestamp" timestamp,
    "sent_at" timestamp,
    "original_timestamp" timestamp,
    "name" super
) DISTKEY("id") SORTKEY("received_at");
COPY "shop"."pages" ("id", "received_at", "uuid_ts", "anonymous_id", "user_id", "timestamp", "sent_at", "original_timestamp", "name")
FROM 's3://BUCKET/PREFIX/pages/part-'
IAM_ROLE default
FORMAT CSV NULL AS '\\N' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;

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
    "original_timestamp" timestamp,
    "context_tags" super
) DISTKEY("id") SORTKEY("received_at");
COPY "shop"."tracks" ("id", "received_at", "uuid_ts", "event", "event_text", "anonymous_id", "user_id", "timestamp", "sent_at", "original_timestamp", "context_tags")
FROM 's3://BUCKET/PREFIX/tracks/part-'
IAM_ROLE default
FORMAT CSV NULL AS '\\N' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;

CREATE TABLE "shop"."users" (
    "id" varchar(1024),
    "received_at" timestamp,
    "uuid_ts" timestamp,
    "roles" super,
    "tags" super
) DISTKEY("id") SORTKEY("received_at");
COPY "shop"."users" ("id", "received_at", "uuid_ts", "roles", "tags")
FROM 's3://BUCKET/PREFIX/users/part-'
IAM_ROLE default
FORMAT CSV NULL AS '\\N' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF;

COMMIT;
