"""A sentence model's folder gives the vectors of the published layers, or says why it cannot."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import erf
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from resources.vectors.bert import UnfitModelError, read_model

WIDTH, HEADS, INNER, LAYERS, LONGEST = 8, 2, 16, 2, 5
WORDS = ["[PAD]", "[UNK]", "brick", "house", "near", "the", "water"]
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": WIDTH,
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 16,
}
MODULES = [
    {"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling", "Normalize")
]
TEXTS = ["brick house", "house near the water", "the the the the the water water", "lake"]


def weights() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(7)
    shapes = {f"embeddings.{kind}_embeddings.weight": (rows, WIDTH)
              for kind, rows in (("word", len(WORDS)), ("position", 16), ("token_type", 2))}  # fmt: skip
    shapes |= {f"embeddings.LayerNorm.{part}": (WIDTH,) for part in ("weight", "bias")}
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}."
        for name in (
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
        ):
            shapes |= {f"{layer}{name}.weight": (WIDTH, WIDTH), f"{layer}{name}.bias": (WIDTH,)}
        shapes |= {
            f"{layer}intermediate.dense.weight": (INNER, WIDTH),
            f"{layer}intermediate.dense.bias": (INNER,),
        }
        shapes |= {f"{layer}output.dense.weight": (WIDTH, INNER), f"{layer}output.dense.bias": (WIDTH,)}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{layer}{name}.{part}": (WIDTH,) for part in ("weight", "bias")}
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_file(weights(), tmp_path / "model.safetensors")
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "1_Pooling").mkdir()
    for name, content in {
        "config.json": CONFIG,
        "modules.json": MODULES,
        "tokenizer_config.json": {"pad_token": "[PAD]"},
        "sentence_bert_config.json": {"max_seq_length": LONGEST},
        "1_Pooling/config.json": {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False},
    }.items():
        write(tmp_path / name, content)
    return tmp_path


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))


def expected(text: str) -> np.ndarray:
    """Vectors of the tokens of one text, step by step as Devlin et al. 2018 describe the layers."""
    own = {name: array.astype(np.float64) for name, array in weights().items()}
    ids = [WORDS.index(word) if word in WORDS else 1 for word in text.split()][:LONGEST]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt(centred.var(-1, keepdims=True) + CONFIG["layer_norm_eps"])
        return scaled * own[f"{name}.weight"] + own[f"{name}.bias"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ own[f"{name}.weight"].T + own[f"{name}.bias"]

    x = own["embeddings.word_embeddings.weight"][ids] + own["embeddings.token_type_embeddings.weight"][0]
    x = norm(x + own["embeddings.position_embeddings.weight"][: len(ids)], "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer, size = f"encoder.layer.{number}.", WIDTH // HEADS
        query, key, value = (linear(x, f"{layer}attention.self.{name}") for name in ("query", "key", "value"))
        seen = []
        for head in (slice(0, size), slice(size, WIDTH)):
            alike = np.exp(query[:, head] @ key[:, head].T / np.sqrt(size))
            seen.append(alike / alike.sum(-1, keepdims=True) @ value[:, head])
        x = norm(
            x + linear(np.hstack(seen), f"{layer}attention.output.dense"),
            f"{layer}attention.output.LayerNorm",
        )
        inner = linear(x, f"{layer}intermediate.dense")
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        x = norm(x + linear(inner, f"{layer}output.dense"), f"{layer}output.LayerNorm")
    return x


def test_a_vector_is_the_mean_of_what_the_layers_make_of_the_tokens_whatever_stands_beside_it(folder):
    model = read_model(folder)
    assert model.dimension == WIDTH
    np.testing.assert_allclose(model.encode(TEXTS), [expected(text).mean(0) for text in TEXTS], atol=1e-5)


@pytest.mark.parametrize("pooling", [{"pooling_mode_cls_token": True}, {"pooling_mode": "cls"}])
def test_a_model_may_take_the_first_tokens_vector(folder, pooling):
    write(folder / "1_Pooling" / "config.json", pooling)
    np.testing.assert_allclose(read_model(folder).encode(TEXTS), [expected(t)[0] for t in TEXTS], atol=1e-5)


def test_weights_may_be_named_as_those_of_a_part_of_a_larger_model(folder):
    before = read_model(folder).encode(TEXTS)
    save_file({f"bert.{name}": array for name, array in weights().items()}, folder / "model.safetensors")
    np.testing.assert_array_equal(read_model(folder).encode(TEXTS), before)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.json", {**CONFIG, "model_type": "mpnet"}, "its model_type is mpnet, not bert"),
        ("config.json", {**CONFIG, "hidden_act": "relu"}, "its hidden_act is relu, not gelu"),
        ("modules.json", MODULES[:1], "it has no pooling layer"),
        ("modules.json", [*MODULES, {"type": "models.Dense"}], "its module Dense is not known"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "its pooling max_tokens is not known"),
        ("1_Pooling/config.json", {}, "its pooling without a mode is not known"),
    ],
)  # fmt: skip
def test_a_model_of_another_kind_is_refused_by_what_is_different(folder, file, content, said):
    write(folder / file, content)
    with pytest.raises(UnfitModelError, match=said):
        read_model(folder)


@pytest.mark.parametrize(
    "name", ["config.json", "modules.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"]
)
@pytest.mark.parametrize("broken", ["absent", "cut off"])
def test_a_file_that_is_absent_or_broken_is_named(folder, name, broken):
    path = folder / name
    path.unlink() if broken == "absent" else path.write_bytes(path.read_bytes()[:10])
    with pytest.raises(UnfitModelError, match=path.name):
        read_model(folder)


def test_weights_that_are_missing_are_named(folder):
    some = weights()
    del some["encoder.layer.1.output.dense.weight"]
    save_file(some, folder / "model.safetensors")
    with pytest.raises(UnfitModelError, match=r"lacks the weights encoder\.layer\.1\.output\.dense\.weight"):
        read_model(folder)
