"""Memos that stand already: a page that reads as it did is not rendered again.

The key of a memo is a hash of its whole page, the templates' version and the renderer's. The page holds
every word and picture of the memo, so that a change of data, county settings, text or template changes the
key, and nothing else does.
"""

import hashlib
from collections.abc import Iterator, Sequence

import pandas as pd

from resources.lake.store import StoreResource
from resources.partition import Partition

Key = tuple[str, str, str]


def render_key(page: bytes, template_version: str, renderer_version: str) -> str:
    """What a PDF follows from, as SHA-256: equal keys, equal PDFs."""
    parts = (hashlib.sha256(page).hexdigest(), template_version, renderer_version)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class ExistingMemos:
    """The manifest an earlier run left, and the files it names."""

    def __init__(self, lake: StoreResource, manifest: pd.DataFrame) -> None:
        """Take the manifest of the run's partitions, as it is before the run writes its own."""
        self._lake = lake
        rows = manifest.to_dict("records")
        self._rows = {(row["county"], row["month"], row["property_id"]): row for row in rows}

    def pdf_sha256(self, key: Key, wanted: str) -> str | None:
        """Hash of the PDF that stands for a property and was made from the same page; None without one.

        The files are read: a run that was killed may have left others than the manifest names.
        """
        row = self._rows.get(key)
        if row is None or row["render_key"] != wanted:
            return None
        stands = all(self._is_as_named(row, kind) for kind in ("pdf", "html"))
        return row["pdf_sha256"] if stands else None

    def _is_as_named(self, row: dict, kind: str) -> bool:
        path = row[f"{kind}_path"]
        if not self._lake.exists(path):
            return False
        return hashlib.sha256(self._lake.read_bytes(path)).hexdigest() == row[f"{kind}_sha256"]


def memo_path(key: Key, suffix: str) -> str:
    """Path of a memo's file below the lake."""
    county, month, property_id = key
    return f"memos/{Partition(county, month).hive_path}/{property_id}.{suffix}"


def written(
    lake: StoreResource, keys: Sequence[Key], pages: Sequence[bytes], pdfs: Iterator[bytes]
) -> Iterator[str]:
    """Write page and PDF of each memo; the PDFs' hashes, in order."""
    for key, page, pdf in zip(keys, pages, pdfs, strict=True):
        lake.write_bytes(memo_path(key, "html"), page)
        lake.write_bytes(memo_path(key, "pdf"), pdf)
        yield hashlib.sha256(pdf).hexdigest()
