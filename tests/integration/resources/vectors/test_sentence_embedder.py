"""The bundled model gives unit vectors that depend on the text alone, quietly and without a network."""

import numpy as np
import pytest

from resources.errors import PermanentError
from resources.vectors.embedder import EmbedderResource

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


def test_what_is_no_text_is_refused(embedder):
    with pytest.raises(PermanentError, match="Text 1 to embed is NoneType"):
        embedder.encode(["a", None])


def test_a_model_that_makes_no_sentence_vectors_is_named_with_the_setting(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize

    folder = tmp_path / "no-pooling"
    SentenceTransformer(modules=[Normalize()], device="cpu").save(str(folder))
    with pytest.raises(PermanentError, match=r"EMBEDDING_MODEL.*no-pooling does not tell how long"):
        _ = EmbedderResource(model=str(folder)).dimension


def test_a_model_that_is_not_there_is_named_with_the_setting(tmp_path):
    with pytest.raises(PermanentError, match=r"EMBEDDING_MODEL.*nowhere"):
        EmbedderResource(model=str(tmp_path / "nowhere")).encode(["a"])
