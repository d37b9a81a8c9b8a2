#!/usr/bin/env python3
"""Measures the CPU time that health checks of many servers cost a proxy.

    bench/checks.py target/release/braid /usr/sbin/haproxy

Each program gets the same configuration: one thread, and servers with `check inter 2s` at a few local addresses, where
connections are accepted and closed. Everything runs in a network namespace of its own, in which the kernel counts the
connections. The programs take turns. The figures are CPU time of the proxy, user and system, per second and per check;
medians over the rounds. The second does not depend on what else the machine does, since a starved proxy checks less often.
"""

import argparse
import fcntl
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

# Enough that their queues hold the connections of a few seconds while this machine does something else.
ADDRESSES = 16
# Until the first checks of all servers, which are spread over an interval, have passed.
WARM_UP = 6


def enter_namespace():
    """Starts this program again in a network namespace of its own, and then sets up the loopback."""
    if os.environ.get("BRAID_CHECKS") is None:
        os.environ["BRAID_CHECKS"] = "inside"
        os.execvp("unshare", ["unshare", "-rn", sys.executable] + sys.argv)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh", b"lo", 1)
        fcntl.ioctl(any_socket, 0x8914, up)  # SIOCSIFFLAGS, IFF_UP


def start_origins():
    """Returns addresses, and the processes that accept connections and close them, until they are killed."""
    addresses, processes = [], []
    for _ in range(ADDRESSES):
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        addresses.append("127.0.0.1:%d" % listener.getsockname()[1])
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            while True:
                listener.accept()[0].close()
        listener.close()
        processes.append(process)
    return addresses, processes


def configuration(servers, addresses, line):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines = [
        "global",
        "    nbthread 1",
        "    maxconn 1000",
        "defaults",
        "    mode http",
        "    timeout connect 5s",
        "    timeout client 5s",
        "    timeout server 5s",
        "listen proxy",
        "    bind 127.0.0.1:%d" % port,
        "    balance roundrobin",
        "    default-server check inter 2s",
    ]
    lines += ["    " + line] if line else []
    lines += ["    server s%d %s" % (n, addresses[n % len(addresses)]) for n in range(servers)]
    return "\n".join(lines) + "\n"


def cpu(process):
    """Returns the CPU time of a process so far, in seconds."""
    with open("/proc/%d/stat" % process) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def opened():
    """Returns the number of connections that were opened in this namespace."""
    with open("/proc/net/snmp") as file:
        names, values = (line.split() for line in file if line.startswith("Tcp:"))
    return int(values[names.index("ActiveOpens")])


def measure(program, config, seconds):
    """Returns CPU seconds per second, and checks per second."""
    proxy = subprocess.Popen(
        [program, "-db", "-f", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(WARM_UP)
        if proxy.poll() is not None:
            raise SystemExit("%s ended with %d" % (program, proxy.returncode))
        begun, before, checks = time.monotonic(), cpu(proxy.pid), opened()
        time.sleep(seconds)
        passed = time.monotonic() - begun
        return (cpu(proxy.pid) - before) / passed, (opened() - checks) / passed
    finally:
        proxy.kill()
        proxy.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="+")
    parser.add_argument("--servers", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--line", default="", help="one more line of the section, such as 'option httpchk'")
    options = parser.parse_args()
    enter_namespace()
    addresses, processes = start_origins()
    results = {program: [] for program in options.program}
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
            file.write(configuration(options.servers, addresses, options.line))
            file.flush()
            for turn in range(options.rounds):
                for program in options.program[:: -1 if turn % 2 else 1]:
                    results[program].append(measure(program, file.name, options.seconds))
    finally:
        for process in processes:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    print("%d servers, a check of each every two seconds; medians of %d rounds" % (options.servers, options.rounds))
    for program, measured in results.items():
        share = statistics.median(used for used, _ in measured)
        each = statistics.median(used / checks * 1e6 for used, checks in measured if checks)
        rate = statistics.median(checks for _, checks in measured)
        spread = ", ".join("%.1f" % (100 * used) for used, _ in measured)
        print("%-40s %5.1f %% of a core (%s), %5.0f checks/s, %.1f us each" % (program, 100 * share, spread, rate, each))


if __name__ == "__main__":
    main()
