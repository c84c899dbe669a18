"""Advertisements of a made-up market whose rents are known: by town, bedrooms, area, and a little noise."""

import numpy as np
import pandas as pd

TOWNS = {"Northside": 0.25, "Harbor": 0.10, "Old Town": 0.0, "Southgate": -0.20}


def market(count: int, seed: int = 7, noise: float = 0.05) -> pd.DataFrame:
    """Advertisements, each of a home of its own."""
    rng = np.random.default_rng(seed)
    towns = rng.choice(list(TOWNS), count)
    beds = rng.integers(1, 5, count)
    area = np.round(350 + 330 * beds + rng.normal(0, 60, count))
    log = 6.4 + 0.22 * beds + 0.4 * np.log(area / 1000) + pd.Series(towns).map(TOWNS).to_numpy()
    return pd.DataFrame(
        {
            "market": "king-wa",
            "town": towns,
            "title": [f"Home number {''.join(chr(97 + int(d)) for d in str(at))}" for at in range(count)],
            "observed_date": pd.Timestamp("2015-01-05") + pd.to_timedelta(rng.integers(0, 50, count), "D"),
            "rent_monthly_usd": np.round(np.exp(log + rng.normal(0, noise, count))),
            "bedrooms": beds.astype(float),
            "living_area_sqft": area,
        }
    )
