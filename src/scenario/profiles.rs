//! Profiles: bundles of settings for RocketMQ as it is documented, as its open-source code runs, as its older clients run,
//! and as a cloud sells it; and the table of everything in which they differ.
//!
//! A row whose setting stands in [`SETTINGS`] is modelled and takes its default, its kind and its present value from there.
//! A row that a key of the file decides is modelled too. The others always have their default, or no place here, and say so.

use serde_json::Value;

use super::Profile;
use super::settings::{self, SETTINGS, Setting};
use super::words::Word;
use crate::broker::spec::{Balance, ConsumeMode, ConsumerType, GroupSpec, InitialOffset};
use crate::broker::{Command, Settings};

/// Something in which real systems differ.
#[derive(Debug)]
pub(super) struct Row {
    /// Its dotted name.
    pub(super) name: &'static str,
    /// The default, as JSON, where no setting of the program says it.
    default: &'static str,
    /// Other values, as JSON or in a few signs.
    others: &'static [&'static str],
    /// The key of the file that decides it, where it is no setting.
    pub(super) key: Option<&'static str>,
    /// Is the default what the program does, though nothing can be chosen?
    is_fixed: bool,
    /// Has it no place in this model? Then the catalogues say why.
    pub(super) is_left_out: bool,
    /// Has one of the other values none? They say why, too.
    is_partly_left_out: bool,
    /// Where sources contradict each other, by their numbers.
    conflicts: &'static [&'static str],
}

const fn row(name: &'static str, default: &'static str, others: &'static [&'static str]) -> Row {
    Row {
        name,
        default,
        others,
        key: None,
        is_fixed: false,
        is_left_out: false,
        is_partly_left_out: false,
        conflicts: &[],
    }
}

impl Row {
    const fn at(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The program does what the default says, and knows nothing else.
    const fn fixed(self) -> Self {
        Self { is_fixed: true, ..self }
    }

    /// It has no place in this model, for a reason that the catalogues give.
    const fn left_out(self) -> Self {
        Self { is_left_out: true, ..self }
    }

    /// One of its other values has none.
    const fn partly_left_out(self) -> Self {
        Self { is_partly_left_out: true, ..self }
    }

    const fn disputed(self, conflicts: &'static [&'static str]) -> Self {
        Self { conflicts, ..self }
    }
}

