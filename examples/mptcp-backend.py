#!/usr/bin/env python3
"""A small HTTP server over Multipath TCP that reports for each connection whether it is MPTCP.

    mptcp-backend.py [PORT [ADDRESS]]

On a system without MPTCP it listens for TCP and reports that.
"""

import http.server
import socket
import struct
import sys

# Constants of Linux (linux/in.h, linux/socket.h, linux/mptcp.h). Python has the first by name since 3.10.
IPPROTO_MPTCP = getattr(socket, "IPPROTO_MPTCP", 262)
SOL_MPTCP = 284
MPTCP_INFO = 1
# struct mptcp_info: the first byte is the number of subflows beside the first; 96 bytes on Linux 6.18.
MPTCP_INFO_SIZE = 96


def describe(connection):
    """Describes a connection: MPTCP and its number of paths, or TCP.

    MPTCP_INFO (since Linux 5.16) fails on a connection that is plain TCP or has fallen back to it.
    """
    if connection.proto != IPPROTO_MPTCP:
        return "TCP"
    try:
        info = connection.getsockopt(SOL_MPTCP, MPTCP_INFO, MPTCP_INFO_SIZE)
    except OSError:
        return "TCP"
    (extra,) = struct.unpack_from("B", info)
    return f"MPTCP, paths: {extra + 1}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self):
        peer = "%s port %d" % self.client_address[:2]
        server = "%s port %d" % self.connection.getsockname()[:2]
        text = f"{server} was reached from {peer} over {describe(self.connection)}\n"
        # Header fields that mptcp.cfg has the proxy add about its client.
        client = self.headers.get("X-Forwarded-For")
        if client:
            paths = self.headers.get("X-MPTCP-Paths")
            over = f"MPTCP, paths: {paths}" if paths else "TCP"
            text += f"for {client}, who reached the proxy over {over}\n"
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format, *args):
        host, port = self.client_address[:2]
        print(f"{host}:{port} ({describe(self.connection)}) {format % args}", flush=True)


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, address, handler):
        # Without its socket, which is always TCP.
        super().__init__(address, handler, bind_and_activate=False)
        self.socket.close()
        try:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
            self.speaks = "MPTCP and TCP"
        except OSError as error:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.speaks = f"TCP only ({error.strerror})"
        self.server_bind()
        self.server_activate()

    def get_request(self):
        connection, peer = super().get_request()
        # A client without MPTCP gets a TCP socket, but Python's accept() gives it the protocol of the listener.
        protocol = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL)
        if protocol != connection.proto:
            connection = socket.socket(connection.family, connection.type, protocol, connection.detach())
        print(f"{peer[0]}:{peer[1]} connected", flush=True)
        return connection, peer


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 4331
    address = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
    with Server((address, port), Handler) as server:
        host, port = server.server_address[:2]
        print(f"listening on {host}:{port}, {server.speaks}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
