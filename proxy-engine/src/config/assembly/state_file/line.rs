//! A line of a file with the states of servers, as `show servers state` writes it (version 1).

use std::net::IpAddr;
use std::str::SplitAsciiWhitespace;
use std::time::Duration;

use proxy_health::{CheckState, Status};

use crate::policy::MAX_WEIGHT;
use crate::upstream::{Admin, Operational, SavedCheck, SavedServer};

/// The numbers of fields that a line may have.
const FIELDS: std::ops::RangeInclusive<usize> = 20..=25;

/// The server that a line is about.
#[derive(Clone, Debug)]
pub(super) struct Subject<'l> {
    pub(super) backend_id: &'l str,
    pub(super) backend: &'l str,
    /// Whether the number of the backend was configured.
    pub(super) is_backend_id_given: bool,
    pub(super) server: &'l str,
    /// The fields after those of the subject.
    fields: SplitAsciiWhitespace<'l>,
}

/// Reads whom a line is about; `None` for an empty line or a comment.
///
/// # Errors
/// The line does not have the fields of a state.
pub(super) fn subject(line: &str) -> Result<Option<Subject<'_>>, ()> {
    let mut fields = line.split_ascii_whitespace();
    if line.trim_start_matches([' ', '\t']).starts_with('#') || fields.clone().next().is_none() {
        return Ok(None);
    }
    if !FIELDS.contains(&fields.clone().count()) {
        return Err(());
    }
    let is_backend_id_given = fields.clone().nth(15) == Some("1");
    let mut next = || fields.next().ok_or(());
    let (backend_id, backend, _, server) = (next()?, next()?, next()?, next()?);
    Ok(Some(Subject { backend_id, backend, is_backend_id_given, server, fields }))
}

impl Subject<'_> {
    /// Reads the state.
    ///
    /// # Errors
    /// Returns what is wrong with the values.
    pub(super) fn state(self) -> Result<SavedServer, String> {
        let mut fields = Fields { fields: self.fields, mistakes: String::new() };
        let address = fields.next();
        let operational = fields.value("srv_op_state", read_operational);
        let admin = fields.value("srv_admin_state", read_admin);
        let weight = fields.value("srv_uweight", read_weight);
        let initial_weight = fields.value("srv_iweight", read_weight);
        let since = fields.value("srv_last_time_change", |number| u64::try_from(number).ok());
        let status = fields.value("srv_check_status", |number| {
            (0..=20).contains(&number).then(|| Status::of_number(u8::try_from(number).unwrap_or(0)))
        });
        fields.value("srv_check_result", |number| (0..=4).contains(&number).then_some(()));
        let health = fields.value("srv_check_health", |number| Some(u32::try_from(number).unwrap_or(0)));
        let check_state = fields.value("srv_check_state", read_check_state);
        let agent_state = fields.value("srv_agent_state", read_check_state);
        fields.value("bk_f_forced_id", |number| (0..=1).contains(&number).then_some(()));
        fields.value("srv_f_forced_id", |number| (0..=1).contains(&number).then_some(()));
        let _fqdn = fields.next();
        let port = fields.value("srv_port", |number| u16::try_from(number).ok());
        let (_record, _tls) = (fields.next(), fields.next());
        let check_port = fields.optional_port();
        let check_address = fields.optional_address();
        let agent_address = fields.optional_address();
        let agent_port = fields.optional_port();
        if !fields.mistakes.is_empty() {
            return Err(fields.mistakes);
        }
        Ok(SavedServer {
            address: address.parse().ok(),
            port: port.unwrap_or(0),
            operational: operational.unwrap_or(Operational::Running),
            admin: admin.unwrap_or_default(),
            weight: weight_or_one(weight),
            initial_weight: weight_or_one(initial_weight),
            since: Duration::from_secs(since.unwrap_or(0)),
            status: status.flatten(),
            health: health.unwrap_or(0),
            check: SavedCheck {
                state: check_state.unwrap_or_default(),
                address: check_address,
                port: check_port,
            },
            agent: SavedCheck {
                state: agent_state.unwrap_or_default(),
                address: agent_address,
                port: agent_port,
            },
        })
    }
}