/// Everything in which real systems differ, and what else is decided between them.
pub(super) static ROWS: &[Row] = &[
    row("producer.maxAttempts", "3", &["1…"]),
    row("producer.requestTimeoutMs", "3000", &["…30000"]),
    row("producer.throttleBackoff", "\"proxy\"", &["\"docs\"", "\"none\""]).disputed(&["C12"]),
    row("producer.timeoutForAllTries", "false", &["true"]),
    row("producer.retryOnOtherFailure", "\"nextQueue\"", &[]).fixed().disputed(&["C28"]),
    row("producer.faultAvoid", "false", &["true"]).left_out().disputed(&["C29"]),
    row("broker.codes", "\"grpc\"", &["\"remoting\""]).disputed(&["C11"]),
    row("topic.writeQueues", "4", &["8", "16"]).at("topics[].write_queues").disputed(&["C15"]),
    row("topic.typeCheck", "true", &["false"]).disputed(&["C1"]),
    row("message.maxBodyBytes", "4194304", &[]),
    row("message.maxUserPropBytes", "16384", &[]).fixed(),
    row("message.maxUserPropCount", "128", &[]).fixed(),
    row("message.maxGroupBytes", "63", &["64"]).disputed(&["C27"]),
    row("message.idForm", "\"long\"", &["\"short\""]).disputed(&["C16", "C17"]),
    row("store.retentionHours", "72", &["48"]).disputed(&["C13"]),
    row("store.deleteHour", "4", &[]),
    row("store.segmentBytes", "1073741824", &[]),
    row("store.expiry", "\"perMessage\"", &["\"segment\""]),
    row("store.deleteOnAck", "false", &[]).left_out().disputed(&["C20"]),
    row("group.deliveryOrder", "\"concurrent\"", &["\"orderly\""]).at("groups[].delivery_order"),
    row("group.retryMaxTimes", "16", &["0…"]),
    row("group.retryLadder", "\"docs\"", &["\"exponential\"", "\"javaGrpc\"", "[…]"]).disputed(&["C2"]),
    row("group.fifoRetryIntervalMs", "3000", &["1000"]).disputed(&["C3"]),
    row("group.fifoMaxRetryTimes", "16", &["\"unlimited\""]).disputed(&["C4"]),
    row("group.fifoLockScope", "\"messageGroup\"", &["\"queue\""]).disputed(&["C5"]),
    row("group.initialOffset", "\"latest\"", &["\"earliest\"", "\"timestamp\"", "\"ossCompat\""])
        .at("groups[].initial_offset")
        .disputed(&["C6"]),
    row("group.subscriptions", "\"consistent\"", &["\"different\""])
        .at("groups[].consumers[].subscribe")
        .disputed(&["C21", "C22", "C24"]),
    row("consumer.loadBalance", "\"message\"", &["\"queue\""]).at("groups[].balance"),
    row("push.threads", "20", &["1…"]),
    row("push.cacheMaxMessages", "1024", &["4096"]).disputed(&["C14"]),
    row("push.cacheMaxBytes", "67108864", &[]),
    row("push.receiveBatch", "32", &["1…32"]),
    row("push.longPollMs", "20000", &["15000", "5000…20000"]).left_out(),
    row("push.invisibleMs", "60000", &[]),
    row("push.consumeTimeoutMs", "900000", &["\"off\""]).disputed(&["C19"]),
    row("simple.invisibleMs", "30000", &["10000…43200000"]),
    row("classic.consumeTimeoutMin", "15", &[]),
    row("classic.rebalanceIntervalMs", "20000", &["1000"]),
    row("classic.persistOffsetIntervalMs", "5000", &["0"]),
    row("delay.maxMs", "86400000", &["259200000", "3456000000"]).disputed(&["C7"]),
    row("delay.outOfRange", "\"reject\"", &["\"deliverNow\""]).disputed(&["C8"]),
    row("delay.precisionMs", "1000", &[]),
    row("tx.checkIntervalMs", "30000", &["60000"]).disputed(&["C9"]),
    row("tx.firstCheckAfterMs", "6000", &["…3600000"]),
    row("tx.maxChecks", "15", &["4h"]).partly_left_out().disputed(&["C9"]),
    row("tx.lateResolution", "\"idempotent\"", &["\"faithful\""]).disputed(&["C31"]),
    row("tx.sendRetries", "false", &["true"]).disputed(&["C18"]),
    row("pop.commitMode", "\"minUnacked\"", &["\"checkpoint\""]).disputed(&["C10"]),
    row("pop.retryFirstPercent", "20", &["0…100"]),
    row("pop.reviveLagMs", "0", &["1000…3000"]),
    row("pop.staleHandles", "\"refuse\"", &["\"accept\""]),
    row("dlq.timing", "\"onFailure\"", &["\"onNextPop\""]),
    row("dlq.readable", "true", &["false"]).left_out().disputed(&["C25"]),
    row("sql.strictEof", "true", &["false"]),
    row("sql.available", "true", &["false"]).disputed(&["C26"]),
    row("offset.allowRegress", "\"resetOnly\"", &["\"always\""]).left_out(),
    row("fifo.queueHash", "\"jump\"", &["\"sipHash\"", "\"mod\""]).disputed(&["C23"]),
    row("fifo.onBrokerLoss", "\"rehash\"", &["\"block\""]).left_out(),
    row("flush.disk", "\"ASYNC\"", &["\"SYNC\""]),
    row("flush.intervalMs", "500", &[]),
    row("flush.leastPages", "4", &[]),
    row("flush.thoroughIntervalMs", "10000", &[]),
    row("flush.offsetIntervalMs", "5000", &[]),
    row("replication", "\"ASYNC_MASTER\"", &["\"SYNC_MASTER\"", "\"quorum\""]).partly_left_out(),
    row("replication.replicas", "0", &["1…"]),
    row("replication.lagMs", "100", &[]),
    row("replication.offsetIntervalMs", "60000", &[]),
    row("replication.failoverMs", "15000", &[]),
    row("lite.ttlMinutes", "60", &["\"unlimited\"", "…43200"]).disputed(&["C30"]),
    row("lite.subModel", "\"Shared\"", &["\"Exclusive\""]),
    row("lite.maxSubsPerClient", "2000", &["\"unlimited\""]),
    row("lite.tail", "\"fromCommitted\"", &["\"fromEnd\""]).disputed(&["C32"]),
];

