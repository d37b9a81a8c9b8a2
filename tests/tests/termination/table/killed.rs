//! Sessions that are ended from outside.

use braid_tests::program::Version;

use crate::scenario::Outcome::{Exit, Info};
use crate::scenario::Peer::{Client, Server};
use crate::scenario::Step::{
    Accept, Admin, Connect, Eof, Fin, Gone, Health, Logged, Recv, Send, SoftStop, Taken,
};
use crate::scenario::{ROW, Row};

pub(super) const ROWS: [Row; 7] = [
    Row {
        name: "admin_kills",
        global: "stats socket {admin} level admin",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Admin("shutdown sessions server back/s1"),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 KC 1/1/0/0/0 0/0"),
        braid: Some(Info("front back/s1 0~/0~/0~ 20 KD 1/1/0/0/0 0/0")),
        since: Version(3, 5),
        note: "The second letter is the phase, which HAProxy does not log; 2.6 says K-.",
        ..ROW
    },
    Row {
        name: "admin_kills_connecting",
        global: "stats socket {admin} level admin",
        back: "server s1 {full}",
        script: &[Connect(Client), Taken, Admin("shutdown sessions server back/s1"), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 KC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_goes_down",
        back: "server s1 {server} on-marked-down shutdown-sessions check inter 50ms fall 1 rise 1 port {health}",
        script: &[
            Health(true),
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Health(false),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 DC 1/1/0/0/0 0/0"),
        braid: Some(Info("front back/s1 0~/0~/0~ 20 DD 1/1/0/0/0 0/0")),
        since: Version(3, 5),
        note: "2.6 says D-.",
        ..ROW
    },
    Row {
        name: "server_goes_down_without_consequence",
        back: "server s1 {server} check inter 50ms fall 1 rise 1 port {health}",
        script: &[
            Health(true),
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Health(false),
            Logged("Server back/s1 is DOWN"),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "primary_comes_back",
        back: "server s1 {server} on-marked-up shutdown-backup-sessions check inter 50ms fall 1 rise 1 port {health}; server s2 {server} backup",
        script: &[
            Logged("Server back/s1 is DOWN"),
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Health(true),
            Gone(Client),
        ],
        outcome: Info("front back/s2 0~/0~/0~ 20 UC 1/1/0/0/0 0/0"),
        braid: Some(Info("front back/s2 0~/0~/0~ 20 UD 1/1/0/0/0 0/0")),
        since: Version(3, 5),
        note: "2.6 says U-.",
        ..ROW
    },
    Row {
        name: "soft_stop_lets_finish",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            SoftStop,
            Send(Server, 5),
            Recv(Client, 5),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 25 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "soft_stop_ends_hard",
        global: "hard-stop-after 200ms",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            SoftStop,
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/200~ 20 KC 1/1/0/0/0 0/0"),
        braid: Some(Exit),
        since: Version(3, 5),
        note: "2.6 says K-. Braid does not log the sessions yet that end with the process.",
        ..ROW
    },
];
