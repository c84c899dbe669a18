"""Schedules and sensors as factories: handed jobs and callables, they know only the domain."""