/// What a profile sets otherwise, as JSON.
const OTHERWISE: &[(&str, &[(Profile, &str)])] = {
    use Profile::{Aliyun5, Classic4, Oss5Code};
    &[
        ("producer.throttleBackoff", &[(Classic4, "\"none\"")]),
        ("producer.timeoutForAllTries", &[(Classic4, "true")]),
        ("broker.codes", &[(Classic4, "\"remoting\"")]),
        ("topic.typeCheck", &[(Classic4, "false")]),
        ("message.idForm", &[(Classic4, "\"short\"")]),
        ("consumer.loadBalance", &[(Classic4, "\"queue\"")]),
        ("store.retentionHours", &[(Oss5Code, "48"), (Classic4, "48")]),
        ("store.expiry", &[(Oss5Code, "\"segment\""), (Classic4, "\"segment\"")]),
        ("group.initialOffset", &[(Oss5Code, "\"ossCompat\""), (Classic4, "\"ossCompat\"")]),
        ("group.retryLadder", &[(Oss5Code, "\"javaGrpc\"")]),
        ("group.fifoRetryIntervalMs", &[(Classic4, "1000")]),
        ("group.fifoMaxRetryTimes", &[(Classic4, "\"unlimited\"")]),
        ("group.fifoLockScope", &[(Oss5Code, "\"queue\""), (Classic4, "\"queue\"")]),
        ("push.cacheMaxMessages", &[(Oss5Code, "4096")]),
        ("push.longPollMs", &[(Classic4, "15000")]),
        ("push.consumeTimeoutMs", &[(Oss5Code, "\"off\"")]),
        ("delay.maxMs", &[(Aliyun5, "3456000000")]),
        ("tx.lateResolution", &[(Oss5Code, "\"faithful\""), (Classic4, "\"faithful\"")]),
        ("tx.sendRetries", &[(Oss5Code, "true"), (Classic4, "true")]),
        ("pop.commitMode", &[(Oss5Code, "\"checkpoint\"")]),
        ("pop.reviveLagMs", &[(Oss5Code, "2000")]),
        ("pop.staleHandles", &[(Oss5Code, "\"accept\"")]),
        ("dlq.timing", &[(Oss5Code, "\"onNextPop\"")]),
        ("sql.strictEof", &[(Oss5Code, "false"), (Classic4, "false")]),
        ("sql.available", &[(Classic4, "false")]),
        ("offset.allowRegress", &[(Oss5Code, "\"always\""), (Classic4, "\"always\"")]),
        ("fifo.queueHash", &[(Classic4, "\"mod\"")]),
        ("lite.ttlMinutes", &[(Oss5Code, "\"unlimited\"")]),
    ]
};

impl Profile {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Docs5, Self::Oss5Code, Self::Classic4, Self::Aliyun5];

    /// The value that it gives a row or a setting, if that is not the default.
    pub fn otherwise(self, name: &str) -> Option<&'static str> {
        let (_, values) = OTHERWISE.iter().find(|(of, _)| *of == name)?;
        values.iter().find(|(profile, _)| *profile == self).map(|(_, value)| *value)
    }

    /// What its push consumers share in clustering, where the file does not say it.
    pub fn usual_balance(self) -> Balance {
        let json = self.otherwise("consumer.loadBalance");
        json.and_then(|json| Balance::read(json.trim_matches('"'))).unwrap_or_default()
    }

    /// What a group of this kind shares, where the file does not say it.
    pub(super) fn balance_of(self, mode: ConsumeMode, consumers: ConsumerType) -> Balance {
        match (mode, consumers) {
            (ConsumeMode::Broadcasting, _) | (_, ConsumerType::Pull) => Balance::Queue,
            (ConsumeMode::Clustering, ConsumerType::Simple) => Balance::Message,
            (ConsumeMode::Clustering, ConsumerType::Push) => self.usual_balance(),
        }
    }

    /// Where its groups begin, where the file does not say it.
    pub(super) fn initial_offset(self) -> InitialOffset {
        let json = self.otherwise("group.initialOffset");
        json.and_then(|json| InitialOffset::read(json.trim_matches('"'))).unwrap_or_default()
    }

    /// Everything that it sets otherwise than the documents, in the order of the table.
    pub fn changes(self) -> Vec<(&'static str, String)> {
        let value = |name: &'static str| Some((name, plain(self.otherwise(name)?)));
        ROWS.iter().filter_map(|row| value(row.name)).collect()
    }

    /// Its settings, as far as they are modelled.
    pub fn settings(self) -> Settings {
        let mut all = Settings::default();
        for setting in SETTINGS {
            let value =
                self.otherwise(setting.name).and_then(|json| serde_json::from_str::<Value>(json).ok());
            if let Some(value) = value {
                setting.set(&mut all, &value);
            }
        }
        all
    }
}

