"""A sentence model of the BERT kind, from a folder as sentence-transformers stores it, run by ONNX Runtime.

The graph is put together here from the weights: layers as in Devlin et al. 2018 (arXiv 1810.04805), the
vector of a text as in Reimers and Gurevych 2019 (arXiv 1908.10084). PyTorch would be 1 GB of environment for
one forward pass, on Linux 3 GB more of CUDA where nobody says otherwise; vectors differ from its float32 by
less than 1e-6 (all-MiniLM-L6-v2, 2026-11). Nearly all models with 384 dimensions are of this kind: MiniLM,
BGE small, E5 small, GTE small.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

# The first set of ONNX operators with Gelu; LayerNormalization is older.
OPSET, IR_VERSION = 20, 10
MASKED = np.float32(-1e9)
# What a token's vector goes through after the layers; a Dense module would need weights of its own.
KNOWN_MODULES = {"Transformer", "Pooling", "Normalize"}


class UnfitModelError(ValueError):
    """The folder holds no sentence model, or one of another kind."""


@dataclass(frozen=True)
class SentenceModel:
    """A model that is loaded: texts to vectors."""

    dimension: int
    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession
    pool: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def encode(self, texts: list[str]) -> np.ndarray:
        """Vectors of the texts, not yet of unit length: float32, (n, dimension); a long text is cut."""
        tokens = self.tokenizer.encode_batch(texts)
        ids = np.array([each.ids for each in tokens], dtype=np.int64)
        mask = np.array([each.attention_mask for each in tokens], dtype=np.float32)
        bias = (1 - mask)[:, None, None, :] * MASKED
        places = np.arange(ids.shape[1], dtype=np.int64)
        (vectors,) = self.session.run(None, {"ids": ids, "places": places, "bias": bias})
        return self.pool(vectors, mask)


def read_model(folder: Path) -> SentenceModel:
    """The model of a folder.

    Raises:
        UnfitModelError: no model of this kind is there; says what is missing or not known.
    """
    config = _json(folder / "config.json")
    _check(config)
    modules = [str(each["type"]).rpartition(".")[2] for each in _json(folder / "modules.json")]
    if unknown := sorted(set(modules) - KNOWN_MODULES):
        raise UnfitModelError(f"its module {unknown[0]} is not known")
    if "Pooling" not in modules:
        raise UnfitModelError("it has no pooling layer, which makes one vector of a text")
    pool = _pooling(_json(folder / "1_Pooling" / "config.json"))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    graph = _Graph(_weights(folder / "model.safetensors"))
    session = onnxruntime.InferenceSession(graph.bert(config), options, providers=["CPUExecutionProvider"])
    longest = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    tokenizer = _tokenizer(folder, int(longest or config["max_position_embeddings"]))
    return SentenceModel(int(config["hidden_size"]), tokenizer, session, pool)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnfitModelError(f"{path.name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UnfitModelError(f"{path.name} is no JSON: {error}") from error


def _check(config: Mapping[str, Any]) -> None:
    known = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
    for key, value in known.items():
        # Absent in the files of some: BERT's own.
        if (found := config.get(key, value)) != value:
            raise UnfitModelError(f"its {key} is {found}, not {value}")


def _mean(vectors: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.einsum("btd,bt->bd", vectors, mask) / mask.sum(axis=1, keepdims=True)


def _first(vectors: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return vectors[:, 0]


def _pooling(config: Mapping[str, Any]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    prefix = "pooling_mode_"
    flags = [key.removeprefix(prefix) for key, on in config.items() if key.startswith(prefix) and on is True]
    named = config.get("pooling_mode") or "+".join(sorted(flags))
    known = {"mean": _mean, "mean_tokens": _mean, "cls": _first, "cls_token": _first}
    if named not in known:
        raise UnfitModelError(f"its pooling {named or 'without a mode'} is not known")
    return known[named]


def _tokenizer(folder: Path, longest: int) -> Tokenizer:
    # The library raises bare exceptions.
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:
        raise UnfitModelError(f"tokenizer.json cannot be read: {error}") from error
    tokenizer.enable_truncation(longest)
    padding = str(_json(folder / "tokenizer_config.json").get("pad_token", "[PAD]"))
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(padding) or 0, pad_token=padding)
    return tokenizer


def _weights(path: Path) -> dict[str, np.ndarray]:
    try:
        stored = load_file(path)
    except (OSError, SafetensorError, KeyError) as error:
        raise UnfitModelError(f"{path.name} cannot be read: {error}") from error
    return {
        name.removeprefix("bert."): array.astype(np.float32, copy=False) for name, array in stored.items()
    }


class _Graph:
    """An ONNX graph that grows by one operation after the other; each gives its result's name."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def bert(self, config: Mapping[str, Any]) -> bytes:
        """The whole model: ids (b, t), places (t) and bias (b, 1, 1, t) to one vector a token (b, t, d)."""
        width, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
        epsilon = float(config["layer_norm_eps"])
        words = self._op("Gather", self._weight("embeddings.word_embeddings.weight"), "ids")
        places = self._op("Gather", self._weight("embeddings.position_embeddings.weight"), "places")
        # One sentence a text: all tokens are of the first type.
        kind = self._constant("kind", self._weights["embeddings.token_type_embeddings.weight"][0])
        x = self._op("Add", self._op("Add", words, places), kind)
        x = self._norm(x, "embeddings.LayerNorm", epsilon)
        for number in range(int(config["num_hidden_layers"])):
            layer = f"encoder.layer.{number}."
            seen = self._linear(self._attention(x, layer, width, heads), f"{layer}attention.output.dense")
            x = self._norm(self._op("Add", seen, x), f"{layer}attention.output.LayerNorm", epsilon)
            inner = self._op("Gelu", self._linear(x, f"{layer}intermediate.dense"))
            outer = self._linear(inner, f"{layer}output.dense")
            x = self._norm(self._op("Add", outer, x), f"{layer}output.LayerNorm", epsilon)
        self._nodes.append(helper.make_node("Identity", [x], ["vectors"]))
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["b", "t"]),
                helper.make_tensor_value_info("places", TensorProto.INT64, ["t"]),
                helper.make_tensor_value_info("bias", TensorProto.FLOAT, ["b", 1, 1, "t"]),
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["b", "t", width])],
            list(self._constants.values()),
        )
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION).SerializeToString()

    def _attention(self, x: str, layer: str, width: int, heads: int) -> str:
        size = width // heads
        split = self._constant("split", np.array([0, 0, heads, size], dtype=np.int64))
        joined = self._constant("joined", np.array([0, 0, width], dtype=np.int64))
        scale = self._constant("scale", np.array(size**-0.5, dtype=np.float32))

        def by_head(name: str, order: list[int]) -> str:
            values = self._linear(x, f"{layer}attention.self.{name}")
            return self._op("Transpose", self._op("Reshape", values, split), perm=order)

        query = by_head("query", [0, 2, 1, 3])
        key = by_head("key", [0, 2, 3, 1])
        value = by_head("value", [0, 2, 1, 3])
        alike = self._op("Add", self._op("Mul", self._op("MatMul", query, key), scale), "bias")
        seen = self._op("MatMul", self._op("Softmax", alike, axis=-1), value)
        return self._op("Reshape", self._op("Transpose", seen, perm=[0, 2, 1, 3]), joined)

    def _linear(self, x: str, name: str) -> str:
        turned = self._weight(f"{name}.weight", turned=True)
        return self._op("Add", self._op("MatMul", x, turned), self._weight(f"{name}.bias"))

    def _norm(self, x: str, name: str, epsilon: float) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._op("LayerNormalization", x, scale, bias, epsilon=epsilon, axis=-1)

    def _op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        result = f"r{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [result], **attributes))
        return result

    def _weight(self, name: str, turned: bool = False) -> str:
        if name not in self._weights:
            raise UnfitModelError(f"it lacks the weights {name}")
        return self._constant(name, self._weights[name].T if turned else self._weights[name])

    def _constant(self, name: str, array: np.ndarray) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name
