//! `init-addr` of server lines.

use proxy_config::{Diagnostic, Parameter, Scope, inventory};

use crate::policy::{InitAddr, InitAddrs};

inventory::submit! {
    Parameter::new("init-addr", Scope::Server, "<method>[,...]", "methods to find the address at start-up: last, libc, none, an IP", |endpoint| {
        let word = endpoint.args.word("last, libc, none or an IP address")?;
        let mut methods = Vec::new();
        let mut at = 0;
        for name in word.split(',') {
            methods.push(match name {
                "last" => InitAddr::Last,
                "libc" => InitAddr::Libc,
                "none" => InitAddr::None,
                ip => InitAddr::Ip(ip.parse().map_err(|_| {
                    let span = word.part(at, at + name.len());
                    let problem = Diagnostic::alert(span, format!("unknown method '{name}' of 'init-addr'"));
                    Box::new(problem.expected("last, libc, none or an IP address"))
                })?),
            });
            at += name.len() + 1;
        }
        endpoint.values.set(InitAddrs(methods));
        Ok(())
    })
}
