import os
import subprocess
import sys
import time

import pytest
from kombu import Connection

from agency.base.home import broker_settings
from agency.base.spool import prune

MESSAGES = 3000

READER = """
import sys
from pathlib import Path
from queue import Empty
from kombu import Connection
from agency.base.home import broker_settings
url, options = broker_settings("", Path(sys.argv[1]))
with Connection(url, transport_options=options) as connection:
    queue = connection.SimpleQueue("work")
    print("ready", flush=True)
    idle = 0
    while idle < 4:
        try:
            message = queue.get(timeout=0.25)
        except Empty:
            idle += 1
            continue
        idle = 0
        print(message.payload["n"], len(message.payload["text"]))
        message.ack()
"""


@pytest.fixture
def spool(tmp_path):
    url, options = broker_settings("", tmp_path)
    return {"hostname": url, "transport_options": options | {"polling_interval": 0.01}}


def test_a_message_comes_out_as_it_went_in(spool):
    with Connection(**spool) as connection:
        queue = connection.SimpleQueue("work")
        queue.put({"cycle": 12, "name": "Zürich"})
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"cycle": 12, "name": "Zürich"}


def test_two_readers_lose_no_message_and_read_none_twice(spool, tmp_path):
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout.readline() == "ready\n"
        with Connection(**spool) as connection:
            queue = connection.SimpleQueue("work")
            for n in range(MESSAGES):
                queue.put({"n": n, "text": "x" * 4000})
        outputs = [reader.communicate(timeout=60)[0].splitlines() for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
    assert [reader.returncode for reader in readers] == [0, 0]
    read = [line.split() for output in outputs for line in output]
    assert sorted(int(n) for n, _ in read) == list(range(MESSAGES))
    assert {length for _, length in read} == {"4000"}
    assert all(outputs), "only one of the two readers got anything to do"


def test_nothing_is_left_behind_by_what_was_read(spool, tmp_path):
    with Connection(**spool) as connection:
        queue = connection.SimpleQueue("work")
        queue.put({"n": 1})
        queue.get(timeout=5).ack()
    assert os.listdir(tmp_path / "spool" / "messages") == []
    assert os.listdir(tmp_path / "spool" / "processed") == []


def test_a_queue_takes_no_message_of_another(spool):
    with Connection(**spool) as connection:
        connection.SimpleQueue("other").put({"n": 1})
        work = connection.SimpleQueue("work")
        with pytest.raises(work.Empty):
            work.get(timeout=0.1)


def test_every_listener_of_a_fanout_hears_it(spool):
    with Connection(**spool) as connection:
        channel = connection.channel()
        channel.exchange_declare("news", type="fanout")
        for name in ("first", "second"):
            channel.queue_declare(name)
            channel.queue_bind(name, "news", "")
        channel._put_fanout("news", {"body": "hello"}, "")
        assert [channel._get(name)["body"] for name in ("first", "second")] == ["hello", "hello"]


def test_pruning_removes_what_is_old_and_keeps_what_is_new(tmp_path):
    (tmp_path / "left by a dead process").touch()
    assert prune(tmp_path, older_than=3600) == 0
    time.sleep(0.05)
    assert prune(tmp_path, older_than=0.01) == 1
    assert os.listdir(tmp_path) == []
