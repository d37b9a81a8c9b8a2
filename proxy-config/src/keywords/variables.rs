//! `setenv`, `presetenv`, `unsetenv`: environment variables for the lines after them.

use proto_core::address::Environment;

use crate::diagnostic::Parsed;
use crate::directive::{Directive, Line};
use crate::section::Sections;
use crate::words::Word;

fn name<'a>(line: &mut Line<'a, '_>) -> Parsed<&'a Word> {
    let word = line.args.word("the name of a variable")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match word.starts_with(|c: char| !c.is_ascii_digit()) && word.chars().all(allowed) {
        true => Ok(word),
        false => Err(line.args.bad(word, "letters, digits and '_', not beginning with a digit")),
    }
}

inventory::submit! {
    Directive::new("setenv", "<name> <value>", Sections::GLOBAL, "set a variable", |line| {
        let name = name(line)?;
        let value = line.args.word("its value")?;
        line.surroundings.variables.set(name, value);
        Ok(())
    })
}

inventory::submit! {
    Directive::new("presetenv", "<name> <value>", Sections::GLOBAL, "set a variable that is not set", |line| {
        let name = name(line)?;
        let value = line.args.word("its value")?;
        if line.surroundings.variables.var(name).is_none() {
            line.surroundings.variables.set(name, value);
        }
        Ok(())
    })
}

inventory::submit! {
    Directive::new("unsetenv", "<name>...", Sections::GLOBAL, "unset variables", |line| {
        let mut next = Some(name(line)?);
        while let Some(word) = next {
            line.surroundings.variables.unset(word);
            next = match line.args.peek() {
                Some(_) => Some(name(line)?),
                None => None,
            };
        }
        Ok(())
    })
}
