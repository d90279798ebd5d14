//! What the proxy refuses.

use mqscope::rules::code::Code;
use mqscope::rules::validation::{self, Limits};
use serde_json::Value;

use crate::Answer;
use crate::fields::{answer, integer, text, text_or_none};

/// `proxy_validation`: one check, and "ok" or the name of its code.
pub(crate) fn check(row: &Value) -> Answer {
    let limits = Limits::default();
    // The real code takes null for the empty text, or refuses both alike.
    let arg = || text_or_none(row, "arg").map(Option::unwrap_or_default);
    let result = match text(row, "fn")? {
        "validateTopic" => validation::topic(arg()?),
        "validateConsumerGroup" => validation::consumer_group(arg()?),
        "validateTag" => validation::tag(arg()?),
        "validateInvisibleTime" => {
            validation::invisible_time(integer(row, "invisible_ms")?, integer(row, "min_ms")?, &limits)
        }
        "validateMessageBodySize" => validation::body(integer(row, "bytes")?, &limits),
        "validateDelayTime" => validation::delay(integer(row, "delay_ms")?, &limits),
        "validateTransactionRecoverySecond" => {
            validation::transaction_recovery(integer(row, "seconds")?, &limits)
        }
        "buildMessageProperty" => match text(row, "field")? {
            "messageGroup" => validation::message_group(arg()?, &limits),
            "key" => validation::properties(&[], "", &[arg()?], &limits),
            "tag" => validation::properties(&[], arg()?, &[], &limits),
            "messageId" => validation::message_id(arg()?),
            "userPropertyKey" => validation::properties(&[(arg()?, "v")], "", &[], &limits),
            "userPropertyValue" => validation::properties(&[("k", arg()?)], "", &[], &limits),
            "userPropertyCount" | "userPropertyNum" => {
                let keys: Vec<String> = (0..integer::<usize>(row, "arg")?).map(|n| format!("k{n}")).collect();
                let user: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "v")).collect();
                validation::properties(&user, "", &[], &limits)
            }
            "userPropertySize" => {
                let value = "v".repeat(integer::<usize>(row, "arg")?.saturating_sub(1));
                validation::properties(&[("k", &value)], "", &[], &limits)
            }
            other => return Err(format!("`field` is {other:?}")),
        },
        other => return Err(format!("`fn` is {other:?}")),
    };
    Ok(answer("result", &row["result"], result.map_or_else(Code::name, |()| "ok")))
}
