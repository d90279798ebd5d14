//! Subscriptions and their filters: C30, C32, C33.

use super::*;

/// A world of one topic with two queues, a group that wants these, and 100 messages: two created, two paid, in turn.
fn filtering(balance: Balance, filter: FilterSpec, own: &[(&str, &str)]) -> Lab {
    let mut wish = group("billing", balance, &["C1", "C2"]);
    wish.subscriptions[0].filter = filter;
    for (name, tags) in own {
        let member = wish.consumers.iter_mut().find(|consumer| consumer.name == *name).expect("a member");
        member.subscriptions =
            vec![SubscriptionSpec { filter: FilterSpec::tags(tags), ..SubscriptionSpec::all("orders") }];
    }
    let mut sender = producer("P", constant(10));
    sender.message.tags = ["created", "created", "paid", "paid"].map(str::to_owned).to_vec();
    sender.message.properties.push(("amount".into(), "{n}".into()));
    let mut lab = Lab::new().topic("orders", 2).group(wish);
    lab.until(1);
    lab.give(Command::AddProducer(sender));
    lab.until(11);
    lab.give(Command::RemoveProducer { producer: "P".into() });
    lab
}

fn tags_of(lab: &Lab, messages: impl IntoIterator<Item = MessageRef>) -> Vec<String> {
    let tag = |message| lab.world().tag(message).unwrap_or_default().to_owned();
    let mut tags: Vec<String> = messages.into_iter().map(tag).collect();
    tags.sort();
    tags.dedup();
    tags
}

#[test]
fn c30_consumers_that_do_not_agree_miss_messages_and_it_can_be_seen() {
    let split = [("C1", "created"), ("C2", "paid")];
    for (balance, missed) in [(Balance::Message, 50), (Balance::Queue, 75)] {
        for (own, missed) in [(&split[..], missed), (&[][..], 0)] {
            let mut lab = filtering(balance, FilterSpec::tags("created || paid"), own);
            lab.until(60);
            let report = lab.report("billing");
            assert_eq!(lab.stored(), 100);
            assert_eq!((report.filtered, report.acknowledged), (missed, 100 - missed), "{balance:?}");
            assert_eq!(report.accumulation, 0, "{balance:?}: and nothing tells so but the count");
            let id = lab.world().find_group("billing").expect("the group exists");
            assert_eq!(lab.world().is_inconsistent(id), !own.is_empty(), "{balance:?}: the warning");
        }
    }
}

#[test]
fn c31_everything_of_a_subscription_but_the_filter_expression_survives_restart_and_disconnect() {
    for balance in BOTH {
        let settings = Settings { flush_offset_interval: Span::from_ms(1), ..quick() };
        let rule = RetryRule { max_times: Some(1), ladder: Some(vec![Span::from_secs(40)]) };
        let paid = FilterSpec::tags("paid");
        let subscriptions = vec![SubscriptionSpec { topic: "orders".into(), filter: paid }];
        let spec = GroupSpec { subscriptions, retry: rule.clone(), ..group("billing", balance, &["C1"]) };
        let tagged = MessageTemplate {
            tags: vec!["created".into(), "paid".into()],
            ..producer("P", Pattern::ByHand).message
        };
        let mut lab = Lab::with(settings).topic("orders", 1).group(spec);
        lab.give(Command::AddProducer(ProducerSpec { message: tagged, ..producer("P", Pattern::ByHand) }));
        let id = lab.world().find_group("billing").expect("the group exists");
        let known = |lab: &Lab| lab.world().group(id).subscriptions[0].is_known;
        lab.consumer("billing/C1", ConsumerChange::FailNext(1));
        lab.send(20);
        lab.until(20);
        assert_eq!((lab.report("billing").acknowledged, lab.report("billing").retry_waiting), (9, 1));
        // The client disconnects, the broker restarts; or only the latter.
        lab.consumer("billing/C1", ConsumerChange::Leave);
        lab.until(21);
        assert!(known(&lab), "{balance:?}: the broker has it in its memory");
        let before = lab.report("billing");
        lab.give(Command::CrashBroker { how: fault::Crash::Process });
        lab.until(22);
        lab.give(Command::RestartBroker);
        lab.until(30);
        assert!(!known(&lab), "{balance:?}: the filter expression is gone");
        let after = lab.report("billing");
        let offsets = |report: &GroupReport| -> Vec<(u64, u64)> {
            report.queues.iter().map(|queue| (queue.committed_offset, queue.next_offset)).collect()
        };
        assert_eq!(offsets(&after), offsets(&before), "{balance:?}: progress");
        assert_eq!((after.retry_waiting, after.acknowledged), (1, 9), "{balance:?}: retries");
        assert_eq!(lab.world().group(id).topics.len(), 1, "{balance:?}: the topic");
        assert_eq!(lab.world().group(id).spec.retry, rule, "{balance:?}: the retry policy");
        // It comes back with its filter, and goes on where the group was.
        lab.send(10);
        lab.consumer("billing/C1", ConsumerChange::Restart);
        assert!(known(&lab), "{balance:?}: the client has brought it again");
        lab.until(120);
        let report = lab.report("billing");
        assert_eq!(
            (report.acknowledged, report.accumulation, report.redeliveries),
            (15, 0, 1),
            "{balance:?}"
        );
        let sent = lab.handed_out("billing").into_iter().map(|(message, _)| message);
        assert!(tags_of(&lab, sent).iter().all(|tag| tag == "paid"), "{balance:?}: nothing else is sent");
    }
}

