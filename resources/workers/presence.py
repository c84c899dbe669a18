"""Whether the broker answers, and how many workers take runs from each queue."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from celery import Celery
from kombu.exceptions import OperationalError

from resources.errors import PermanentError
from resources.scrub import scrub
from resources.workers.queues import BROKER_VARIABLE, QUEUES, celery_app

BROKER_SECONDS = 5.0
# A worker answers from its own process, also while its children work; a busy machine takes a moment.
ANSWER_SECONDS = 3.0


def ask_broker(url: str) -> str:
    """The broker answers.

    Raises:
        PermanentError: it does not, or refuses the password; names it without that.
    """
    app = _patient_app(url)
    failure = ""
    try:
        with app.connection_for_read(connect_timeout=BROKER_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
    except (OperationalError, OSError) as error:
        failure = scrub(str(error)) or type(error).__name__
    finally:
        app.close()
    # Outside of `except`: the library's own error may quote the address.
    if failure:
        raise PermanentError(
            f"The broker {_place(url)} does not answer: {failure}.".replace("..", "."),
            field=BROKER_VARIABLE,
            remedy="Runs wait for it: start it (Redis or RabbitMQ), or mend the address.",
        )
    return f"{_place(url)} answers"


def workers_by_queue(url: str) -> dict[str, int]:
    """How many workers take runs from each queue; 0 for a queue that has none.

    Raises:
        PermanentError: the broker does not answer.
    """
    ask_broker(url)
    app = _patient_app(url)
    try:
        answers = app.control.inspect(timeout=ANSWER_SECONDS).active_queues() or {}
    finally:
        app.close()
    counts = Counter(queue["name"] for queues in answers.values() for queue in queues)
    return {name: counts[name] for name in QUEUES}


def attended(counts: dict[str, int]) -> str:
    """That each queue has a worker.

    Raises:
        PermanentError: one has none; its runs wait, and fail when none comes.
    """
    empty: Sequence[str] = [name for name, count in counts.items() if not count]
    if empty:
        raise PermanentError(
            f"No worker takes runs from {', '.join(empty)}.",
            remedy=f"Start one with these settings: realestate worker --queues {','.join(empty)}",
        )
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _patient_app(url: str) -> Celery:
    app = celery_app(url)
    options = dict(app.conf.broker_transport_options)
    app.conf.update(
        broker_connection_timeout=BROKER_SECONDS,
        broker_connection_retry=False,
        broker_transport_options=options
        | {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS},
    )
    return app


def _place(url: str) -> str:
    """The broker's host and port."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
