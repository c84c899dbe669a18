"""Sensor factories: each takes the job it starts, so that nothing here imports the asset graph."""
