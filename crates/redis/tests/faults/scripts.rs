//! Tries, counted by scripts in Redis.

use std::time::Duration;

use doorward_domain::port::LoginThrottle;
use doorward_domain::throttle::{Pseudonym, Rate, Scope, ThrottleKey};
use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::stage::{SHORT, Stage};
use crate::support::{Scene, in_time, on};

const TAKE: &str = include_str!("../../src/throttle/take.lua");
const GIVE_BACK: &str = include_str!("../../src/throttle/give_back.lua");

/// What both scripts ask for the time.
const TIME: &str = "redis.call('TIME')";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEY: ThrottleKey = ThrottleKey { scope: Scope::LoginGuess, subject: Pseudonym::new([7; 16]) };

fn rate(burst: u32) -> Rate {
    Rate::new(burst, DAY).unwrap()
}

async fn stage_on(server: &RedisServer) -> Stage {
    let mut settings = on(server);
    settings.timeout = SHORT;
    Stage::set("scripts", Scene::beside(server).await, settings.clone(), settings).await
}

/// How many of so many tries pass.
async fn passed(throttle: &dyn LoginThrottle, rates: &[Rate], tries: u32) -> u32 {
    let mut passed = 0;
    for _ in 0..tries {
        passed += u32::from(in_time(throttle.take(&KEY, rates)).await.is_ok());
    }
    passed
}

