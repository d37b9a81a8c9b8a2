//! The `tune.*` keywords of the global section that concern HTTP.

/// Sizes and limits of the whole process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpTuning {
    /// `tune.bufsize`: the bytes of a buffer. A message's head has to fit in one. Unlike in HAProxy, buffers of TCP
    /// sessions have sizes of their own.
    pub bufsize: usize,
    /// `tune.maxrewrite` as configured; [`rewrite_room`](Self::rewrite_room) is the effective value.
    pub maxrewrite: usize,
    /// `tune.http.maxhdr`: the most fields of a head, its first line counted as one.
    pub most_fields: usize,
    /// `tune.idle-pool.shared`: idle connections of one worker may be used by another. `full` means the same as `on`:
    /// the difference is about groups of threads, and there is one group.
    pub shared_pools: bool,
    /// `tune.http.logurilen`: the most bytes of a request line that are logged.
    pub logged_uri: usize,
}

impl Default for HttpTuning {
    /// Returns HAProxy's defaults.
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
    /// Returns the bytes of a buffer that are reserved for what rules add: at most half of it.
    pub fn rewrite_room(&self) -> usize {
        self.maxrewrite.min(self.bufsize / 2)
    }

    /// Returns the most bytes of a head as it is received.
    pub fn largest_head(&self) -> usize {
        self.bufsize - self.rewrite_room()
    }
}
