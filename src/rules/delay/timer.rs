//! What the broker does with a message that is to be seen later, at the moment it is stored (`HookUtils`): it goes into
//! the schedule topic if it has a level, into the wheel's topic if it has a time ahead, and stays what it is otherwise.

use std::collections::BTreeMap;

use super::Levels;
use super::wheel::slot_time_ms;

/// Where messages with a level wait, one queue for each level.
pub const SCHEDULE_TOPIC: &str = "SCHEDULE_TOPIC_XXXX";
/// Where messages with a time wait.
pub const TIMER_TOPIC: &str = "rmq_sys_wheel_timer";

/// Names of the properties that the hook reads and writes.
pub mod property {
    /// The delay level.
    pub const LEVEL: &str = "DELAY";
    /// A delay in seconds.
    pub const DELAY_SEC: &str = "TIMER_DELAY_SEC";
    /// A delay in milliseconds.
    pub const DELAY_MS: &str = "TIMER_DELAY_MS";
    /// A time.
    pub const DELIVER_MS: &str = "TIMER_DELIVER_MS";
    /// The time of the slot, written when a message goes into the wheel.
    pub const OUT_MS: &str = "TIMER_OUT_MS";
    /// The message that is to be taken out of the wheel again.
    pub const DELETES: &str = "TIMER_DEL_UNIQKEY";
    /// The topic that a waiting message is for.
    pub const REAL_TOPIC: &str = "REAL_TOPIC";
    /// The queue that a waiting message is for.
    pub const REAL_QUEUE: &str = "REAL_QID";
}

/// The broker's settings that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerSettings {
    /// `timerWheelEnable`.
    pub is_wheel_enabled: bool,
    /// `timerPrecisionMs`: a slot's length.
    pub precision_ms: i64,
    /// `timerMaxDelaySec`: what is further ahead is refused.
    pub max_delay_secs: i64,
    /// The delay levels.
    pub levels: Levels,
}

impl Default for TimerSettings {
    fn default() -> Self {
        Self {
            is_wheel_enabled: true,
            precision_ms: 1_000,
            max_delay_secs: 3 * 86_400,
            levels: Levels::default(),
        }
    }
}

/// A time that a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At this time.
    AtMs(i64),
    /// So much later than now.
    InMs(i64),
}

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Request {
    /// A level; 0 and below are none. It comes before a time.
    pub level: i32,
    /// A time.
    pub due: Option<Due>,
    /// Is it no message, but the order to take one out of the wheel?
    pub is_deletion: bool,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Where it was sent to, to be seen at once.
    AsSent,
    /// Into the schedule topic, to the queue of this level less one.
    Level(i32),
    /// Into the wheel.
    Wheel {
        /// The time of its slot in milliseconds.
        slot_ms: i64,
    },
}

/// Why a message that is to be seen later is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerRefusal {
    /// It asks for a time, and the wheel is switched off.
    WheelNotEnabled,
    /// Its time is too far ahead, is no number, or is past for a deletion.
    Illegal,
    /// Its level is no number; the real code throws an exception.
    BadLevel,
}

impl TimerRefusal {
    /// The status as the broker's store names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WheelNotEnabled => "WHEEL_TIMER_NOT_ENABLE",
            Self::Illegal => "WHEEL_TIMER_MSG_ILLEGAL",
            Self::BadLevel => "error: the delay level is no number",
        }
    }
}

/// Where a message goes that asks for this now.
///
/// # Errors
///
/// The wheel is off, or the time is out of range.
pub fn place(request: Request, settings: &TimerSettings, now_ms: i64) -> Result<Placement, TimerRefusal> {
    if let Some(level) = settings.levels.clipped(request.level) {
        return Ok(Placement::Level(level));
    }
    let due_ms = match request.due {
        None => return Ok(Placement::AsSent),
        Some(_) if !settings.is_wheel_enabled => return Err(TimerRefusal::WheelNotEnabled),
        Some(Due::AtMs(due_ms)) => due_ms,
        Some(Due::InMs(delay_ms)) => now_ms.wrapping_add(delay_ms),
    };
    if due_ms > now_ms {
        let is_too_far = due_ms.wrapping_sub(now_ms) > settings.max_delay_secs.wrapping_mul(1_000);
        if is_too_far {
            return Err(TimerRefusal::Illegal);
        }
        return Ok(Placement::Wheel { slot_ms: slot_time_ms(due_ms, settings.precision_ms) });
    }
    if request.is_deletion { Err(TimerRefusal::Illegal) } else { Ok(Placement::AsSent) }
}

