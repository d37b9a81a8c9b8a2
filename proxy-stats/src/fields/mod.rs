//! The table of all fields, in HAProxy's order. Each file has those of one kind.

mod bytes;
mod checks;
mod connections;
mod errors;
mod http;
mod identity;
mod queues;
mod rates;
mod servers;
mod sessions;
mod times;

use std::sync::LazyLock;

use crate::field::Field;

static GROUPS: &[&[Field]] = &[
    identity::FIELDS,
    queues::FIELDS,
    sessions::FIELDS,
    bytes::FIELDS,
    errors::FIELDS,
    servers::FIELDS,
    rates::FIELDS,
    http::FIELDS,
    times::FIELDS,
    checks::FIELDS,
    connections::FIELDS,
];

static ALL: LazyLock<Vec<&'static Field>> = LazyLock::new(|| {
    let mut all: Vec<&Field> = GROUPS.iter().copied().flatten().collect();
    all.sort_by_key(|field| field.position);
    all
});

/// Returns all fields, each at its position.
pub fn all() -> &'static [&'static Field] {
    &ALL
}

/// Returns the field with this name.
pub fn named(name: &str) -> Option<&'static Field> {
    ALL.iter().copied().find(|field| field.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Kind;

    /// The names in HAProxy 3.5.
    const NAMES: &str = "pxname svname qcur qmax scur smax slim stot bin bout dreq dresp ereq econ eresp wretr \
        wredis status weight act bck chkfail chkdown lastchg downtime qlimit pid iid sid throttle lbtot tracked type \
        rate rate_lim rate_max check_status check_code check_duration hrsp_1xx hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx \
        hrsp_other hanafail req_rate req_rate_max req_tot cli_abrt srv_abrt comp_in comp_out comp_byp comp_rsp \
        lastsess last_chk last_agt qtime ctime rtime ttime agent_status agent_code agent_duration check_desc \
        agent_desc check_rise check_fall check_health agent_rise agent_fall agent_health addr cookie mode algo \
        conn_rate conn_rate_max conn_tot intercepted dcon dses wrew connect reuse cache_lookups cache_hits srv_icur \
        src_ilim qtime_max ctime_max rtime_max ttime_max eint idle_conn_cur safe_conn_cur used_conn_cur \
        need_conn_est uweight agg_server_status agg_server_check_status agg_check_status srid sess_other h1sess \
        h2sess h3sess req_other h1req h2req h3req proto priv_idle_cur reqbin reqbout resbin resbout cache_hint_hits";

    #[test]
    fn names_and_positions_are_haproxys() {
        let names: Vec<&str> = all().iter().map(|field| field.name).collect();
        assert_eq!(names, NAMES.split_whitespace().collect::<Vec<_>>());
        assert!(all().iter().enumerate().all(|(position, field)| usize::from(field.position) == position));
        assert_eq!(named("qcur").map(|field| field.position), Some(2));
    }

    #[test]
    fn tags_are_letters_that_programs_know() {
        let allowed = ["MSKCP", "GLmMRCDATNOa", "CPSs", "VP"];
        for field in all() {
            for kind in [Kind::Frontend, Kind::Backend, Kind::Server, Kind::Listener] {
                let tags = field.tags(kind);
                assert!(tags.len() == 4, "{field:?}");
                assert!(
                    tags.chars().zip(allowed).all(|(tag, known)| known.contains(tag)),
                    "{field:?} {tags}"
                );
            }
        }
    }
}
