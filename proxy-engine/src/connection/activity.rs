//! A session or exchange in progress: its meter, and its kill switch.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use proxy_relay::Control;

use super::kill::KillSwitch;
use super::status::{ConnectionStatus, Doing};
use crate::observe::{Began, Meter, Stage, Termination, WorkerView};
use crate::upstream::ServerKey;

/// A session or exchange in progress. Later ones reuse its memory.
pub(crate) struct Activity {
    id: Cell<u64>,
    number: Cell<u32>,
    connection: RefCell<Rc<ConnectionStatus>>,
    pub(crate) meter: RefCell<Meter>,
    pub(crate) kill: KillSwitch,
    /// The control of the relay of a session or tunnel, which counts bytes while they pass.
    pub(crate) relay: Control,
}

/// The numbers of a session or exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    /// The identifier that commands use, unique in the process.
    pub(crate) id: u64,
    /// The number that log lines use: the position among all of the process, from 0.
    pub(crate) number: u32,
}

impl Activity {
    /// Creates a session of mode tcp.
    pub(crate) fn session(
        ids: Ids,
        view: &Rc<WorkerView>,
        connection: &Rc<ConnectionStatus>,
        began: Began,
    ) -> Activity {
        Activity::new(ids, connection, Meter::session(view, &connection.ingress, began))
    }

    /// Creates an exchange of HTTP.
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

    /// Resets the memory for the next session or exchange, which may be one of another connection.
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

    /// Returns the identifier that commands use.
    pub(crate) fn id(&self) -> u64 {
        self.id.get()
    }

    /// Returns the number among all sessions and exchanges of the process, from 0.
    pub(crate) fn number(&self) -> u32 {
        self.number.get()
    }

    /// Returns the status of the client's connection.
    pub(crate) fn connection(&self) -> Rc<ConnectionStatus> {
        Rc::clone(&self.connection.borrow())
    }

    /// Returns the identifier of the client's connection.
    pub(crate) fn connection_id(&self) -> u64 {
        self.connection.borrow().id
    }

    /// Returns the stage that the session or exchange has reached.
    pub(crate) fn stage(&self) -> Stage {
        match self.connection.borrow().doing() {
            (Doing::Setup, _) => Stage::Setup,
            _ => self.meter.borrow().stage(),
        }
    }

    /// Returns the bytes from the client and to it so far. The relay counts those of sessions and tunnels, the meter
    /// those of an exchange before it becomes a tunnel.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let (received, sent) = self.meter.borrow().bytes();
        (received + self.relay.bytes_to_server(), sent + self.relay.bytes_to_client())
    }

    /// Returns how the session or exchange ends if it is killed now.
    pub(crate) fn killed(&self) -> Termination {
        Termination::new(self.kill.cause(), self.stage())
    }

    /// Returns whether it is led to this server, and does not only wait for it.
    pub(crate) fn is_led_to(&self, ServerKey { backend, server }: ServerKey) -> bool {
        let meter = self.meter.borrow();
        meter.stage() != Stage::Queue
            && meter.backend().is_some_and(|found| found.id() == backend)
            && meter.server().is_some_and(|found| found.id() == server)
    }
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activity").field("id", &self.id.get()).finish_non_exhaustive()
    }
}
