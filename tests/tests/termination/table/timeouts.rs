//! Sessions in which a peer is silent for too long.

use crate::scenario::Outcome::Info;
use crate::scenario::Peer::{Client, Server};
use crate::scenario::Step::{Accept, Connect, ConnectNarrow, Eof, Fin, Gone, Pour, Recv, Send};
use crate::scenario::{ROW, Row};

pub(super) const ROWS: [Row; 17] = [
    Row {
        name: "client_silent",
        front: "timeout client 300ms",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Eof(Server),
            Fin(Server),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/300~ 20 cD 1/1/0/0/0 0/0"),
        note: "The limit acts as a FIN of the client: the session goes on until the server ends its side.",
        ..ROW
    },
    Row {
        name: "client_silent_from_the_start",
        front: "timeout client 200ms",
        script: &[Connect(Client), Accept(Server), Eof(Server), Fin(Server), Gone(Client)],
        outcome: Info("front back/s1 0~/0~/200~ 0 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_silent",
        back: "timeout server 300ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Eof(Client),
            Fin(Client),
            Gone(Server),
        ],
        outcome: Info("front back/s1 0~/0~/300~ 20 sD 1/1/0/0/0 0/0"),
        note: "The limit acts as a FIN of the server: the session goes on until the client ends its side.",
        ..ROW
    },
    Row {
        name: "client_silent_then_server",
        front: "timeout client 300ms",
        back: "timeout server 900ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Eof(Server),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/900~ 20 cD 1/1/0/0/0 0/0"),
        braid: Some(Info("front back/s1 0~/0~/300~ 20 cD 1/1/0/0/0 0/0")),
        note: "What came first names the end; of two that are seen at once, the client's. In Braid the first limit ends the \
               whole session: after one side was silent for too long, the other side is not waited for.",
        ..ROW
    },
    Row {
        name: "server_silent_then_client",
        front: "timeout client 900ms",
        back: "timeout server 300ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Eof(Client),
            Gone(Server),
        ],
        outcome: Info("front back/s1 0~/0~/900~ 20 sD 1/1/0/0/0 0/0"),
        braid: Some(Info("front back/s1 0~/0~/300~ 20 sD 1/1/0/0/0 0/0")),
        note: "What came first names the end; of two that are seen at once, the client's. In Braid the first limit ends the \
               whole session, see client_silent_then_server.",
        ..ROW
    },
    Row {
        name: "both_silent",
        front: "timeout client 300ms",
        back: "timeout server 300ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
        ],
        outcome: Info("front back/s1 0~/0~/300~ 20 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "tunnel",
        back: "timeout tunnel 300ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
        ],
        outcome: Info("front back/s1 0~/0~/300~ 20 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_does_not_read",
        front: "timeout client 200ms",
        script: &[Connect(Client), Accept(Server), Pour(Server, 100_000_000)],
        outcome: Info("front back/s1 0~/0~/200~ 1~ cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_does_not_read",
        back: "timeout server 200ms; server s1 {server}",
        script: &[Connect(Client), Accept(Server), Pour(Client, 100_000_000)],
        outcome: Info("front back/s1 0~/0~/200~ 0 sD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin_limit_is_not_for_the_fin_of_the_client",
        front: "timeout client-fin 100ms",
        back: "timeout server-fin 300ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Client),
            Eof(Server),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/300~ 20 sD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_fin_limit_is_not_for_the_fin_of_the_server",
        front: "timeout client-fin 300ms",
        back: "timeout server-fin 100ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Server),
            Eof(Client),
            Gone(Server),
        ],
        outcome: Info("front back/s1 0~/0~/300~ 20 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin_then_server_silent",
        back: "timeout server 200ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Client),
            Eof(Server),
        ],
        outcome: Info("front back/s1 0~/0~/200~ 20 sD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin_then_server_fin_limit",
        back: "timeout server-fin 200ms; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Client),
            Eof(Server),
        ],
        outcome: Info("front back/s1 0~/0~/200~ 20 sD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_fin_then_client_fin_limit",
        front: "timeout client-fin 200ms",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/200~ 20 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_fin_then_client_silent",
        front: "timeout client 200ms",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/200~ 20 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_fin_with_tunnel",
        front: "timeout client-fin 200ms",
        back: "timeout tunnel 30s; server s1 {server}",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/200~ 20 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_does_not_read_last_data",
        global: "tune.bufsize 1000000; tune.sndbuf.client 16384",
        front: "timeout client 200ms",
        script: &[ConnectNarrow(Client), Accept(Server), Send(Server, 400_000), Fin(Server)],
        outcome: Info("front back/s1 0~/0~/200~ 400000 cD 1/1/0/0/0 0/0"),
        ..ROW
    },
];