/// A message on its way into the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its topic.
    pub topic: String,
    /// Its queue.
    pub queue: i32,
    /// Its properties.
    pub properties: BTreeMap<String, String>,
    /// Is it a half message, or one that rolls a transaction back? Those wait for nothing.
    pub is_unresolved: bool,
}

/// Reads what a message asks for, and rewrites topic, queue and properties. A level takes timer properties away.
///
/// # Errors
///
/// As [`place`], and what is no number.
pub fn hook(message: &mut Incoming, settings: &TimerSettings, now_ms: i64) -> Result<(), TimerRefusal> {
    if message.is_unresolved {
        return Ok(());
    }
    let level = match message.properties.get(property::LEVEL) {
        Some(level) => level.parse().map_err(|_error| TimerRefusal::BadLevel)?,
        None => 0,
    };
    // What comes out of the wheel, or is put in again, is not asked a second time.
    let is_in_wheel = message.topic == TIMER_TOPIC;
    let is_asked = !is_in_wheel && !message.properties.contains_key(property::OUT_MS);
    if level > 0 && !is_in_wheel {
        for timer in [property::DELIVER_MS, property::DELAY_SEC, property::DELAY_MS] {
            message.properties.remove(timer);
        }
    }
    let is_timer = is_asked
        && [property::DELIVER_MS, property::DELAY_SEC, property::DELAY_MS]
            .iter()
            .any(|timer| message.properties.contains_key(*timer));
    if is_timer && !settings.is_wheel_enabled {
        return Err(TimerRefusal::WheelNotEnabled);
    }
    let due = if is_timer { Some(due(&message.properties)?) } else { None };
    let is_deletion = message.properties.contains_key(property::DELETES);
    match place(Request { level, due, is_deletion }, settings, now_ms)? {
        Placement::AsSent => {}
        Placement::Level(level) => {
            message.properties.insert(property::LEVEL.to_owned(), level.to_string());
            wait_in(message, SCHEDULE_TOPIC, level - 1);
        }
        Placement::Wheel { slot_ms } => {
            message.properties.insert(property::OUT_MS.to_owned(), slot_ms.to_string());
            wait_in(message, TIMER_TOPIC, 0);
        }
    }
    Ok(())
}

/// The time that the properties ask for: seconds come before milliseconds, both before a time.
fn due(properties: &BTreeMap<String, String>) -> Result<Due, TimerRefusal> {
    let number = |key: &str| {
        let text = properties.get(key)?;
        Some(text.parse::<i64>().map_err(|_error| TimerRefusal::Illegal))
    };
    if let Some(secs) = number(property::DELAY_SEC) {
        return Ok(Due::InMs(secs?.wrapping_mul(1_000)));
    }
    if let Some(ms) = number(property::DELAY_MS) {
        return Ok(Due::InMs(ms?));
    }
    number(property::DELIVER_MS).unwrap_or(Err(TimerRefusal::Illegal)).map(Due::AtMs)
}

