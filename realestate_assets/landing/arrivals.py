"""A file that a person gives, on its way into the landing area."""

from pathlib import Path

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.source_match import match_source, peek_columns
from realestate_assets.landing.paths import path_of
from resources.errors import PermanentError
from resources.lake.files import Store


def land_file(landing: Store, county: County, path: Path, source_name: str | None = None) -> str:
    """Copy a file into the folder of the source whose columns it has; the file itself stays where it is.

    Args:
        landing: the landing area.
        county: whose file it is.
        path: the file.
        source_name: the source, where several would fit.

    Returns:
        Where it lies below the landing root.

    Raises:
        PermanentError: the county has no such source, or none that the columns fit.
    """
    joined = {table.name for source in county.file_sources for table in source.join}
    if source_name in joined:
        with path.open("rb") as stream:
            target = path_of(Place(county.slug, source_name, path.name))
            landing.write_bytes(target, stream.read())
        return target
    sources = [source for source in county.file_sources if source_name in (None, source.name)]
    if not sources:
        names = ", ".join(source.name for source in county.file_sources) or "none"
        raise PermanentError(
            f"There is no file source {source_name!r}.", county=county.slug, field="--source",
            remedy=f"File sources of this county: {names}.",
        )  # fmt: skip
    with path.open("rb") as stream:
        source = match_source(county, sources, path.name, peek_columns(stream, path.name, sources))
        stream.seek(0)
        target = path_of(Place(county.slug, source.name, path.name))
        landing.write_bytes(target, stream.read())
    return target
