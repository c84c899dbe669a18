"""The bundled model gives unit vectors that depend on the text alone, quietly and without a network."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resources.errors import PermanentError
from resources.home import PROJECT_ROOT
from resources.vectors.embedder import EmbedderResource
from resources.vectors.query_vectors import query_vector

pytestmark = pytest.mark.integration

TEXTS = [
    "Brick craftsman near the water with three bedrooms.",
    "Condo downtown.",
    "",
    "Réno 🏡\n" * 5,
    "A very long description of a house. " * 100,
] + [f"Home number {n} with {n % 6} bedrooms and {900 + n} sq ft." for n in range(70)]


@pytest.fixture(scope="module")
def embedder() -> EmbedderResource:
    return EmbedderResource()


@pytest.fixture(scope="module")
def progress() -> list[tuple[int, int]]:
    return []


@pytest.fixture(scope="module")
def vectors(embedder, progress) -> np.ndarray:
    return embedder.encode(TEXTS, on_progress=lambda *done: progress.append(done))


def test_vectors_are_float32_of_unit_length_in_the_order_of_the_texts(embedder, vectors):
    assert vectors.shape == (len(TEXTS), embedder.dimension) == (75, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_text_keeps_its_vector_in_other_company(embedder, vectors):
    for place in (0, 1, 4, 20):
        alone = embedder.encode([TEXTS[place]])[0]
        assert float(alone @ vectors[place]) > 0.9999
    reversed_order = embedder.encode(TEXTS[::-1])[::-1]
    np.testing.assert_array_equal(reversed_order, vectors)


def test_a_text_asked_for_again_is_not_encoded_again(embedder, monkeypatch):
    text = "a porch that looks west"
    first = query_vector(embedder.model, text)
    assert np.array_equal(first, embedder.encode([text])[0])
    monkeypatch.setattr(EmbedderResource, "encode", lambda *_: pytest.fail("encoded again"))
    assert query_vector(embedder.model, text) is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0


def test_meaning_decides_what_is_near(embedder):
    query, house, train = embedder.encode(
        ["brick house near a lake", "Brick craftsman home by the water", "The train timetable has changed"]
    )
    assert query @ house > query @ train + 0.2


def test_a_repeated_text_is_encoded_once(embedder):
    progress = []
    result = embedder.encode(["same"] * 500 + ["other"], on_progress=lambda *done: progress.append(done))
    assert progress == [(2, 2)]
    assert (result[:500] == result[0]).all()


def test_progress_counts_up_to_the_number_of_texts(vectors, progress):
    assert progress == [(64, 75), (75, 75)]


def test_nothing_to_encode_gives_an_empty_matrix(embedder):
    assert embedder.encode([]).shape == (0, 384)


def test_it_is_quiet(embedder, capfd):
    embedder.encode(["quiet"])
    assert capfd.readouterr() == ("", "")


def test_it_leaves_nothing_in_the_users_folders_as_a_runtime_with_telemetry_would(tmp_path: Path):
    # Newer releases of ONNX Runtime keep an identifier of the machine and a queue of what they will send.
    code = "from resources.vectors.embedder import EmbedderResource; EmbedderResource().encode(['quiet'])"
    own = {"HOME": str(tmp_path), "PYTHONPATH": str(PROJECT_ROOT)}
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")} | own
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    # What Matplotlib and fontconfig keep for themselves aside.
    assert not [path for path in tmp_path.rglob("*") if "onnx" in path.name or "Microsoft" in path.name]


def test_what_is_no_text_is_refused(embedder):
    with pytest.raises(PermanentError, match="Text 1 to embed is NoneType"):
        embedder.encode(["a", None])


def test_vectors_are_those_that_sentence_transformers_gives(vectors):
    # The first components of TEXTS[:5] by sentence-transformers 6.2.0 with torch 2.13.0 in float32.
    first = [
        [-0.003268, 0.022754, -0.027121, 0.004829, -0.07205, 0.01936],
        [0.081391, -0.023522, -0.030358, 0.060275, -0.107519, 0.056341],
        [-0.118838, 0.048299, -0.002548, -0.011011, 0.051951, 0.010292],
        [0.037175, 0.012852, 0.075414, 0.03637, -0.040441, 0.057476],
        [0.051207, 0.013367, 0.058287, -0.023182, -0.002536, -0.03418],
    ]
    np.testing.assert_allclose(vectors[:5, :6], first, atol=2e-6)


def test_a_model_that_makes_no_sentence_vectors_is_named_with_the_setting(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "modules.json").write_text('[{"type": "sentence_transformers.models.Transformer"}]')
    with pytest.raises(PermanentError, match=r"EMBEDDING_MODEL: The embedding model .* no pooling layer"):
        _ = EmbedderResource(model=str(tmp_path)).dimension


def test_a_model_that_is_not_there_is_named_with_the_setting(tmp_path):
    with pytest.raises(PermanentError, match=r"EMBEDDING_MODEL.*nowhere"):
        EmbedderResource(model=str(tmp_path / "nowhere")).encode(["a"])