/// Sends a message to wait elsewhere, and writes down where it belongs.
fn wait_in(message: &mut Incoming, topic: &str, queue: i32) {
    let real_topic = std::mem::replace(&mut message.topic, topic.to_owned());
    message.properties.insert(property::REAL_TOPIC.to_owned(), real_topic);
    message.properties.insert(property::REAL_QUEUE.to_owned(), message.queue.to_string());
    message.queue = queue;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(properties: &[(&str, &str)]) -> Incoming {
        let properties =
            properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Incoming { topic: "T".to_owned(), queue: 3, properties, is_unresolved: false }
    }

    fn stored(properties: &[(&str, &str)]) -> Result<Incoming, TimerRefusal> {
        let mut message = message(properties);
        hook(&mut message, &TimerSettings::default(), 10_000).map(|()| message)
    }

    #[test]
    fn a_time_ahead_goes_into_the_wheel() {
        for asked in [("TIMER_DELIVER_MS", "12001"), ("TIMER_DELAY_MS", "2001")] {
            let message = stored(&[asked]).unwrap();
            assert_eq!((message.topic.as_str(), message.queue), (TIMER_TOPIC, 0));
            let kept = ["TIMER_OUT_MS", "REAL_TOPIC", "REAL_QID"].map(|key| message.properties[key].as_str());
            assert_eq!(kept, ["12000", "T", "3"]);
        }
        assert_eq!(stored(&[("TIMER_DELAY_SEC", "2")]).unwrap().properties["TIMER_OUT_MS"], "11000");
    }

    #[test]
    fn a_time_that_is_not_ahead_is_now() {
        for asked in [("TIMER_DELIVER_MS", "10000"), ("TIMER_DELAY_SEC", "0"), ("TIMER_DELAY_MS", "-5")] {
            assert_eq!(stored(&[asked]), Ok(message(&[asked])));
            assert_eq!(stored(&[asked, ("TIMER_DEL_UNIQKEY", "k")]), Err(TimerRefusal::Illegal));
        }
    }

    #[test]
    fn what_is_too_far_or_no_number_is_refused() {
        assert!(stored(&[("TIMER_DELAY_SEC", "259200")]).is_ok());
        for asked in [("TIMER_DELAY_MS", "259200001"), ("TIMER_DELIVER_MS", ""), ("TIMER_DELAY_SEC", "1.5")] {
            assert_eq!(stored(&[asked]), Err(TimerRefusal::Illegal));
        }
        assert_eq!(stored(&[("DELAY", "x")]), Err(TimerRefusal::BadLevel));
    }

    #[test]
    fn a_level_wins_and_takes_the_time_away() {
        let message =
            stored(&[("DELAY", "99"), ("TIMER_DELIVER_MS", "12001"), ("TIMER_DELAY_SEC", "x")]).unwrap();
        assert_eq!((message.topic.as_str(), message.queue), (SCHEDULE_TOPIC, 17));
        let keys: Vec<&str> = message.properties.keys().map(String::as_str).collect();
        assert_eq!(keys, ["DELAY", "REAL_QID", "REAL_TOPIC"]);
        assert_eq!(message.properties["DELAY"], "18");
    }

    #[test]
    fn no_level_leaves_the_time_alone() {
        let message = stored(&[("DELAY", "0"), ("TIMER_DELIVER_MS", "12001")]).unwrap();
        assert_eq!(message.topic, TIMER_TOPIC);
        assert_eq!(message.properties["DELAY"], "0");
    }

    #[test]
    fn without_the_wheel_a_time_is_refused_and_a_level_is_not() {
        let settings = TimerSettings { is_wheel_enabled: false, ..TimerSettings::default() };
        let ask = |properties: &[(&str, &str)]| hook(&mut message(properties), &settings, 10_000);
        assert_eq!(ask(&[("TIMER_DELIVER_MS", "1")]), Err(TimerRefusal::WheelNotEnabled));
        assert_eq!(ask(&[("TIMER_DELIVER_MS", "x")]), Err(TimerRefusal::WheelNotEnabled));
        assert_eq!(ask(&[("TIMER_DELIVER_MS", "1"), ("DELAY", "1")]), Ok(()));
        assert_eq!(ask(&[]), Ok(()));
    }

    #[test]
    fn half_messages_and_what_leaves_the_wheel_are_left_alone() {
        let half = Incoming { is_unresolved: true, ..message(&[("DELAY", "3")]) };
        let out = message(&[("TIMER_DELIVER_MS", "12001"), ("TIMER_OUT_MS", "12000")]);
        for before in [half, out] {
            let mut after = before.clone();
            assert_eq!(hook(&mut after, &TimerSettings::default(), 10_000), Ok(()));
            assert_eq!(after, before);
        }
    }
}
