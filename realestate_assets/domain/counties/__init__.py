"""What a county is, as configuration: its sources, column maps, providers and rules."""
