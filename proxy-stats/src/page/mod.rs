//! The statistics page: `stats enable` and the other `stats` keywords of sections.
//!
//! * `settings`, `keywords`: what a section says about its page. `checks`: what has no effect.
//! * `query`: the words after the address. `credentials`: `stats auth`.
//! * `service`: answers requests. `html`: the page for people.

mod checks;
mod credentials;
mod html;
mod keywords;
mod query;
mod service;
mod settings;
