//! What the 5.x client's builder lets through, and the type that comes out.

use mqscope::rules::message_type::{self, BuildError, Trait, Traits};
use serde_json::Value;

use crate::Answer;
use crate::fields::{answer, flag, integer, list, or_error, text, text_or_none};

/// `client5_message_type`.
pub(crate) fn check(row: &Value) -> Answer {
    let ours = match text(row, "kind")? {
        "type" => or_error(derive(list(row, "set_in_order")?, flag(row, "transactional")?)?),
        "builder" => or_error(build(row)?.map(|()| "ok")),
        other => return Err(format!("`kind` is {other:?}")),
    };
    Ok(answer("result", &row["result"], ours))
}

fn derive(calls: &[Value], is_transactional: bool) -> Result<Result<&'static str, BuildError>, String> {
    let mut traits = Traits::default();
    for call in calls {
        let set = match call.as_str() {
            Some("group") => Trait::MessageGroup,
            Some("lite") => Trait::LiteTopic,
            Some("delay") => Trait::DeliveryTime,
            Some("priority") => Trait::Priority,
            _ => return Err(format!("`set_in_order` holds {call}")),
        };
        if let Err(error) = traits.set(set) {
            return Ok(Err(error));
        }
    }
    Ok(traits.message_type(is_transactional).map(message_type::MessageType::name))
}

fn build(row: &Value) -> Result<Result<(), BuildError>, String> {
    if row["arg"].is_null() {
        return Ok(Err(BuildError::Missing));
    }
    Ok(match text(row, "field")? {
        "priority" => message_type::check_priority(integer(row, "arg")?),
        "body" => message_type::check_body(integer(row, "arg")?),
        field => {
            let arg = text_or_none(row, "arg")?.unwrap_or_default();
            match field {
                "topic" => message_type::check_topic(arg),
                "tag" => message_type::check_tag(arg),
                "group" | "lite" | "lite_topic" | "key" | "keys" | "property_key" | "property_value" => {
                    message_type::check_not_blank(arg)
                }
                other => return Err(format!("`field` is {other:?}")),
            }
        }
    })
}
