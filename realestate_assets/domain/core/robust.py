"""Spread that a few wild values do not move."""

# Makes the median absolute deviation of normal values their standard deviation: 1 / 0.6745, their third
# quartile (F. Hampel, JASA 69, 1974).
MAD_TO_SD = 1.4826
