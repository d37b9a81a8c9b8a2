//! The commands about the frame itself, one file for each group. Each file submits its entries.

mod rights;
mod show_cli;
mod terminal;
