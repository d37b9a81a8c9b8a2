//! The context that the connections of a worker share.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use proxy_relay::Scratch;
use proxy_rules::ProcessVariables;
use tokio::sync::Notify;

use super::codecs::Codecs;
use super::published::Published;
use super::registry::Registry;
use crate::exchange::memory::Memory;
use crate::observe::{NoticeLimit, Shortage, WorkerView};
use crate::upstream::handover::Handover;
use crate::upstream::pool::Pool;

/// The context that the connections of a worker share. It never leaves its thread.
pub(crate) struct WorkerContext {
    pub(crate) index: usize,
    pub(crate) view: Rc<WorkerView>,
    pub(crate) shortage: Arc<Shortage>,
    /// The buffers and pipes of relays.
    pub(crate) scratch: Scratch,
    /// The buffers and heads of exchanges.
    pub(crate) memory: Rc<Memory>,
    /// The buffer for values that rules build.
    pub(crate) rule_buffer: RefCell<Vec<u8>>,
    /// The buffers for a log line and for its structured data.
    pub(crate) line: RefCell<Vec<u8>>,
    pub(crate) structured: RefCell<Vec<u8>>,
    /// The limit of notices of rules that were not evaluated.
    pub(crate) unevaluated: RefCell<NoticeLimit>,
    pub(crate) pool: Pool,
    pub(crate) handover: Handover,
    pub(crate) registry: Registry,
    /// The choosers of codecs for connections of mode http.
    pub(crate) codecs: Codecs,
    pub(crate) published: Published,
    is_stopping: Cell<bool>,
    stop: Notify,
}

/// The parts of a worker context.
pub(crate) struct Parts {
    pub(crate) index: usize,
    pub(crate) workers: usize,
    pub(crate) view: WorkerView,
    pub(crate) shortage: Arc<Shortage>,
    pub(crate) scratch: Scratch,
    pub(crate) process: ProcessVariables,
    pub(crate) handover: Handover,
    pub(crate) codecs: Codecs,
    pub(crate) published: Published,
}

impl WorkerContext {
    pub(crate) fn new(parts: Parts) -> WorkerContext {
        let Parts { index, workers, view, shortage, scratch, process, handover, codecs, published } = parts;
        let memory = Rc::new(Memory::new(process, shortage.memory()));
        WorkerContext {
            index,
            view: Rc::new(view),
            shortage,
            scratch,
            memory,
            rule_buffer: RefCell::default(),
            line: RefCell::default(),
            structured: RefCell::default(),
            unevaluated: RefCell::default(),
            pool: Pool::new(index, workers),
            handover,
            registry: Registry::new(index, workers),
            codecs,
            published,
            is_stopping: Cell::new(false),
            stop: Notify::new(),
        }
    }

    /// Begins a soft stop: idle connections close, and none is kept after its exchange.
    pub(crate) fn begin_stop(&self) {
        self.is_stopping.set(true);
        self.stop.notify_waiters();
    }

    /// Returns whether a soft stop has begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }

    /// Waits until a soft stop begins.
    pub(crate) async fn stopping(&self) {
        let told = self.stop.notified();
        if !self.is_stopping() {
            told.await;
        }
    }
}

impl fmt::Debug for WorkerContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerContext").field("index", &self.index).finish_non_exhaustive()
    }
}
