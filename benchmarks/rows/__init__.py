"""One module a row of the table of speed, each with `measure(turns)`; `benchmarks.row` says what a row is."""
