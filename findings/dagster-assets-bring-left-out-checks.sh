#!/usr/bin/env bash
# dagster 1.13.27: a run of some assets of a job runs checks that the job's selection leaves out.
#
# A job is defined over all assets and checks but one check. Run whole, it leaves the check out. Run for a part
# of its assets (`asset_selection` of `create_run_for_job`, of a RunRequest, or a selection in the launchpad)
# and no word of checks, it runs every check there is of them, the one that was left out too. Whoever wants the
# job's own names them in `asset_check_selection`. Seen with Python 3.11. Ends with 1 if this changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dagster==1.13.27 2> /dev/null
cat > "$work/look.py" <<'PY'
import dagster as dg


@dg.asset
def homes(): ...


@dg.asset
def values(homes): ...


@dg.asset_check(asset=homes)
def has_rows():
    return dg.AssetCheckResult(passed=True)


@dg.asset_check(asset=homes)
def is_fresh():
    return dg.AssetCheckResult(passed=True)


job = dg.define_asset_job("all_but_one", dg.AssetSelection.all() - dg.AssetSelection.checks(is_fresh))
defs = dg.Definitions(assets=[homes, values], asset_checks=[has_rows, is_fresh], jobs=[job])
built = defs.resolve_job_def("all_but_one")
key = dg.AssetKey("homes")
named = {dg.AssetCheckKey(key, "has_rows")}
seen = {}
for how, part in {
    "whole": built,
    "its assets": built.get_subset(asset_selection={key}),
    "its assets and checks": built.get_subset(asset_selection={key}, asset_check_selection=named),
}.items():
    result = part.execute_in_process(raise_on_error=True)
    seen[how] = sorted(each.check_name for each in result.get_asset_check_evaluations())
expected = {
    "whole": ["has_rows"],
    "its assets": ["has_rows", "is_fresh"],
    "its assets and checks": ["has_rows"],
}
print(f"{'as before' if seen == expected else 'CHANGED'}: dagster {dg.__version__}: {seen}")
raise SystemExit(seen != expected)
PY
DAGSTER_HOME="" "$work/venv/bin/python" "$work/look.py" 2> /dev/null
