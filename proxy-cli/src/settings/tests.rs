//! The keywords of the process, read from whole configurations.

use std::time::Duration;

use proto_core::Registry;
use proto_core::address::NoEnvironment;
use proxy_config::condition::{Facts, Version};
use proxy_config::{Configuration, Diagnostics, Language, Reader, Severity, Sources, Values, Variables};

use super::*;
use crate::process::{CpuSet, Gid, Jail, Uid, Wanted};

struct Plain;

impl Facts for Plain {
    fn version(&self) -> Version {
        Version::parse("3.5").unwrap()
    }

    fn feature(&self, _name: &str) -> bool {
        false
    }

    fn enabled(&self, _name: &str) -> bool {
        false
    }

    fn defined(&self, _name: &str) -> bool {
        unreachable!("the reader knows its variables")
    }
}

/// Reads lines of `global`; returns the stored values, and the diagnostics.
fn read(lines: &str) -> (Values, Vec<(Severity, String)>) {
    let registry = Registry::linked().unwrap();
    let language = Language::linked(&registry).unwrap();
    let variables = Variables::over(&NoEnvironment);
    let mut sources = Sources::default();
    sources.add("t.cfg", format!("global\n{lines}\n"));
    let mut diagnostics = Diagnostics::default();
    let reader = Reader {
        language: &language,
        registry: &registry,
        variables: &variables,
        facts: &Plain,
        any_port: false,
    };
    let Configuration { global, .. } = reader.read(&sources, &mut diagnostics);
    let said = diagnostics.sorted().into_iter().filter(|said| said.severity >= Severity::Warning);
    (global, said.map(|said| (said.severity, said.message)).collect())
}

/// Returns the values that valid lines store.
fn right(lines: &str) -> Values {
    let (global, said) = read(lines);
    assert!(said.is_empty(), "{lines}: {said:?}");
    global
}

/// Returns the CPUs of the first workers, `-` for any.
fn map(global: &Values, workers: usize) -> String {
    let map: CpuMap = global.get_or_default();
    let each = |worker| map.of(worker).map_or("-".to_owned(), ToString::to_string);
    (0..workers).map(each).collect::<Vec<_>>().join(" ")
}

#[test]
fn cpu_map_gives_cpus_to_workers() {
    for (lines, expected) in [
        ("cpu-map 1 0", "0 0 0 0 0"),
        ("cpu-map 1/all 0-3", "0-3 0-3 0-3 0-3 0-3"),
        ("cpu-map 1/1- 0-", "0-1023 0-1023 0-1023 0-1023 0-1023"),
        ("cpu-map auto:1/1-4 0-3", "0 1 2 3 -"),
        ("cpu-map auto:1/1-4 0-1 2-3", "0 1 2 3 -"),
        ("cpu-map auto:1/1-4 3 2 1 0", "0 1 2 3 -"),
        ("cpu-map auto:1/1-4 3,2,1,0", "0 1 2 3 -"),
        ("cpu-map auto:1/1-4 0,0,1,2,3", "0 1 2 3 -"),
        ("cpu-map auto:1 0-63", "0 1 2 3 4"),
        ("cpu-map auto:1/all 0-63", "0 1 2 3 4"),
        ("cpu-map auto:1/even 0-31", "- 0 - 1 -"),
        ("cpu-map auto:1/odd 32-63", "32 - 33 - 34"),
        ("cpu-map 1/4-2 3-1", "- 1-3 1-3 1-3 -"),
        ("cpu-map 01/01 00,5,7-8", "0,5,7-8 - - - -"),
        ("cpu-map odd/2 1023", "- 1023 - - -"),
        ("cpu-map all/2 1 3", "- 1,3 - - -"),
        // Groups that do not exist have no effect.
        ("cpu-map 2 0", "- - - - -"),
        ("cpu-map 2-64/1-2 0", "- - - - -"),
        ("cpu-map auto:even/1 0-31", "- - - - -"),
        // The last line that names a thread counts.
        ("cpu-map 1 0-3\ncpu-map 1/2 7", "0-3 7 0-3 0-3 0-3"),
        ("cpu-map 1/2 7\ncpu-map 1 0", "0 0 0 0 0"),
        ("cpu-map 1/1 0\ncpu-map 1/3 1", "0 - 1 - -"),
    ] {
        assert_eq!(map(&right(lines), 5), expected, "{lines}");
    }
    assert_eq!(map(&right("cpu-map 1 2"), 65).split(' ').next_back(), Some("-"), "64 threads have a number");
}

