"""The model of sentences as a resource of Dagster's; what it does stands in `sentences`."""

import dagster as dg

from resources.vectors.sentences import Embedder


class EmbedderResource(Embedder, dg.ConfigurableResource):
    """A sentence-transformers model, loaded at first use and kept for the process."""
