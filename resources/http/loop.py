"""The event loop of all HTTP sessions of this process, in a thread of its own, and work done in batches.

One loop, so that rate limits, slots and breakers are shared by all sessions; a thread, so that a provider
calls a plain function and it makes no difference whether a loop runs around it already.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

# How long calls under way may take to be written down after an interruption.
STOP_SECONDS = 15.0

Item = TypeVar("Item")
Result = TypeVar("Result")

_guard = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def _loop() -> asyncio.AbstractEventLoop:
    with _guard:
        # By process: the thread of a parent does not run in its forks.
        if os.getpid() not in _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="http-sessions", daemon=True).start()
            _loops[os.getpid()] = loop
        return _loops[os.getpid()]


def run_on_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on the loop and wait for it; interrupted here, it is cancelled there and cleans up."""
    ended = threading.Event()

    async def whole() -> Result:
        try:
            return await work
        finally:
            ended.set()

    future = asyncio.run_coroutine_threadsafe(whole(), _loop())
    try:
        return future.result()
    except BaseException:
        if not ended.is_set():
            future.cancel()
            ended.wait(STOP_SECONDS)
        raise


class Batcher(Generic[Item, Result]):
    """Collects what comes while the last batch is worked on, and does it together: a group commit.

    `work` blocks and runs in a thread; it gives a result for each item.
    """

    def __init__(self, work: Callable[[Sequence[Item]], list[Result]], largest: int = 200) -> None:
        self._work = work
        self._largest = largest
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Hand in one item and wait for its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._work_off())
        return await future

    async def drain(self) -> None:
        """Wait until all that was handed in is done."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def _work_off(self) -> None:
        while self._waiting:
            batch = self._waiting[: self._largest]
            del self._waiting[: self._largest]
            try:
                results = await asyncio.to_thread(self._work, [item for item, _ in batch])
            except Exception as error:
                _each(batch, lambda future, _, error=error: future.set_exception(error), [None] * len(batch))
            else:
                _each(batch, lambda future, result: future.set_result(result), results)


def _each(batch: list, finish: Callable, results: list) -> None:
    for (_, future), result in zip(batch, results, strict=True):
        if not future.done():
            finish(future, result)
