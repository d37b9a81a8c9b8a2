//! The keyword `acl`.

use proxy_config::{Diagnostic, Directive, Kind, Line, Parsed, Sections, Word};

use super::named::{Acls, Loop};
use super::test::Test;
use crate::text::Text;

inventory::submit! {
    Directive::new(
        "acl",
        "<name> <expression> [<flag>...] [<pattern>...]",
        Sections::PROXY.union(Sections::DEFAULTS),
        "name a test for conditions; lines of one name are alternatives",
        acl,
    )
}

fn acl(line: &mut Line<'_, '_>) -> Parsed {
    let name = line.args.word("the name of the ACL")?;
    let result = test(line, name);
    if result.is_err() {
        line.surroundings.named.get_mut::<Acls>().refuse(name);
    }
    result
}

fn test(line: &mut Line<'_, '_>, name: &Word) -> Parsed {
    let diagnostics = &mut line.surroundings.diagnostics;
    if line.kind == Kind::Defaults && line.name.is_empty() {
        let message = "'acl' is not allowed in a defaults section without a name";
        diagnostics.push(Diagnostic::alert(line.span, message));
    }
    if name.text.eq_ignore_ascii_case("or") || name.text == "||" {
        let message =
            format!("'{}' stands between alternatives in a condition, and cannot be a name", name.text);
        diagnostics.push(Diagnostic::alert(name.span, message));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:_-".contains(&byte);
    if let Some(at) = name.bytes().position(|byte| !allowed(byte)) {
        let problem =
            Diagnostic::alert(name.part(at, at + 1), format!("'{}' is not a name of an ACL", name.text));
        diagnostics.push(problem.expected("letters, digits, '.', ':', '_' and '-'"));
    }
    line.args.after("acl");
    if line.args.peek().is_none() {
        return line.args.word("an expression").map(|_| ());
    }
    let words: Vec<Text<'_>> = line.args.rest().iter().map(Text::of).collect();
    let test = Test::parse(&words, line.surroundings)?;
    line.surroundings.named.get_mut::<Acls>().add(name, test).map_err(|Loop| {
        let message = format!("'{}' would depend on itself", name.text);
        Box::new(Diagnostic::alert(name.span, message))
    })?;
    Ok(())
}
