//! Outcomes of tests of which some may be undetermined: `None`.

/// Whether one of them is true. One that is true settles it, whatever the others come to.
pub(super) fn any(outcomes: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(false);
    for outcome in outcomes {
        match outcome {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

/// Whether all of them are true. One that is false settles it, whatever the others come to.
pub(crate) fn all(outcomes: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    any(outcomes.into_iter().map(|outcome| outcome.map(|outcome| !outcome))).map(|outcome| !outcome)
}

#[cfg(test)]
mod tests {
    use super::{all, any};

    #[test]
    fn what_is_undetermined_may_not_matter() {
        let (yes, no) = (Some(true), Some(false));
        assert_eq!([any([no, None, yes]), any([no, None]), any([no]), any([])], [yes, None, no, no]);
        assert_eq!([all([yes, None, no]), all([yes, None]), all([yes]), all([])], [no, None, yes, yes]);
    }
}
