"""The queues of runs, and the Celery app over the broker of DAGSTER_CELERY_BROKER.

One run is one task. A message is taken back by the broker only when the worker that took it has ended it: a
worker holds no second one while others are idle. That a message may therefore come twice does not matter: a
run is claimed once (`run_claims`).
"""

from celery import Celery
from kombu import Exchange, Queue

from resources.errors import PermanentError
from resources.home import setting
from resources.setting_kinds import BROKER_FORM, is_broker_url

BROKER_VARIABLE = "DAGSTER_CELERY_BROKER"
DEFAULT_QUEUE, HEAVY_QUEUE, PROVIDERS_QUEUE = "default", "heavy", "providers"
QUEUES = (DEFAULT_QUEUE, HEAVY_QUEUE, PROVIDERS_QUEUE)
# Named by Dagster's launcher; a run says its queue by this tag.
QUEUE_TAG = "dagster-celery/queue"
# Longer than a run may take: Redis hands a message out again after so long.
VISIBILITY_SECONDS = 25 * 3600


def broker_url() -> str:
    """The broker's address; empty where runs are started on this machine.

    Raises:
        PermanentError: it is no address of a broker. The text never shows it: it may hold a password.
    """
    url = setting(BROKER_VARIABLE).strip()
    if not url:
        return ""
    if not is_broker_url(url):
        raise PermanentError(
            f"{BROKER_VARIABLE} is no address of Redis or RabbitMQ.",
            field=BROKER_VARIABLE,
            remedy=f"Expected {BROKER_FORM}, special characters of the password percent-encoded.",
        )
    return url


def celery_app(url: str) -> Celery:
    """The app that launcher and workers share: queues, and how a message is treated."""
    app = Celery("realestate", broker=url, set_as_current=False)
    exchange = Exchange("realestate", type="topic")
    app.conf.update(
        task_queues=[Queue(name, exchange, routing_key=f"{name}.#") for name in QUEUES],
        task_default_queue=DEFAULT_QUEUE,
        task_default_exchange="realestate",
        task_default_exchange_type="topic",
        task_default_routing_key=f"{DEFAULT_QUEUE}.run",
        # What became of a run stands in Dagster's storage.
        task_ignore_result=True,
        task_acks_late=True,
        task_acks_on_failure_or_timeout=True,
        # A run whose process was killed is begun anew by Dagster, under another id.
        task_reject_on_worker_lost=False,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": VISIBILITY_SECONDS, "socket_keepalive": True},
        # The platform's own lines are set up already.
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        task_serializer="json",
        accept_content=["json"],
    )
    return app