impl super::Scenario {
    /// The same scenario under another profile: what its file says about settings stays, the rest changes. A group that
    /// shares what the old profile shares, or begins where its groups do, goes with it.
    pub fn under(&self, profile: Profile) -> Self {
        let under = |group: &mut GroupSpec| {
            if group.balance == self.profile.balance_of(group.mode, group.consumer_type) {
                group.balance = profile.balance_of(group.mode, group.consumer_type);
            }
            if group.initial_offset == self.profile.initial_offset() {
                group.initial_offset = profile.initial_offset();
            }
        };
        let named = settings::write(&self.settings, &self.profile.settings());
        let named = named.as_object().cloned().unwrap_or_default();
        let mut scenario =
            Self { profile, settings: settings::read(&named, profile.settings()), ..self.clone() };
        scenario.groups.iter_mut().for_each(under);
        for action in &mut scenario.actions {
            if let Command::AddGroup(group) = &mut action.command {
                under(group);
            }
        }
        scenario
    }
}

/// Everything that is decided, whether real systems differ in it or not: the rows in their order, and each setting of the
/// program that has no row behind those of its part of the system.
pub fn entries() -> Vec<Entry> {
    let mut all: Vec<Entry> = ROWS.iter().map(|row| Entry { name: row.name, row: Some(row) }).collect();
    for setting in SETTINGS.iter().filter(|setting| find(setting.name).is_none()) {
        let entry = Entry { name: setting.name, row: None };
        let behind = all.iter().rposition(|other| other.area() == entry.area());
        all.insert(behind.map_or(all.len(), |place| place + 1), entry);
    }
    all
}

/// One thing that is decided.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its dotted name.
    pub name: &'static str,
    row: Option<&'static Row>,
}

impl Entry {
    /// The part of the system that it belongs to: what stands before the first dot.
    pub fn area(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }

    /// The setting of the program, if the broker obeys one.
    pub fn setting(&self) -> Option<&'static Setting> {
        Setting::find(self.name)
    }

    /// The key of the file that decides it, where it is no setting.
    pub fn key(&self) -> Option<&'static str> {
        self.row?.key
    }

    /// Does the broker obey it?
    pub fn is_modelled(&self) -> bool {
        self.key().is_some() || self.setting().is_some()
    }

    /// Does the broker do what the default says, though nothing else can be chosen?
    pub fn is_fixed(&self) -> bool {
        !self.is_modelled() && self.row.is_some_and(|row| row.is_fixed)
    }

    /// Has it no place in this model? The catalogues say why.
    pub fn is_left_out(&self) -> bool {
        self.row.is_some_and(|row| row.is_left_out)
    }

    /// Do the catalogues say why it, or one of its other values, has no place in this model?
    pub fn has_reason(&self) -> bool {
        self.row.is_some_and(|row| row.is_left_out || row.is_partly_left_out)
    }

    /// What it is unless somebody says otherwise.
    pub fn default(&self) -> String {
        let of_setting = || self.setting().map(|setting| setting.value(&Settings::default()).to_string());
        plain(&self.row.map(|row| row.default.to_owned()).or_else(of_setting).unwrap_or_default())
    }

    /// What it is in a run, if the broker obeys it as a setting.
    pub fn value(&self, settings: &Settings) -> Option<String> {
        Some(plain(&self.setting()?.value(settings).to_string()))
    }

    /// What else it may be.
    pub fn others(&self) -> Vec<String> {
        self.row.map_or(&[][..], |row| row.others).iter().map(|other| plain(other)).collect()
    }

    /// What a profile sets it to, if that is not the default.
    pub fn otherwise(&self, profile: Profile) -> Option<String> {
        profile.otherwise(self.name).map(plain)
    }

    /// Where sources contradict each other, by their numbers.
    pub fn conflicts(&self) -> &'static [&'static str] {
        self.row.map_or(&[], |row| row.conflicts)
    }

    /// The unit in its name.
    pub fn unit(&self) -> Option<&'static str> {
        let units = [
            ("Ms", "ms"),
            ("Us", "us"),
            ("Min", "min"),
            ("Minutes", "min"),
            ("Hours", "hours"),
            ("Bytes", "bytes"),
            ("Percent", "percent"),
        ];
        units.into_iter().find(|(end, _)| self.name.ends_with(end)).map(|(_, unit)| unit)
    }
}

