//! The condition of a server, and the one that it begins with.

use super::tally::Tally;

/// The condition of a server, apart from maintenance and drain, which people set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerCondition {
    /// The server is down.
    Stopped,
    /// The server is up, and gets fewer clients for a while.
    Starting,
    /// The server is up.
    Running,
    /// The server is up, and gets no new clients.
    Stopping,
}

/// What a server is taken for until checks say otherwise (`init-state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitState {
    /// Up; only as many failed checks as usual stop it.
    FullyUp,
    /// Up; the first failed check stops it.
    Up,
    /// Down; the first check that passes starts it.
    Down,
    /// Down; only as many passed checks as usual start it.
    FullyDown,
}

impl InitState {
    /// The states, with their names.
    pub const NAMES: [(&'static str, InitState); 4] = [
        ("fully-up", InitState::FullyUp),
        ("up", InitState::Up),
        ("down", InitState::Down),
        ("fully-down", InitState::FullyDown),
    ];

    /// Returns whether a server in this state takes sessions.
    pub fn is_up(self) -> bool {
        matches!(self, InitState::FullyUp | InitState::Up)
    }

    /// Returns the condition that it begins with.
    pub fn condition(self) -> ServerCondition {
        match self {
            InitState::FullyUp | InitState::Up => ServerCondition::Running,
            InitState::Down | InitState::FullyDown => ServerCondition::Stopped,
        }
    }

    /// Sets a tally to what it begins with.
    pub fn apply(self, tally: &mut Tally) {
        match self {
            InitState::FullyUp => tally.fill(),
            InitState::Up => tally.set_barely_up(),
            InitState::Down => tally.set_nearly_up(),
            InitState::FullyDown => tally.empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_needs_its_number_of_checks() {
        // The checks that have to fail or pass until it changes, with 'rise 2' and 'fall 3'.
        for ((name, state), checks) in InitState::NAMES.into_iter().zip([3, 1, 1, 2]) {
            let mut tally = Tally::new(2, 3);
            state.apply(&mut tally);
            let was_up = tally.is_up();
            assert_eq!(was_up, state.condition() == ServerCondition::Running, "{name}");
            for check in 1..=checks {
                if was_up {
                    tally.fail()
                } else {
                    tally.pass()
                };
                assert_eq!(tally.is_up() != was_up, check == checks, "{name}, check {check}");
            }
        }
    }
}
