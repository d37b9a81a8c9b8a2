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
        .filter(|(cost, candidate)| cost / EDIT <= forgiven(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// What an edit costs. Another letter costs more than one that is missing, doubled or swapped, by less than an edit in
/// all: of two words as near it is seldom meant.
const EDIT: usize = 1000;
const OTHER_LETTER: usize = EDIT + 1;

/// Returns what it costs to edit one word to another: insert, delete, replace, or swap two neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).map(|length| length * EDIT).collect();
    for i in 1..=a.len() {
        let mut row = vec![i * EDIT; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + if a[i - 1] == b[j - 1] { 0 } else { OTHER_LETTER };
            row[j] = replaced.min(last[j] + EDIT).min(row[j - 1] + EDIT);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + EDIT);
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
        assert_eq!(nearest("hhdr", ["fhdr", "hdr"]), Some("hdr"), "a doubled letter before another one");
        assert_eq!(nearest(&"tcp@".repeat(100_000), known), None);
    }
}
