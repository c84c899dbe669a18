"""The alternative to the product's embedder: SentenceTransformer.encode, in the environment `build/bench`.

    build/bench/bin/python -m benchmarks.sentence_transformer FOLDER

Asked a line of JSON at a time, `{"texts": [...], "into": "vectors.npy"}`, it answers with its seconds.
"""

import importlib
import sys
import time
from typing import Any

from benchmarks.other_process import answer_lines


def main() -> None:
    """Load the model of a folder and answer."""
    import numpy as np

    # By name: the environment of the product has none.
    model = importlib.import_module("sentence_transformers").SentenceTransformer(sys.argv[1], device="cpu")

    def answer(texts: list[str], into: str) -> dict[str, Any]:
        begun = time.perf_counter()
        vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        seconds = time.perf_counter() - begun
        np.save(into, vectors)
        return {"seconds": seconds, "dtype": str(vectors.dtype)}

    answer_lines(answer)


if __name__ == "__main__":
    main()
