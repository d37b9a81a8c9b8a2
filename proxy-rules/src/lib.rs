//! Rules: what a configuration checks in a session and its messages, and what it does then.
//!
//! * [`Sample`]: a typed value. A [`Fetch`] takes one from a [`Context`], a [`Converter`] changes it, a [`Match`]
//!   compares it; an [`Expression`] is a fetch and its converters, a [`Format`] a text with expressions.
//! * [`Condition`]: the part of a rule after `if` or `unless`, made of ACLs with names or in braces.
//! * [`Action`], [`RuleSet`], [`SectionRules`], [`UseBackends`], [`UseServers`], [`PersistRules`]: what is done;
//!   [`Verdict`], [`Answer`]: the result.
//! * [`ErrorMessages`], [`Monitor`], [`Redirects`]: the other replies of the proxy. [`Service`]: what answers in place of
//!   a server.
//! * [`Context`]: what rules of one hook point may look at and change. [`SessionFacts`]: what the engine provides for
//!   them. [`Variables`]: what rules keep for each other.
//!
//! Everything is compiled when the configuration is read, and evaluated without allocation unless a value has to be
//! built. Fetches, converters, matches, actions and the aliases of formats are entries of the files that implement
//! them: `fetches/`, `converters/`, `matches/`, `actions/`, `aliases/`.

pub mod acl;
pub mod action;
mod actions;
mod address_text;
mod aliases;
mod answer;
pub mod captures;
mod cast;
mod changes;
mod context;
pub mod converter;
mod converters;
pub mod date;
mod errors;
pub mod escape;
pub mod expression;
pub mod fetch;
mod fetches;
pub mod format;
mod forwarded;
pub mod hash;
mod hostname;
pub mod inputs;
pub mod log;
mod lookup;
mod lookup_name;
mod matches;
pub mod matching;
mod named_proxy;
mod names;
mod order;
mod persist_rules;
mod points;
pub mod record;
pub mod regex;
mod rules;
mod sample;
mod server_state;
mod service;
mod text;
mod unique_id;
mod use_backend;
mod use_server;
pub mod variables;
mod verdict;

pub use acl::Condition;
pub use action::{Action, ActionArguments, ActionEntry};
pub use answer::{Answer, Message, Monitor, Redirects};
pub use changes::{Changes, ChosenSeverity, Priority, Severity};
pub use context::{Buffered, Context, SessionFacts, Unevaluated, UniqueIdSource};
pub use converter::{Converter, ConverterEntry};
pub use errors::{ErrorMessages, ErrorStatus};
pub use expression::Expression;
pub use fetch::{Fetch, FetchEntry};
pub use fetches::request_address;
pub use format::{AliasEntry, Format, Style};
pub use forwarded::ForwardedField;
pub use lookup_name::{NameLookup, NamedResolver, NamedResolvers, ResolveNames, Resolving};
pub use matches::DOTTED_VERSION;
pub use matching::{Comparison, Match, MatchEntry};
pub use named_proxy::{
    BackendFacts, FrontendFacts, NamedFrontend, NamedFrontends, NamedProxies, NamedProxy, ServerFacts,
};
pub use names::{SampleNameError, check_samples};
pub use persist_rules::{PersistRules, Persistence};
pub use points::{HookPoint, Need, Points};
pub use record::Record;
pub use rules::{ContentRules, Rule, RulePlace, RuleSet, SectionRules, may_become_http, read_action};
pub use sample::{Sample, Type};
pub use server_state::ServerState;
pub use service::{PageEntry, Served, Service, ServiceCall, ServiceEntry};
pub use text::Text;
pub use unique_id::UniqueId;
pub use use_backend::{Choice, UseBackends};
pub use use_server::UseServers;
pub use variables::{ProcessVariables, Scope, SessionVariables, Variable, Variables};
pub use verdict::Verdict;
