//! The settings by their dotted names: one table for reading, writing, schema and documentation.
//!
//! A number takes the unit in its name (`…Ms`, `…Us`, `…Hours`). The names are those of RocketMQ where it has one, with
//! the part of the system in front.

mod table;

use serde_json::{Map, Value};

pub use table::SETTINGS;

use super::form::{self, Kind};
use super::limits;
use super::words::{Ladder, LiteTail, Off, Unlimited, Word, names};
use crate::broker::Settings;
use crate::sim::Span;

/// A setting: its name, what it may be, what it means, and where it is kept.
#[derive(Debug)]
pub struct Setting {
    /// Its dotted name.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    pub(super) kind: Kind,
    place: Place,
}

/// Where a setting is kept, and in which unit the file gives it.
#[derive(Debug)]
enum Place {
    Count(fn(&mut Settings) -> &mut u32),
    Time {
        unit: Span,
        place: fn(&mut Settings) -> &mut Span,
    },
    Flag(fn(&mut Settings) -> &mut bool),
    /// A count that may have no end.
    Limit(fn(&mut Settings) -> &mut Option<u32>),
    ConsumeTimeout,
    CommitMode,
    StaleHandles,
    DlqTiming,
    LockScope,
    QueueHash,
    OutOfRange,
    Expiry,
    FlushDisk,
    Replication,
    Backoff,
    Codes,
    IdForm,
    /// A time in hours, or as a text where it is none.
    Hours(fn(&mut Settings) -> &mut Span),
    LateResolution,
    /// A time in minutes, or as a text where it is none.
    Minutes(fn(&mut Settings) -> &mut Span),
    /// The same, that may have no end.
    Life(fn(&mut Settings) -> &mut Option<Span>),
    SubModel,
    LiteTail,
    Ladder,
}

const MS: Span = Span::from_ms(1);
const US: Span = Span::from_us(1);
const MINUTE: Span = Span::from_secs(60);
const HOUR: Span = Span::from_secs(3_600);

/// A retry ladder: a name, or its rungs.
pub(super) const LADDER: Kind = Kind::Either(
    &Kind::Word(names::<Ladder>),
    &Kind::List { of: &Kind::Span, least: 1, most: limits::RUNGS },
);

impl Setting {
    /// The setting of this name.
    pub(super) fn find(name: &str) -> Option<&'static Setting> {
        SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// Takes a value over; nothing happens if it is not one.
    pub(super) fn set(&self, settings: &mut Settings, value: &Value) {
        match self.place {
            Place::Count(place) => {
                let count = form::whole(&self.kind, value).ok().and_then(|count| u32::try_from(count).ok());
                *place(settings) = count.unwrap_or(*place(settings));
            }
            Place::Time { unit, place } => {
                let time = form::whole(&self.kind, value).ok().map(|count| unit * count);
                *place(settings) = time.unwrap_or(*place(settings));
            }
            Place::Flag(place) => {
                let truth = form::truth(value).ok();
                *place(settings) = truth.unwrap_or(*place(settings));
            }
            Place::Limit(place) => {
                *place(settings) = value.as_u64().and_then(|count| u32::try_from(count).ok());
            }
            Place::ConsumeTimeout => {
                settings.push_consume_timeout = value.as_u64().map_or(Span::FOREVER, Span::from_ms);
            }
            Place::CommitMode => {
                settings.pop_commit_mode = form::word(&self.kind, value).unwrap_or(settings.pop_commit_mode);
            }
            Place::StaleHandles => {
                let stale = form::word(&self.kind, value);
                settings.pop_stale_handles = stale.unwrap_or(settings.pop_stale_handles);
            }
            Place::DlqTiming => {
                settings.dlq_timing = form::word(&self.kind, value).unwrap_or(settings.dlq_timing);
            }
            Place::LockScope => {
                settings.fifo_lock_scope = form::word(&self.kind, value).unwrap_or(settings.fifo_lock_scope);
            }
            Place::QueueHash => {
                settings.fifo_queue_hash = form::word(&self.kind, value).unwrap_or(settings.fifo_queue_hash);
            }
            Place::OutOfRange => {
                let policy = form::word(&self.kind, value);
                settings.delay_out_of_range = policy.unwrap_or(settings.delay_out_of_range);
            }
            Place::Expiry => {
                settings.store_expiry = form::word(&self.kind, value).unwrap_or(settings.store_expiry);
            }
            Place::FlushDisk => {
                settings.flush_disk = form::word(&self.kind, value).unwrap_or(settings.flush_disk);
            }
            Place::Replication => {
                settings.replication = form::word(&self.kind, value).unwrap_or(settings.replication);
            }
            Place::Hours(place) => {
                let time = form::span(value).ok().or_else(|| value.as_u64().map(|count| HOUR * count));
                *place(settings) = time.unwrap_or(*place(settings));
            }
            Place::LateResolution => {
                let late = form::word(&self.kind, value);
                settings.tx_late_resolution = late.unwrap_or(settings.tx_late_resolution);
            }
            Place::Minutes(place) => {
                *place(settings) = minutes(value).unwrap_or(*place(settings));
            }
            Place::Life(place) => *place(settings) = minutes(value),
            Place::SubModel => {
                settings.lite_sub_model = form::word(&self.kind, value).unwrap_or(settings.lite_sub_model);
            }
            Place::LiteTail => {
                let from = form::word(&self.kind, value);
                settings.lite_tail_from_end = from == Some(LiteTail::FromEnd);
            }
            Place::Codes => {
                settings.broker_codes = form::word(&self.kind, value).unwrap_or(settings.broker_codes);
            }
            Place::IdForm => {
                settings.message_id_form = form::word(&self.kind, value).unwrap_or(settings.message_id_form);
            }
            Place::Backoff => {
                let wait = form::word(&self.kind, value);
                settings.producer_throttle_backoff = wait.unwrap_or(settings.producer_throttle_backoff);
            }
            Place::Ladder => {
                if let Some(ladder) = ladder(value) {
                    settings.group_retry_ladder = ladder;
                }
            }
        }
    }

