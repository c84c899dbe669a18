"""History of the tables that are not dbt's: one revision a change, each read by a person (docs/extending.md).

A revision expands: it adds what the new version needs and takes nothing away that the version before reads.
What is no longer read is taken away by a revision of a later version.
"""