#[test]
fn c32_what_does_not_match_is_never_sent_and_the_offset_moves_past_it() {
    for balance in BOTH {
        for (filter, matching) in [("paid", 50), ("nothing", 0)] {
            let mut lab = filtering(balance, FilterSpec::tags(filter), &[]);
            lab.until(60);
            let report = lab.report("billing");
            assert_eq!(
                (report.deliveries, report.filtered),
                (matching, 100 - matching),
                "{balance:?}, {filter}"
            );
            let sent = lab.handed_out("billing").into_iter().map(|(message, _)| message);
            assert!(tags_of(&lab, sent).iter().all(|tag| tag == "paid"), "{balance:?}: nothing else is sent");
            assert!(report.queues.iter().all(|queue| queue.committed_offset == 50), "{balance:?}, {filter}");
            assert_eq!((report.accumulation, report.matched), (0, matching), "{balance:?}, {filter}");
        }
        // As long as nobody reads, nobody knows what matches.
        let mut lab = filtering(balance, FilterSpec::tags("paid"), &[]);
        lab.until(60);
        for name in ["billing/C1", "billing/C2"] {
            lab.consumer(name, ConsumerChange::Leave);
        }
        lab.until(70);
        lab.give(Command::AddProducer(producer("Q", Pattern::ByHand)));
        lab.give(Command::Send { producer: "Q".into(), count: 10 });
        lab.until(80);
        let report = lab.report("billing");
        assert_eq!((report.ready, report.filtered), (10, 50), "{balance:?}: all that waits is ready");
        lab.consumer("billing/C1", ConsumerChange::Restart);
        lab.until(90);
        let report = lab.report("billing");
        assert_eq!((report.ready, report.filtered, report.acknowledged), (0, 55, 55), "{balance:?}");
    }
}

