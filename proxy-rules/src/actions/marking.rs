//! `set-fc-mark`, `set-fc-tos`, `set-bc-mark`, `set-bc-tos`: marks the packets of a connection for routing and filters
//! on their way. `set-mark` and `set-tos` are older names of the actions for the client's side.

use proto_core::options::SocketOption;
use proxy_config::Parsed;

use crate::action::{Action, ActionArguments, ActionEntry};
use crate::context::Context;
use crate::expression::Expression;
use crate::points::HookPoint;
use crate::sample::{Sample, Type};
use crate::verdict::Verdict;

/// The kind of mark.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Mark,
    /// The type of service, a byte of the IP header.
    Tos,
}

impl Kind {
    /// Returns the socket option with a value. Of a number that is too large the lowest bits are used, as in HAProxy.
    fn option(self, value: i64) -> SocketOption {
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the lowest bits are meant"
            )]
            Kind::Mark => SocketOption::Mark(value as u32),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the lowest bits are meant"
            )]
            Kind::Tos => SocketOption::Tos(value as u8),
        }
    }
}

#[derive(Debug)]
enum Value {
    Number(i64),
    Expression(Expression),
}

#[derive(Debug)]
struct SetMark {
    kind: Kind,
    of_server: bool,
    value: Value,
}

impl Action for SetMark {
    /// An option that this kind of connection does not support, or the process may not set, is ignored, as in HAProxy.
    fn run(&self, context: &mut Context<'_>) -> Verdict {
        let value = match &self.value {
            Value::Number(value) => Some(*value),
            Value::Expression(expression) => {
                match expression.get(context).and_then(|s| s.cast(Type::Integer)) {
                    Some(Sample::Integer(value)) => Some(value),
                    _ => None,
                }
            }
        };
        let Some(value) = value else { return Verdict::Continue };
        let option = self.kind.option(value);
        match self.of_server {
            true => context.changes().set_server_option(option),
            false => {
                let _ = context.session.client().stream.set_option(&option);
            }
        }
        Verdict::Continue
    }

    fn reads_request(&self) -> bool {
        matches!(&self.value, Value::Expression(expression) if expression.reads_request())
    }
}

fn read(
    action: &mut ActionArguments<'_, '_, '_>,
    kind: Kind,
    of_server: bool,
    takes_expressions: bool,
) -> Parsed<Box<dyn Action>> {
    let word = action.peek().map_or("", |word| &*word.text);
    let number = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    };
    let most = match kind {
        Kind::Mark => i64::from(u32::MAX),
        Kind::Tos => i64::from(u8::MAX),
    };
    let value = match number {
        Some(number) if (0..=most).contains(&number) => {
            action.word("a number")?;
            Value::Number(number)
        }
        None if takes_expressions => {
            let expression = action.expression("a number, or an expression that gives one")?;
            if !expression.gives().casts_to(Type::Integer) {
                let (name, gives) = (expression.name(), expression.gives());
                return Err(action.mistake(format!("'{name}' gives type {gives}, and a number is needed")));
            }
            Value::Expression(expression)
        }
        _ => {
            let found = action.word("a number")?;
            let message = format!("invalid value '{}': expected a number from 0 to {most}", found.text);
            return Err(Box::new(proxy_config::Diagnostic::alert(found.span, message)));
        }
    };
    Ok(Box::new(SetMark { kind, of_server, value }))
}

const CLIENT: &[HookPoint] = &HookPoint::OF_CONNECTIONS;
const SERVER: &[HookPoint] = &[HookPoint::TcpRequest, HookPoint::HttpRequest];
const ARGUMENTS: &str = "<number>|<expression>";

inventory::submit! {
    ActionEntry::new("set-fc-mark", ARGUMENTS, CLIENT, "mark the packets to the client for routing and filters", |action| {
        read(action, Kind::Mark, false, true)
    })
}

inventory::submit! {
    ActionEntry::new("set-mark", "<number>", CLIENT, "an old name of 'set-fc-mark'", |action| {
        read(action, Kind::Mark, false, false)
    })
}

inventory::submit! {
    ActionEntry::new("set-fc-tos", ARGUMENTS, CLIENT, "the type of service of the packets to the client", |action| {
        read(action, Kind::Tos, false, true)
    })
}

inventory::submit! {
    ActionEntry::new("set-tos", "<number>", CLIENT, "an old name of 'set-fc-tos'", |action| {
        read(action, Kind::Tos, false, false)
    })
}

inventory::submit! {
    ActionEntry::new("set-bc-mark", ARGUMENTS, SERVER, "mark the packets to the server for routing and filters", |action| {
        read(action, Kind::Mark, true, true)
    })
}

inventory::submit! {
    ActionEntry::new("set-bc-tos", ARGUMENTS, SERVER, "the type of service of the packets to the server", |action| {
        read(action, Kind::Tos, true, true)
    })
}
