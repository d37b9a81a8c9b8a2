//! Ranges of numbers: `5`, `1:9`, `:9`, `1:`, and single numbers after `eq`, `ge`, `gt`, `le`, `lt`.

use std::ops::RangeInclusive;

use proxy_config::Parsed;

use crate::matching::Patterns;

/// Ranges, one of which has to contain a number.
#[derive(Debug)]
pub(super) struct Ranges(Vec<RangeInclusive<i64>>);

#[derive(Clone, Copy)]
enum Operator {
    Equal,
    AtLeast,
    Above,
    AtMost,
    Below,
}

fn operator(word: &str) -> Option<Operator> {
    Some(match word {
        "eq" => Operator::Equal,
        "ge" => Operator::AtLeast,
        "gt" => Operator::Above,
        "le" => Operator::AtMost,
        "lt" => Operator::Below,
        _ => return None,
    })
}

impl Ranges {
    /// Reads ranges of integers. An operator applies to all numbers after it, up to the next operator, and not to
    /// ranges.
    pub(super) fn of(patterns: &Patterns) -> Parsed<Ranges> {
        Ranges::read(patterns, number, "a number or a range of numbers")
    }

    /// Reads ranges of numbers in some notation.
    pub(super) fn read(patterns: &Patterns, number: ReadNumber, expected: &str) -> Parsed<Ranges> {
        let (mut ranges, mut current) = (Vec::new(), Operator::Equal);
        for pattern in &patterns.list {
            if let Some(operator) = operator(&pattern.text) {
                current = operator;
                continue;
            }
            let range = match pattern.text.contains([':', '-']) {
                true => range(&pattern.text, number),
                false => number(&pattern.text).and_then(|number| compared(current, number)),
            };
            ranges.push(range.ok_or_else(|| patterns.bad(pattern, expected))?);
        }
        Ok(Ranges(ranges))
    }

    pub(super) fn contain(&self, number: i64) -> bool {
        self.0.iter().any(|range| range.contains(&number))
    }
}

/// Reads a number.
type ReadNumber = fn(&str) -> Option<i64>;

pub(super) fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn range(text: &str, number: ReadNumber) -> Option<RangeInclusive<i64>> {
    let (low, high) = text.split_once([':', '-'])?;
    let range = match (low, high) {
        ("", "") => return None,
        ("", high) => i64::MIN..=number(high)?,
        (low, "") => number(low)?..=i64::MAX,
        (low, high) => number(low)?..=number(high)?,
    };
    (!range.is_empty()).then_some(range)
}

fn compared(operator: Operator, number: i64) -> Option<RangeInclusive<i64>> {
    Some(match operator {
        Operator::Equal => number..=number,
        Operator::AtLeast => number..=i64::MAX,
        Operator::Above => number.checked_add(1)?..=i64::MAX,
        Operator::AtMost => i64::MIN..=number,
        Operator::Below => i64::MIN..=number.checked_sub(1)?,
    })
}