#[test]
fn c33_one_tag_several_all_of_them_or_a_condition() {
    let sql = |text: &str| FilterSpec::Sql(text.into());
    for balance in BOTH {
        for (filter, matching) in [
            (FilterSpec::tags("*"), 100),
            (FilterSpec::tags("paid"), 50),
            (FilterSpec::tags("paid || created"), 100),
            (FilterSpec::tags("Paid"), 0),
            (sql("region = 'north' AND amount >= 60"), 40),
            (sql("TAGS = 'paid' AND amount BETWEEN 0 AND 9"), 4),
            // What is missing is unknown, also when it is turned round; only IS NULL asks for it.
            (sql("missing > 5"), 0),
            (sql("NOT (missing > 5)"), 0),
            (sql("missing IS NULL"), 100),
        ] {
            let said = format!("{balance:?}, {filter:?}");
            let mut lab = filtering(balance, filter, &[]);
            lab.until(60);
            let report = lab.report("billing");
            assert_eq!((report.acknowledged, report.filtered), (matching, 100 - matching), "{said}");
        }
        // The broker knows hashes, and Aa hashes like BB: somebody has to compare the tags.
        let mut wish = group("billing", balance, &["C1"]);
        wish.subscriptions[0].filter = FilterSpec::tags("Aa");
        let mut lab = Lab::new().topic("orders", 1).group(wish);
        lab.until(1);
        let mut sender = producer("P", constant(2));
        sender.message.tags = ["Aa", "BB", "C"].map(str::to_owned).to_vec();
        lab.give(Command::AddProducer(sender));
        lab.until(16);
        lab.give(Command::RemoveProducer { producer: "P".into() });
        lab.until(30);
        let count = |what: fn(&Event) -> bool| lab.journal.0.iter().filter(|e| what(&e.event)).count();
        assert_eq!(count(|e| matches!(e, Event::MessagesFiltered { .. })), 10, "{balance:?}: C");
        assert_eq!(count(|e| matches!(e, Event::MessageRejectedByTag { .. })), 10, "{balance:?}: BB");
        assert_eq!(tags_of(&lab, lab.acknowledged("billing")), ["Aa"], "{balance:?}");
        let report = lab.report("billing");
        assert_eq!((report.acknowledged, report.filtered, report.accumulation), (10, 20, 0), "{balance:?}");
    }
}

#[test]
fn c30_equal_filters_agree_however_they_are_written() {
    for balance in BOTH {
        let own = [("C1", "created || paid"), ("C2", "paid||created")];
        let mut lab = filtering(balance, FilterSpec::All, &own);
        lab.until(60);
        let id = lab.world().find_group("billing").expect("the group exists");
        assert!(!lab.world().is_inconsistent(id), "{balance:?}");
        assert_eq!(
            (lab.report("billing").acknowledged, lab.report("billing").filtered),
            (100, 0),
            "{balance:?}"
        );
    }
}

/// A condition is asked when a message is read first. Its retry comes back whatever is wanted by then; the proxy compares
/// tags once more, and conditions never.
#[test]
fn c32_retries_are_not_filtered_again() {
    for balance in BOTH {
        let mut lab = filtering(balance, FilterSpec::Sql("amount < 50".into()), &[]);
        lab.until(60);
        assert_eq!(lab.report("billing").acknowledged, 50);
        for consumer in ["billing/C1", "billing/C2"] {
            lab.consumer(consumer, ConsumerChange::FailNext(1));
        }
        lab.give(Command::AddProducer({
            let mut sender = producer("Q", Pattern::ByHand);
            sender.message.properties.push(("amount".into(), "7".into()));
            sender
        }));
        lab.give(Command::Send { producer: "Q".into(), count: 2 });
        lab.until(61);
        let filter = FilterSpec::Sql("amount > 50".into());
        lab.give(Command::SetFilter { group: "billing".into(), topic: "orders".into(), filter });
        lab.until(70);
        let report = lab.report("billing");
        assert_eq!((report.failed, report.acknowledged, report.filtered), (2, 52, 50), "{balance:?}");
    }
}

/// What a filter kept back was not delivered: when a reset and another filter bring it, that is the first time.
#[test]
fn c32_what_was_kept_back_is_no_redelivery_when_it_comes() {
    for balance in BOTH {
        let mut lab = filtering(balance, FilterSpec::tags("paid"), &[]);
        lab.until(60);
        let (group, topic) = ("billing", "orders");
        lab.give(Command::SetFilter { group: group.into(), topic: topic.into(), filter: FilterSpec::All });
        reset(&mut lab, group, ResetTarget::Earliest);
        lab.until(120);
        let report = lab.report(group);
        assert_eq!((report.deliveries, report.redeliveries), (150, 50), "{balance:?}");
        assert_eq!((report.acknowledged, report.filtered), (100, 0), "{balance:?}");
    }
}
