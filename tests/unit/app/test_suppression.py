"""The list of owners who asked to be forgotten: by a keyed hash, in a county or in all."""

import pyarrow as pa
import pytest

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.app.suppression import Suppression, key_of, mark_of, suppression
from realestate_assets.domain.core.person_names import name_form
from resources.errors import PermanentError

KEY = key_of(ServiceSecret(b"x" * 40))


def listing(*names: str, county: str | None = None, key: bytes = KEY) -> Suppression:
    empty = Suppression(key)
    return suppression([(empty.hash_of(name_form(name), county), mark_of(key)) for name in names], key)


def test_a_name_is_known_by_any_spelling_and_with_others():
    found = listing("Jane Doe").mask(
        pa.array(["DOE, JANE", "DOE JOHN & JANE", None, "ROE RICHARD", "DOE, JANE"]), "king-wa"
    )
    assert found.tolist() == [True, True, False, False, True]


def test_a_name_of_one_county_is_another_persons_elsewhere():
    here = listing("Jane Doe", county="king-wa")
    assert here.is_of("DOE JANE", "king-wa") and not here.is_of("DOE JANE", "cook-il")
    assert listing("Jane Doe").is_of("DOE JANE", "cook-il")


def test_an_empty_list_names_nobody():
    assert not Suppression(b"").is_of("DOE JANE", "king-wa")
    assert not Suppression(b"").mask(pa.array(["DOE JANE"]), "king-wa").any()


def test_a_list_of_another_secret_is_refused_and_not_passed_over():
    other = key_of(ServiceSecret(b"y" * 40))
    with pytest.raises(PermanentError, match="another secret"):
        suppression([(b"0" * 32, mark_of(other))], KEY)
    assert suppression([], KEY).hashes == frozenset()


def test_nothing_of_the_name_stands_in_the_hash():
    hashed = Suppression(KEY).hash_of("DOE JANE", None)
    assert hashed != Suppression(b"z" * 32).hash_of("DOE JANE", None)
    assert hashed != Suppression(KEY).hash_of("DOE JANE", "king-wa")
