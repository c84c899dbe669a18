"""What the platform tells of itself to others: log lines, faults, traces; each off until it is configured."""
