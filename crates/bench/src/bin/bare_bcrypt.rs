//! The floor under every login: the bcrypt crate alone.
//!
//! `bare_bcrypt COST SECONDS THREADS` hashes on so many threads for so long, and writes to standard output how many
//! hashes a second all of them made together.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use bcrypt::BcryptResult;
use doorward_bench::Trouble;

const USAGE: &str = "usage: bare_bcrypt COST SECONDS THREADS";

/// As long as what our pre-hash gives to bcrypt.
const PASSWORD: [u8; 64] = [b'p'; 64];

fn main() -> Result<(), Trouble> {
    let mut arguments = std::env::args().skip(1);
    let cost = number("COST", arguments.next(), 4, 31)?;
    let seconds = number("SECONDS", arguments.next(), 1, 3_600)?;
    let threads = number("THREADS", arguments.next(), 1, 1_024)?;
    if arguments.next().is_some() {
        return Err(USAGE.into());
    }
    let rate = rate_of_all(cost, Duration::from_secs(seconds), threads)?;
    writeln!(io::stdout(), "{rate:.2}")?;
    Ok(())
}

fn number<T: FromStr + From<u16> + PartialOrd>(
    name: &str,
    argument: Option<String>,
    least: u16,
    most: u16,
) -> Result<T, Trouble> {
    let argument = argument.ok_or(USAGE)?;
    let within = |number: &T| *number >= T::from(least) && *number <= T::from(most);
    let number = argument.parse().ok().filter(within);
    Ok(number.ok_or_else(|| format!("{name} must be a whole number from {least} to {most}; {USAGE}"))?)
}

fn rate_of_all(cost: u32, time: Duration, threads: usize) -> Result<f64, Trouble> {
    thread::scope(|scope| {
        let hashing: Vec<_> = (0..threads).map(|_| scope.spawn(move || rate_of_one(cost, time))).collect();
        let mut sum = 0.0;
        for thread in hashing {
            sum += thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(sum)
    })
}

/// The last hash counts with the time that it takes.
fn rate_of_one(cost: u32, time: Duration) -> BcryptResult<f64> {
    let begun = Instant::now();
    let mut hashes = 0.0;
    while begun.elapsed() < time {
        black_box(bcrypt::hash_with_salt(black_box(&PASSWORD), cost, [7; 16])?);
        hashes += 1.0;
    }
    Ok(hashes / begun.elapsed().as_secs_f64())
}
