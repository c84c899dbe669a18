"""The names of queues are those of the workers."""

from realestate_assets.operations.pipelines import queues
from resources.workers import queues as of_workers


def test_runs_are_counted_by_the_tag_that_workers_take_them_by():
    assert (queues.QUEUE_TAG, queues.DEFAULT_QUEUE) == (of_workers.QUEUE_TAG, of_workers.DEFAULT_QUEUE)