/// How often somebody was told that there is no such script.
fn unknown_scripts(server: &RedisServer) -> u64 {
    let errors = server.cli(&["INFO", "errorstats"]);
    let count = errors.lines().find_map(|line| line.strip_prefix("errorstat_NOSCRIPT:count="));
    count.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f37_a_server_that_has_forgotten_the_scripts_is_told_them_again() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let (throttle, rates) = (&stage.one.copies.throttle, [rate(10)]);
    let before = unknown_scripts(&server);
    for round in 0..9 {
        assert_eq!(server.cli(&["SCRIPT", "FLUSH"]), "OK");
        assert_eq!(passed(&**throttle, &rates, 2).await, 2, "{round}");
        assert_eq!(server.cli(&["SCRIPT", "FLUSH"]), "OK");
        in_time(throttle.give_back(&KEY, &rates)).await;
    }
    assert_eq!(passed(&**throttle, &rates, 20).await, 1, "nine were taken and not given back");
    assert_eq!(unknown_scripts(&server) - before, 19, "each of them was unknown once");
    assert_eq!(server.cli(&["SCRIPT", "FLUSH"]), "OK");
    let login = stage.newcomer().await;
    stage.wait_until_known(&login).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_tries_on_all_nodes_at_once_no_more_than_the_burst_pass() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let tries = (0..100).map(|number| {
        let throttle = stage.nodes()[number % 2].copies.throttle.clone();
        tokio::spawn(async move { throttle.take(&KEY, &[rate(30), rate(20)]).await.is_ok() })
    });
    let passed = join_all(tries).await.into_iter().filter(|passed| *passed.as_ref().unwrap()).count();
    assert_eq!(passed, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_each_node_lets_half_as_many_pass_and_with_it_all_count_together_again() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    let rates = [rate(10)];
    assert_eq!(passed(&*stage.one.copies.throttle, &rates, 4).await, 4);
    server.kill();
    for node in stage.nodes() {
        assert_eq!(passed(&*node.copies.throttle, &rates, 20).await, 5);
        // What is given back was taken here.
        in_time(node.copies.throttle.give_back(&KEY, &rates)).await;
        assert_eq!(passed(&*node.copies.throttle, &rates, 20).await, 1);
    }
    server.restart_empty();
    stage.wait_until_in_use().await;
    assert_eq!(passed(&*stage.one.copies.throttle, &rates, 5).await, 5);
    assert_eq!(passed(&*stage.other.copies.throttle, &rates, 20).await, 5);
}

/// Somebody may always try once, however little is left of their rate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_half_of_one_is_one() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    server.kill();
    assert_eq!(passed(&*stage.one.copies.throttle, &[rate(1)], 5).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_vouched_for_on_one_node_is_so_on_all_and_without_redis_there() {
    if !redis::is_there() {
        return;
    }
    let mut server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    in_time(stage.one.copies.throttle.vouch(&KEY, DAY)).await;
    for node in stage.nodes() {
        assert!(in_time(node.copies.throttle.is_vouched(&KEY)).await);
    }
    server.kill();
    assert!(in_time(stage.one.copies.throttle.is_vouched(&KEY)).await);
    assert!(!in_time(stage.other.copies.throttle.is_vouched(&KEY)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_vouched_for_longer_than_that() {
    if !redis::is_there() {
        return;
    }
    let server = RedisServer::start(RedisOptions::new());
    let stage = stage_on(&server).await;
    in_time(stage.one.copies.throttle.vouch(&KEY, DAY)).await;
    let name = format!("known:{{login_guess:{}}}", "07".repeat(16));
    let millis: u128 = server.cli(&["PTTL", &name]).parse().unwrap();
    assert!(millis > 0 && millis <= DAY.as_millis());
}

/// A rate, what stands in Redis for it, if anything, and how far away from now that is.
fn kept() -> impl Strategy<Value = (Rate, Option<i64>)> {
    let rate = (1..50_u32, 1..100_000_000_000_u64)
        .prop_filter_map("no rate", |(burst, micros)| Rate::new(burst, Duration::from_micros(micros)));
    (rate, proptest::option::of(-200_000_000_000..200_000_000_000_i64))
}

/// A server whose clock stands still, to run the scripts on.
struct Bench {
    server: RedisServer,
    take: String,
    give_back: String,
}

impl Bench {
    const NOW: u64 = 1_790_000_000_123_456;

    fn new() -> Self {
        let server = RedisServer::start(RedisOptions::new());
        let load = |script: &str| {
            assert_eq!(script.matches(TIME).count(), 1);
            let time = format!("{{'{}', '{:06}'}}", Self::NOW / 1_000_000, Self::NOW % 1_000_000);
            server.cli(&["SCRIPT", "LOAD", &script.replace(TIME, &time)])
        };
        let (take, give_back) = (load(TAKE), load(GIVE_BACK));
        Self { server, take, give_back }
    }

    fn name(index: usize) -> String {
        format!("state:{index}")
    }

    /// Runs a script where these states are kept, and answers what it does and the states afterwards.
    fn run(&self, script: &str, states: &[(Rate, Option<u64>)]) -> (String, Vec<Option<u64>>) {
        let names: Vec<_> = (0..states.len()).map(Self::name).collect();
        let (mut words, mut rates) = (vec!["EVALSHA".to_owned(), script.to_owned()], Vec::new());
        words.push(states.len().to_string());
        for (name, (rate, state)) in names.iter().zip(states) {
            match state {
                Some(state) => self.server.cli(&["SET", name, &state.to_string()]),
                None => self.server.cli(&["DEL", name]),
            };
            words.push(name.clone());
            rates.extend([rate.interval().to_string(), rate.tolerance().to_string()]);
        }
        words.extend(rates);
        let answer = self.server.cli(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let states = names.iter().map(|name| self.server.cli(&["GET", name]).parse().ok());
        (answer, states.collect())
    }
}

fn check(cases: u32, holds: impl Fn(&Bench, &[(Rate, Option<u64>)]) -> Result<(), TestCaseError>) {
    if !redis::is_there() {
        return;
    }
    let bench = Bench::new();
    let kept = proptest::collection::vec(kept(), 1..4);
    let runner = &mut TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&kept, |kept| {
        let at = |state: Option<i64>| state.map(|state| Bench::NOW.checked_add_signed(state).unwrap());
        let states: Vec<_> = kept.into_iter().map(|(rate, state)| (rate, at(state))).collect();
        holds(&bench, &states)
    });
    checked.unwrap();
}

/// Whether these states are what stands there. No state is one that has passed, and one that passes while the test looks
/// may be gone: the server forgets by a clock that goes on.
fn agree(there: &[Option<u64>], states: impl Iterator<Item = u64>) -> bool {
    const WHILE_LOOKING: u64 = 10_000_000;
    there.iter().zip(states).all(|(there, state)| match there {
        Some(there) => *there == state && state > Bench::NOW,
        None => state <= Bench::NOW + WHILE_LOOKING,
    })
}

#[test]
fn the_script_takes_as_the_rule_says() {
    check(64, |bench, states| {
        let (answer, after) = bench.run(&bench.take, states);
        let taken: Vec<_> =
            states.iter().map(|(rate, state)| rate.take(state.unwrap_or(0), Bench::NOW)).collect();
        let wait = taken.iter().filter_map(|taken| taken.err()).max();
        prop_assert_eq!(answer, wait.map_or(0, |longest| longest.as_micros()).to_string());
        let untouched: Vec<_> = states.iter().map(|(_, state)| *state).collect();
        let is_right = match wait {
            Some(_) => after == untouched,
            None => agree(&after, taken.into_iter().map(Result::unwrap)),
        };
        prop_assert!(is_right, "{after:?}");
        Ok(())
    });
}

#[test]
fn the_script_gives_back_as_the_rule_says() {
    check(64, |bench, states| {
        let (answer, after) = bench.run(&bench.give_back, states);
        let given = states.iter().map(|(rate, state)| rate.give_back(state.unwrap_or(0), Bench::NOW));
        prop_assert_eq!(answer, "0");
        prop_assert!(agree(&after, given), "{after:?}");
        Ok(())
    });
}
