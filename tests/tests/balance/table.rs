//! The configurations whose mapping from keys to servers is checked, and their keys.
//!
//! Also read by the unit tests of the engine, which ask the algorithms themselves.

/// The number of servers of each backend.
pub(crate) const SERVERS: usize = 10;
/// The number of keys that a digest is of.
pub(crate) const ALL: u64 = 100_000;

/// A backend, and what its keys look like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The lines of the backend, separated by semicolons.
    pub(crate) back: &'static str,
    pub(crate) weights: [u16; SERVERS],
    /// What each server line ends with; `{n}` stands for a number of the server.
    pub(crate) server: &'static str,
    pub(crate) keys: Keys,
}

/// The kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// A field with hexadecimal digits.
    Field,
    /// A field with a number.
    Number,
    /// A field with the name of a host.
    Host,
    /// The target, which has directories and a query.
    Target,
    /// An absolute target.
    Absolute,
    /// The client's IPv4 address.
    Ipv4,
    /// The client's IPv6 address.
    Ipv6,
    /// The cookie of a connection of the Remote Desktop Protocol.
    Rdp,
}

/// Returns 64 well-mixed bits.
fn mixed(number: u64) -> u64 {
    let mut bits = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Keys {
    /// Returns the key with this number.
    pub(crate) fn key(self, number: u64) -> String {
        let bits = mixed(number);
        let words = [48, 32, 16, 0].map(|shift| (bits >> shift) & 0xffff);
        match self {
            // Of different lengths, from short to long.
            Keys::Field | Keys::Rdp => format!("{:x}", bits >> (bits % 60)),
            Keys::Number => (bits >> (bits % 60)).to_string(),
            Keys::Host => format!("www{}.site{}.example{}.org", words[0] % 3, words[1], words[2] % 5),
            Keys::Target => {
                format!("/{}/{:x}/{}.html?page={}", words[0] % 40, words[1], words[2] % 100, words[3])
            }
            Keys::Absolute => {
                format!("http://host{}/{}/{:x}?{}", words[0] % 9, words[1] % 40, words[2], words[3])
            }
            Keys::Ipv4 => {
                format!("{}.{}.{}.{}", 1 + words[0] % 200, words[1] % 256, words[2] % 256, words[3] % 256)
            }
            Keys::Ipv6 => {
                format!("2001:db8:{:x}:{:x}:{:x}:{:x}::1", words[0], words[1], words[2], words[3])
            }
        }
    }
}

impl Case {
    /// Returns the section of this backend.
    pub(crate) fn section(&self) -> String {
        let mut text = format!("backend {}\n", self.name);
        for line in self.back.split(';') {
            text += &format!("    {}\n", line.trim());
        }
        for (index, weight) in self.weights.iter().enumerate() {
            let last = self.server.replace("{n}", &(700 * index + 3).to_string());
            text += &format!("    server s{index} {} weight {weight} {last}\n", address(index));
        }
        text
    }
}

/// Returns the address of a server. It never changes, since some points on a ring are computed from it.
pub(crate) fn address(index: usize) -> String {
    format!("127.64.7.{}:{}", 1 + 20 * index, 18_764 + index)
}

/// Adds a server to a digest: FNV-1a with 64 bits, which begins with [`EMPTY`].
pub(crate) fn digest(so_far: u64, server: u8) -> u64 {
    (so_far ^ u64::from(server)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The digest of nothing.
pub(crate) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

const PLAIN: [u16; SERVERS] = [1; SERVERS];
const MIXED: [u16; SERVERS] = [1, 2, 3, 5, 8, 13, 21, 34, 10, 10];
const EXTREME: [u16; SERVERS] = [0, 256, 1, 100, 0, 255, 7, 64, 128, 256];

const fn case(name: &'static str, back: &'static str, keys: Keys) -> Case {
    Case { name, back, weights: MIXED, server: "", keys }
}

const fn servers(case: Case, weights: [u16; SERVERS], server: &'static str) -> Case {
    Case { weights, server, ..case }
}

use Keys::{Absolute, Field, Host, Ipv4, Ipv6, Number, Rdp, Target};

/// All configurations.
pub(crate) const CASES: &[Case] = &[
    case("map", "balance hash req.hdr(x-key)", Field),
    case("map-sdbm", "balance hash req.hdr(x-key); hash-type map-based sdbm", Field),
    case("map-djb2", "balance hash req.hdr(x-key); hash-type map-based djb2", Field),
    case("map-wt6", "balance hash req.hdr(x-key); hash-type map-based wt6", Field),
    case("map-crc32", "balance hash req.hdr(x-key); hash-type map-based crc32", Field),
    case("map-none", "balance hash req.hdr(x-key); hash-type map-based none", Number),
    case("map-sdbm-avalanche", "balance hash req.hdr(x-key); hash-type map-based sdbm avalanche", Field),
    case("map-djb2-avalanche", "balance hash req.hdr(x-key); hash-type map-based djb2 avalanche", Field),
    case("map-wt6-avalanche", "balance hash req.hdr(x-key); hash-type map-based wt6 avalanche", Field),
    case("map-crc32-avalanche", "balance hash req.hdr(x-key); hash-type map-based crc32 avalanche", Field),
    case("map-none-avalanche", "balance hash req.hdr(x-key); hash-type map-based none avalanche", Number),
    case("ring", "balance hash req.hdr(x-key); hash-type consistent", Field),
    case("ring-sdbm", "balance hash req.hdr(x-key); hash-type consistent sdbm", Field),
    case("ring-djb2", "balance hash req.hdr(x-key); hash-type consistent djb2", Field),
    case("ring-wt6", "balance hash req.hdr(x-key); hash-type consistent wt6", Field),
    case("ring-crc32", "balance hash req.hdr(x-key); hash-type consistent crc32", Field),
    case("ring-none", "balance hash req.hdr(x-key); hash-type consistent none", Number),
    case("ring-sdbm-avalanche", "balance hash req.hdr(x-key); hash-type consistent sdbm avalanche", Field),
    case("ring-djb2-avalanche", "balance hash req.hdr(x-key); hash-type consistent djb2 avalanche", Field),
    case("ring-wt6-avalanche", "balance hash req.hdr(x-key); hash-type consistent wt6 avalanche", Field),
    case("ring-crc32-avalanche", "balance hash req.hdr(x-key); hash-type consistent crc32 avalanche", Field),
    case("ring-none-avalanche", "balance hash req.hdr(x-key); hash-type consistent none avalanche", Number),
    case("expression", "balance hash req.hdr(x-key),upper; hash-type consistent crc32", Field),
    case("integer", "balance hash req.hdr(x-key),crc32(1); hash-type consistent none", Field),
    case("uri", "balance uri", Target),
    case("uri-ring", "balance uri; hash-type consistent", Target),
    case("uri-whole", "balance uri whole", Target),
    case("uri-len", "balance uri len 6", Target),
    case("uri-depth", "balance uri depth 2", Target),
    case("uri-all", "balance uri depth 3 len 20 whole; hash-type consistent djb2 avalanche", Target),
    case("uri-absolute", "balance uri", Absolute),
    case("uri-path-only", "balance uri path-only", Absolute),
    case("uri-path-only-whole", "balance uri path-only whole; hash-type consistent", Absolute),
    case("url-param", "balance url_param page", Target),
    case("hdr", "balance hdr(x-key)", Field),
    case("hdr-ring", "balance hdr(X-Key); hash-type consistent wt6 avalanche", Field),
    case("hdr-domain", "balance hdr(x-key) use_domain_only", Host),
    case("source", "http-request set-src req.hdr(x-key); balance source", Ipv4),
    case("source-ring", "http-request set-src req.hdr(x-key); balance source; hash-type consistent", Ipv4),
    case(
        "source-avalanche",
        "http-request set-src req.hdr(x-key); balance source; hash-type map-based wt6 avalanche",
        Ipv4,
    ),
    case("source6", "http-request set-src req.hdr(x-key); balance source; hash-type consistent", Ipv6),
    case("hash-src", "http-request set-src req.hdr(x-key); balance hash src; hash-type consistent", Ipv4),
    case(
        "hash-src6",
        "http-request set-src req.hdr(x-key); balance hash src,ipmask(32,64); hash-type consistent crc32",
        Ipv6,
    ),
    servers(case("equal-map", "balance hdr(x-key)", Field), PLAIN, ""),
    servers(case("equal-ring", "balance hdr(x-key); hash-type consistent", Field), PLAIN, ""),
    servers(case("extreme-map", "balance hdr(x-key)", Field), EXTREME, ""),
    servers(case("extreme-ring", "balance hdr(x-key); hash-type consistent", Field), EXTREME, ""),
    servers(case("ids", "balance hdr(x-key); hash-type consistent", Field), MIXED, "id {n}"),
    servers(case("ids32", "balance hdr(x-key); hash-type consistent", Field), MIXED, "hash-key id32"),
    servers(case("address", "balance hdr(x-key); hash-type consistent", Field), MIXED, "hash-key addr"),
    servers(
        case("address-port", "balance hdr(x-key); hash-type consistent", Field),
        MIXED,
        "hash-key addr-port",
    ),
    servers(
        case("backups", "balance hdr(x-key); hash-type consistent; option allbackups", Field),
        MIXED,
        "backup",
    ),
    servers(case("backups-map", "balance hdr(x-key); option allbackups", Field), MIXED, "backup"),
    servers(case("backup", "balance hdr(x-key)", Field), MIXED, "backup"),
    servers(
        case(
            "affine",
            "balance hdr(x-key); hash-type consistent; hash-preserve-affinity maxqueue; hash-balance-factor 150",
            Field,
        ),
        [5; SERVERS],
        "maxconn 100 maxqueue 5",
    ),
    case("rdp-cookie", "mode tcp; balance rdp-cookie", Rdp),
    case("rdp-cookie-name", "mode tcp; balance rdp-cookie(name); hash-type consistent", Rdp),
];
