"""dbt models on a real Postgres."""
