#!/usr/bin/env python3
"""What clients notice when one of four servers fails under load, side by side.

    bench/failover.py LOAD PROXY [PROXY ..]

LOAD is the path of braid-load, a PROXY that of a braid or of a HAProxy. Each proxy in turn serves 5,000 GET requests
a second from four servers with health checks. After a second one server fails, and after three more it is back. Everything
runs on loopback.

    failed          requests whose response was not whole and right
    >10 ms ..       requests that took longer, from the moment they were due
    noticed         milliseconds until the proxy said that the server is down
    back            milliseconds until it said that it is up
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

RATE = 5000
SECONDS = 6
FAILS_AT = 1.0
BACK_AT = 4.0
FILE = """
global
    nbthread 1
    maxconn 2000
    stats socket {directory}/socket level admin
defaults
    mode http
    timeout client 10s
    timeout connect 500ms
    timeout server 1s
    retries 3
    option redispatch 1
    retry-on all-retryable-errors
frontend front
    bind 127.0.0.1:{port}
    default_backend back
backend back
    balance roundrobin
    option httpchk GET /1
    default-server check inter 200ms fastinter 50ms downinter 200ms fall 2 rise 2 {server}
{servers}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"nothing listens on port {port}")


class Server:
    """A server that can fail."""

    def __init__(self, load):
        self.load = load
        self.port = free_port()
        self.start()

    def start(self):
        command = [self.load, "serve-http", f"127.0.0.1:{self.port}", "--lifetime", "60"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self.port)

    def end(self):
        self.process.kill()
        self.process.wait()


def kill(server):
    server.end()


def start(server):
    server.start()


def stop(server):
    server.process.send_signal(signal.SIGSTOP)


def resume(server):
    server.process.send_signal(signal.SIGCONT)


FAULTS = [
    ("killed", "", kill, start),
    ("killed, observed", "observe layer4 error-limit 5 on-error mark-down", kill, start),
    ("does not answer", "", stop, resume),
]


def state(path):
    """Returns whether the first server is up."""
    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect(path)
        stream.sendall(b"show servers state back\n")
        answer = b"".join(iter(lambda: stream.recv(65536), b"")).decode()
    line = next(line for line in answer.splitlines() if " s0 " in line)
    return line.split()[5] == "2"


def noticed(path, is_up, since):
    """Waits until the first server is up or down, and returns the milliseconds."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        if state(path) == is_up:
            return f"{(time.monotonic() - since) * 1000:.0f}"
        time.sleep(0.005)
    return "never"


def row(load, proxy, fault):
    name, server_words, fail, mend = fault
    servers = [Server(load) for _ in range(4)]
    with tempfile.TemporaryDirectory() as directory:
        lines = "\n".join(f"    server s{n} 127.0.0.1:{server.port}" for n, server in enumerate(servers))
        port, path = free_port(), os.path.join(directory, "socket")
        file = os.path.join(directory, "cfg")
        with open(file, "w") as out:
            out.write(FILE.format(directory=directory, port=port, server=server_words, servers=lines))
        running = subprocess.Popen([proxy, "-f", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            time.sleep(1)
            command = [load, "get", f"127.0.0.1:{port}", "--bytes", "128", "--rate", str(RATE)]
            command += ["--seconds", str(SECONDS), "--concurrency", "64", "--pid", str(running.pid), "--json"]
            getting = subprocess.Popen(command, stdout=subprocess.PIPE)
            begun = time.monotonic()
            time.sleep(FAILS_AT)
            fail(servers[0])
            down = noticed(path, False, time.monotonic())
            time.sleep(max(0, begun + BACK_AT - time.monotonic()))
            mend(servers[0])
            up = noticed(path, True, time.monotonic())
            result = json.loads(getting.communicate()[0])
        finally:
            running.kill()
            running.wait()
            for server in servers:
                server.end()
    slower = result["slower_than_ms"]
    failed = result["requests"] - result["requests_ok"]
    cost = (result["cost"] or {}).get("us_per_request") or 0
    cells = [name, os.path.basename(proxy), failed, slower["10"], slower["100"], slower["1000"]]
    cells += [f"{result['latency_us']['p99'] / 1000:.1f}", down, up, f"{cost:.1f}"]
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)
    if failed:
        print(f"    {result['errors']} {result['first_error']}")


def main():
    load, *proxies = sys.argv[1:]
    heads = ["fault", "proxy", "failed", ">10 ms", ">100 ms", ">1 s", "p99 ms", "noticed", "back", "us/request"]
    print(f"{RATE * SECONDS} requests")
    print("| " + " | ".join(heads) + " |")
    print("| " + " | ".join("---" for _ in heads) + " |")
    for fault in FAULTS:
        for proxy in proxies:
            row(load, proxy, fault)


if __name__ == "__main__":
    main()
