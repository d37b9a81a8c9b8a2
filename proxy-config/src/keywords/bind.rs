//! `bind`.

use crate::directive::{Directive, Scope};
use crate::endpoint::{Bind, Binds, Parameters, bind_addresses};
use crate::section::{Kind, Sections};

inventory::submit! {
    Directive::new("bind", "<address>[,...] [<parameter>...]", Sections::FRONTEND, "listen on addresses", |line| {
        let word = line.args.word("an address to listen on")?;
        let addresses = bind_addresses(word, line.surroundings);
        let mut parameters = Parameters::default();
        parameters.read(Scope::Bind, line.parameters, &mut line.args, line.surroundings);
        if let Some(addresses) = addresses {
            line.section.get_mut::<Binds>().0.push(Bind { span: word.span, addresses, parameters });
        }
        Ok(())
    })
    .idle_in(Sections::only(Kind::Backend))
}
