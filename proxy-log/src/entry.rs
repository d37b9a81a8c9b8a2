//! A target at run time: which lines it takes, and how a line for it is framed.

use std::sync::Arc;
use std::time::SystemTime;

use proxy_rules::date::Date;

use crate::format::{Format, Line};
use crate::identity::Identity;
use crate::length::MaxLength;
use crate::outlet::Outlet;
use crate::sampling::Sampler;
use crate::target::LogTarget;
use crate::words::{Facility, Level};

/// The text of a line, shared by the jobs for all its targets.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) message: Box<[u8]>,
    pub(crate) structured: Box<[u8]>,
}

/// A target with its state at run time.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) outlet: Arc<Outlet>,
    identity: Arc<Identity>,
    facility: Facility,
    pub(crate) max_level: Level,
    min_level: Level,
    format: Format,
    pub(crate) max_length: MaxLength,
    pub(crate) sampler: Sampler,
}

impl Entry {
    pub(crate) fn new(target: LogTarget, identity: &Arc<Identity>, outlet: Arc<Outlet>) -> Entry {
        Entry {
            outlet,
            facility: target.facility,
            max_level: target.max_level,
            min_level: target.min_level,
            format: target.format.unwrap_or_else(|| Format::default_for(identity)),
            max_length: target.max_length,
            sampler: Sampler::new(target.sampling),
            identity: Arc::clone(identity),
        }
    }

    pub(crate) fn line<'a>(&'a self, level: Level, moment: SystemTime, text: &'a Text) -> Line<'a> {
        Line {
            format: self.format,
            facility: self.facility,
            level: level.max(self.min_level),
            identity: &self.identity,
            time: Date::local(moment),
            structured: &text.structured,
            text: &text.message,
            max_length: self.max_length,
        }
    }
}
