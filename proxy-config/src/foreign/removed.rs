//! Keywords that HAProxy itself has removed, and their replacements. "Not supported yet" would promise to add them.

use super::Place;

/// A keyword that HAProxy has removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    name: &'static str,
    /// The first version of HAProxy without it.
    pub since: &'static str,
    /// What to do instead, as a clause.
    pub instead: &'static str,
}

const fn removed(name: &'static str, since: &'static str, instead: &'static str) -> Removed {
    Removed { name, since, instead }
}

const REPLACE: &str =
    "use 'http-request replace-header', or 'http-request replace-path' for the request line";
const DELETE: &str = "use 'http-request del-header'";
const DENY: &str = "use 'http-request deny' with a condition";
const ALLOW: &str = "use 'http-request allow' with a condition";
const TARPIT: &str = "use 'http-request tarpit' with a condition";
const RESPONSE_REPLACE: &str = "use 'http-response replace-header'";
const RESPONSE_DELETE: &str = "use 'http-response del-header'";
const RESPONSE_DENY: &str = "use 'http-response deny' with a condition";
const TRANSPARENT: &str = "a server with the address 0.0.0.0 does the same";
const THREADS: &str = "remove it: threads do the work of processes, see 'nbthread'";

const PROXY: &[Removed] = &[
    removed("appsession", "1.6", "use 'cookie', or 'stick store-response' and 'stick match'"),
    removed("bind-process", "2.5", THREADS),
    removed("block", "2.1", "'http-request deny' takes the same condition"),
    removed("cliexp", "2.1", REPLACE),
    removed("clitimeout", "2.1", "use 'timeout client'"),
    removed("contimeout", "2.1", "use 'timeout connect'"),
    removed("dispatch", "3.5", "a server with the same address does the same"),
    removed("grace", "2.5", "remove it: a soft stop waits for sessions, see 'hard-stop-after'"),
    removed("monitor-net", "2.5", "use 'http-request return status 200 if { src <network> }'"),
    removed("option forceclose", "2.0", "remove it, or use 'option httpclose'"),
    removed("option http-tunnel", "2.1", "remove it"),
    removed("option http-use-htx", "2.1", "remove it: HTTP is always processed this way"),
    removed("option http_proxy", "2.5", "use 'http-request set-dst' and 'http-request set-uri'"),
    removed("option transparent", "3.5", TRANSPARENT),
    removed("redisp", "2.1", "use 'option redispatch'"),
    removed("redispatch", "2.1", "use 'option redispatch'"),
    removed("reqadd", "2.1", "use 'http-request add-header'"),
    removed("reqallow", "2.1", ALLOW),
    removed("reqdel", "2.1", DELETE),
    removed("reqdeny", "2.1", DENY),
    removed("reqiallow", "2.1", ALLOW),
    removed("reqidel", "2.1", DELETE),
    removed("reqideny", "2.1", DENY),
    removed("reqipass", "2.1", ALLOW),
    removed("reqirep", "2.1", REPLACE),
    removed("reqitarpit", "2.1", TARPIT),
    removed("reqpass", "2.1", ALLOW),
    removed("reqrep", "2.1", REPLACE),
    removed("reqtarpit", "2.1", TARPIT),
    removed("rspadd", "2.1", "use 'http-response add-header'"),
    removed("rspdel", "2.1", RESPONSE_DELETE),
    removed("rspdeny", "2.1", RESPONSE_DENY),
    removed("rspidel", "2.1", RESPONSE_DELETE),
    removed("rspideny", "2.1", RESPONSE_DENY),
    removed("rspirep", "2.1", RESPONSE_REPLACE),
    removed("rsprep", "2.1", RESPONSE_REPLACE),
    removed("srvexp", "2.1", RESPONSE_REPLACE),
    removed("srvtimeout", "2.1", "use 'timeout server'"),
    removed("timeout clitimeout", "2.1", "use 'timeout client'"),
    removed("timeout contimeout", "2.1", "use 'timeout connect'"),
    removed("timeout srvtimeout", "2.1", "use 'timeout server'"),
    removed("transparent", "3.5", TRANSPARENT),
];

const GLOBAL: &[Removed] = &[
    removed("nbproc", "2.5", THREADS),
    removed("stats bind-process", "2.5", THREADS),
    removed("tune.chksize", "2.4", "remove it: 'tune.bufsize' counts"),
];

const BIND: &[Removed] = &[removed("process", "2.5", "use 'thread'")];

/// Returns the keyword with this name, if HAProxy has removed it from this place.
pub fn find(place: Place, name: &str) -> Option<Removed> {
    let all = match place {
        Place::Proxy => PROXY,
        Place::Global => GLOBAL,
        Place::Bind => BIND,
        _ => &[],
    };
    all.iter().copied().find(|removed| removed.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_keywords_have_a_replacement() {
        assert_eq!(find(Place::Proxy, "clitimeout").unwrap().instead, "use 'timeout client'");
        assert_eq!(find(Place::Global, "nbproc").unwrap().since, "2.5");
        assert_eq!(find(Place::Global, "clitimeout"), None);
        assert_eq!(find(Place::Proxy, "balance"), None);
        assert!(PROXY.is_sorted_by_key(|removed| removed.name));
    }
}
