"""How a run that nobody asked for is known."""

# On every run of a schedule, a sensor or an automation condition. Such runs go one after the other
# (dagster.yaml) and read only landed files that have settled.
AUTOMATIC_TAG = "realestate/automatic"
