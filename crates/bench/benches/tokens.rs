//! Signed tokens: making one, checking its signature, finding it among those checked before; and the files of the keys.

use std::hint::black_box;

use criterion::Criterion;
use doorward_bench::Trouble;
use doorward_bench::measure::{measure, require};
use doorward_crypto::{JwtSettings, JwtSigner, KeyDirectory, KeyRing, TokenAlgorithm};
use doorward_domain::port::TokenSigner as _;
use doorward_domain::sessions::SessionRules;
use doorward_testkit::sample;

/// As many as an operator has while keys are exchanged, and some that were forgotten.
const OTHER_KEYS: usize = 4;

fn main() -> Result<(), Trouble> {
    measure(|criterion| {
        for algorithm in TokenAlgorithm::ALL {
            signing_and_checking(criterion, algorithm)?;
        }
        among_many_keys(criterion)
    })
}

fn remembering(memo_capacity: usize) -> JwtSettings {
    JwtSettings { memo_capacity, ..JwtSettings::default() }
}

fn signing_and_checking(criterion: &mut Criterion, algorithm: TokenAlgorithm) -> Result<(), Trouble> {
    let user = sample::user(1);
    let claims =
        sample::session(&user, 1, sample::NOW).access_claims(SessionRules::default().access_lifetime);
    let forgetful = JwtSigner::new(KeyRing::ephemeral_of(algorithm), remembering(0));
    let token = forgetful.sign(&claims, &user)?;
    require(forgetful.verify(&token, sample::NOW) == Ok(claims), "verify")?;

    let mut group = criterion.benchmark_group(format!("tokens/{algorithm}"));
    group.bench_function("sign", |bencher| {
        bencher.iter(|| forgetful.sign(black_box(&claims), black_box(&user)));
    });
    group.bench_function("verify the signature", |bencher| {
        bencher.iter(|| forgetful.verify(black_box(&token), sample::NOW));
    });

    let signer = JwtSigner::new(KeyRing::ephemeral_of(algorithm), remembering(16_384));
    let token = signer.sign(&claims, &user)?;
    require(signer.verify(&token, sample::NOW) == Ok(claims), "verify")?;
    group.bench_function("verify once more", |bencher| {
        bencher.iter(|| signer.verify(black_box(&token), sample::NOW));
    });
    group.finish();
    Ok(())
}

fn among_many_keys(criterion: &mut Criterion) -> Result<(), Trouble> {
    let temporary = tempfile::tempdir()?;
    let directory = KeyDirectory::at(temporary.path().join("keys"));
    directory.read_or_create(TokenAlgorithm::EdDsa)?;
    for _ in 0..OTHER_KEYS {
        directory.generate(TokenAlgorithm::EdDsa)?;
    }
    let keys = directory.read()?;
    let last = keys.iter().last().ok_or("the directory has no key")?.kid();
    // A token of the last key, and a signer that looks for it behind all others.
    let user = sample::user(1);
    let claims =
        sample::session(&user, 1, sample::NOW).access_claims(SessionRules::default().access_lifetime);
    let ring = |signing| keys.ring(signing, None, |_| true).ok_or("a private key is missing");
    let token = JwtSigner::new(ring(last)?, remembering(0)).sign(&claims, &user)?;
    let signer = JwtSigner::new(ring(keys.leading().kid())?, remembering(0));
    require(signer.verify(&token, sample::NOW) == Ok(claims), "verify")?;

    let mut group = criterion.benchmark_group(format!("tokens/{} keys", OTHER_KEYS + 1));
    group.bench_function("find the last", |bencher| bencher.iter(|| keys.find(black_box(last)).is_some()));
    group.bench_function("verify with the last", |bencher| {
        bencher.iter(|| signer.verify(black_box(&token), sample::NOW));
    });
    group.bench_function("glance at the directory", |bencher| bencher.iter(|| directory.glance()));
    group.bench_function("read the directory", |bencher| bencher.iter(|| directory.read()));
    group.finish();
    Ok(())
}
