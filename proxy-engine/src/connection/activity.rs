//! A session or exchange that lives: its meter, and how it is ended from outside.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use proxy_relay::Control;

use super::kill::KillSwitch;
use super::status::{ConnectionStatus, Doing};
use crate::observe::{Began, Cause, Meter, Stage, Termination, WorkerView};

/// A session or exchange. Its memory is used again by later ones.
pub(crate) struct Activity {
    id: Cell<u64>,
    number: Cell<u32>,
    connection: RefCell<Rc<ConnectionStatus>>,
    pub(crate) meter: RefCell<Meter>,
    pub(crate) kill: KillSwitch,
    /// Of the relay of a session of mode tcp: it counts bytes while they pass.
    pub(crate) relay: Control,
}

/// What a session or exchange is known by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    /// By commands; no other of the process has had it.
    pub(crate) id: u64,
    /// By log lines: its number among all of the process, from 0.
    pub(crate) number: u32,
}

impl Activity {
    /// A session of mode tcp.
    pub(crate) fn session(
        ids: Ids,
        view: &Rc<WorkerView>,
        connection: &Rc<ConnectionStatus>,
        began: Began,
    ) -> Activity {
        Activity::new(ids, connection, Meter::session(view, &connection.ingress, began))
    }

    /// An exchange of HTTP.
    pub(crate) fn exchange(
        ids: Ids,
        view: &Rc<WorkerView>,
        connection: &Rc<ConnectionStatus>,
        began: Began,
    ) -> Activity {
        Activity::new(ids, connection, Meter::exchange(view, &connection.ingress, began))
    }

    fn new(ids: Ids, connection: &Rc<ConnectionStatus>, meter: Meter) -> Activity {
        Activity {
            id: Cell::new(ids.id),
            number: Cell::new(ids.number),
            connection: RefCell::new(Rc::clone(connection)),
            meter: RefCell::new(meter),
            kill: KillSwitch::default(),
            relay: Control::new(),
        }
    }

    /// Becomes the next session or exchange, which may be one of another connection.
    pub(crate) fn restarted(
        self: Rc<Self>,
        ids: Ids,
        connection: &Rc<ConnectionStatus>,
        began: Began,
    ) -> Rc<Activity> {
        self.id.set(ids.id);
        self.number.set(ids.number);
        self.meter.borrow_mut().restart(&connection.ingress, began);
        self.kill.reset();
        self.relay.reset();
        self.connection.replace(Rc::clone(connection));
        self
    }

    /// The number it is known by.
    pub(crate) fn id(&self) -> u64 {
        self.id.get()
    }

    /// Its number among all sessions and exchanges of the process.
    pub(crate) fn number(&self) -> u32 {
        self.number.get()
    }

    /// The client's connection.
    pub(crate) fn connection(&self) -> Rc<ConnectionStatus> {
        Rc::clone(&self.connection.borrow())
    }

    /// The number of that connection.
    pub(crate) fn connection_id(&self) -> u64 {
        self.connection.borrow().id
    }

    /// How far it has come.
    pub(crate) fn stage(&self) -> Stage {
        match self.connection.borrow().doing() {
            (Doing::Setup, _) => Stage::Setup,
            _ => self.meter.borrow().stage(),
        }
    }

    /// Bytes from the client and to it so far. The relay counts those of a session and of an exchange that has become a
    /// tunnel, the meter those of an exchange before that.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let (received, sent) = self.meter.borrow().bytes();
        (received + self.relay.bytes_to_server(), sent + self.relay.bytes_to_client())
    }

    /// How it ended if it was killed now.
    pub(crate) fn killed(&self) -> Termination {
        Termination::new(Cause::Killed, self.stage())
    }
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activity").field("id", &self.id.get()).finish_non_exhaustive()
    }
}
