"""A Celery broker made of files, for an instance without a broker server: ``spool://``.

kombu's own filesystem transport loses messages under load: it writes a message under its final
name, and a reader that looks in between takes half of it. Here a message (and a table of bindings)
is written whole under another name and then renamed; a reader takes a message by renaming it away,
so that of two readers exactly one has it. What is left lying about is removed after a day: rows are
the truth, and a sweeper sends again what a lost message asked for.
"""

import fcntl
import os
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads

KEEP_SECONDS = 24 * 3600
PRUNE_EVERY_SECONDS = 600


def write_whole(path: Path, content: str) -> None:
    """Write a file that appears at once and complete, or not at all."""
    # The leading dot keeps the draft from being taken for a message of any queue.
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    draft.write_text(content, encoding="utf-8")
    os.replace(draft, path)


def prune(folder: Path, *, older_than: float) -> int:
    """Remove the files that came into ``folder`` more than so many seconds ago; how many went.

    The age is since the last rename: a message that has waited long and is just being taken is new.
    """
    removed = 0
    for entry in os.scandir(folder):
        try:
            if time.time() - entry.stat(follow_symlinks=False).st_ctime > older_than:
                os.unlink(entry.path)
                removed += 1
        except FileNotFoundError:
            continue  # another process was faster
    return removed


class Channel(filesystem.Channel):
    """kombu's channel with whole files, a rename for every take, and no leftovers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Names seen in the last listing: one listing serves many messages.
        self._seen: defaultdict[str, deque[str]] = defaultdict(deque)
        self._pruned_at = float("-inf")

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns()}_{uuid.uuid4().hex}.{queue}.msg"
        write_whole(Path(self.data_folder_out, name), dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        waiting = self._seen[queue]
        if not waiting:
            self._prune_sometimes()
            waiting.extend(
                sorted(
                    name
                    for name in os.listdir(self.data_folder_in)
                    if name.partition(".")[2] == f"{queue}.msg"
                )
            )
        while waiting:
            name = waiting.popleft()
            taken = Path(self.processed_folder, name)
            try:
                os.rename(Path(self.data_folder_in, name), taken)
            except FileNotFoundError:
                continue  # another reader has it
            content = taken.read_text(encoding="utf-8")
            taken.unlink()
            return loads(content)
        raise Empty

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._binding():
            table = self.get_table(exchange)
            if binding not in table:
                write_whole(self._exchange_file(exchange), dumps([binding, *table]))  # type: ignore[attr-defined]

    def _delete(self, queue: str, exchange: str, *args: Any, **kwargs: Any) -> None:
        with self._binding():
            super()._delete(queue, exchange, *args, **kwargs)

    @contextmanager
    def _binding(self) -> Iterator[None]:
        """Only one process at a time changes who listens to what."""
        folder = self.control_folder
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prune_sometimes(self) -> None:
        if time.monotonic() - self._pruned_at < PRUNE_EVERY_SECONDS:
            return
        self._pruned_at = time.monotonic()
        for folder in (self.data_folder_in, self.processed_folder):
            prune(Path(folder), older_than=KEEP_SECONDS)


class Transport(filesystem.Transport):
    """kombu's filesystem transport with that channel."""

    Channel = Channel

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        # kombu remembers bindings for the whole process, whatever the folder. Two instances' spools
        # have nothing in common, and the files say who listens.
        self.state = virtual.BrokerState()