    /// The value as the file gives it.
    pub fn value(&self, settings: &Settings) -> Value {
        // The table knows places to write to; a copy is cheap enough to look at them.
        let mut settings = settings.clone();
        match self.place {
            Place::Count(place) => (*place(&mut settings)).into(),
            Place::Time { unit, place } => (place(&mut settings).0 / unit.0).into(),
            Place::Flag(place) => (*place(&mut settings)).into(),
            Place::Limit(place) => match *place(&mut settings) {
                Some(count) => count.into(),
                None => Unlimited.word().into(),
            },
            Place::ConsumeTimeout if settings.push_consume_timeout == Span::FOREVER => Off.word().into(),
            Place::ConsumeTimeout => (settings.push_consume_timeout.0 / MS.0).into(),
            Place::CommitMode => settings.pop_commit_mode.word().into(),
            Place::StaleHandles => settings.pop_stale_handles.word().into(),
            Place::DlqTiming => settings.dlq_timing.word().into(),
            Place::LockScope => settings.fifo_lock_scope.word().into(),
            Place::QueueHash => settings.fifo_queue_hash.word().into(),
            Place::OutOfRange => settings.delay_out_of_range.word().into(),
            Place::Expiry => settings.store_expiry.word().into(),
            Place::FlushDisk => settings.flush_disk.word().into(),
            Place::Replication => settings.replication.word().into(),
            Place::Hours(place) => {
                let time = *place(&mut settings);
                if time.0 % HOUR.0 == 0 { (time.0 / HOUR.0).into() } else { time.to_string().into() }
            }
            Place::LateResolution => settings.tx_late_resolution.word().into(),
            Place::Minutes(place) => minutes_value(*place(&mut settings)),
            Place::Life(place) => match *place(&mut settings) {
                Some(life) => minutes_value(life),
                None => Unlimited.word().into(),
            },
            Place::SubModel => settings.lite_sub_model.word().into(),
            Place::LiteTail if settings.lite_tail_from_end => LiteTail::FromEnd.word().into(),
            Place::LiteTail => LiteTail::FromCommitted.word().into(),
            Place::Codes => settings.broker_codes.word().into(),
            Place::IdForm => settings.message_id_form.word().into(),
            Place::Backoff => settings.producer_throttle_backoff.word().into(),
            Place::Ladder => ladder_value(&settings.group_retry_ladder),
        }
    }
}

/// A number of minutes, or a time as text.
fn minutes(value: &Value) -> Option<Span> {
    form::span(value).ok().or_else(|| value.as_u64().map(|count| MINUTE * count))
}

/// The same written: as a number where it is one.
fn minutes_value(time: Span) -> Value {
    if time.0.is_multiple_of(MINUTE.0) { (time.0 / MINUTE.0).into() } else { time.to_string().into() }
}

/// The rungs of a ladder that a file gives by name or one by one.
pub(super) fn ladder(value: &Value) -> Option<Vec<Span>> {
    match value {
        Value::Array(rungs) => Some(rungs.iter().filter_map(|rung| form::span(rung).ok()).collect()),
        _ => value.as_str().and_then(Ladder::read).map(Ladder::rungs),
    }
}

/// A ladder as a file gives it.
pub(super) fn ladder_value(rungs: &[Span]) -> Value {
    match Ladder::with_rungs(rungs) {
        Some(ladder) => ladder.word().into(),
        None => rungs.iter().map(Span::to_string).collect(),
    }
}

/// The settings that differ from the usual ones, by name.
pub(super) fn write(settings: &Settings, usual: &Settings) -> Value {
    let mut written = Map::new();
    for setting in SETTINGS {
        let value = setting.value(settings);
        if value != setting.value(usual) {
            written.insert(setting.name.to_owned(), value);
        }
    }
    Value::Object(written)
}

/// The settings of a file: the usual ones, with what it names instead.
pub(super) fn read(named: &Map<String, Value>, usual: Settings) -> Settings {
    let mut settings = usual;
    for (name, value) in named {
        if let Some(setting) = Setting::find(name) {
            setting.set(&mut settings, value);
        }
    }
    settings
}

#[cfg(test)]
mod tests;
