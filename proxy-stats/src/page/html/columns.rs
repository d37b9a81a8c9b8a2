//! The columns of the tables, in the groups that users of HAProxy know.

use super::cell::Cell;
use super::row::Row;

/// A group of columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) columns: &'static [Column],
}

/// A column of the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// The title below that of the group.
    pub(super) title: &'static str,
    /// The title by itself, for small screens and screen readers.
    pub(super) full: &'static str,
    /// Whether small screens have no room for it.
    pub(super) is_minor: bool,
    /// Makes the cell of an object.
    pub(super) cell: fn(&Row<'_>) -> Cell,
}

const fn column(title: &'static str, full: &'static str, cell: fn(&Row<'_>) -> Cell) -> Column {
    Column { title, full, is_minor: false, cell }
}

const fn minor(title: &'static str, full: &'static str, cell: fn(&Row<'_>) -> Cell) -> Column {
    Column { title, full, is_minor: true, cell }
}

pub(super) static GROUPS: &[Group] = &[
    Group {
        title: "Queue",
        columns: &[
            column("Cur", "Queue", |row| row.number("qcur")),
            minor("Max", "Queue maximum", |row| row.number("qmax")),
            minor("Limit", "Queue limit", |row| row.number("qlimit")),
        ],
    },
    Group {
        title: "Session rate",
        columns: &[
            column("Cur", "Rate", |row| row.number("rate")),
            minor("Max", "Rate maximum", |row| row.number("rate_max")),
            minor("Limit", "Rate limit", |row| row.limit("rate_lim")),
        ],
    },
    Group {
        title: "Sessions",
        columns: &[
            column("Cur", "Sessions", |row| row.share("scur", "slim")),
            minor("Max", "Sessions maximum", |row| row.number("smax")),
            minor("Limit", "Sessions limit", |row| row.limit("slim")),
            column("Total", "Total", |row| row.number("stot")),
            minor("LbTot", "Assigned", |row| row.number("lbtot")),
            minor("Last", "Last session", |row| row.age("lastsess")),
        ],
    },
    Group {
        title: "Bytes",
        columns: &[
            minor("In", "Bytes in", |row| row.size("bin")),
            minor("Out", "Bytes out", |row| row.size("bout")),
        ],
    },
    Group {
        title: "Denied",
        columns: &[
            minor("Req", "Requests denied", |row| row.number("dreq")),
            minor("Resp", "Responses denied", |row| row.number("dresp")),
        ],
    },
    Group {
        title: "Errors",
        columns: &[
            minor("Req", "Request errors", |row| row.failures("ereq")),
            column("Conn", "Connect errors", |row| row.failures("econ")),
            minor("Resp", "Response errors", |row| row.failures("eresp")),
        ],
    },
    Group {
        title: "Warnings",
        columns: &[
            minor("Retr", "Retries", |row| row.failures("wretr")),
            minor("Redis", "Redispatches", |row| row.failures("wredis")),
        ],
    },
    Group {
        title: "Server",
        columns: &[
            column("Status", "Status", |row| row.status()),
            minor("LastChk", "Last check", |row| row.last_check()),
            minor("Wght", "Weight", |row| row.number("weight")),
            minor("Act", "Active", |row| row.number("act")),
            minor("Bck", "Backups", |row| row.number("bck")),
            minor("Chk", "Failed checks", |row| row.failures("chkfail")),
            minor("Dwn", "Times down", |row| row.failures("chkdown")),
            minor("Dwntme", "Downtime", |row| row.age("downtime")),
            minor("Thrtle", "Throttle", |row| row.percentage("throttle")),
        ],
    },
];

/// Returns all columns.
pub(super) fn columns() -> impl Iterator<Item = &'static Column> {
    GROUPS.iter().flat_map(|group| group.columns)
}
