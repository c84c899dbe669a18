"""Vectors of what people search for: those asked for last are kept, for many ask the same."""

from functools import lru_cache

import numpy as np

from resources.vectors.sentences import Embedder


# 1.5 KB each.
@lru_cache(maxsize=1024)
def query_vector(model: str, text: str) -> np.ndarray:
    """The vector of a text by a model, as `Embedder` names it; not to be written to."""
    vector = Embedder(model=model).encode([text])[0]
    vector.flags.writeable = False
    return vector
