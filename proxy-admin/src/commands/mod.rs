//! The commands about the runtime socket itself, one file for each group. Each file registers its entries.

mod rights;
mod show_cli;
mod terminal;
