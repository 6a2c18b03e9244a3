//! Which keys a command is about.

use deadpool_redis::redis::{Arg, Cmd};

/// Commands about a server and none of its keys: the whole cluster has to hear them.
const ABOUT_SERVERS: &[&str] = &["CLIENT", "FLUSHALL", "FLUSHDB", "INFO", "PING", "SCRIPT"];

/// The keys of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Keys<'a> {
    /// It is about all servers.
    None,
    /// This one, and perhaps others that must be in the same slot; the server sees to that.
    One(&'a [u8]),
    /// Each of these for itself.
    Each(Vec<&'a [u8]>),
    /// That cannot be told.
    Unknown,
}

impl<'a> Keys<'a> {
    pub(super) fn of(command: &'a Cmd) -> Self {
        let mut words = command.args_iter().filter_map(|word| match word {
            Arg::Simple(word) => Some(word),
            _ => None,
        });
        let Some(name) = words.next() else { return Self::Unknown };
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let first = if ABOUT_SERVERS.iter().any(|known| is(known)) {
            return Self::None;
        } else if is("MGET") {
            return Self::Each(words.collect());
        } else if is("EVAL") || is("EVALSHA") {
            // The script, the number of keys, the keys.
            words.nth(1).filter(|count| *count != b"0").and_then(|_| words.next())
        } else {
            words.next()
        };
        first.map_or(Self::Unknown, Self::One)
    }
}

#[cfg(test)]
mod tests {
    use deadpool_redis::redis::cmd;

    use super::*;

    fn keys(line: &str) -> String {
        let mut words = line.split(' ');
        let mut command = cmd(words.next().unwrap());
        for word in words {
            command.arg(word);
        }
        format!("{:?}", Keys::of(&command))
    }

    #[test]
    fn keys_are_found_where_commands_have_them() {
        let one = format!("{:?}", Keys::One(b"k"));
        for line in
            ["GET k", "set k v EX 5", "EVALSHA abc 2 k other argument", "EVAL code 1 k", "DEL k other"]
        {
            assert_eq!(keys(line), one, "{line}");
        }
        assert_eq!(keys("MGET a b"), format!("{:?}", Keys::Each(vec![b"a", b"b"])));
        for line in ["PING", "script LOAD code", "CLIENT TRACKING ON"] {
            assert_eq!(keys(line), format!("{:?}", Keys::None), "{line}");
        }
        for line in ["EVALSHA abc 0 argument", "EVAL code", "GET"] {
            assert_eq!(keys(line), format!("{:?}", Keys::Unknown), "{line}");
        }
    }
}
