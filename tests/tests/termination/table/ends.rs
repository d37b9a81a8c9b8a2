//! Sessions of which one peer ends the connection.

use crate::scenario::Outcome::Info;
use crate::scenario::Peer::{Client, Server};
use crate::scenario::Step::{
    Accept, Close, Connect, ConnectNarrow, Eof, Fin, Gone, Pour, Recv, Reset, Send, Taken, Unread,
};
use crate::scenario::{ROW, Row};

pub(super) const ROWS: [Row; 20] = [
    Row {
        name: "client_closes_first",
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
        name: "server_closes_first",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Server),
            Eof(Client),
            Fin(Client),
            Eof(Server),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "nothing_is_said",
        script: &[Connect(Client), Accept(Server), Fin(Client), Eof(Server), Fin(Server), Eof(Client)],
        outcome: Info("front back/s1 0~/0~/0~ 0 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "answer_after_client_fin",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Fin(Client),
            Recv(Server, 10),
            Eof(Server),
            Send(Server, 1000),
            Fin(Server),
            Recv(Client, 1000),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 1000 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "request_after_server_fin",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Server, 30),
            Fin(Server),
            Recv(Client, 30),
            Eof(Client),
            Send(Client, 1000),
            Recv(Server, 1000),
            Fin(Client),
            Eof(Server),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 30 -- 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_resets",
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
        name: "client_resets_before_data",
        script: &[Connect(Client), Accept(Server), Reset(Client), Gone(Server)],
        outcome: Info("front back/s1 0~/0~/0~ 0 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_closes_with_unread_data",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Server, 20),
            Unread(Client, 20),
            Send(Client, 10),
            Recv(Server, 10),
            Close(Client),
            Gone(Server),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_resets",
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
        outcome: Info("front back/s1 0~/0~/0~ 20 SD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_resets_before_data",
        script: &[Connect(Client), Accept(Server), Reset(Server), Gone(Client)],
        outcome: Info("front back/s1 0~/0~/0~ 0 SD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_closes_with_unread_data",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Unread(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Close(Server),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 SD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_fin_then_client_resets_unseen",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Fin(Client),
            Recv(Server, 10),
            Eof(Server),
            Reset(Client),
            Send(Server, 20),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 CD 1/1/0/0/0 0/0"),
        note: "A reset after a FIN is noticed by the next write only.",
        ..ROW
    },
    Row {
        name: "client_fin_then_server_resets",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Fin(Client),
            Recv(Server, 10),
            Eof(Server),
            Reset(Server),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 0 SD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_fin_then_client_resets",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Server),
            Eof(Client),
            Reset(Client),
            Gone(Server),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_fin_then_server_resets_unseen",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 10),
            Recv(Server, 10),
            Send(Server, 20),
            Recv(Client, 20),
            Fin(Server),
            Eof(Client),
            Reset(Server),
            Send(Client, 10),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 20 SD 1/1/0/0/0 0/0"),
        note: "A reset after a FIN is noticed by the next write only.",
        ..ROW
    },
    Row {
        name: "client_resets_a_download",
        script: &[
            Connect(Client),
            Accept(Server),
            Pour(Server, 100_000_000),
            Recv(Client, 100_000),
            Reset(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 100000~ CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_resets_a_download",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Server, 100_000),
            Recv(Client, 100_000),
            Reset(Server),
            Gone(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 100000 SD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "server_resets_an_upload",
        script: &[
            Connect(Client),
            Accept(Server),
            Pour(Client, 100_000_000),
            Recv(Server, 100_000),
            Reset(Server),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 0 SD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_resets_an_upload",
        script: &[
            Connect(Client),
            Accept(Server),
            Send(Client, 100_000),
            Recv(Server, 100_000),
            Reset(Client),
            Gone(Server),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 0 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
    Row {
        name: "client_resets_last_data",
        global: "tune.bufsize 1000000; tune.sndbuf.client 16384",
        front: "timeout client-fin 30s",
        script: &[
            ConnectNarrow(Client),
            Accept(Server),
            Send(Server, 400_000),
            Fin(Server),
            Taken,
            Reset(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 400000 CD 1/1/0/0/0 0/0"),
        ..ROW
    },
];