/// A value without the quotes of JSON.
fn plain(json: &str) -> String {
    json.trim_matches('"').to_owned()
}

/// The row of this name.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_agree_with_the_settings() {
        for row in ROWS {
            if let Some(setting) = Setting::find(row.name) {
                assert_eq!(setting.value(&Settings::default()).to_string(), row.default, "{}", row.name);
                assert_eq!(row.key, None, "{}", row.name);
            } else {
                let decided = [row.key.is_some(), row.is_fixed, row.is_left_out];
                assert_eq!(decided.iter().filter(|is_it| **is_it).count(), 1, "{}", row.name);
            }
        }
        let mut names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ROWS.len());
    }

    #[test]
    fn every_conflict_is_in_a_row() {
        let mut all: Vec<&str> = ROWS.iter().flat_map(|row| row.conflicts).copied().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 32);
    }

    /// Has a row room for a value: is it one of its others, or in a range of them?
    fn holds(others: &[&str], value: &str) -> bool {
        others.iter().any(|other| match other.split_once('…') {
            None => *other == value,
            Some((least, most)) => value.parse::<u64>().is_ok_and(|value| {
                let is_in = |end: &str, within: fn(u64, u64) -> bool| {
                    end.is_empty() || end.parse().is_ok_and(|end| within(value, end))
                };
                is_in(least, |value, end| value >= end) && is_in(most, |value, end| value <= end)
            }),
        })
    }

    #[test]
    fn what_a_profile_sets_stands_among_the_others() {
        for (name, values) in OTHERWISE {
            let row = find(name).unwrap_or_else(|| panic!("{name} has a row"));
            for (profile, json) in *values {
                assert!(
                    holds(row.others, json),
                    "{name} says nothing of {json}, as {} has it",
                    profile.name()
                );
            }
        }
    }

    #[test]
    fn each_other_value_can_be_chosen_or_says_why_not() {
        for row in ROWS {
            let Some(setting) = Setting::find(row.name) else { continue };
            let can = |json: &str| {
                let Ok(value) = serde_json::from_str::<Value>(json) else { return false };
                let mut settings = Settings::default();
                setting.set(&mut settings, &value);
                setting.value(&settings) == value
            };
            let closed = row.others.iter().filter(|other| !other.contains('…'));
            let refused: Vec<_> = closed.filter(|other| !can(other)).collect();
            assert_eq!(row.is_partly_left_out, !refused.is_empty(), "{}: {refused:?}", row.name);
        }
    }

    #[test]
    fn a_conflict_is_told_where_it_is_about() {
        let of = |number: &str| -> Vec<&str> {
            ROWS.iter().filter(|row| row.conflicts.contains(&number)).map(|row| row.name).collect()
        };
        assert_eq!(of("C8"), ["delay.outOfRange"]);
        assert_eq!(of("C11"), ["broker.codes"]);
        assert_eq!(of("C12"), ["producer.throttleBackoff"]);
    }

    #[test]
    fn profiles_set_what_they_say() {
        assert_eq!(Profile::Docs5.settings(), Settings::default());
        for (name, values) in OTHERWISE {
            assert!(find(name).is_some() || Setting::find(name).is_some(), "{name}");
            for (profile, json) in *values {
                let value: Value = serde_json::from_str(json).unwrap();
                if let Some(setting) = Setting::find(name) {
                    assert_eq!(setting.value(&profile.settings()), value, "{name}");
                }
            }
        }
    }
}
