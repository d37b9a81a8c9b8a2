//! The configuration language of HAProxy: from text to a checked configuration, with a diagnostic for every mistake.
//!
//! * [`Sources`], [`Reader`], [`Configuration`]: the input, what reads it, and the result.
//! * [`Directive`], [`Parameter`], [`Check`]: entries with which a part of the program adds to the language; each
//!   stores a type of its own in the [`Values`] of its section or line. [`Language`] gathers them.
//! * [`mod@entries`]: the tables of other things that files register under a name.
//! * [`diagnostic`]: messages about mistakes. [`condition`]: `.if` and `-cc`.
//!
//! This crate has the structure of the language, and no part of the program that its keywords configure.

pub mod arguments;
pub mod condition;
pub mod diagnostic;
pub mod directive;
pub mod endpoint;
pub mod entries;
mod environment;
pub mod foreign;
mod keywords;
mod language;
pub mod layers;
pub mod network;
pub mod parameter;
mod reader;
mod registered;
mod section;
pub mod size;
mod source;
mod surroundings;
#[cfg(feature = "testing")]
pub mod testing;
mod values;
mod words;

/// Re-exported for the macros that submit entries.
pub use inventory;

pub use diagnostic::{Diagnostic, Diagnostics, Mistake, Parsed, Severity, mistake};
pub use directive::{Check, Directive, Endpoint, Line, Parameter, Scope, Sense};
pub use entries::{Entries, EntriesError, Entry};
pub use environment::Variables;
pub use keywords::{DefaultBackend, Description, Id, Mode, default_backend};
pub use language::{Language, LanguageError};
pub use network::Network;
pub use reader::Reader;
pub use section::{Configuration, Kind, Section, Sections};
pub use size::{SizeError, parse_size};
pub use source::{FileId, FileNames, ReadError, Sources, Span, Spanned};
pub use values::Values;
pub use words::Word;
