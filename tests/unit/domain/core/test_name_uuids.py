"""UUIDs of a whole column are those that the standard library gives one by one."""

from uuid import NAMESPACE_DNS, UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.name_uuids import uuid5_texts, uuid_texts


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=20))
def test_they_are_the_uuids_of_the_standard_library(names):
    assert uuid5_texts(NAMESPACE_DNS, names).to_pylist() == [str(uuid5(NAMESPACE_DNS, n)) for n in names]


@given(st.lists(st.binary(min_size=16, max_size=16), max_size=20), st.integers(1, 8))
def test_version_and_variant_take_the_place_of_six_bits_and_the_rest_stays(digests, version):
    found = [UUID(text) for text in uuid_texts(b"".join(digests), version).to_pylist()]
    # The standard library of Python 3.11 refuses to make versions above 5, but reads them.
    kept = ~((0xF << 76) | (0x3 << 62)) & (2**128 - 1)
    assert [each.version for each in found] == [version] * len(digests)
    assert [each.int & kept for each in found] == [int.from_bytes(d) & kept for d in digests]


def test_bytes_that_are_no_whole_number_of_hashes_are_refused():
    with pytest.raises(ValueError, match="reshape"):
        uuid_texts(b"x" * 17, 5)
