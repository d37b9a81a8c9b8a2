//! Sessions that a rule ends, or that wait for data that does not come.

use crate::scenario::Outcome::{Info, Silence};
use crate::scenario::Peer::{Client, Server};
use crate::scenario::Step::{Accept, Connect, Eof, Fin, Gone, Reset, Taken};
use crate::scenario::{ROW, Row};

pub(super) const ROWS: [Row; 11] = [
    Row {
        name: "content_rejected",
        front: "tcp-request content reject",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front front/<NOSRV> -1/-1/0~ 0 PR 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "content_rejected_in_backend",
        back: "tcp-request content reject; server s1 {server}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/<NOSRV> -1/-1/0~ 0 PR 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "connection_rejected",
        front: "stick-table type ip size 10 expire 1m store gpc0; tcp-request connection track-sc0 src; tcp-request connection reject if { sc0_inc_gpc0 le 1 }",
        script: &[Connect(Client), Gone(Client)],
        outcome: Silence,
        ..ROW
    },
    Row {
        name: "session_rejected",
        front: "stick-table type ip size 10 expire 1m store gpc0; tcp-request connection track-sc0 src; tcp-request session reject if { sc0_inc_gpc0 le 1 }",
        script: &[Connect(Client), Gone(Client)],
        outcome: Silence,
        ..ROW
    },
    Row {
        name: "inspection_client_fin",
        front: "tcp-request inspect-delay 30s; tcp-request content accept if { req.len gt 0 }",
        script: &[Connect(Client), Taken, Fin(Client), Accept(Server), Eof(Server), Fin(Server), Eof(Client)],
        outcome: Info("front back/s1 0~/0~/0~ 0 -- 1/1/0/0/0 0/0"),
        note: "A FIN ends the inspection; no rule applies, and the server is asked.",
        ..ROW
    },
    Row {
        name: "inspection_client_resets",
        front: "tcp-request inspect-delay 30s; tcp-request content accept if { req.len gt 0 }",
        script: &[Connect(Client), Taken, Reset(Client)],
        outcome: Info("front back/<NOSRV> -1/-1/0~ 0 CR 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "inspection_client_silent",
        front: "timeout client 200ms; tcp-request inspect-delay 30s; tcp-request content accept if { req.len gt 0 }",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/<NOSRV> -1/-1/200~ 0 cR 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "inspection_over",
        front: "tcp-request inspect-delay 200ms; tcp-request content accept if { req.len gt 0 }",
        script: &[Connect(Client), Accept(Server), Fin(Client), Eof(Server), Fin(Server), Eof(Client)],
        outcome: Info("front back/s1 200~/0~/200~ 0 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "response_rejected",
        back: "tcp-response content reject; server s1 {server}",
        script: &[Connect(Client), Accept(Server), Gone(Client)],
        outcome: Info("front back/s1 0~/0~/0~ 0 PD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "response_closed",
        back: "tcp-response content close; server s1 {server}",
        script: &[Connect(Client), Accept(Server), Eof(Client), Fin(Client), Gone(Server)],
        outcome: Info("front back/s1 0~/0~/0~ 0 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "response_inspection_server_silent",
        back: "timeout server 200ms; tcp-response inspect-delay 30s; tcp-response content accept if { res.len gt 0 }; server s1 {server}",
        script: &[Connect(Client), Accept(Server), Eof(Client), Fin(Client), Gone(Server)],
        outcome: Info("front back/s1 0~/0~/200~ 0 sD 1/1/0/0/0 0/0"),
        ..ROW
    },
];
