"""Market value: training, time index, intervals, ratio study."""
