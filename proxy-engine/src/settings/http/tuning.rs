//! `tune.*` of the global section, as far as it is about HTTP.

use proxy_config::inventory;
use proxy_config::{Directive, Line, Parsed, Sections, mistake};

/// Numbers of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpTuning {
    /// `tune.bufsize`: bytes of a buffer. A message's head has to fit in one. Unlike HAProxy's, buffers of TCP sessions
    /// have sizes of their own.
    pub bufsize: usize,
    /// `tune.maxrewrite` as it was said; [`rewrite_room`](Self::rewrite_room) is what comes of it.
    maxrewrite: usize,
    /// `tune.http.maxhdr`: the most fields of a head, its first line counted as one.
    pub most_fields: usize,
    /// `tune.idle-pool.shared`: idle connections of one worker may be used by another. `full` says the same as `on`: the
    /// difference is about groups of threads, and there is one.
    pub shared_pools: bool,
    /// `tune.http.logurilen`: bytes of a request line that are logged.
    pub logged_uri: usize,
}

impl Default for HttpTuning {
    /// HAProxy's numbers.
    fn default() -> HttpTuning {
        HttpTuning {
            bufsize: 16_384,
            maxrewrite: 1024,
            most_fields: 101,
            shared_pools: true,
            logged_uri: 1024,
        }
    }
}

impl HttpTuning {
    /// Bytes of a buffer that are kept free for what rules add: at most half of it.
    pub fn rewrite_room(&self) -> usize {
        self.maxrewrite.min(self.bufsize / 2)
    }

    /// The most bytes of a head as it comes in.
    pub fn largest_head(&self) -> usize {
        self.bufsize - self.rewrite_room()
    }
}

const GLOBAL: Sections = Sections::GLOBAL;

/// Buffers are as large as a multiple of this, in bytes: two pointers.
const ALIGNMENT: u64 = 16;

fn set(
    line: &mut Line<'_, '_>,
    field: fn(&mut HttpTuning) -> &mut usize,
    low: usize,
    high: usize,
    what: &str,
) -> Parsed {
    let number = line.args.number(low..=high, what)?;
    *field(line.section.get_mut()) = number;
    Ok(())
}

const MOST: usize = i32::MAX as usize;

inventory::submit! {
    Directive::new("tune.bufsize", "<size>", GLOBAL, "bytes of a buffer, which a message's head has to fit in", |line| {
        let size = line.args.size("bytes of a buffer")?;
        let rounded = size.checked_next_multiple_of(ALIGNMENT).filter(|size| (1..=MOST as u64).contains(size));
        let Some(bufsize) = rounded.and_then(|size| usize::try_from(size).ok()) else {
            let problem = mistake(line.args.last(), format!("{size} bytes are no size of a buffer"));
            return Err(Box::new(problem.expected(format!("1 to {} bytes", MOST - 15))));
        };
        line.section.get_mut::<HttpTuning>().bufsize = bufsize;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("tune.maxrewrite", "<bytes>", GLOBAL, "bytes of a buffer that are kept for what rules add", |line| {
        set(line, |tuning| &mut tuning.maxrewrite, 0, MOST, "bytes")
    })
}

inventory::submit! {
    Directive::new("tune.http.maxhdr", "<number>", GLOBAL, "the most fields of a head, its first line counted", |line| {
        set(line, |tuning| &mut tuning.most_fields, 1, 32_767, "fields")
    })
}

inventory::submit! {
    Directive::new("tune.http.logurilen", "<bytes>", GLOBAL, "bytes of a request line that are logged", |line| {
        set(line, |tuning| &mut tuning.logged_uri, 0, MOST, "bytes")
    })
}

inventory::submit! {
    Directive::new("tune.idle-pool.shared", "full|on|off", GLOBAL, "workers use each other's idle connections", |line| {
        let shared = line.args.one_of(&[("full", true), ("on", true), ("off", false)])?;
        line.section.get_mut::<HttpTuning>().shared_pools = shared;
        Ok(())
    })
}
