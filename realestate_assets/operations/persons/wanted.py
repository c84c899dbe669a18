"""Owners of record whose names are looked for, in some counties or in all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.app.suppression import Suppression
from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.core.person_names import name_form, name_forms, name_pattern, plain_text
from resources.errors import PermanentError

SHORTEST_WORDS = 2


@dataclass(frozen=True)
class Wanted:
    """Names, each in one form, and counties; none for all.

    Args:
        forms: of the names.
        counties: slugs.
    """

    forms: frozenset[str]
    counties: tuple[str, ...] = ()

    def is_in(self, county: str) -> bool:
        """Whether a county is meant."""
        return not self.counties or county in self.counties

    def names(self, line: object) -> bool:
        """Whether a line of owners names one of them."""
        return isinstance(line, str) and bool(line) and not self.forms.isdisjoint(name_forms(line))

    def mask(self, lines: pa.Array | pa.ChunkedArray) -> np.ndarray:
        """True for each line that names one of them."""
        named = [line for line in pc.unique(lines).to_pylist() if self.names(line)]
        return to_mask(pc.is_in(lines, pa.array(named, pa.string())))

    @cached_property
    def _patterns(self) -> list[Callable[[str], Any]]:
        return [name_pattern(form).search for form in sorted(self.forms)]

    def stands_in(self, text: str) -> bool:
        """Whether one of the names stands somewhere in a text."""
        plain = plain_text(text)
        return any(search(plain) for search in self._patterns)

    def hashes(self, listed: Suppression) -> list[tuple[bytes, str | None]]:
        """What the list gets: a hash and county a name."""
        places: tuple[str | None, ...] = self.counties or (None,)
        return [(listed.hash_of(form, county), county) for form in sorted(self.forms) for county in places]


def wanted(names: Iterable[str], counties: Iterable[str] = ()) -> Wanted:
    """Whom to look for.

    Raises:
        PermanentError: a name has one word alone, which too many homes' owners have.
    """
    forms = {name_form(name) for name in names}
    if any(len(form.split()) < SHORTEST_WORDS for form in forms) or not forms:
        raise PermanentError(
            "A name needs two words at least: half of a county has one of them.", field="--owner"
        )
    return Wanted(frozenset(forms), tuple(counties))
