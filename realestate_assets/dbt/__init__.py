"""dbt as part of the graph: its project, its sources, its lineage, and how it is run."""
