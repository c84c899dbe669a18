#!/usr/bin/env bash
# dagster-celery 0.29.27 with Celery 5.7.0: from the second run on each launch warns of a name that is taken.
#
# CeleryRunLauncher defines its task anew on the same app for every run that it launches. Celery 5.7.0 warns
# (DuplicateTaskNameWarning) where a name is given to a second function; 5.6.2 said nothing. A daemon that starts
# hundreds of runs a day tells as often that "every task must have a unique name", though nothing is wrong.
# Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for celery in 5.7.0 5.6.2; do
  python3 -m venv "$work/$celery"
  "$work/$celery/bin/pip" install --quiet --disable-pip-version-check \
    dagster-celery==0.29.27 dagster==1.13.27 "celery==$celery" 2> /dev/null
done
cat > "$work/launch.py" <<'PY'
import sys
import warnings

import celery
from dagster_celery.make_app import make_app
from dagster_celery.tasks import create_execute_job_task

app = make_app({"broker": "memory://", "backend": None})
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    # What the launcher does for each of two runs.
    for _ in range(2):
        create_execute_job_task(app).si(execute_job_args_packed={})
names = sorted({each.category.__name__ for each in told if "unique name" in str(each.message)})
expected = sys.argv[1].split()
print(f"{'as before' if names == expected else 'CHANGED'}: Celery {celery.__version__}: {names}")
raise SystemExit(names != expected)
PY
status=0
"$work/5.7.0/bin/python" "$work/launch.py" "DuplicateTaskNameWarning" || status=1
"$work/5.6.2/bin/python" "$work/launch.py" "" || status=1
exit $status
