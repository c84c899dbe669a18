"""A store of files as a resource of Dagster's; what it does stands in `files`, which needs no Dagster."""

import dagster as dg

from resources.lake.files import Store


class StoreResource(Store, dg.ConfigurableResource):
    """A folder of files, addressed by relative paths with forward slashes."""
