//! The commands that this crate itself has, one file for each group. Each file submits its entries.

mod rights;
mod set_server;
mod show_cli;
mod show_info;
mod show_version;
mod terminal;
