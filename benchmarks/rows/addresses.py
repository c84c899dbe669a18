"""Street lines in one spelling: the product's reading of a column, against scourgify line by line."""

from benchmarks.row import Row, in_turns, scaled
from benchmarks.simulated import COUNTY, STATE, homes

COUNT, FEW = 1_000_000, 2_000


def measure(turns: int, count: int = COUNT, few: int = FEW) -> list[Row]:
    """The whole column, and the first `few` lines by the library, scaled."""
    import pyarrow as pa
    from scourgify.exceptions import AddressNormalizationError
    from scourgify.normalize import normalize_addr_str

    from realestate_assets.domain.core.addresses import normalize_lines
    from realestate_assets.domain.core.postal.lines import _street_and_unit
    from realestate_assets.domain.core.postal.parser import parsed_street
    from realestate_assets.domain.core.postal.units import unit_key

    drawn = homes(count)
    street, unit = (pa.array(drawn[name], pa.string()) for name in ("street", "unit"))
    pairs = zip(street[:few].to_pylist(), unit[:few].to_pylist(), strict=True)
    lines = [" ".join(filter(None, pair)) for pair in pairs]

    def product() -> tuple[pa.Array, pa.Array]:
        # What an earlier turn has read is not known to a new process either.
        _street_and_unit.cache_clear()
        parsed_street.cache_clear()
        return normalize_lines(street, unit, STATE)

    def by_library(line: str) -> tuple[str, str]:
        try:
            read = normalize_addr_str(line, state=STATE)
        except AddressNormalizationError:
            return line, ""
        return read["address_line_1"], read["address_line_2"] or ""

    found = in_turns(product, lambda: [by_library(line) for line in lines], turns)
    first, last = (part[:few].to_pylist() for part in found.results[0])
    mine = [(one or "", unit_key(other or "")) for one, other in zip(first, last, strict=True)]
    theirs = [(one, unit_key(other)) for one, other in found.results[1]]
    alike = sum(one == other for one, other in zip(mine, theirs, strict=True)) / len(lines)
    return [
        Row(
            "addresses",
            f"street lines and units normalised, simulated ({COUNTY})",
            "scourgify's normalize_addr_str, line by line",
            **scaled(found, count / few).seconds,
            asked=10,
            unit=f"{count:,} lines",
            note=f"library from {few:,} lines, scaled; {alike:.1%} of these are read alike; caches emptied "
            "before each turn, a warm-up each",
        )
    ]
