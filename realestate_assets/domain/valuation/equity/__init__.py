"""What assessors expect of a ratio study beyond its figures: equity, verdicts, suspicion, lists."""
