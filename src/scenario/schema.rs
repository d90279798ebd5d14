//! The JSON Schema of the format (draft 2020-12), made from the tables.
//!
//! It says what each value may be; what only makes sense together (names that must exist, times in order, totals) is
//! for [`Scenario::parse`](super::Scenario::parse).

use serde_json::{Map, Value, json};

use super::check::LANGUAGES;
use super::form::{Choice, Kind, Need, Shape, TextRule};
use super::settings::SETTINGS;
use super::{limits, shapes};

/// The schema, as in `docs/scenario.schema.json`.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for definition in definitions_of_file() {
        let (name, schema) = match definition {
            Definition::Shape(shape) => (shape.name, object(shape)),
            Definition::Choice(choice) => (choice.name, one_of(choice)),
        };
        definitions.insert(name.to_owned(), schema);
    }
    definitions.insert("settings".to_owned(), settings());
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "MQScope scenario",
    });
    let top = definitions.remove(shapes::SCENARIO.name).unwrap_or_default();
    if let (Value::Object(schema), Value::Object(top)) = (&mut schema, top) {
        schema.extend(top);
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

/// What has a name of its own in schema and documentation.
#[derive(Clone, Copy)]
pub(super) enum Definition {
    Shape(&'static Shape),
    Choice(&'static Choice),
}

impl Definition {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Shape(shape) => shape.name,
            Self::Choice(choice) => choice.name,
        }
    }
}

/// Every object and choice of the file, each once, in the order in which one comes across them.
pub(super) fn definitions_of_file() -> Vec<Definition> {
    let mut found = Vec::new();
    define(Definition::Shape(&shapes::SCENARIO), &mut found);
    found
}

fn define(definition: Definition, found: &mut Vec<Definition>) {
    if found.iter().any(|known| known.name() == definition.name()) {
        return;
    }
    found.push(definition);
    match definition {
        Definition::Shape(shape) => shape.fields.iter().for_each(|field| define_parts(&field.kind, found)),
        Definition::Choice(choice) => {
            choice.variants.iter().for_each(|variant| define_parts(&variant.kind, found))
        }
    }
}

fn define_parts(kind: &Kind, found: &mut Vec<Definition>) {
    match kind {
        Kind::Object(shape) => define(Definition::Shape(shape), found),
        Kind::Choice(choice) => define(Definition::Choice(choice), found),
        Kind::List { of, .. } => define_parts(of, found),
        Kind::Either(plain, full) => [plain, full].into_iter().for_each(|kind| define_parts(kind, found)),
        _ => {}
    }
}

fn object(shape: &Shape) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in shape.fields {
        let about = match field.need {
            Need::Else(otherwise) => format!("{} Left out: {otherwise}.", field.about),
            _ => field.about.to_owned(),
        };
        let mut schema = kind(&field.kind);
        schema["description"] = about.into();
        match field.need {
            Need::Required => required.push(field.key),
            Need::Default(default) => {
                schema["default"] = serde_json::from_str(default).expect("the tables hold JSON");
            }
            Need::Else(_) => {}
        }
        properties.insert(field.key.to_owned(), schema);
    }
    let mut schema = json!({ "description": shape.about, "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema["additionalProperties"] = false.into();
    schema
}

fn one_of(choice: &Choice) -> Value {
    let mut properties = Map::new();
    for variant in choice.variants {
        let mut schema = kind(&variant.kind);
        schema["description"] = variant.about.into();
        properties.insert(variant.key.to_owned(), schema);
    }
    json!({
        "description": choice.about,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
    })
}

fn settings() -> Value {
    let mut properties = Map::new();
    for setting in SETTINGS {
        let mut schema = kind(&setting.kind);
        schema["description"] = setting.about.into();
        schema["default"] = setting.value(&Default::default());
        properties.insert(setting.name.to_owned(), schema);
    }
    json!({
        "description": "Settings by their dotted names; a number has the unit in its name.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn text(rule: &TextRule) -> Value {
    let mut schema = json!({ "type": "string", "minLength": 1, "maxLength": rule.most });
    if !rule.pattern.is_empty() {
        schema["pattern"] = rule.pattern.into();
    }
    schema
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn kind(of: &Kind) -> Value {
    match of {
        Kind::Format => json!({ "const": super::FORMAT }),
        Kind::Text(rule) => text(rule),
        Kind::Whole { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Seed => json!({ "anyOf": [
            { "type": "string", "pattern": "^[0-9]{1,20}$" },
            { "type": "integer", "minimum": 0, "maximum": u64::MAX },
        ] }),
        Kind::Rate => json!({ "type": "number", "minimum": 0, "maximum": limits::MESSAGES_PER_SECOND }),
        Kind::Span => json!({ "type": "string", "pattern": "^[0-9]+(us|ms|s|m|h)$" }),
        Kind::Ratio => json!({ "type": "string", "pattern": "^[0-9]+(/[0-9]+)?$" }),
        Kind::Word(names) => json!({ "enum": names() }),
        Kind::Truth => json!({ "type": "boolean" }),
        Kind::Local(rule) => {
            let texts = LANGUAGES.map(|language| (language.to_owned(), text(rule)));
            json!({
                "type": "object",
                "properties": Map::from_iter(texts),
                "additionalProperties": false,
                "minProperties": 1,
            })
        }
        Kind::Texts => json!({
            "type": "object",
            "propertyNames": text(&shapes::WORD),
            "additionalProperties": text(&shapes::WORD),
            "maxProperties": limits::PROPERTIES,
        }),
        Kind::Settings => reference("settings"),
        Kind::Object(shape) => reference(shape.name),
        Kind::Choice(choice) => reference(choice.name),
        Kind::List { of, least, most } => {
            let mut schema = json!({ "type": "array", "items": kind(of), "maxItems": most });
            if *least > 0 {
                schema["minItems"] = (*least).into();
            }
            schema
        }
        Kind::Either(plain, full) => json!({ "anyOf": [kind(plain), kind(full)] }),
    }
}
