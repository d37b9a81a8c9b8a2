//! Sessions without a connection to a server, or without one in time.

use braid_tests::program::Version;

use crate::scenario::Outcome::Info;
use crate::scenario::Peer::{Client, Occupant, OccupantServer, Server};
use crate::scenario::Step::{Accept, Connect, Eof, Fin, Gone, Reset, Send, Taken};
use crate::scenario::{ROW, Row};

pub(super) const ROWS: [Row; 22] = [
    Row {
        name: "refused",
        back: "server s1 {closed}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 SC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "refused_with_bytes_of_the_client",
        back: "timeout connect 300ms; server s1 {full}",
        script: &[Connect(Client), Send(Client, 100_000), Eof(Client)],
        outcome: Info("front back/s1 0~/-1/300~ 0 sC 1/1/0/0/0 0/0"),
        note: "More than the program buffers.",
        ..ROW
    },
    Row {
        name: "refused_with_retries",
        back: "retries 2; timeout connect 100ms; server s1 {closed}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/200~ 0 SC 1/1/0/0/2 0/0"),
        ..ROW
    },
    Row {
        name: "refused_then_redispatched",
        back: "use-server s1 if TRUE; retries 1; option redispatch; server s1 {closed}; server s2 {server}",
        script: &[Connect(Client), Accept(Server), Fin(Client), Eof(Server), Fin(Server), Eof(Client)],
        outcome: Info("front back/s2 0~/0~/0~ 0 -- 1/1/0/0/+1 0/0"),
        ..ROW
    },
    Row {
        name: "all_refuse",
        back: "use-server s1 if TRUE; retries 1; option redispatch; server s1 {closed}; server s2 {closed}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s2 0~/-1/0~ 0 SC 1/1/0/0/+1 0/0"),
        ..ROW
    },
    Row {
        name: "no_answer",
        back: "timeout connect 200ms; server s1 {full}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/200~ 0 sC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "no_answer_with_retries",
        back: "retries 2; timeout connect 100ms; server s1 {full}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/300~ 0 sC 1/1/0/0/2 0/0"),
        ..ROW
    },
    Row {
        name: "no_answer_then_redispatched",
        back: "use-server s1 if TRUE; retries 1; option redispatch; timeout connect 200ms; server s1 {full}; server s2 {server}",
        script: &[Connect(Client), Accept(Server), Fin(Client), Eof(Server), Fin(Server), Eof(Client)],
        outcome: Info("front back/s2 200~/0~/200~ 0 -- 1/1/0/0/+1 0/0"),
        note: "The time of the failed attempt counts as waiting.",
        ..ROW
    },
    Row {
        name: "unreachable",
        back: "server s1 255.255.255.255:1",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 SC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "unix_path_missing",
        back: "server s1 unix@/nonexistent/socket",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 SC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "no_server",
        back: "balance roundrobin",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/<NOSRV> -1/-1/0~ 0 SC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "no_backend",
        back: "",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front front/<NOSRV> -1/-1/0~ 0 SC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "servers_disabled",
        back: "server s1 {server} disabled",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/<NOSRV> -1/-1/0~ 0 SC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "source_port_taken",
        back: "server s1 {server} source 127.0.0.1:{port}-{port}",
        script: &[Connect(Occupant), Accept(OccupantServer), Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 SC 2/2/1/1/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin",
        back: "server s1 {full}",
        script: &[Connect(Client), Taken, Fin(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 CC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin_after_data",
        back: "no option abortonclose; timeout connect 300ms; server s1 {full}",
        script: &[Connect(Client), Taken, Send(Client, 10), Fin(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/300~ 0 sC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin_after_data_default",
        back: "timeout connect 300ms; server s1 {full}",
        script: &[Connect(Client), Taken, Send(Client, 10), Fin(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/300~ 0 sC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin_after_data_abortonclose",
        back: "option abortonclose; server s1 {full}",
        script: &[Connect(Client), Taken, Send(Client, 10), Fin(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 CC 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_resets",
        back: "server s1 {full}",
        script: &[Connect(Client), Taken, Reset(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_resets_after_data",
        back: "timeout connect 300ms; server s1 {full}",
        script: &[Connect(Client), Taken, Send(Client, 10), Taken, Reset(Client)],
        outcome: Info("front back/s1 0~/-1/300~ 0 sC 1/1/0/0/0 0/0"),
        braid: Some(Info("front back/s1 0~/-1/0~ 0 CD 1/1/0/0/0 0/0")),
        since: Version(3, 5),
        note: "A reset after data is not seen while the data is not read; 2.6 sees it and says CD at once. So does Braid, \
               which looks at the client while it connects: nobody connects for one who has gone.",
        ..ROW
    },
    Row {
        name: "client_resets_between_retries",
        back: "retries 1; timeout connect 300ms; server s1 {closed}",
        script: &[Connect(Client), Taken, Reset(Client)],
        outcome: Info("front back/s1 0~/-1/0~ 0 CD 1/1/0/0/1 0/0"),
        ..ROW
    },
    Row {
        name: "client_silent",
        front: "timeout client 100ms",
        back: "timeout connect 300ms; server s1 {full}",
        script: &[Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 0~/-1/100~ 0 cC 1/1/0/0/0 0/0"),
        ..ROW
    },
];
