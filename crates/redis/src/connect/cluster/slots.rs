//! Which server of a cluster has which key.

use deadpool_redis::redis::Value;

use crate::url::Host;

/// How many slots there are, always.
const COUNT: u16 = 16_384;

/// The owners of all slots.
pub(super) struct Slots {
    /// Where a range of slots ends, and the index of its owner; ordered, without gaps.
    ranges: Vec<(u16, usize)>,
}

impl Slots {
    /// From the answer to `CLUSTER SLOTS` of the server at `asked`, with the primaries that own the slots. `None` where
    /// a slot has no owner.
    pub(super) fn read(answer: &Value, asked: &Host) -> Option<(Self, Vec<Host>)> {
        let Value::Array(entries) = answer else { return None };
        let mut entries: Vec<_> = entries.iter().map(|entry| range(entry, asked)).collect::<Option<_>>()?;
        entries.sort_unstable_by_key(|(first, ..)| *first);
        let (mut owners, mut ranges, mut next) = (Vec::new(), Vec::new(), 0);
        for (first, last, host) in entries {
            if first != next || last < first || last >= COUNT {
                return None;
            }
            next = last + 1;
            let known = owners.iter().position(|owner| *owner == host);
            ranges.push((last, known.unwrap_or(owners.len())));
            if known.is_none() {
                owners.push(host);
            }
        }
        (next == COUNT).then_some((Self { ranges }, owners))
    }

    /// The index of the owner of a key.
    pub(super) fn owner(&self, key: &[u8]) -> usize {
        let slot = slot(key);
        let place = self.ranges.partition_point(|(last, _)| *last < slot);
        self.ranges.get(place).map_or(0, |(_, owner)| *owner)
    }
}

/// The first and the last slot, and the primary, which stands before its replicas.
fn range(entry: &Value, asked: &Host) -> Option<(u16, u16, Host)> {
    let Value::Array(parts) = entry else { return None };
    let [Value::Int(first), Value::Int(last), Value::Array(primary), ..] = parts.as_slice() else {
        return None;
    };
    let [name, Value::Int(port), ..] = primary.as_slice() else { return None };
    let name = match name {
        // It does not know how others reach it. We did.
        Value::Nil => asked.name(),
        Value::BulkString(name) => match std::str::from_utf8(name).ok()? {
            "" => asked.name(),
            "?" => return None,
            name => name,
        },
        _ => return None,
    };
    Some(((*first).try_into().ok()?, (*last).try_into().ok()?, Host::new(name, (*port).try_into().ok()?)))
}

/// The slot of a key: the checksum of it, or of what stands between the first braces, if that is anything.
fn slot(key: &[u8]) -> u16 {
    let tag = || {
        let (_, rest) = cut(key, b'{')?;
        let (tag, _) = cut(rest, b'}')?;
        (!tag.is_empty()).then_some(tag)
    };
    checksum(tag().unwrap_or(key)) % COUNT
}

/// What stands before and behind a byte.
fn cut(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|byte| *byte == at)?;
    let (before, behind) = text.split_at(place);
    Some((before, behind.split_first()?.1))
}

/// CRC-16 in the variant XMODEM.
fn checksum(text: &[u8]) -> u16 {
    text.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum: u16, _| {
            if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: Value, port: i64) -> Value {
        Value::Array(vec![name, Value::Int(port), Value::BulkString(b"id".to_vec())])
    }

    fn entry(first: i64, last: i64, name: &str, port: i64) -> Value {
        let primary = server(Value::BulkString(name.into()), port);
        let replica = server(Value::BulkString(b"replica".to_vec()), 1);
        Value::Array(vec![Value::Int(first), Value::Int(last), primary, replica])
    }

    fn asked() -> Host {
        Host::new("asked", 7)
    }

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(checksum(b"123456789"), 0x31c3);
        assert_eq!((slot(b"foo"), slot(b"bar"), slot(b"")), (12_182, 5_061, 0));
    }

    #[test]
    fn what_stands_between_braces_decides() {
        assert_eq!(slot(b"a{foo}b{bar}"), slot(b"foo"));
        assert_ne!(slot(b"{}foo"), slot(b"foo"));
        assert_ne!(slot(b"{foo"), slot(b"foo"));
        assert_eq!(slot(b"{{bar}"), slot(b"{bar"));
    }

    #[test]
    fn every_slot_has_one_owner() {
        let answer = Value::Array(vec![
            entry(10_000, 16_383, "b", 2),
            entry(0, 5_000, "a", 1),
            entry(5_001, 9_999, "b", 2),
        ]);
        let (slots, owners) = Slots::read(&answer, &asked()).unwrap();
        assert_eq!(owners, [Host::new("a", 1), Host::new("b", 2)]);
        assert_eq!((slots.owner(b"foo"), slots.owner(b"bar"), slots.owner(b"")), (1, 1, 0));
    }

    #[test]
    fn whoever_does_not_know_its_name_has_the_one_that_was_asked() {
        for name in [Value::Nil, Value::BulkString(Vec::new())] {
            let all = Value::Array(vec![Value::Int(0), Value::Int(16_383), server(name, 9)]);
            let (_, owners) = Slots::read(&Value::Array(vec![all]), &asked()).unwrap();
            assert_eq!(owners, [Host::new("asked", 9)]);
        }
    }

    #[test]
    fn a_cluster_with_gaps_is_none() {
        let all = || vec![entry(0, 99, "a", 1), entry(100, 16_383, "b", 2)];
        assert!(Slots::read(&Value::Array(all()), &asked()).is_some());
        for (place, wrong) in [
            (0, entry(1, 99, "a", 1)),
            (0, entry(0, 98, "a", 1)),
            (0, entry(0, 100, "a", 1)),
            (0, entry(0, 99, "?", 1)),
            (0, Value::Nil),
            (1, entry(100, 16_382, "b", 2)),
            (1, entry(100, 16_384, "b", 2)),
            (1, entry(100, 16_383, "b", 70_000)),
        ] {
            let mut entries = all();
            entries[place] = wrong;
            assert!(Slots::read(&Value::Array(entries), &asked()).is_none(), "{place}");
        }
        assert!(Slots::read(&Value::Array(Vec::new()), &asked()).is_none());
        assert!(Slots::read(&Value::Nil, &asked()).is_none());
    }
}