/// As in HAProxy, which warns about the result at the start: the manual calls the second one invalid.
#[test]
fn cpu_map_with_fewer_cpus_than_threads_warns() {
    for (line, expected) in [("cpu-map auto:1 5", "5 - -"), ("cpu-map auto:1/1-4 5", "5 - -")] {
        let (global, said) = read(line);
        assert!(matches!(&said[..], [(Severity::Warning, _)]), "{line}: {said:?}");
        assert_eq!(map(&global, 3), expected, "{line}");
    }
}

#[test]
fn cpu_map_that_is_wrong_is_refused() {
    // HAProxy refuses these as well.
    for wrong in [
        "",
        "1",
        "0 0",
        "65 0",
        "1/65 0",
        "1/0 0",
        "1/ 0",
        "/1 0",
        "1/-4 0",
        "1/1-2-3 0",
        "1/x 0",
        "x 0",
        "1 x",
        "1 ,1",
        "1 1024",
        "1 all",
        "1 -3",
        "auto:1/1 0-3",
        "auto:auto:1 0",
        "1/auto:1 0",
        "1/1/1 0",
        "- 0",
        "Auto:1/1 0",
        "1 99999999999",
        "1/99999999999 0",
        "1/1-65 0",
        "auto:1/1-4 0-2",
    ] {
        refused(&format!("cpu-map {wrong}"));
    }
    // HAProxy reads these as far as it understands them.
    for careless in
        ["1 0x", "1 0,x", "1 0-x", "1 0,", "1 0,,1", "1 2-,0", "1 0-1-2", "1 4294967296", "1/4294967297 0"]
    {
        refused(&format!("cpu-map {careless}"));
    }
}

fn refused(line: &str) {
    let (_, said) = read(line);
    assert!(matches!(&said[..], [(Severity::Alert, _)]), "{line}: {said:?}");
}

#[test]
fn threads_without_a_cpu_and_shared_cpus_are_reported() {
    let two: CpuSet = (0..2).collect();
    let said = |lines: &str, workers| right(lines).get_or_default::<CpuMap>().warnings(workers, &two).len();
    assert_eq!(said("", 4), 0, "nothing is bound");
    assert_eq!(said("cpu-map auto:1/1-2 0-1", 2), 0);
    assert_eq!(said("cpu-map auto:1/1-4 0-3", 2), 0, "threads that do not exist need no CPU");
    assert_eq!(said("cpu-map 1/1 0", 2), 1, "one runs anywhere");
    assert_eq!(said("cpu-map 1 0", 2), 1, "two share one");
    assert_eq!(said("cpu-map auto:1/1-4 0-3", 4), 1, "two CPUs are not there");
}

#[test]
fn lines_are_stored() {
    let global = right(
        "daemon\nquiet\nzero-warning\npidfile /run/braid.pid\nuid 3\ngid 4\nchroot /\nnbthread 3\nnbthread 2\n\
         thread-groups 1\nulimit-n 5000\nno strict-limits\nhard-stop-after 2s\nhard-stop-after 30s\nnode a.b-c_1\n\
         localpeer here\ninsecure-fork-wanted",
    );
    assert_eq!(global.get(), Some(&Modes { daemon: true, quiet: true, zero_warning: true }));
    assert_eq!(global.get(), Some(&Pidfile("/run/braid.pid".into())));
    let wanted = confinement(&global);
    assert_eq!((wanted.user, wanted.group), (Some(Uid(3)), Some(Gid(4))));
    assert_eq!(wanted.jail, Some(Jail::Directory("/".into())));
    assert_eq!(global.get(), Some(&NbThread(2)), "the last counts");
    assert_eq!(global.get(), Some(&UlimitN(5000)));
    assert_eq!(global.get(), Some(&StrictLimits(false)));
    assert_eq!(global.get(), Some(&HardStopAfter(Duration::from_secs(30))));
    assert_eq!(global.get(), Some(&Node("a.b-c_1".to_owned())));
}

