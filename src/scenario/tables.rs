//! The tables of `docs/scenario.md`, made from the tables of the format.

use super::form::{Kind, Need};
use super::limits;
use super::schema::{Definition, definitions_of_file};
use super::settings::SETTINGS;

/// Every generated table of the documentation: its name there, and its Markdown.
pub fn tables() -> Vec<(String, String)> {
    let mut tables: Vec<(String, String)> = definitions_of_file().into_iter().map(of_definition).collect();
    tables.push(("settings".into(), settings()));
    tables.push(("limits".into(), limits()));
    tables
}

fn of_definition(definition: Definition) -> (String, String) {
    let table = match definition {
        Definition::Shape(shape) if shape.fields.is_empty() => "No keys.\n".into(),
        Definition::Shape(shape) => {
            let rows = shape.fields.iter().map(|field| {
                let left_out = match &field.need {
                    Need::Required => "required".into(),
                    Need::Default(default) => format!("`{default}`"),
                    Need::Else(otherwise) => (*otherwise).to_owned(),
                };
                vec![format!("`{}`", field.key), in_words(&field.kind), left_out, field.about.into()]
            });
            table(&["Key", "Value", "Left out", "Meaning"], rows)
        }
        Definition::Choice(choice) => {
            let rows = choice.variants.iter().map(|variant| {
                vec![format!("`{}`", variant.key), in_words(&variant.kind), variant.about.into()]
            });
            table(&["Key", "Value", "Meaning"], rows)
        }
    };
    (definition.name().into(), table)
}

fn settings() -> String {
    let rows = SETTINGS.iter().map(|setting| {
        let default = setting.value(&Default::default());
        vec![
            format!("`{}`", setting.name),
            in_words(&setting.kind),
            format!("`{default}`"),
            setting.about.into(),
        ]
    });
    table(&["Setting", "Value", "Default", "Meaning"], rows)
}

fn limits() -> String {
    let rows = limits::ALL.iter().map(|limit| vec![with_spaces(limit.most), limit.of.trim().into()]);
    table(&["At most", "Of what"], rows)
}

/// What a value may be, for a cell of a table.
fn in_words(kind: &Kind) -> String {
    match kind {
        Kind::Format => format!("`\"{}\"`", super::FORMAT),
        Kind::Text(rule) => format!("{}, at most {} characters", (rule.what)(), with_spaces(rule.most)),
        Kind::Whole { least, most } => format!("{} to {}", with_spaces(*least), with_spaces(*most)),
        Kind::Seed => format!("0 to {} in quotes; a bare number works too", u64::MAX),
        Kind::Rate => format!("0 to {}, decimals allowed", with_spaces(limits::MESSAGES_PER_SECOND)),
        Kind::Span => "time".into(),
        Kind::Ratio => "ratio, such as `\"1/10\"`".into(),
        Kind::Word(names) => {
            names().iter().map(|name| format!("`\"{name}\"`")).collect::<Vec<_>>().join(", ")
        }
        Kind::Truth => "`true` or `false`".into(),
        Kind::Local(rule) => {
            format!("text in two languages, at most {} characters each", with_spaces(rule.most))
        }
        Kind::Texts => format!("at most {} texts by name", limits::PROPERTIES),
        Kind::Settings => link("settings"),
        Kind::Object(shape) => link(shape.name),
        Kind::Choice(choice) => link(choice.name),
        Kind::List { of, least, most } => {
            let at_least =
                if *least > 0 { format!("{least} to {}", with_spaces(*most)) } else { with_spaces(*most) };
            let up_to = if *least > 0 { "" } else { "up to " };
            format!("list of {up_to}{at_least}: {}", in_words(of))
        }
        Kind::Either(plain, full) => format!("{}; or {}", in_words(plain), in_words(full)),
    }
}

fn link(name: &str) -> String {
    format!("[{name}](#{name})")
}

/// 1 000 000.
fn with_spaces(number: u64) -> String {
    let digits = number.to_string();
    let mut spaced = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let mut table = line(&head);
    table += &format!("|{}\n", " --- |".repeat(head.len()));
    rows.fold(table, |table, row| table + &line(&row))
}
