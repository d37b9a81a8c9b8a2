//! The JSON schema of `show info json` and `show stat json`.

/// Returns the schema, on one line.
pub(crate) fn schema() -> String {
    SCHEMA.lines().map(str::trim_start).collect::<String>() + "\n"
}

const SCHEMA: &str = include_str!("schema.json");
