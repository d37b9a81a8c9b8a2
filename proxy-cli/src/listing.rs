//! What is linked into the binary: the end of `-vv`.

use proto_core::Registry;

/// Everything that is linked.
pub(crate) fn all(registry: &Registry) -> String {
    let mut text = format!("{registry}\nOptions of listening (b) and server (s) addresses:\n");
    for keyword in registry.keywords() {
        use proto_core::extension::Scope;
        let scope = match keyword.scope {
            Scope::Bind => "b ",
            Scope::Server => " s",
            Scope::Both => "bs",
        };
        let words = keyword.usage();
        text.push_str(&format!("  {scope} {words:<36} {}\n", keyword.help));
    }
    text.push_str("\nSamples of a connection:\n");
    for sample in registry.samples() {
        text.push_str(&format!("  {:<39} {}\n", sample.name, sample.help));
    }
    text
}
