"""Investment measures, the components of the score, and its reasons."""
