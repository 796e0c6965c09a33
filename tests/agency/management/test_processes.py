import os
import signal
import sys
import time

import pytest

from agency.management.processes import Children, ProcessError, listen

FOREVER = "import time; time.sleep(600)"
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(helper.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def children(tmp_path):
    with Children(logs=tmp_path / "log", folder=tmp_path, environment=os.environ) as made:
        yield made


def python(children, name, code, **how):
    return children.start(name, [sys.executable, "-c", code], **how)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_leaving_the_block_stops_every_process(tmp_path):
    with Children(logs=tmp_path, folder=tmp_path, environment=os.environ) as children:
        pids = [python(children, name, FOREVER).pid for name in ("one", "two")]
        assert all(is_running(pid) for pid in pids)
    assert not any(is_running(pid) for pid in pids)


def test_an_error_inside_the_block_stops_them_too(tmp_path):
    def fail():
        with Children(logs=tmp_path, folder=tmp_path, environment=os.environ) as children:
            pids.append(python(children, "one", FOREVER).pid)
            raise RuntimeError

    pids = []
    with pytest.raises(RuntimeError):
        fail()
    assert not is_running(pids[0])


def test_a_process_that_does_not_listen_is_ended_with_its_helpers(children):
    child = python(children, "stubborn", STUBBORN)
    children.wait_for(lambda: child.log.read_text().strip(), what="its helper", seconds=20)
    helper = int(child.log.read_text())
    assert is_running(helper)
    children.stop(grace=0.2)
    assert child.process.returncode == -signal.SIGKILL
    until = time.monotonic() + 5
    while is_running(helper) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(helper)


def test_a_process_that_may_finish_its_work_ends_by_itself(children):
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)"
    )
    child = python(children, "polite", code)
    children.wait_for(lambda: "ready" in child.log.read_text(), what="it", seconds=20)
    children.stop()
    assert child.process.returncode == 0


def test_a_process_that_died_is_told_with_its_last_words(children):
    python(children, "worker-1", "import sys; print('no such table'); sys.exit(3)")
    with pytest.raises(ProcessError) as told:
        children.wait_for(lambda: False, what="the workers", seconds=20)
    assert "worker-1 ended with code 3" in str(told.value)
    assert "no such table" in str(told.value)


def test_what_does_not_come_in_time_is_named(children):
    python(children, "web", FOREVER)
    with pytest.raises(ProcessError, match="the web process: not after 0 seconds"):
        children.wait_for(lambda: False, what="the web process", seconds=0.1)


def test_whoever_waits_gives_up_when_we_stop(children):
    children.stop()
    assert children.stopping
    with pytest.raises(ProcessError, match="stopped"):
        children.wait_for(lambda: True, what="anything", seconds=20)


def test_a_held_descriptor_is_open_in_the_process_and_closed_at_the_end(children):
    read, write = os.pipe()
    children.hold(write)
    child = python(children, "one", f"import os; os.write({write}, b'here')")
    assert child.process.wait(20) == 0
    assert os.read(read, 10) == b"here"
    children.stop()
    assert os.read(read, 10) == b""  # nobody can write any more
    os.close(read)


def test_a_server_gets_a_port_that_is_bound_already(children):
    code = (
        "import socket, sys\n"
        "connection, _ = socket.socket(fileno=int(sys.argv[1])).accept()\n"
        "connection.sendall(b'hello')"
    )
    import socket

    with listen() as made:
        address, number = made.getsockname(), made.fileno()
        children.start("web", [sys.executable, "-c", code, str(number)], keep=[number])
    with socket.create_connection(address, timeout=20) as connection:
        assert connection.recv(10) == b"hello"
    assert address[0] == "127.0.0.1"