#[test]
fn unset_values_have_haproxys_defaults() {
    let global = right("");
    assert_eq!(global.get_or_default::<Modes>(), Modes::default());
    assert_eq!(global.get_or_default::<StrictLimits>(), StrictLimits(true));
    assert_eq!(confinement(&global), Default::default());
    let global =
        right("hard-stop-after 5s\nhard-stop-after 0\nulimit-n 0\nchroot auto\ndefault strict-limits");
    assert_eq!(global.get::<HardStopAfter>(), None);
    assert_eq!(global.get::<UlimitN>(), None);
    assert_eq!(global.get(), Some(&StrictLimits(true)));
    assert_eq!(confinement(&global).jail, Some(Jail::Nameless));
}

#[test]
fn names_are_looked_up_when_they_are_read() {
    let wanted = confinement(&right("user root\ngroup root"));
    assert_eq!((wanted.user, wanted.group), (Some(Uid(0)), Some(Gid(0))));
    for (line, message) in
        [("user no-such-user", "no user 'no-such-user'"), ("group no-such-group", "no group 'no-such-group'")]
    {
        let (global, said) = read(line);
        assert!(matches!(&said[..], [(Severity::Alert, told)] if told.contains(message)), "{line}: {said:?}");
        assert_eq!(confinement(&global), Default::default());
    }
}

#[test]
fn the_first_counts_where_haproxy_has_it_so() {
    let (global, said) = read(
        "uid 5\nuser root\ngroup root\ngid 7\nchroot /a\nchroot /b\npidfile a\npidfile b\nulimit-n 100\nulimit-n 200",
    );
    assert_eq!(said.len(), 5, "{said:?}");
    assert!(said.iter().all(|(severity, _)| *severity == Severity::Warning), "{said:?}");
    let wanted = confinement(&global);
    assert_eq!((wanted.user, wanted.group), (Some(Uid(5)), Some(Gid(0))));
    assert_eq!(wanted.jail, Some(Jail::Directory("/a".into())));
    assert_eq!(global.get(), Some(&Pidfile("a".into())));
    assert_eq!(global.get(), Some(&UlimitN(100)));
}

#[test]
fn lines_that_are_wrong_are_refused() {
    for wrong in [
        "daemon now",
        "no daemon",
        "quiet x",
        "zero-warning x",
        "pidfile",
        "pidfile a b",
        "user",
        "group",
        "chroot",
        "uid",
        "nbthread",
        "nbthread 0",
        "nbthread 1025",
        "nbthread 4x",
        "thread-groups 0",
        "thread-groups 2",
        "thread-groups 33",
        "strict-limits x",
        "hard-stop-after x",
        "hard-stop-after 25d",
        "node",
        "node a/b",
        "localpeer",
        "localpeer a b",
    ] {
        refused(wrong);
    }
    // HAProxy ignores what it cannot read, and goes on as root where a user was meant.
    for careless in [
        "uid x",
        "uid 3000000000",
        "uid -1",
        "gid -1",
        "gid x",
        "ulimit-n x",
        "ulimit-n -5",
        "hard-stop-after 1s 2s",
    ] {
        refused(careless);
    }
}

#[test]
fn what_is_kept_has_to_be_wanted() {
    let wanted = |text| hardening(&right(text));
    assert_eq!(wanted(""), Wanted::default());
    let both = "insecure-fork-wanted\ninsecure-setuid-wanted";
    assert_eq!(wanted(both), Wanted { fork: true, setuid: true });
    assert_eq!(wanted(&format!("{both}\nno insecure-fork-wanted")), Wanted { fork: false, setuid: true });
}
