//! `spread-checks`, `max-spread-checks`: checks do not all run at the same moment.

use proxy_config::{Diagnostic, Directive, Sections};

use crate::spread::Spread;

inventory::submit! {
    Directive::new("spread-checks", "<percent>", Sections::GLOBAL, "vary the intervals of checks at random", |line| {
        let percent = line.args.number(0..=50, "by how many percent intervals vary")?;
        let spread = line.section.get_mut::<Spread>();
        if spread.percent != 0 {
            let problem = Diagnostic::alert(line.span, "'spread-checks' is already set");
            return Err(Box::new(problem.help("leave one of the lines out")));
        }
        spread.percent = percent;
        Ok(())
    })
}

inventory::submit! {
    Directive::new(
        "max-spread-checks",
        "<time>",
        Sections::GLOBAL,
        "the time within which all checks have begun",
        |line| {
            let most = line.args.time("a time")?;
            line.section.get_mut::<Spread>().most = Some(most).filter(|most| !most.is_zero());
            Ok(())
        },
    )
}
