"""The deterministic generator of the bundled, simulated sample."""
