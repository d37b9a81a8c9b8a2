//! Asks workers from another thread what lives on them. Every wait has a limit: a worker that does not answer in time
//! is named, and the others are still asked.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use proxy_admin::{Answer, CommandResult, Refusal, Severity};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::runtime::inquiry::{Inquiry, Page};

/// The longest wait for a worker's answer. A worker looks for inquiries after each turn of its tasks, which takes
/// milliseconds.
const REPLY_TIMEOUT: Duration = Duration::from_secs(2);

/// The senders of inquiries to all workers.
#[derive(Clone, Debug)]
pub(super) struct Inquirer(Arc<[mpsc::Sender<Inquiry>]>);

/// The workers that did not answer in time.
#[derive(Debug, Default)]
pub(super) struct Silent(Vec<usize>);

/// A list that workers return one after the other, page by page.
pub(super) struct Listing<'i, F> {
    inquirer: &'i Inquirer,
    page: F,
    workers: Range<usize>,
    /// The worker that is being asked, and the index where its next page begins.
    at: Option<(usize, usize)>,
    silent: Silent,
}

impl Inquirer {
    pub(super) fn new(workers: Arc<[mpsc::Sender<Inquiry>]>) -> Inquirer {
        Inquirer(workers)
    }

    /// Returns the indexes of all workers.
    pub(super) fn workers(&self) -> Range<usize> {
        0..self.0.len()
    }

    /// Asks a worker. The answer is `None` if there is no such worker, or if it has ended and nothing lives on it any
    /// more.
    pub(super) async fn ask<T>(
        &self,
        worker: usize,
        inquiry: impl FnOnce(oneshot::Sender<T>) -> Inquiry,
    ) -> Result<Option<T>, Silent> {
        let Some(inquiries) = self.0.get(worker) else { return Ok(None) };
        let (reply, answer) = oneshot::channel();
        let asked = async {
            inquiries.send(inquiry(reply)).await.ok()?;
            answer.await.ok()
        };
        timeout(REPLY_TIMEOUT, asked).await.map_err(|_| Silent(vec![worker]))
    }

    /// Lists what lives on workers. `page` makes the inquiry for the page that begins at an index.
    pub(super) fn list<T, F>(&self, workers: Range<usize>, page: F) -> Listing<'_, F>
    where
        F: Fn(usize, oneshot::Sender<Page<T>>) -> Inquiry,
    {
        Listing { inquirer: self, page, workers, at: None, silent: Silent::default() }
    }
}

impl<F> Listing<'_, F> {
    /// Returns the next page; `None` after the last.
    pub(super) async fn next<T>(&mut self) -> Option<Vec<T>>
    where
        F: Fn(usize, oneshot::Sender<Page<T>>) -> Inquiry,
    {
        loop {
            let (worker, from) = match self.at.take() {
                Some(at) => at,
                None => (self.workers.next()?, 0),
            };
            match self.inquirer.ask(worker, |reply| (self.page)(from, reply)).await {
                Ok(Some(Page { lines, next })) => {
                    self.at = next.map(|index| (worker, index));
                    return Some(lines);
                }
                Ok(None) => {}
                Err(silent) => self.silent.add(silent),
            }
        }
    }

    /// Returns the workers whose lists are incomplete.
    pub(super) fn silent(self) -> Silent {
        self.silent
    }
}

impl Silent {
    pub(super) fn add(&mut self, Silent(workers): Silent) {
        self.0.extend(workers);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the result of a command: empty, or a warning if a worker was silent.
    pub(super) fn outcome(&self, consequence: &str) -> CommandResult {
        match self.is_empty() {
            true => Ok(Answer::Nothing),
            false => Ok(Answer::Message(Severity::Warning, format!("{self}: {consequence}."))),
        }
    }
}

impl From<Silent> for Refusal {
    fn from(silent: Silent) -> Refusal {
        Refusal::new(format!("{silent}."))
    }
}

/// `Worker 1 does not answer`
impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, others @ ..] = &*self.0 else { return Ok(()) };
        if others.is_empty() {
            return write!(f, "Worker {first} does not answer");
        }
        write!(f, "Workers {first}")?;
        others.iter().try_for_each(|worker| write!(f, ", {worker}"))?;
        f.write_str(" do not answer")
    }
}
