//! Names of variables with their scopes, such as `txn.name`.

use proto_core::words::nearest;

use super::scope::Scope;

/// A variable. Its name is a 64-bit number made of the text when the configuration is read: there is no table of names
/// that has to be shared while reading, or searched during evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variable {
    pub(super) scope: Scope,
    pub(super) id: u64,
}

/// The reason why a name is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is no dot after a scope.
    #[error("the name of a variable begins with its scope: proc, sess, txn, req, res or check, and a point")]
    NoScope,
    /// The scope is unknown.
    #[error("there is no scope '{name}'; {}", one_of(*nearest))]
    Scope {
        /// The unknown scope.
        name: String,
        /// The nearest known scope.
        nearest: Option<&'static str>,
    },
    /// The name contains other characters.
    #[error("a name has letters, digits, '.' and '_'")]
    Letters,
    /// The name is too long.
    #[error("a name has at most {LONGEST} letters")]
    Long,
}

/// Returns which scope is probably meant, or which there are.
fn one_of(nearest: Option<&str>) -> String {
    match nearest {
        Some(known) => format!("did you mean '{known}'?"),
        None => format!("expected one of {}", Scope::NAMES.map(|(name, _)| name).join(", ")),
    }
}

/// The maximum length of a name, in bytes.
const LONGEST: usize = 256;

impl Variable {
    /// Creates a variable of a scope and a name.
    ///
    /// # Errors
    /// Returns an error if the name is invalid.
    pub fn new(scope: Scope, name: &str) -> Result<Variable, NameError> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
        {
            return Err(NameError::Letters);
        }
        if name.len() > LONGEST {
            return Err(NameError::Long);
        }
        Ok(Variable { scope, id: number(name.as_bytes()) })
    }

    /// Returns the scope.
    pub fn scope(self) -> Scope {
        self.scope
    }
}

impl std::str::FromStr for Variable {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Variable, NameError> {
        let (scope, name) = text.split_once('.').ok_or(NameError::NoScope)?;
        match Scope::NAMES.iter().find(|(known, _)| *known == scope) {
            Some((_, scope)) => Variable::new(*scope, name),
            None => {
                let nearest = nearest(scope, Scope::NAMES.map(|(name, _)| name));
                Err(NameError::Scope { name: scope.to_owned(), nearest })
            }
        }
    }
}

/// Returns the 64-bit FNV-1a hash, mixed. Names come from the configuration, so they are not chosen to collide.
fn number(name: &[u8]) -> u64 {
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let variable: Variable = "txn.a.b_C1".parse().unwrap();
        assert_eq!(variable.scope(), Scope::Exchange);
        assert_eq!(variable, "txn.a.b_C1".parse().unwrap());
        assert_ne!(variable, "txn.a.b_c1".parse().unwrap());
        assert_ne!(variable, "req.a.b_C1".parse().unwrap());
        assert_eq!("name".parse::<Variable>(), Err(NameError::NoScope));
        assert_eq!("txn.".parse::<Variable>(), Err(NameError::Letters));
        assert_eq!("txn.a-b".parse::<Variable>(), Err(NameError::Letters));
        assert_eq!("check.a".parse::<Variable>().map(Variable::scope), Ok(Scope::Check));
        let mistyped = "tnx.a".parse::<Variable>().unwrap_err();
        assert_eq!(mistyped.to_string(), "there is no scope 'tnx'; did you mean 'txn'?");
        let unknown = "foo.a".parse::<Variable>().unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no scope 'foo'; expected one of proc, sess, txn, req, res, check"
        );
        assert_eq!(format!("req.{}", "a".repeat(257)).parse::<Variable>(), Err(NameError::Long));
    }
}
