"""Names of people who asked to be forgotten, taken out of what providers answered."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask

OWNER, OF_OWNER = "owner_name", ("owner_name", "owner_mailing_address")
# As for a question that makes no sense for a home.
REASON = "NOT_APPLICABLE"

IsListed = Callable[[pa.Array], np.ndarray]


def withheld_facts(facts: pa.Table, is_listed: IsListed) -> pa.Table:
    """Facts in which no owner of the list is named: name and mailing address of such a home are null.

    Args:
        facts: what providers said, with month, property_id, field, value and reason_code.
        is_listed: tells which names are of the list.
    """
    named = to_mask(pc.equal(facts["field"], OWNER)) & is_listed(facts["value"])
    if not named.any():
        return facts
    homes = facts.select(["month", "property_id"]).to_pandas()
    theirs = pd.MultiIndex.from_frame(homes).isin(pd.MultiIndex.from_frame(homes[named]))
    hidden = theirs & to_mask(pc.is_in(facts["field"], pa.array(OF_OWNER)))
    for name, value in (("value", None), ("reason_code", REASON)):
        column = facts[name]
        changed = pc.if_else(pa.array(hidden), pa.scalar(value, column.type), column)
        facts = facts.set_column(facts.column_names.index(name), name, changed)
    return facts
