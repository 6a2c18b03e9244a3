//! What the queue in front of password hashing adds to a hash. At the lowest cost, so that it shows.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use criterion::{BatchSize, Criterion, Throughput};
use doorward_bench::Trouble;
use doorward_bench::measure::{measure, runtime};
use doorward_crypto::{BcryptPool, BcryptSettings, COSTS, Pepper};
use doorward_domain::port::PasswordHasher as _;
use doorward_domain::throttle::Network;
use doorward_domain::user::Password;
use doorward_testkit::sample;
use futures_util::future::try_join_all;

/// Passwords that wait together, of so many networks that take turns.
const TOGETHER: u8 = 64;
const NETWORKS: u8 = 8;

/// As long as what the pool gives to bcrypt.
const PRE_HASH: [u8; 64] = [b'p'; 64];

fn main() -> Result<(), Trouble> {
    measure(hashing)
}

fn hashing(criterion: &mut Criterion) -> Result<(), Trouble> {
    let cost = *COSTS.start();
    let settings = BcryptSettings { cost, threads: 1, queue: usize::from(TOGETHER) };
    let pool = BcryptPool::start(settings, Pepper::from_bytes([7; 32]))?;
    let runtime = runtime()?;
    let password = sample::password(sample::PASSWORD);
    runtime.block_on(pool.hash(&password, None))?;
    runtime.block_on(together(&pool, networks(), &password))?;
    bcrypt::non_truncating_hash(PRE_HASH, cost)?;

    let mut group = criterion.benchmark_group("hashing");
    group.bench_function("bcrypt alone", |bencher| {
        bencher.iter(|| bcrypt::non_truncating_hash(black_box(PRE_HASH), cost));
    });
    group.bench_function("through the queue", |bencher| {
        bencher.to_async(&runtime).iter(|| pool.hash(&password, None));
    });
    group.throughput(Throughput::Elements(TOGETHER.into()));
    group.bench_function("many at once through the queue", |bencher| {
        let bencher = &mut bencher.to_async(&runtime);
        bencher.iter_batched(
            networks,
            |networks| together(&pool, networks, &password),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    Ok(())
}

fn networks() -> Vec<Network> {
    let network = |number| Network::from(IpAddr::V4(Ipv4Addr::new(192, 0, 2, number % NETWORKS)));
    (0..TOGETHER).map(network).collect()
}

async fn together(pool: &BcryptPool, networks: Vec<Network>, password: &Password) -> Result<(), Trouble> {
    try_join_all(networks.into_iter().map(|network| pool.hash(password, Some(network)))).await?;
    Ok(())
}
