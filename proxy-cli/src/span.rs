//! Times on the command line.

use std::time::Duration;

use anyhow::{Context as _, bail};
use proto_core::units::{TimeUnit, parse_time};

/// Reads the value of an option, a time longer than 0; milliseconds by default.
///
/// # Errors
/// Returns an error if it is not a time, or 0.
pub(crate) fn longer_than_zero(text: &str, option: &str) -> anyhow::Result<Duration> {
    let time = parse_time(text, TimeUnit::Milliseconds)
        .map_err(|expected| anyhow::anyhow!("'{text}' is not {expected}"))
        .with_context(|| option.to_owned())?;
    if time.is_zero() {
        bail!("{option} takes a time longer than 0");
    }
    Ok(time)
}
