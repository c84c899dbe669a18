"""What Dagster knows of the graph, over its GraphQL: assets, runs, backfills, schedules and sensors."""
