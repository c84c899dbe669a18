"""Classes in which a comparable should equal its subject, before the distance is looked at."""

import numpy as np
import pandas as pd

# Codes of the view from 1: none (0), some (1, 2), good (3, 4). One step within a band moves a price by a
# tenth at most, from band to band by a quarter (King County, slopes of the hedonic).
VIEW_BANDS = (1.0, 3.0)
# Sq ft. Attached homes and townhouse lots; the usual city lot up to a quarter acre; up to an acre, where a
# house still has neighbours; up to five acres, the least that many rural zones let be divided; land.
LOT_CLASSES = (3_000.0, 10_890.0, 43_560.0, 217_800.0)
# What is given up first stands last: land can be adjusted for by its area, a view by its code, while no
# adjustment turns a dry home into one on the water.
MATCHED = ("waterfront", "view", "lot")
UNKNOWN_LOT = -1


def with_classes(homes: pd.DataFrame) -> pd.DataFrame:
    """Homes with class_waterfront, class_view and class_lot.

    An unknown waterfront or view counts as none, which nearly all homes have; an unknown lot is a class.
    """

    def known(name: str) -> np.ndarray:
        if name not in homes:
            return np.full(len(homes), np.nan)
        return homes[name].to_numpy(dtype=float, na_value=np.nan)

    lot = known("lot_area_sqft")
    return homes.assign(
        class_waterfront=(known("is_waterfront") == 1.0).astype(int),
        class_view=np.digitize(np.nan_to_num(known("view_code")), VIEW_BANDS),
        class_lot=np.where(np.isnan(lot), UNKNOWN_LOT, np.digitize(np.nan_to_num(lot), LOT_CLASSES)),
    )


def steps() -> list[tuple[str, ...]]:
    """Classes that are matched on, from all to none; the property type always is."""
    return [MATCHED[:kept] for kept in range(len(MATCHED), -1, -1)]
