"""The broker's address, and how messages are treated."""

import pytest

from resources.errors import PermanentError
from resources.workers import queues
from resources.workers.queues import QUEUES, broker_url, celery_app


@pytest.mark.parametrize(
    "url", ["redis://h:6379/0", "rediss://:p%40ss@h/1", "amqp://u:p@h:5672//", "amqps://u:p@h/v"]
)
def test_brokers_of_both_kinds_are_taken(monkeypatch, url):
    monkeypatch.setenv(queues.BROKER_VARIABLE, f" {url} ")
    assert broker_url() == url


@pytest.mark.parametrize(
    "url", ["h:6379", "http://h:6379", "redis://", "redis://h:port/0", "redis://:s3cret@h h/0", "s3cret"]
)
def test_what_is_no_broker_is_refused_by_the_variables_name_and_never_shown(monkeypatch, url):
    monkeypatch.setenv(queues.BROKER_VARIABLE, url)
    with pytest.raises(PermanentError, match="DAGSTER_CELERY_BROKER") as refused:
        broker_url()
    assert "s3cret" not in str(refused.value) and "redis://:password@host" in str(refused.value)


def test_without_a_broker_there_is_no_address(monkeypatch):
    monkeypatch.setattr(queues, "setting", lambda _: "")
    assert broker_url() == ""


def test_a_worker_holds_no_run_that_it_does_not_execute():
    app = celery_app("memory://")
    assert app.conf.worker_prefetch_multiplier == 1 and app.conf.task_acks_late
    assert [queue.name for queue in app.conf.task_queues] == list(QUEUES)


def test_a_run_goes_to_the_queue_that_is_asked_for():
    from kombu.transport.memory import Channel

    app = celery_app("memory://")
    for name in QUEUES:
        signature = app.signature("execute_job", kwargs={}, immutable=True)
        signature.apply_async(queue=name, routing_key=f"{name}.execute_job")
    assert {name: Channel.queues[name].qsize() for name in QUEUES} == dict.fromkeys(QUEUES, 1)
