"""Runs over several machines: Celery's queues, the launcher that fills them, and who works on which run."""
