//! What is shown of the engine: statistics of frontends, listeners, servers and backends.
//!
//! * [`Field`], [`fields`]: the table of all fields, each with its name, its meaning, and how it is read from the
//!   engine. Every form is made from it.
//! * [`Selection`]: which objects are shown. `forms`: CSV, typed lines and JSON.
//! * `page`: the statistics page of sections. `prometheus`: metrics. `info`: facts about the process.
//! * `commands`: the commands of the runtime socket.

mod commands;
mod field;
pub mod fields;
mod forms;
mod info;
mod page;
mod process;
mod prometheus;
mod selection;
mod subject;
mod urlencoded;
mod value;

pub use field::Field;
pub use forms::Form;
pub use process::{Process, Reading};
pub use selection::{Bounds, Proxy, Selection, proxies};
pub use subject::{Kind, OfBackend, OfFrontend, OfListener, OfServer, Subject, View};
pub use value::Value;
