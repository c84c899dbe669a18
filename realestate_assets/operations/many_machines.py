"""What runs on several machines have to share, and the sentence for each that is not set.

`docs/many-machines.md` lists what binds a run to a host and how it is shared.
"""

from collections.abc import Callable

from realestate_assets.settings import Settings
from resources.errors import PermanentError

SHARED: tuple[tuple[str, Callable[[Settings], bool], str], ...] = (
    (
        "DATABASE_URL",
        lambda s: s.database_url is not None,
        "the embedded Postgres answers on its own machine alone",
    ),
    (
        "LAKE_URL",
        lambda s: _in_a_bucket(s.lake_root),
        "a folder holds what its own machine wrote; set s3://bucket/prefix",
    ),
    (
        "LANDING_URL",
        lambda s: _in_a_bucket(s.landing_root),
        "landed files are read by whichever machine has the run; set s3://bucket/prefix, or leave it out",
    ),
    (
        "REFERENCE_URL",
        lambda s: _in_a_bucket(s.reference_root),
        "reference files likewise; set s3://bucket/prefix",
    ),
    (
        "QDRANT_URL",
        lambda s: s.qdrant_url is not None,
        "the embedded vector index would be one a machine, each with the counties that it ran",
    ),
    (
        "COUNTY_CONFIG_DIR",
        lambda s: s.county_config_dir is not None,
        "what people have cleared (`realestate review`) lies there; set a folder that every machine has",
    ),
)


def missing(settings: Settings) -> list[str]:
    """A line for each setting that several machines need and that is not set; none where runs stay here."""
    if settings.dagster_celery_broker is None or settings.workers_share_machine:
        return []
    return [f"{name}: {why}" for name, is_shared, why in SHARED if not is_shared(settings)]


def refuse_what_is_missing(settings: Settings) -> None:
    """Runs that go to workers find all that they need wherever they are.

    Raises:
        PermanentError: they would not; it names each setting.
    """
    if lacking := missing(settings):
        raise PermanentError(
            "DAGSTER_CELERY_BROKER hands runs to workers, which may be other machines, and these are not "
            "shared: " + "; ".join(lacking) + ".",
            remedy="Set them, for every process alike, or WORKERS_SHARE_MACHINE=true where all workers are "
            "on this machine and use this REALESTATE_HOME.",
        )


def _in_a_bucket(url: str) -> bool:
    return url.startswith("s3://")
