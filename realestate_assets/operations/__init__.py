"""What a command, a sensor, a job or the service does: below all of them, and without printing."""
