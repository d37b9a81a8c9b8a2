//! The resource of a request: the target has length, seed and framing of the response, so that the origin keeps no
//! state and any client (`curl`, `wrk`) can request it, too.
//!
//! ```text
//! /<bytes>[/<seed, up to 16 hexadecimal digits>][?chunked=<bytes of a chunk>]
//! ```
//!
//! `/` is an empty resource, for health checks.

use std::fmt;
use std::num::NonZeroU64;

use crate::pattern::Seed;

/// A limit far above any real length, and far below where sums of framing overflow.
const MAX_BYTES: u64 = 1 << 50;

/// A body that the origin can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    pub bytes: u64,
    pub seed: Seed,
    /// The bytes of each chunk; `None` for a `Content-Length`.
    pub chunk: Option<NonZeroU64>,
}

impl Resource {
    /// Parses a request target in origin form.
    pub fn parse(target: &str) -> Option<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = path.strip_prefix('/')?;
        let (bytes, seed) = path.split_once('/').unwrap_or((path, "0"));
        let bytes = if path.is_empty() { 0 } else { bytes.parse().ok()? };
        let seed = Seed(u64::from_str_radix(seed, 16).ok()?);
        let chunk = match query {
            "" => None,
            query => Some(query.strip_prefix("chunked=")?.parse::<NonZeroU64>().ok()?),
        };
        let sizes = [bytes, chunk.map_or(0, NonZeroU64::get)];
        sizes.iter().all(|&size| size <= MAX_BYTES).then_some(Self { bytes, seed, chunk })
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{:016x}", self.bytes, self.seed.0)?;
        self.chunk.map_or(Ok(()), |chunk| write!(f, "?chunked={chunk}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_survive_the_wire() {
        for chunk in [None, NonZeroU64::new(7)] {
            for seed in [0, 1, u64::MAX] {
                let resource = Resource { bytes: 128, seed: Seed(seed), chunk };
                assert_eq!(Resource::parse(&resource.to_string()), Some(resource));
            }
        }
    }

    #[test]
    fn targets_as_people_type_them_are_accepted_and_wrong_ones_refused() {
        let plain = |bytes| Some(Resource { bytes, seed: Seed(0), chunk: None });
        assert_eq!(Resource::parse("/"), plain(0));
        assert_eq!(Resource::parse("/128"), plain(128));
        for wrong in
            ["", "128", "/x", "/1/x", "/1/2/3", "/1?chunked=0", "/1?chunked", "/9999999999999999999", "*"]
        {
            assert_eq!(Resource::parse(wrong), None, "{wrong}");
        }
    }
}
