//! The keywords `tune.*` of the global section that concern HTTP.

use proxy_config::inventory;
use proxy_config::{Directive, Line, Parsed, Sections, mistake};

use crate::policy::HttpTuning;

const GLOBAL: Sections = Sections::GLOBAL;

/// The size of a buffer is a multiple of this, in bytes: two pointers.
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
    Directive::new("tune.bufsize", "<size>", GLOBAL, "size of a buffer, which limits the head of a message", |line| {
        let size = line.args.size("the size of a buffer")?;
        let rounded = size.checked_next_multiple_of(ALIGNMENT).filter(|size| (1..=MOST as u64).contains(size));
        let Some(bufsize) = rounded.and_then(|size| usize::try_from(size).ok()) else {
            let problem = mistake(line.args.last(), format!("invalid buffer size: {size} bytes"));
            return Err(Box::new(problem.expected(format!("1 to {} bytes", MOST - 15))));
        };
        line.section.get_mut::<HttpTuning>().bufsize = bufsize;
        Ok(())
    })
}

inventory::submit! {
    Directive::new("tune.maxrewrite", "<bytes>", GLOBAL, "bytes of a buffer that are reserved for what rules add", |line| {
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
