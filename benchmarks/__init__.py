"""The measurements behind the claims of accuracy and speed; `python -m benchmarks.<name> --help`."""
