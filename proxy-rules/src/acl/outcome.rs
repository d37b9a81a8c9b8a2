//! Results of tests, alone and combined.

/// The result of a test or of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Whether it holds.
    Known(bool),
    /// The result depends on bytes that have not arrived yet.
    Undetermined,
    /// The result could not be determined: a regular expression took too long.
    Failed,
}

impl Outcome {
    /// Negates a known result.
    #[must_use]
    pub(crate) fn negated_if(self, is_negated: bool) -> Outcome {
        match self {
            Outcome::Known(holds) => Outcome::Known(holds != is_negated),
            unknown => unknown,
        }
    }
}

/// Combines results with "or": one that holds settles it, whatever the others are.
pub(crate) fn any(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let mut result = Outcome::Known(false);
    for outcome in outcomes {
        match outcome {
            Outcome::Known(true) => return outcome,
            Outcome::Known(false) => {}
            // More bytes do not help a test that has failed.
            Outcome::Failed => result = Outcome::Failed,
            Outcome::Undetermined if result != Outcome::Failed => result = Outcome::Undetermined,
            Outcome::Undetermined => {}
        }
    }
    result
}

/// Combines results with "and": one that does not hold settles it, whatever the others are.
pub(crate) fn all(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    any(outcomes.into_iter().map(|outcome| outcome.negated_if(true))).negated_if(true)
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Failed, Undetermined};
    use super::*;

    #[test]
    fn what_is_not_known_may_not_matter() {
        let (yes, no) = (Outcome::Known(true), Outcome::Known(false));
        for unknown in [Undetermined, Failed] {
            assert_eq!(
                [any([no, unknown, yes]), any([no, unknown]), any([no]), any([])],
                [yes, unknown, no, no]
            );
            assert_eq!(
                [all([yes, unknown, no]), all([yes, unknown]), all([yes]), all([])],
                [no, unknown, yes, yes]
            );
        }
        assert_eq!([any([Failed, Undetermined]), all([Undetermined, Failed])], [Failed, Failed]);
    }
}
