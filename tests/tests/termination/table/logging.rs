//! What is logged, when, and at which level.

use crate::scenario::Outcome::{Error, Info, Silence, Text};
use crate::scenario::Peer::{Client, Server};
use crate::scenario::Step::{Accept, Connect, Eof, Fin, Gone, Recv, Reset, Send};
use crate::scenario::{ROW, Row};

pub(super) const ROWS: [Row; 13] = [
    Row {
        name: "null_is_not_logged",
        front: "option dontlognull",
        script: &[Connect(Client), Accept(Server), Fin(Client), Eof(Server), Fin(Server), Eof(Client)],
        outcome: Silence,
        ..ROW
    },
    Row {
        name: "null_despite_server_data",
        front: "option dontlognull",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Silence,
        ..ROW
    },
    Row {
        name: "null_despite_client_reset",
        front: "option dontlognull",
        script: &[Connect(Client), Accept(Server), Reset(Client), Gone(Server)],
        outcome: Silence,
        ..ROW
    },
    Row {
        name: "not_null",
        front: "option dontlognull",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 1),
            Recv(Server, 1),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 0 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "normal_is_not_logged",
        front: "option dontlog-normal",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Silence,
        ..ROW
    },
    Row {
        name: "not_normal",
        front: "option dontlog-normal",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Reset(Client),
            Gone(Server),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "errors_are_loud",
        front: "option log-separate-errors",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Reset(Server),
            Gone(Client),
        ],
        outcome: Error("front back/s1 0~/0~/0~ 20 SD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_errors_are_loud",
        front: "option log-separate-errors",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Reset(Client),
            Gone(Server),
        ],
        outcome: Error("front back/s1 0~/0~/0~ 20 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "success_is_not_loud",
        front: "option log-separate-errors",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "as_soon_as_possible",
        front: "option logasap",
        script: &[Connect(Client), Accept(Server)],
        outcome: Info("front back/s1 0~/0~/+0~ +0 -- 1/1/1/1/0 0/0"),
        ..ROW
    },
    Row {
        name: "as_soon_as_possible_refused",
        front: "option logasap",
        back: "server s1 {closed}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/+0~ +0 SC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "no_format_is_logged_at_the_start",
        front: "",
        log: "",
        script: &[Connect(Client), Accept(Server)],
        outcome: Text("Connect from {client} to {front} (front/TCP)"),
        ..ROW
    },
    Row {
        name: "no_format_no_server",
        front: "",
        log: "",
        back: "server s1 {closed}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Text("Connect from {client} to {front} (front/TCP)"),
        ..ROW
    },
];
