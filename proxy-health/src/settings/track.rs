//! `track`: a server has the condition of another one, which is checked for both.

use proxy_config::{Parameter, Scope, Spanned};

/// The server whose condition a server has: its name, or that of its backend, a slash and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track(pub Spanned<String>);

impl Track {
    /// Returns the name of the backend, if there is one, and that of the server.
    pub fn names(&self) -> (Option<&str>, &str) {
        match self.0.value.rsplit_once('/') {
            Some((backend, server)) => (Some(backend), server),
            None => (None, &self.0.value),
        }
    }
}

inventory::submit! {
    Parameter::new("track", Scope::Server, "[<backend>/]<server>", "have the condition of another server", |endpoint| {
        let word = endpoint.args.word("the name of a server")?;
        let name = Spanned { value: word.text.clone(), span: word.span };
        endpoint.values.set(Track(name));
        Ok(())
    })
}
