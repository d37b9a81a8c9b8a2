//! The text format of Prometheus, version 0.0.4.

use std::fmt::Write as _;

use super::parameters::{Parameters, Scope};

pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A family of metrics: samples with the same name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family<'f> {
    pub(super) scope: Scope,
    /// The name without the prefix of the scope.
    pub(super) name: &'f str,
    pub(super) help: &'f str,
    pub(super) is_counter: bool,
}

/// The text of the metrics so far.
#[derive(Debug)]
pub(super) struct Exposition<'p> {
    pub(super) parameters: &'p Parameters,
    text: String,
}

/// The value of a sample; `NaN` for none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    None,
    Whole(i64),
    Count(u64),
    /// Milliseconds, shown as seconds.
    Milliseconds(u64),
}

impl<'p> Exposition<'p> {
    pub(super) fn new(parameters: &'p Parameters) -> Exposition<'p> {
        Exposition { parameters, text: String::new() }
    }

    /// Returns whether a family is wanted.
    pub(super) fn wants(&self, family: &Family<'_>) -> bool {
        self.parameters.has(family.scope)
            && self.parameters.shows(&format!("{}{}", family.scope.prefix(), family.name))
    }

    /// Appends the samples of a family, each with its labels, and the heading if there are any.
    pub(super) fn family<'l>(
        &mut self,
        family: &Family<'_>,
        samples: impl IntoIterator<Item = (Vec<(&'l str, String)>, Number)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let Family { scope, name, help, is_counter } = family;
        let prefix = scope.prefix();
        let kind = if *is_counter { "counter" } else { "gauge" };
        // Writing to a String cannot fail.
        let _ = write!(self.text, "# HELP {prefix}{name} {help}\n# TYPE {prefix}{name} {kind}\n");
        for (labels, number) in samples {
            let _ = write!(self.text, "{prefix}{name}");
            self.labels(&labels);
            let _ = match number {
                Number::None => writeln!(self.text, " NaN"),
                Number::Whole(number) => writeln!(self.text, " {number}"),
                Number::Count(number) => writeln!(self.text, " {number}"),
                Number::Milliseconds(number) => {
                    writeln!(self.text, " {}.{:03}", number / 1000, number % 1000)
                }
            };
        }
    }

    fn labels(&mut self, labels: &[(&str, String)]) {
        let mut before = '{';
        for (name, value) in labels {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{before}{name}=\"{value}\"");
            before = ',';
        }
        if before == ',' {
            self.text.push('}');
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_labels_and_values() {
        let parameters = Parameters::default();
        let mut exposition = Exposition::new(&parameters);
        let family = Family { scope: Scope::Server, name: "a", help: "of a", is_counter: true };
        exposition.family(&family, []);
        exposition.family(
            &family,
            [
                (vec![("proxy", "p\"\\\n".to_owned()), ("server", "s".to_owned())], Number::Count(3)),
                (vec![], Number::None),
                (vec![], Number::Milliseconds(1_005)),
                (vec![], Number::Whole(-1)),
            ],
        );
        let expected = "# HELP haproxy_server_a of a\n# TYPE haproxy_server_a counter\n\
                        haproxy_server_a{proxy=\"p\\\"\\\\\\n\",server=\"s\"} 3\n\
                        haproxy_server_a NaN\nhaproxy_server_a 1.005\nhaproxy_server_a -1\n";
        assert_eq!(exposition.into_text(), expected);
    }
}
