//! `dns-accept-family`: the families of addresses that answers may have.

use proxy_config::{Diagnostic, Directive, Sections, inventory};

use crate::policy::Families;

/// The families of addresses that answers may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcceptFamily {
    /// IPv4, and IPv6 if this machine has a route to it.
    #[default]
    Auto,
    /// The families that the line names.
    Fixed(Families),
}

impl AcceptFamily {
    /// Returns the families. `reaches_v6` tells whether this machine has a route to IPv6.
    pub fn families(self, reaches_v6: impl FnOnce() -> bool) -> Families {
        match self {
            AcceptFamily::Fixed(families) => families,
            AcceptFamily::Auto => Families { v4: true, v6: reaches_v6() },
        }
    }
}

inventory::submit! {
    Directive::new(
        "dns-accept-family",
        "ipv4|ipv6|auto[,...]",
        Sections::GLOBAL,
        "families of addresses that are asked for; IPv6 only with a route to it unless this is set",
        |line| {
            let expected = "a list of ipv4 and ipv6, or auto";
            let word = line.args.word(expected)?;
            let mut families = Families { v4: false, v6: false };
            let (mut is_auto, mut at) = (false, 0);
            for name in word.split(',') {
                match name {
                    "ipv4" => families.v4 = true,
                    "ipv6" => families.v6 = true,
                    "auto" => is_auto = true,
                    _ => {
                        let span = word.part(at, at + name.len());
                        let message = format!("unknown family '{name}' of 'dns-accept-family'");
                        return Err(Box::new(Diagnostic::alert(span, message).expected(expected)));
                    }
                }
                at += name.len() + 1;
            }
            line.section.set(if is_auto { AcceptFamily::Auto } else { AcceptFamily::Fixed(families) });
            Ok(())
        },
    )
}