fn weight_or_one(weight: Option<u16>) -> u16 {
    weight.unwrap_or(1)
}

/// The fields of a line, and what is wrong with those that were read.
struct Fields<'l> {
    fields: SplitAsciiWhitespace<'l>,
    mistakes: String,
}

impl<'l> Fields<'l> {
    fn next(&mut self) -> &'l str {
        self.fields.next().unwrap_or("-")
    }

    /// Reads a number. A mistake is noted with the name of the field.
    fn value<T>(&mut self, name: &str, read: impl FnOnce(i64) -> Option<T>) -> Option<T> {
        let word = self.next();
        let value = word.parse().ok().and_then(read);
        if value.is_none() {
            let separator = if self.mistakes.is_empty() { "" } else { ", " };
            self.mistakes += &format!("{separator}invalid {name} value '{}'", word.escape_debug());
        }
        value
    }

    fn optional_port(&mut self) -> Option<u16> {
        self.next().parse().ok().filter(|port| *port > 0)
    }

    fn optional_address(&mut self) -> Option<IpAddr> {
        self.next().parse().ok()
    }
}

fn read_operational(number: i64) -> Option<Operational> {
    [Operational::Stopped, Operational::Starting, Operational::Running, Operational::Stopping]
        .into_iter()
        .find(|state| i64::from(*state as u8) == number)
}

/// Reads the reasons for which a server is out of use, of those that a file decides about: what it inherits, or what the
/// resolution of names says, is found out again.
fn read_admin(number: i64) -> Option<Admin> {
    const FOUND_ANEW: i64 = 0x02 | 0x10 | 0x20 | 0x40;
    let admin = Admin::from_bits(u8::try_from(number & !FOUND_ANEW).ok()?)?;
    let both = Admin::FORCED_MAINT | Admin::FORCED_DRAIN;
    (!admin.contains(both)).then_some(admin)
}

fn read_weight(number: i64) -> Option<u16> {
    u16::try_from(number).ok().filter(|weight| *weight <= MAX_WEIGHT)
}

fn read_check_state(number: i64) -> Option<CheckState> {
    CheckState::from_bits(u8::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "2 b 1 s 192.0.2.1 2 0 10 20 30 6 3 4 6 0 0 0 - 80 - 0 8080 192.0.2.2 - 0";

    #[test]
    fn a_line_is_read() {
        let subject = subject(LINE).unwrap().unwrap();
        assert_eq!((subject.backend_id, subject.backend, subject.server), ("2", "b", "s"));
        let state = subject.state().unwrap();
        assert_eq!(
            state,
            SavedServer {
                address: Some("192.0.2.1".parse().unwrap()),
                port: 80,
                operational: Operational::Running,
                admin: Admin::empty(),
                weight: 10,
                initial_weight: 20,
                since: Duration::from_secs(30),
                status: Some(Status::Layer4Ok),
                health: 4,
                check: SavedCheck {
                    state: CheckState::CONFIGURED | CheckState::ENABLED,
                    address: Some("192.0.2.2".parse().unwrap()),
                    port: Some(8080),
                },
                agent: SavedCheck { state: CheckState::empty(), address: None, port: None },
            }
        );
    }

    #[test]
    fn other_lines_are_not_states() {
        assert_eq!(subject("  # be_id").map(|subject| subject.is_some()), Ok(false));
        assert_eq!(subject(" \t").map(|subject| subject.is_some()), Ok(false));
        assert!(subject("2 b 1 s").is_err());
        assert!(subject(&format!("{LINE} more")).is_err());
    }

    #[test]
    fn wrong_values_are_named() {
        let line = LINE.replace(" 2 0 10 ", " 9 9 300 ");
        let mistakes = subject(&line).unwrap().unwrap().state().unwrap_err();
        assert_eq!(
            mistakes,
            "invalid srv_op_state value '9', invalid srv_admin_state value '9', invalid srv_uweight value '300'"
        );
    }
}
