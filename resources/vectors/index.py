"""The vector index as a resource of Dagster's; what it does stands in `vectors`, which needs no Dagster."""

import dagster as dg

from resources.vectors.vectors import Vectors


class VectorIndexResource(Vectors, dg.ConfigurableResource):
    """Qdrant Edge in a folder, or a Qdrant server by URL."""
