//! The statistics page: `stats enable` and the other `stats` keywords of sections.
//!
//! * `settings`, `keywords`: what a section says about its page. `checks`: what has no effect.
//! * `query`: the words after the address. `credentials`: `stats auth`.
//! * `orders`: changes of servers by the form of the page. `origin`: where a form comes from.
//! * `service`: answers requests. `html`: the page for people.

mod checks;
mod credentials;
mod html;
mod keywords;
mod orders;
mod origin;
mod query;
mod service;
mod settings;
