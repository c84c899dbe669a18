"""The platform watched from outside: without need of Dagster or Postgres to say that they are away."""
