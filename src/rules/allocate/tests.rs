use super::pop::{PopShare, allocate_for_pop};
use super::*;

fn queues(broker: &str, number: i32) -> Vec<QueueName> {
    (0..number).map(|id| QueueName { topic: "T".into(), broker: broker.into(), id }).collect()
}

fn clients(number: usize) -> Vec<String> {
    (1..=number).map(|index| format!("c{index}")).collect()
}

/// The numbers of everyone's queues.
fn shares(strategy: Strategy<'_>, queues: &[QueueName], clients: &[String]) -> Vec<Vec<i32>> {
    let share = |client: &String| allocate(strategy, Some(client), queues, clients).expect("a share");
    clients.iter().map(|client| share(client).iter().map(|queue| queue.id).collect()).collect()
}

#[test]
fn allocation_equals_the_golden_vectors() {
    let share =
        |strategy, number, consumers| shares(strategy, &queues("broker-a", number), &clients(consumers));
    let average = |number, consumers| share(Strategy::Average, number, consumers);
    assert_eq!(average(8, 3), [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
    assert_eq!(average(4, 3), [vec![0, 1], vec![2], vec![3]]);
    assert_eq!(average(8, 5), [vec![0, 1], vec![2, 3], vec![4, 5], vec![6], vec![7]]);
    assert_eq!(average(3, 5), [vec![0], vec![1], vec![2], vec![], vec![]]);
    assert_eq!(average(16, 6)[3..], [vec![9, 10, 11], vec![12, 13], vec![14, 15]]);

    let circle = |number, consumers| share(Strategy::AverageByCircle, number, consumers);
    assert_eq!(circle(8, 3), [vec![0, 3, 6], vec![1, 4, 7], vec![2, 5]]);
    assert_eq!(circle(3, 5), [vec![0], vec![1], vec![2], vec![], vec![]]);
    assert_eq!(circle(4, 4), average(4, 4));
    assert_eq!(circle(16, 6)[4], [4, 10]);

    let ring = |consumers| share(Strategy::ConsistentHash { virtual_nodes: VIRTUAL_NODES }, 8, consumers);
    assert_eq!(ring(2), [vec![0, 3, 4], vec![1, 2, 5, 6, 7]]);
    assert_eq!(ring(3), [vec![0, 4], vec![1, 2, 5, 6, 7], vec![3]]);
    assert_eq!(ring(4), [vec![0], vec![7], vec![3], vec![1, 2, 4, 5, 6]]);

    let wanted = BTreeSet::from(["r1".to_owned()]);
    let room = |number, consumers| {
        shares(Strategy::MachineRoom(&wanted), &queues("r1@broker", number), &clients(consumers))
    };
    assert_eq!(room(8, 3), [vec![0, 1, 6], vec![2, 3, 7], vec![4, 5]]);
    assert_eq!(room(4, 3), [vec![0, 3], vec![1], vec![2]]);
}

/// In positions, for every small number of queues and consumers, none included.
#[test]
fn positions_are_shared_without_gap_or_overlap() {
    for queues in 0..40 {
        for consumers in 1..20 {
            let mut average: Vec<usize> =
                (0..consumers).flat_map(|i| average_share(queues, consumers, i)).collect();
            assert!(average.is_sorted(), "{queues} {consumers}");
            let mut circle: Vec<usize> =
                (0..consumers).flat_map(|i| circle_share(queues, consumers, i)).collect();
            for all in [&mut average, &mut circle] {
                all.sort_unstable();
                assert_eq!(*all, (0..queues).collect::<Vec<_>>(), "{queues} {consumers}");
            }
        }
        for outside in [(0, 0), (3, 3), (3, 7)] {
            assert_eq!(average_share(queues, outside.0, outside.1).count(), 0);
            assert_eq!(circle_share(queues, outside.0, outside.1).count(), 0);
        }
    }
}

/// Rooms by the part of a name before the dash.
struct ByName;

fn before_dash(name: &str) -> Option<String> {
    name.split_once('-').map(|(room, _)| room.to_owned())
}

impl Rooms for ByName {
    fn room_of_queue(&self, queue: &QueueName) -> Option<String> {
        before_dash(&queue.broker)
    }

    fn room_of_consumer(&self, consumer: &str) -> Option<String> {
        before_dash(consumer)
    }
}

/// Disjoint and covering, whatever the strategy, the queues and the consumers.
#[test]
fn every_queue_has_exactly_one_owner() {
    let ring = |virtual_nodes| Strategy::ConsistentHash { virtual_nodes };
    let rooms = BTreeSet::from(["r1".to_owned()]);
    let nearby = |inner| Strategy::MachineRoomNearby { inner, rooms: &ByName };
    let simple = [Strategy::Average, Strategy::AverageByCircle, ring(1), ring(10)];
    let all = simple.iter().copied().chain([Strategy::MachineRoom(&rooms)]).chain(simple.iter().map(nearby));
    for (index, strategy) in all.enumerate() {
        for number in 1..20 {
            for consumers in 1..10 {
                let mut queues = queues("r1-b@1", number);
                queues.extend(self::queues("r2-b@1", number / 2));
                let names: Vec<String> = (0..consumers).map(|i| format!("r{}-c{i}", i % 3)).collect();
                let mut names = names;
                names.sort();
                let is_by_name = matches!(strategy, Strategy::MachineRoom(_));
                if is_by_name {
                    queues.iter_mut().for_each(|queue| queue.broker = queue.broker.replace("-b@1", "@b"));
                    queues.retain(|queue| queue.broker.starts_with("r1"));
                }
                let mut owned: Vec<&QueueName> = Vec::new();
                for name in &names {
                    owned.extend(allocate(strategy, Some(name), &queues, &names).expect("a share"));
                }
                owned.sort();
                assert_eq!(owned, queues.iter().collect::<Vec<_>>(), "{index} {number} {consumers}");
            }
        }
    }
}

/// When a consumer leaves the ring, only its own queues move.
#[test]
fn the_ring_moves_no_more_than_it_must() {
    let (queues, all) = (queues("broker-a", 64), clients(6));
    let strategy = Strategy::ConsistentHash { virtual_nodes: VIRTUAL_NODES };
    let before = shares(strategy, &queues, &all);
    for gone in 0..all.len() {
        let mut rest = all.clone();
        rest.remove(gone);
        let mut kept = before.clone();
        kept.remove(gone);
        for (now, kept) in shares(strategy, &queues, &rest).iter().zip(kept) {
            assert!(kept.iter().all(|queue| now.contains(queue)), "without {}", all[gone]);
        }
    }
}

#[test]
fn nothing_comes_of_nothing() {
    let (some, names) = (queues("b", 4), clients(2));
    for strategy in
        [Strategy::Average, Strategy::AverageByCircle, Strategy::ConsistentHash { virtual_nodes: 1 }]
    {
        for consumer in [None, Some("")] {
            assert_eq!(allocate(strategy, consumer, &some, &names), Err(Refusal::ConsumerMissing));
        }
        assert_eq!(allocate(strategy, Some("c1"), &[], &names), Err(Refusal::NoQueues));
        assert_eq!(allocate(strategy, Some("c1"), &some, &[]), Err(Refusal::NoConsumers));
        assert_eq!(allocate(strategy, Some("other"), &some, &names), Ok(Vec::new()));
    }
    let ring =
        |virtual_nodes| allocate(Strategy::ConsistentHash { virtual_nodes }, Some("c1"), &some, &names);
    assert_eq!(ring(0), Ok(Vec::new()), "nobody stands on the ring");
    assert_eq!(ring(-1), Err(Refusal::VirtualNodesNegative(-1)));
    // A configured client has what it has.
    let configured = queues("elsewhere", 2);
    let config = Strategy::Config(&configured);
    assert_eq!(allocate(config, None, &[], &[]).map(|share| share.len()), Ok(2));
    // A room that nobody knows is refused, not skipped.
    let nearby = Strategy::MachineRoomNearby { inner: &Strategy::Average, rooms: &ByName };
    let refused = Refusal::RoomOfQueueUnknown(some[0].clone());
    assert_eq!(allocate(nearby, Some("c1"), &some, &names), Err(refused));
    let refused = Refusal::RoomOfConsumerUnknown("c1".to_owned());
    assert_eq!(allocate(nearby, Some("c1"), &queues("r1-b", 1), &names), Err(refused));
}

#[test]
fn brokers_outside_the_rooms_are_left_out() {
    let wanted = BTreeSet::from(["r1".to_owned(), String::new()]);
    for (broker, is_wanted) in [
        ("r1@b", true),
        ("r1@b@@", true),
        ("@b", true),
        ("r1", false),
        ("r1@", false),
        ("r1@b@c", false),
        ("r2@b", false),
    ] {
        let share = shares(Strategy::MachineRoom(&wanted), &queues(broker, 1), &clients(1));
        assert_eq!(!share[0].is_empty(), is_wanted, "{broker}");
    }
}

#[test]
fn consumers_that_pop_share_with_those_that_follow() {
    let (eight, three) = (queues("b", 8), clients(3));
    let pop = |queues: &[QueueName], clients: &[String], share| {
        let consumer = &clients[0];
        match allocate_for_pop(Strategy::Average, Some(consumer), queues, clients, share) {
            Ok(PopShare::Brokers(brokers)) => Err(brokers.len()),
            Ok(PopShare::Queues(queues)) => Ok(queues.iter().map(|queue| queue.id).collect::<Vec<_>>()),
            Err(refusal) => panic!("{refusal}"),
        }
    };
    // None, or all others: the whole broker.
    for share in [-1, 0, 2, 100] {
        assert_eq!(pop(&eight, &three, share), Err(1), "{share}");
    }
    assert_eq!(pop(&eight, &three, 1), Ok(vec![0, 1, 2, 3, 4, 5]));
    // More consumers than queues: one each, in turn.
    assert_eq!(pop(&queues("b", 2), &three, 1), Ok(vec![0]));
    let third = |names: &[String], queues: &[QueueName]| {
        allocate_for_pop(Strategy::Average, Some("c3"), queues, names, 1).map(|share| match share {
            PopShare::Queues(queues) => queues.iter().map(|queue| queue.id).collect::<Vec<_>>(),
            PopShare::Brokers(_) => panic!("single queues"),
        })
    };
    assert_eq!(third(&three, &queues("b", 2)), Ok(vec![0]));
    assert_eq!(third(&three, &[]), Err(Refusal::NoQueues));
    let others: Vec<String> = ["a1", "a2", "a4"].map(str::to_owned).into();
    assert_eq!(third(&others, &eight), Ok(Vec::new()), "not a member");
}

/// Whoever shares with n others gets no less than with n − 1.
#[test]
fn sharing_with_more_gives_no_less() {
    for number in 1..12 {
        let queues = queues("b", number);
        for consumers in 1..8 {
            let names = clients(consumers);
            for name in &names {
                let mut before = 0;
                for share in 1..consumers as i32 - 1 {
                    let Ok(PopShare::Queues(share)) =
                        allocate_for_pop(Strategy::AverageByCircle, Some(name), &queues, &names, share)
                    else {
                        panic!("single queues")
                    };
                    assert!(share.len() >= before.max(1), "{number} {consumers}");
                    before = share.len();
                }
            }
        }
    }
}
