#!/usr/bin/env python3
"""What a connection costs a proxy in memory while its client is idle, slow or held, and whether a memory limit (-m) holds.

    bench/attacks.py each  PROXY [PROXY ..]    bytes of resident memory per connection, one row for each attack
    bench/attacks.py limit PROXY [PROXY ..]    3000 slow heads, then 3000 slow bodies, under -m 60

A PROXY is the path of a braid or of a HAProxy. Everything runs on loopback.
"""

import os
import resource
import select
import socket
import subprocess
import sys
import threading
import time

CONNECTIONS = 1000
ATTACKERS = 3000
LIMIT = 60
GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
# 14 KB of fields, in lines as they are seen in the wild.
FIELDS = b"".join(b"x-field-%03d: %s\r\n" % (n, b"v" * 184) for n in range(70))
CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
BODY = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" + b"b" * 100
TARPIT = b"GET /tarpit HTTP/1.1\r\nhost: a\r\n"

ROWS = [
    ("idle, after a request", GET, True),
    ("idle, nothing sent", b"", False),
    ("slow head of 14 KB", GET[:-2] + FIELDS, False),
    ("slow body", BODY, False),
    ("tarpit, head of 14 KB", TARPIT + FIELDS + b"\r\n", False),
    ("slow trailers of 14 KB", CHUNKED + b"1\r\nx\r\n0\r\n" + FIELDS, False),
    ("14 KB after a request in a tarpit", TARPIT + b"\r\n" + (GET * 600)[:14000], False),
]


class Origin:
    """Answers requests without a body, and is silent about the others."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        poll, peers = select.epoll(), {}
        poll.register(self.listener, select.EPOLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd == self.listener.fileno():
                    peer, _ = self.listener.accept()
                    peers[peer.fileno()] = peer
                    poll.register(peer, select.EPOLLIN)
                    continue
                peer = peers[fd]
                try:
                    data = peer.recv(1 << 16)
                    if data and data.startswith(b"GET"):
                        peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" * data.count(b"\r\n\r\n"))
                except OSError:
                    data = b""
                if not data:
                    poll.unregister(fd)
                    peers.pop(fd).close()


class Proxy:
    def __init__(self, program, origin, *arguments, maxconn=""):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.file = f"/tmp/memory-{os.getpid()}.cfg"
        with open(self.file, "w") as config:
            config.write(
                f"global\n nbthread 1\n {maxconn}\n"
                "defaults\n mode http\n timeout connect 60s\n timeout client 60s\n timeout server 60s\n timeout tarpit 60s\n"
                f"frontend f\n bind 127.0.0.1:{self.port} backlog 8192\n http-request tarpit if {{ path /tarpit }}\n"
                f" default_backend b\nbackend b\n server s 127.0.0.1:{origin.port}\n"
            )
        command = [program, *arguments, "-f", self.file]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"{program} does not listen")

    def resident(self):
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    def settled(self):
        """The resident memory, once two readings agree."""
        last = -1
        while (now := self.resident()) != last:
            last = now
            time.sleep(0.3)
        return now

    def connect(self, request):
        peer = socket.create_connection(("127.0.0.1", self.port))
        if request:
            peer.sendall(request)
        return peer

    def lives(self):
        return self.process.poll() is None

    def stop(self):
        self.process.kill()
        self.process.wait()
        os.unlink(self.file)


def each(programs):
    origin = Origin()
    print(f"{'bytes per connection':36}" + "".join(f"{os.path.basename(program):>12}" for program in programs))
    for name, request, answered in ROWS:
        costs = []
        for program in programs:
            proxy = Proxy(program, origin, maxconn="maxconn 4000")
            # The first ones pay for what all share.
            warm = [proxy.connect(request) for _ in range(100)]
            before = proxy.settled()
            peers = []
            for _ in range(CONNECTIONS):
                peer = proxy.connect(request)
                if answered:
                    peer.recv(4096)
                peers.append(peer)
            costs.append((proxy.settled() - before) // CONNECTIONS)
            for peer in warm + peers:
                peer.close()
            proxy.stop()
        print(f"{name:36}" + "".join(f"{cost:12}" for cost in costs))


def honest(proxy, seconds):
    """Answers per second to clients that ask one after the other, each over a connection of its own."""
    end, answers = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=seconds) as peer:
                peer.settimeout(max(end - time.monotonic(), 0.1))
                peer.sendall(GET)
                answers += peer.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            pass
    return answers / seconds


def limit(programs):
    origin = Origin()
    for program in programs:
        for settings in ("", "maxconn 5000"):
            proxy = Proxy(program, origin, "-m", str(LIMIT), maxconn=settings)
            print(f"{os.path.basename(program)} -m {LIMIT} {settings}: at rest {honest(proxy, 2):.0f} answers/s")
            for name, request in (("slow heads", ROWS[2][1]), ("slow bodies", BODY)):
                peers, refused = [], 0
                for _ in range(ATTACKERS):
                    try:
                        peers.append(proxy.connect(request))
                    except OSError:
                        refused += 1
                time.sleep(1)
                during = honest(proxy, 3)
                held = 0
                for peer in peers:
                    peer.setblocking(False)
                    try:
                        peer.recv(1)
                    except BlockingIOError:
                        held += 1
                    except OSError:
                        pass
                resident = proxy.resident() >> 20 if proxy.lives() else 0
                for peer in peers:
                    peer.close()
                time.sleep(1)
                after = honest(proxy, 2)
                print(
                    f"  {ATTACKERS} {name}: {'lives' if proxy.lives() else 'DEAD'}, {held} not answered or closed,"
                    f" {refused} refused, {resident} MiB; answers/s during {during:.0f}, after {after:.0f}"
                )
            proxy.stop()


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if len(sys.argv) < 3 or sys.argv[1] not in ("each", "limit"):
        raise SystemExit(__doc__)
    {"each": each, "limit": limit}[sys.argv[1]](sys.argv[2:])
