//! Names that rules have resolved (`do-resolve`). A rule cannot wait itself: it says what is to be resolved, and the rules
//! continue after it once there is an answer.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use proxy_config::Span;

use crate::context::Context;
use crate::sample::Sample;
use crate::variables::Variable;

/// The answer to a question about a name: an address, if it has one.
pub type Resolving = Pin<Box<dyn Future<Output = Option<IpAddr>>>>;

/// A `resolvers` section, as rules use it.
pub trait ResolveNames: fmt::Debug + Send + Sync {
    /// Resolves a name, with a preference for addresses of IPv4 or IPv6. It takes as long as the section says.
    fn resolve(self: Arc<Self>, name: &str, prefers_v4: bool) -> Resolving;
}

/// A section that a rule names. It may come later, so it is found when the whole configuration is known.
#[derive(Debug)]
pub struct NamedResolver {
    /// The name of the section.
    pub name: String,
    /// The place of the name.
    pub span: Span,
    section: OnceLock<Arc<dyn ResolveNames>>,
}

impl NamedResolver {
    pub(crate) fn new(name: String, span: Span) -> NamedResolver {
        NamedResolver { name, span, section: OnceLock::new() }
    }

    /// Sets the section. The first that is set stays.
    pub fn found(&self, section: Arc<dyn ResolveNames>) {
        let _ = self.section.set(section);
    }
}

/// All sections that rules of a configuration name.
#[derive(Clone, Debug, Default)]
pub struct NamedResolvers(pub Vec<Arc<NamedResolver>>);

/// What a rule has resolved.
#[derive(Clone, Debug)]
pub struct NameLookup {
    pub(crate) name: String,
    pub(crate) resolver: Arc<NamedResolver>,
    pub(crate) prefers_v4: bool,
    pub(crate) variable: Variable,
    /// The rule that follows.
    pub(crate) resume: usize,
}

impl NameLookup {
    /// Resolves the name.
    pub async fn resolve(&self) -> Option<IpAddr> {
        let section = self.resolver.section.get().map(Arc::clone)?;
        section.resolve(&self.name, self.prefers_v4).await
    }

    /// Keeps the answer for the rules that follow. Without one the variable stays as it is.
    pub(crate) fn keep(&self, address: Option<IpAddr>, context: &mut Context<'_>) {
        if let Some(address) = address {
            context.variables.set(self.variable, &Sample::Ip(address));
        }
    }
}
