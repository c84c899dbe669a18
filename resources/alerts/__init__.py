"""Alerts to people, through Apprise: told once when something begins, and once when it is over."""
