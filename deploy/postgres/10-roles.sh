#!/bin/sh
# Run once, by the image of Postgres, on a new data folder: the platform's role owns two databases and nothing else,
# the service's sees one tenant at a time, analysts read. The superuser is for this script and for you.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set realestate `cat /run/secrets/realestate_password`
\set analyst `cat /run/secrets/analyst_password`
\set service `cat /run/secrets/service_password`
create role realestate login password :'realestate';
create role analyst login password :'analyst';
alter role analyst set default_transaction_read_only = on;
create role realestate_service login password :'service' nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
comment on role realestate_service is 'The service of Real Estate OS: sees one tenant at a time.';
comment on role analyst is 'Reads schema marts of Real Estate OS.';
create database realestate owner realestate;
create database dagster owner realestate;
revoke all on database realestate, dagster from public;
grant connect on database realestate to analyst, realestate_service;
SQL
