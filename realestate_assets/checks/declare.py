"""How a check of this package is declared: its owner and severity can be read without running it."""

from collections.abc import Callable
from typing import Any

import dagster as dg

from resources.retries import retried

OWNER = "team:data"


def quality_check(
    *, asset: str, blocking: bool = False, owner: str = OWNER, **options: Any
) -> Callable[[Callable[..., dg.AssetCheckResult]], dg.AssetChecksDefinition]:
    """`dg.asset_check` that says who answers for it, and whether a failure stops the run or warns.

    What blocks is an error; all else is a warning. A TransientError is no verdict: the check is tried again.

    Args:
        asset: asset it looks at.
        blocking: whether what follows may not run where it fails.
        owner: team or address of who mends it.
        options: all else that `dg.asset_check` takes.
    """
    severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN
    metadata = {"owner": owner, "severity": severity.value}
    declared = dg.asset_check(asset=asset, blocking=blocking, metadata=metadata, **options)
    return lambda function: declared(retried(function))
