//! Turns, places and who loses them.

use proptest::prelude::*;

use super::*;

/// Jobs are called by their lane and a number.
type Job = (char, usize);

fn queue(places: usize) -> FairQueue<char, Job> {
    FairQueue::new(places)
}

/// Brings so many jobs of one lane, of which all must wait.
fn fill(queue: &mut FairQueue<char, Job>, lane: char, count: usize) -> Vec<Ticket<char>> {
    (0..count)
        .map(|number| match queue.push(lane, (lane, number)) {
            Pushed::Waits(ticket) => ticket,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// The lanes of the next jobs.
fn served(queue: &mut FairQueue<char, Job>, count: usize) -> String {
    (0..count).filter_map(|_| queue.pop()).map(|(lane, _)| lane).collect()
}

/// A queue in which so many jobs of each of these lanes wait, which have all been served before.
fn with_served(places: usize, lanes: &str, count: usize) -> FairQueue<char, Job> {
    let mut queue = queue(places);
    for lane in lanes.chars() {
        fill(&mut queue, lane, count);
        queue.reseat(lane);
    }
    queue
}

#[test]
fn dos_02_one_lane_alone_is_first_come_first_served() {
    let mut queue = queue(8);
    fill(&mut queue, 'a', 5);
    let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
    assert_eq!(order, (0..5).map(|number| ('a', number)).collect::<Vec<_>>());
    assert_eq!((queue.len(), queue.pop()), (0, None));
}

#[test]
fn dos_02_every_other_job_goes_round_and_every_other_is_of_the_lane_that_has_fewest() {
    let mut queue = queue(40);
    for (lane, count) in [('a', 5), ('b', 3), ('c', 2)] {
        fill(&mut queue, lane, count);
    }
    assert_eq!(served(&mut queue, 5), "acbca");
    assert_eq!(served(&mut queue, 40), "babaa");
}

#[test]
fn dos_02_whoever_asks_for_one_thing_at_a_time_waits_for_one_job_and_not_for_a_round() {
    let mut queue = with_served(40, "abcdefghij", 3);
    let mut order = String::new();
    for _ in 0..4 {
        fill(&mut queue, 'z', 1);
        order.push_str(&served(&mut queue, 2));
    }
    assert_eq!(order, "azbzczdz");
}

#[test]
fn dos_02_no_crowd_of_modest_lanes_keeps_one_waiting_that_has_much() {
    let mut queue = with_served(40, "ab", 3);
    for lane in 'c'..='z' {
        fill(&mut queue, lane, 1);
    }
    assert_eq!(served(&mut queue, 4), "acbd");
    assert_eq!(served(&mut queue, 40).len(), 26);
}

#[test]
fn dos_02_of_lanes_that_have_as_many_those_come_first_that_were_not_served_in_this_round() {
    let mut queue = with_served(40, "ab", 1);
    fill(&mut queue, 'z', 1);
    queue.is_fewest_next = true;
    assert_eq!(served(&mut queue, 1), "z");
    // It leaves with nothing and comes back before its turn: that does not make it new.
    let tickets = fill(&mut queue, 'z', 1);
    assert_eq!(queue.remove(tickets[0]), Some(('z', 0)));
    fill(&mut queue, 'y', 1);
    fill(&mut queue, 'z', 1);
    queue.is_fewest_next = true;
    assert_eq!(served(&mut queue, 1), "y");
    assert_eq!(served(&mut queue, 3), "abz");
}

#[test]
fn dos_02_one_lane_holds_three_quarters_of_the_places() {
    for (places, share) in [(1, 1), (2, 2), (3, 3), (4, 3), (32, 24)] {
        let mut queue = queue(places);
        fill(&mut queue, 'a', share);
        assert_eq!(queue.push('a', ('a', share)), Pushed::Refused(('a', share)));
        fill(&mut queue, 'b', places - share);
        assert_eq!(queue.len(), places);
    }
}

#[test]
fn dos_02_whoever_asks_for_less_displaces_the_newest_job_of_the_lane_that_has_most() {
    let mut queue = queue(8);
    fill(&mut queue, 'a', 6);
    fill(&mut queue, 'b', 2);
    let Pushed::Displaces(_, displaced) = queue.push('c', ('c', 0)) else { panic!("it has no place") };
    assert_eq!((displaced, queue.len()), (('a', 5), 8));
    let Pushed::Displaces(_, displaced) = queue.push('b', ('b', 2)) else { panic!("it has no place") };
    assert_eq!((displaced, queue.len()), (('a', 4), 8));
    assert_eq!(queue.push('a', ('a', 6)), Pushed::Refused(('a', 6)));
}

#[test]
fn dos_02_nobody_is_displaced_for_one_who_would_have_as_many() {
    let mut queue = queue(4);
    fill(&mut queue, 'a', 2);
    fill(&mut queue, 'b', 2);
    assert!(matches!(queue.push('c', ('c', 0)), Pushed::Displaces(..)));
    assert_eq!(queue.push('c', ('c', 1)), Pushed::Refused(('c', 1)));
    assert!(matches!(queue.push('d', ('d', 0)), Pushed::Displaces(..)));
    assert_eq!(queue.push('e', ('e', 0)), Pushed::Refused(('e', 0)));
}

#[test]
fn dos_02_lanes_that_hold_one_place_each_make_room_for_one_that_was_not_served_yet() {
    for places in 1..=4 {
        let lanes = &"abcd"[..places];
        let mut queue = with_served(places, lanes, 1);
        assert!(matches!(queue.push('z', ('z', 0)), Pushed::Displaces(..)));
        for back in lanes.chars() {
            let refused = queue.push(back, (back, 1));
            assert_eq!(refused, Pushed::Refused((back, 1)), "or else they displace each other for ever");
        }
        assert!(served(&mut queue, 2).contains('z'));
    }
}

#[test]
fn dos_02_it_is_known_beforehand_who_is_refused() {
    let mut queue = queue(4);
    fill(&mut queue, 'a', 3);
    assert_eq!((queue.has_room('a'), queue.has_room('b')), (false, true));
    fill(&mut queue, 'b', 1);
    assert_eq!((queue.has_room('b'), queue.has_room('c')), (true, true));
    assert!(matches!(queue.push('c', ('c', 0)), Pushed::Displaces(..)));
    assert_eq!((queue.has_room('b'), queue.has_room('c'), queue.has_room('d')), (false, false, true));
}

#[test]
fn dos_02_a_job_that_is_taken_out_leaves_its_place_and_is_taken_once() {
    let mut queue = queue(4);
    let tickets = fill(&mut queue, 'a', 3);
    assert_eq!(queue.remove(tickets[1]), Some(('a', 1)));
    assert_eq!(queue.remove(tickets[1]), None);
    fill(&mut queue, 'b', 2);
    assert_eq!(queue.pop(), Some(('a', 0)));
    assert_eq!(queue.remove(tickets[0]), None);
    assert_eq!(served(&mut queue, 3).len(), 3);
}

#[test]
fn dos_02_of_lanes_that_come_and_go_nothing_is_kept() {
    let mut queue: FairQueue<u32, ()> = FairQueue::new(4);
    for lane in 0..1_000 {
        let Pushed::Waits(ticket) = queue.push(lane, ()) else { panic!("there is room") };
        assert_eq!(queue.remove(ticket), Some(()));
    }
    assert_eq!((queue.lanes.len(), queue.seats.len(), queue.by_claim.len()), (0, 0, 0));
    for lane in 0..1_000 {
        queue.push(lane, ());
        queue.pop();
    }
    assert!(queue.lanes.len() <= 2 && queue.seats.len() <= 2, "{}", queue.lanes.len());
    assert_eq!((queue.pop(), queue.lanes.len(), queue.seats.len()), (None, 0, 0));
}

#[derive(Clone, Debug)]
enum Step {
    Push(u8),
    Pop,
    Remove(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..6_u8).prop_map(Step::Push),
        1 => (0..WAITING).prop_map(Step::Push),
        2 => Just(Step::Pop),
        1 => any::<prop::sample::Index>().prop_map(Step::Remove),
    ]
}

/// A lane that no step has.
const WAITING: u8 = 255;

/// How many of `waiting` are of this lane.
fn held(waiting: &[(Ticket<u8>, u8, usize)], lane: u8) -> usize {
    waiting.iter().filter(|(_, of, _)| *of == lane).count()
}

proptest! {
    #[test]
    fn dos_02_nothing_is_lost_or_done_twice_and_memory_is_bounded(
        places in 1..12_usize,
        steps in prop::collection::vec(step(), 0..300),
    ) {
        let mut queue = FairQueue::new(places);
        // Ticket, lane and number of what waits, oldest first.
        let mut waiting: Vec<(Ticket<u8>, u8, usize)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Push(lane) => match (queue.has_room(lane), queue.push(lane, (lane, number))) {
                    (true, Pushed::Waits(ticket)) => {
                        prop_assert!(waiting.len() < places);
                        waiting.push((ticket, lane, number));
                    }
                    (true, Pushed::Displaces(ticket, displaced)) => {
                        prop_assert_eq!(waiting.len(), places);
                        let newest = waiting.iter().rposition(|(_, of, _)| *of == displaced.0).unwrap();
                        let (_, loser, removed) = waiting.remove(newest);
                        prop_assert_eq!((loser, removed), displaced);
                        waiting.push((ticket, lane, number));
                        prop_assert!(held(&waiting, loser) + 1 >= held(&waiting, lane));
                    }
                    (false, Pushed::Refused(job)) => {
                        prop_assert_eq!(job, (lane, number));
                        prop_assert!(waiting.len() == places || held(&waiting, lane) == places - places / 4);
                    }
                    (has_room, pushed) => prop_assert!(false, "{has_room} {pushed:?}"),
                },
                Step::Pop => match queue.pop() {
                    None => prop_assert!(waiting.is_empty()),
                    Some((lane, number)) => {
                        let oldest = waiting.iter().position(|(_, of, _)| *of == lane).unwrap();
                        prop_assert_eq!(waiting.remove(oldest).2, number);
                    }
                },
                Step::Remove(_) if waiting.is_empty() => {}
                Step::Remove(index) => {
                    let (ticket, lane, number) = waiting.remove(index.index(waiting.len()));
                    prop_assert_eq!(queue.remove(ticket), Some((lane, number)));
                    prop_assert_eq!(queue.remove(ticket), None);
                }
            }
            prop_assert_eq!(queue.len(), waiting.len());
            prop_assert_eq!(queue.lanes.len(), queue.seats.len());
            prop_assert!(queue.lanes.len() <= 3 * places + 1, "{} lanes", queue.lanes.len());
        }
    }

    /// Whatever else comes meanwhile, each lane has its turn among twice as many as there are places.
    #[test]
    fn dos_02_whoever_waits_is_served_within_two_rounds(
        places in 2..12_usize,
        before in prop::collection::vec(step(), 0..60),
        after in prop::collection::vec(0..40_u8, 24),
    ) {
        let mut queue = FairQueue::new(places);
        for step in before {
            match step {
                Step::Push(lane) => drop(queue.push(lane, lane)),
                Step::Pop | Step::Remove(_) => drop(queue.pop()),
            }
        }
        if matches!(queue.push(WAITING, WAITING), Pushed::Refused(_)) {
            return Ok(());
        }
        for lane in after.into_iter().take(2 * places) {
            let pushed = queue.push(lane, lane);
            prop_assert!(!matches!(pushed, Pushed::Displaces(_, WAITING)), "who has one only is displaced by {lane}");
            if queue.pop() == Some(WAITING) {
                return Ok(());
            }
        }
        prop_assert!(false, "it still waits");
    }
}
