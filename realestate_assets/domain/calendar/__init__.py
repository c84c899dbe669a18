"""What is due when: months of a county, ranges of a run, the age of records."""
