//! Cells of a table.

use super::text::escape;

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// The text; empty for none.
    pub(super) text: String,
    /// The exact value, if the text is a rounded one.
    pub(super) exact: Option<String>,
    /// The key by which rows are sorted.
    pub(super) key: String,
    /// The class that gives it its look.
    pub(super) class: &'static str,
}

impl Cell {
    /// Appends the cell to the page.
    pub(super) fn write(&self, page: &mut String, is_minor: bool) {
        let classes: Vec<&str> = [self.class, if is_minor { "minor" } else { "" }]
            .into_iter()
            .filter(|class| !class.is_empty())
            .collect();
        page.push_str("<td");
        if !classes.is_empty() {
            page.push_str(" class=\"");
            page.push_str(&classes.join(" "));
            page.push('"');
        }
        if !self.key.is_empty() {
            page.push_str(" data-key=\"");
            escape(page, &self.key);
            page.push('"');
        }
        if let Some(exact) = &self.exact {
            page.push_str(" title=\"");
            escape(page, exact);
            page.push('"');
        }
        page.push('>');
        escape(page, &self.text);
        page.push_str("</td>");
    }
}
