//! What is known of an object beyond its columns, as lists of names and values.

use super::row::Row;
use super::text::{escape, grouped};
use crate::value::Value;

/// A list of values with a title.
struct List {
    title: &'static str,
    /// Names, and the fields with their values.
    values: &'static [(&'static str, &'static str)],
}

const LISTS: &[List] = &[
    List {
        title: "Responses",
        values: &[
            ("Requests", "req_tot"),
            ("1xx", "hrsp_1xx"),
            ("2xx", "hrsp_2xx"),
            ("3xx", "hrsp_3xx"),
            ("4xx", "hrsp_4xx"),
            ("5xx", "hrsp_5xx"),
            ("Other", "hrsp_other"),
            ("By the proxy", "intercepted"),
        ],
    },
    List {
        title: "Rates per second",
        values: &[
            ("Requests", "req_rate"),
            ("Requests, maximum", "req_rate_max"),
            ("Connections", "conn_rate"),
            ("Connections, maximum", "conn_rate_max"),
        ],
    },
    List {
        title: "Connections",
        values: &[
            ("From clients", "conn_tot"),
            ("Rejected", "dcon"),
            ("Sessions rejected", "dses"),
            ("To servers", "connect"),
            ("Reused", "reuse"),
            ("Idle", "srv_icur"),
            ("Idle, limit", "src_ilim"),
        ],
    },
    List {
        title: "Aborts",
        values: &[("By clients", "cli_abrt"), ("By servers", "srv_abrt"), ("Internal errors", "eint")],
    },
    List {
        title: "Average times",
        values: &[("Queue", "qtime"), ("Connect", "ctime"), ("Response", "rtime"), ("Total", "ttime")],
    },
    List {
        title: "Longest times",
        values: &[
            ("Queue", "qtime_max"),
            ("Connect", "ctime_max"),
            ("Response", "rtime_max"),
            ("Total", "ttime_max"),
        ],
    },
    List {
        title: "Configuration",
        values: &[
            ("Address", "addr"),
            ("Protocol", "proto"),
            ("Algorithm", "algo"),
            ("Mode", "mode"),
            ("Number", "sid"),
        ],
    },
];

/// Appends the lists that have values.
pub(super) fn write(page: &mut String, row: &Row<'_>) {
    for List { title, values } in LISTS {
        let known = values.iter().filter_map(|(name, field)| Some((name, field, row.value(field)?)));
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            continue;
        }
        page.push_str("<div><h3>");
        page.push_str(title);
        page.push_str("</h3><dl>");
        for (name, field, value) in known {
            page.push_str("<dt>");
            page.push_str(name);
            page.push_str("</dt><dd>");
            escape(page, &shown(field, &value));
            page.push_str("</dd>");
        }
        page.push_str("</dl></div>");
    }
}

fn shown(field: &str, value: &Value) -> String {
    let is_time = field.ends_with("time") || field.ends_with("time_max");
    match value {
        Value::U32(number) if is_time => format!("{}\u{202f}ms", grouped((*number).into())),
        Value::U32(number) => grouped((*number).into()),
        Value::U64(number) => grouped(*number),
        other => other.to_string(),
    }
}
