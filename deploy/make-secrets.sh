#!/bin/sh
# Makes the random secrets of compose.yaml in deploy/secrets/, and deploy/.env from its template. It overwrites nothing:
# whoever wants other secrets removes the folder, and the volumes that know the old ones.
set -eu
cd "$(dirname "$0")"
umask 077

if [ -e secrets ]; then
  echo "deploy/secrets is there already, and is left as it is." >&2
  echo "New ones do not open an old Postgres: remove the volumes too (docker compose down --volumes), with all data." >&2
  exit 1
fi

made=$(mktemp -d ./.secrets.XXXXXX)
trap 'rm -rf "$made"' EXIT INT TERM

random() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }
keep() { cat >"$made/$1"; }

superuser=$(random 24) realestate=$(random 24) analyst=$(random 24) redis=$(random 24) qdrant=$(random 24)
key_id=$(random 10) key=$(random 24) grafana=$(random 16) service=$(random 24)

# No line ends where a program takes the file as it is.
printf %s "$superuser" | keep postgres_password
printf %s "$realestate" | keep realestate_password
printf %s "$analyst" | keep analyst_password
# Through the pooler; migrations and backups go past it.
printf %s "postgresql://realestate:$realestate@pgbouncer:6432/realestate" | keep database_url
printf %s "postgresql://realestate:$realestate@postgres:5432/realestate" | keep database_url_direct
printf %s "postgresql://realestate:$realestate@pgbouncer:6432/dagster" | keep dagster_pg_url
printf %s "postgresql://realestate:$realestate@postgres:5432/dagster" | keep dagster_pg_url_direct
printf %s "$service" | keep service_password
printf %s "postgresql://realestate_service:$service@pgbouncer:6432/realestate" | keep service_database_url
# What is encrypted of people is lost with this one: keep a copy elsewhere.
printf %s "$(random 32)" | keep service_secret
printf '"realestate" "%s"\n"analyst" "%s"\n"realestate_service" "%s"\n' "$realestate" "$analyst" "$service" |
  keep pgbouncer_users
printf %s "$redis" | keep redis_password
printf 'requirepass %s\n' "$redis" | keep redis_conf
printf %s "redis://:$redis@redis:6379/0" | keep celery_broker
printf %s "$qdrant" | keep qdrant_api_key
printf 'service: {api_key: "%s"}\n' "$qdrant" | keep qdrant_conf
printf %s "$key_id" | keep aws_access_key_id
printf %s "$key" | keep aws_secret_access_key
printf '{"identities": [{"name": "realestate", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}\n' \
  "$key_id" "$key" | keep s3_conf
printf %s "$grafana" | keep grafana_password

# Readable in a container whatever its user is; on this machine the folder is closed to others.
chmod 0444 "$made"/*
mv "$made" secrets
trap - EXIT INT TERM

if [ ! -e .env ]; then cp env.example .env; fi
echo "Made deploy/secrets/. Keep a copy of service_secret elsewhere: without it names and addresses of people cannot be read."
