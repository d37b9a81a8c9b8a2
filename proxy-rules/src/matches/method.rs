//! `meth`: the sample is a request method. As in HAProxy it is what `method` is compared with by default, and `-m` cannot
//! name it.

use proxy_http::Method;

use super::case::Texts;
use crate::matching::{Match, MatchEntry};
use crate::sample::{Sample, Type};

#[derive(Debug)]
struct Methods(Texts);

impl Match for Methods {
    fn matches(&self, sample: &Sample<'_>) -> bool {
        let Some(name) = sample.bytes() else { return false };
        // Methods of HTTP itself are in upper case, even if case is ignored.
        let known = Method::of(name) != Method::Other;
        self.0.any(|pattern| if known { pattern == name } else { self.0.equal(pattern, name) })
    }
}

inventory::submit! {
    MatchEntry::new("meth", "<method>", Type::Method, "it is one of the methods", |patterns| {
        let list = patterns.list.iter().map(|pattern| pattern.text.clone().into_bytes().into()).collect();
        Ok(Box::new(Methods(Texts { list, ignore_case: patterns.ignore_case })))
    })
    .only_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{matches, matches_any_case};

    #[test]
    fn methods() {
        assert_eq!(matches("meth", &["GET", "PATCH"], "GET"), Ok(true));
        assert_eq!(matches("meth", &["GET", "PATCH"], "PATCH"), Ok(true));
        assert_eq!(matches("meth", &["GET", "PATCH"], "get"), Ok(false));
        assert_eq!(matches_any_case("meth", &["patch"], "PATCH"), Ok(true));
        assert_eq!(matches_any_case("meth", &["get"], "GET"), Ok(false));
    }
}
