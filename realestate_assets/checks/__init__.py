"""Asset checks: blocking schema checks from one factory, statistics as warnings."""
