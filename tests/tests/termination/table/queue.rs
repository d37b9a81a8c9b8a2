//! Sessions that wait since all slots of the servers are taken by one other session.

use crate::scenario::Outcome::Info;
use crate::scenario::Peer::{Client, Occupant, OccupantServer, Server};
use crate::scenario::Step::{Accept, Connect, Eof, Fin, Gone, Reset, Send, Taken};
use crate::scenario::{ROW, Row};

pub(super) const ROWS: [Row; 12] = [
    Row {
        name: "no_slot_in_time",
        back: "timeout queue 200ms; server s1 {server} maxconn 1",
        script: &[Connect(Occupant), Accept(OccupantServer), Connect(Client), Gone(Client)],
        outcome: Info("front back/<NOSRV> 200~/-1/200~ 0 sQ 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "connect_limit_is_queue_limit",
        back: "timeout connect 200ms; server s1 {server} maxconn 1",
        script: &[Connect(Occupant), Accept(OccupantServer), Connect(Client), Gone(Client)],
        outcome: Info("front back/<NOSRV> 200~/-1/200~ 0 sQ 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "no_slot_on_the_server_in_time",
        back: "timeout queue 200ms; use-server s1 if TRUE; server s1 {server} maxconn 1",
        script: &[Connect(Occupant), Accept(OccupantServer), Connect(Client), Gone(Client)],
        outcome: Info("front back/s1 200~/-1/200~ 0 sQ 2/2/1/1/0 1/0"),
        ..ROW
    },
    Row {
        name: "client_ends_while_it_waits_and_aborts",
        back: "option abortonclose; server s1 {server} maxconn 1",
        script: &[
            Connect(Occupant),
            Accept(OccupantServer),
            Connect(Client),
            Send(Client, 3),
            Taken,
            Fin(Client),
            Eof(Client),
        ],
        outcome: Info("front back/<NOSRV> 0~/-1/0~ 0 CQ 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "slot_in_time",
        back: "server s1 {server} maxconn 1",
        script: &[
            Connect(Occupant),
            Accept(OccupantServer),
            Connect(Client),
            Taken,
            Fin(Occupant),
            Eof(OccupantServer),
            Fin(OccupantServer),
            Eof(Occupant),
            Accept(Server),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 0 -- 1/1/0/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "slot_of_the_server_in_time",
        back: "use-server s1 if TRUE; server s1 {server} maxconn 1",
        script: &[
            Connect(Occupant),
            Accept(OccupantServer),
            Connect(Client),
            Taken,
            Fin(Occupant),
            Eof(OccupantServer),
            Fin(OccupantServer),
            Eof(Occupant),
            Accept(Server),
            Fin(Client),
            Eof(Server),
            Fin(Server),
            Eof(Client),
        ],
        outcome: Info("front back/s1 0~/0~/0~ 0 -- 1/1/0/0/0 1/0"),
        ..ROW
    },
    Row {
        name: "client_fin",
        back: "server s1 {server} maxconn 1",
        script: &[
            Connect(Occupant),
            Accept(OccupantServer),
            Connect(Client),
            Taken,
            Fin(Client),
            Gone(Client),
        ],
        outcome: Info("front back/<NOSRV> 0~/-1/0~ 0 CQ 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "client_fin_after_data",
        back: "no option abortonclose; timeout queue 300ms; server s1 {server} maxconn 1",
        script: &[
            Connect(Occupant),
            Accept(OccupantServer),
            Connect(Client),
            Taken,
            Send(Client, 10),
            Fin(Client),
            Gone(Client),
        ],
        outcome: Info("front back/<NOSRV> 300~/-1/300~ 0 sQ 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "client_fin_after_data_abortonclose",
        back: "option abortonclose; server s1 {server} maxconn 1",
        script: &[
            Connect(Occupant),
            Accept(OccupantServer),
            Connect(Client),
            Taken,
            Send(Client, 10),
            Fin(Client),
            Gone(Client),
        ],
        outcome: Info("front back/<NOSRV> 0~/-1/0~ 0 CQ 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "client_fin_after_data_default",
        back: "timeout queue 300ms; server s1 {server} maxconn 1",
        script: &[
            Connect(Occupant),
            Accept(OccupantServer),
            Connect(Client),
            Taken,
            Send(Client, 10),
            Fin(Client),
            Gone(Client),
        ],
        outcome: Info("front back/<NOSRV> 300~/-1/300~ 0 sQ 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "client_resets",
        back: "timeout queue 300ms; server s1 {server} maxconn 1",
        script: &[Connect(Occupant), Accept(OccupantServer), Connect(Client), Taken, Reset(Client)],
        outcome: Info("front back/<NOSRV> 0~/-1/0~ 0 CD 2/2/1/0/0 0/1"),
        ..ROW
    },
    Row {
        name: "client_silent",
        front: "timeout client 100ms",
        back: "timeout queue 300ms; timeout tunnel 30s; server s1 {server} maxconn 1",
        script: &[Connect(Occupant), Accept(OccupantServer), Connect(Client), Gone(Client)],
        outcome: Info("front back/<NOSRV> */-1/100~ 0 cQ 2/2/1/0/0 0/1"),
        note: "Tw is -1 or the time, depending on which of two timers is looked at first. The limit of a tunnel spares the \
               occupant, whose slot the client would get.",
        ..ROW
    },
];
