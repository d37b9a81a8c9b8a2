//! Finding the known word nearest to a mistyped one.

/// Returns the known word with the fewest edits to `word`, if it is near enough to be what was meant: at most a third
/// of its letters differ, and one edit is always allowed. Case is ignored.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let forgiven = |candidate: &str| (candidate.len() / 3).max(1);
    let lower = word.to_lowercase();
    let letters = lower.chars().count();
    known
        .into_iter()
        // A word that is much too long need not be compared letter by letter.
        .filter(|candidate| letters.abs_diff(candidate.chars().count()) <= forgiven(candidate))
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(edits, candidate)| *edits <= forgiven(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Returns the edits between two words: insert, delete, replace, or swap two neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_word_is_recognised() {
        let known = ["tcp@", "mptcp@", "unix@", "quic4@"];
        assert_eq!(nearest("mtcp@", known), Some("mptcp@"));
        assert_eq!(nearest("mpctp@", known), Some("mptcp@"));
        assert_eq!(nearest("MPTCP@", known), Some("mptcp@"));
        assert_eq!(nearest("xyzzy@", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"tcp@".repeat(100_000), known), None);
    }
}
