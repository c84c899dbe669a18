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

# Passwords of the two log-ins are hashed by Caddy itself: one of this machine, else the image that will run.
if [ -z "${CADDY:-}" ]; then
  if command -v caddy >/dev/null; then
    CADDY=caddy
  else
    CADDY="${DOCKER:-docker} run --rm -i $(sed -n 's/^ *image: \(caddy:[^ ]*\).*/\1/p' compose.yaml) caddy"
  fi
fi

made=$(mktemp -d ./.secrets.XXXXXX)
trap 'rm -rf "$made"' EXIT INT TERM

random() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }
keep() { cat >"$made/$1"; }
# shellcheck disable=SC2086 # a command with its words
hashed() { printf '%s\n' "$1" | $CADDY hash-password; }

superuser=$(random 24) realestate=$(random 24) analyst=$(random 24) redis=$(random 24) qdrant=$(random 24)
key_id=$(random 10) key=$(random 24) grafana=$(random 16) operator=$(random 12) reader=$(random 12)

operator_hash=$(hashed "$operator") || { echo "Caddy cannot be run ($CADDY): set CADDY or DOCKER." >&2; exit 1; }
reader_hash=$(hashed "$reader")

# No line ends where a program takes the file as it is.
printf %s "$superuser" | keep postgres_password
printf %s "$realestate" | keep realestate_password
printf %s "$analyst" | keep analyst_password
# Through the pooler; migrations and backups go past it.
printf %s "postgresql://realestate:$realestate@pgbouncer:6432/realestate" | keep database_url
printf %s "postgresql://realestate:$realestate@postgres:5432/realestate" | keep database_url_direct
printf %s "postgresql://realestate:$realestate@pgbouncer:6432/dagster" | keep dagster_pg_url
printf %s "postgresql://realestate:$realestate@postgres:5432/dagster" | keep dagster_pg_url_direct
printf '"realestate" "%s"\n"analyst" "%s"\n' "$realestate" "$analyst" | keep pgbouncer_users
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
printf 'operator %s\nreader %s\n' "$operator_hash" "$reader_hash" | keep caddy_users

# Readable in a container whatever its user is; on this machine the folder is closed to others.
chmod 0444 "$made"/*
# For you alone, in no container.
printf '%s\n' "$operator" | keep operator_log_in
printf '%s\n' "$reader" | keep reader_log_in
mv "$made" secrets
trap - EXIT INT TERM

if [ ! -e .env ]; then cp env.example .env; fi
echo "Made deploy/secrets/. Log in as operator with the password in deploy/secrets/operator_log_in, as reader with that in"
echo "deploy/secrets/reader_log_in."
