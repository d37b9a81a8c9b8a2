//! What a section says about its statistics page.

use std::time::Duration;

use proxy_config::{Kind, Line};
use proxy_rules::RuleSet;

use super::credentials::Credentials;

/// The address of the page unless the section sets one.
const DEFAULT_URI: &str = "/haproxy?stats";

/// What users are told they log in to unless the section says it.
pub(super) const DEFAULT_REALM: &str = "Braid Statistics";

/// The settings of a statistics page.
#[derive(Clone, Debug)]
pub(crate) struct PageSettings {
    /// The section whose keywords these are.
    owner: Option<(Kind, String)>,
    /// The beginning of the targets that ask for the page.
    pub(crate) uri: String,
    /// The only sections that are shown; none for all. `.` is the section of the page.
    pub(crate) scope: Vec<String>,
    /// The time after which a browser loads the page again.
    pub(crate) refresh: Option<Duration>,
    /// Whether the version is not shown.
    pub(crate) hides_version: bool,
    /// Whether addresses, cookies and algorithms are shown.
    pub(crate) shows_legends: bool,
    /// The name of the machine, if it is shown.
    pub(crate) node: Option<Shown>,
    /// The description, if it is shown.
    pub(crate) description: Option<Shown>,
    /// The users who may see the page; none for everybody.
    pub(crate) users: Vec<Credentials>,
    /// What users are told they log in to.
    pub(crate) realm: Option<String>,
    /// Who may see the page: the `stats http-request` rules.
    pub(crate) rules: RuleSet,
    /// Who may change servers: the `stats admin` conditions.
    pub(crate) admin: RuleSet,
}

/// A text of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// That of the process.
    OfProcess,
    /// This one.
    Text(String),
}

impl Default for PageSettings {
    fn default() -> PageSettings {
        PageSettings {
            owner: None,
            uri: DEFAULT_URI.to_owned(),
            scope: Vec::new(),
            refresh: None,
            hides_version: false,
            shows_legends: false,
            node: None,
            description: None,
            users: Vec::new(),
            realm: None,
            rules: RuleSet::default(),
            admin: RuleSet::default(),
        }
    }
}

impl PageSettings {
    /// Returns the settings of the section of a line. As in HAProxy, the first keyword of a section discards what the
    /// section has inherited.
    pub(super) fn of<'s>(line: &'s mut Line<'_, '_>) -> &'s mut PageSettings {
        let owner = Some((line.kind, line.name.to_owned()));
        let settings = line.section.get_mut::<PageSettings>();
        if settings.owner != owner {
            *settings = PageSettings { owner, ..PageSettings::default() };
        }
        settings
    }

    /// Returns whether the settings are those of a section itself rather than inherited.
    pub(super) fn is_own(&self, kind: Kind, name: &str) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.0 == kind && owner.1 == name)
    }
}
