//! The socket options of connections to servers, from the line and from its section.

use proto_core::address::Address;
use proto_core::options::SocketOption;
use proto_core::spec::Settings;
use proxy_config::{Diagnostic, Diagnostics, Parsed, Section, Span, mistake};

use super::tcp_keep_alive;
use crate::policy::{SourceAddress, TcpTuning};

/// Returns the settings of a line, with those of its section as defaults. The settings of a section apply to IP;
/// servers of other families ignore them without a warning, so that a section can mix families.
pub(super) fn with_defaults(
    settings: &Settings,
    section: &Section,
    address: &Address,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Settings {
    let mut settings = settings.clone();
    let Some(inet) = address.inet() else { return settings };
    let tuning: TcpTuning = section.values.get_or_default();
    tcp_keep_alive::apply(&tuning.server, &mut settings);
    if tuning.no_linger {
        settings.options.set(SocketOption::NoLinger);
    }
    if tuning.smart_connect {
        settings.options.set(SocketOption::DelayAck);
    }
    let has_source = settings.options.iter().any(|option| matches!(option, SocketOption::Source(_)));
    if let Some(SourceAddress(source)) = section.get()
        && !has_source
    {
        let other_family = |option: &SocketOption| match option {
            SocketOption::Source(source) => source.addr.is_ipv4() != inet.ip().to_canonical().is_ipv4(),
            _ => false,
        };
        match source.options.iter().any(other_family) {
            true => {
                let message = "the 'source' of this section has another address family and no effect here";
                diagnostics.push(Diagnostic::warning(span, message));
            }
            false => source.options.iter().for_each(|option| settings.options.set(option.clone())),
        }
    }
    settings
}

/// Refuses options that need privileges on every connection if the process drops them: they would be ignored.
pub(super) fn refuse_privileged(settings: &Settings, span: Span) -> Parsed {
    let needs_privileges = |option: &&SocketOption| {
        matches!(option, SocketOption::Mark(_) | SocketOption::UseSource(_) | SocketOption::Namespace(_))
    };
    match settings.options.iter().find(needs_privileges) {
        None => Ok(()),
        Some(option) => {
            let message =
                format!("'{option}' needs privileges that 'user' or 'uid' of the global section drops");
            Err(mistake(span, message))
        }
    }
}
