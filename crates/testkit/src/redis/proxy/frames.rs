//! Where a message of the protocol ends (RESP2 and RESP3).

use std::io::{self, BufRead, Read as _};

/// Reads one message whole; `None` where nothing comes any more.
pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    if from.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut message = Vec::new();
    read_value(from, &mut message)?;
    Ok(Some(message))
}

/// Whether a server says this without being asked.
pub(super) fn is_push(message: &[u8]) -> bool {
    message.starts_with(b">")
}

/// The name of a command, in capitals.
pub(super) fn command(message: &[u8]) -> String {
    // *<count> $<length> <name> …
    let name = message.split(|byte| *byte == b'\n').nth(2).unwrap_or_default();
    String::from_utf8_lossy(name).trim_end().to_ascii_uppercase()
}

fn read_value(from: &mut impl BufRead, message: &mut Vec<u8>) -> io::Result<()> {
    let start = message.len();
    from.read_until(b'\n', message)?;
    let line = &message[start..];
    if !line.ends_with(b"\r\n") {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let count = str::from_utf8(&line[1..]).ok().and_then(|count| count.trim_end().parse::<i64>().ok());
    // What is not there has the length -1.
    let count = count.and_then(|count| u64::try_from(count).ok());
    let values = match (line[0], count) {
        (b'$' | b'=' | b'!', Some(length)) => {
            let blob = from.take(length + 2).read_to_end(message)?;
            if blob as u64 != length + 2 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            0
        }
        (b'*' | b'~' | b'>', Some(count)) => count,
        (b'%', Some(count)) => 2 * count,
        // A remark stands before the value that it is about.
        (b'|', Some(count)) => 2 * count + 1,
        _ => 0,
    };
    (0..values).try_for_each(|_| read_value(from, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_read_to_its_end() {
        let messages = [
            "+OK\r\n",
            "-ERR no\r\n",
            ":-1\r\n",
            "$-1\r\n",
            "$4\r\na\r\nb\r\n",
            "$0\r\n\r\n",
            "_\r\n",
            "#t\r\n",
            "*-1\r\n",
            "*0\r\n",
            "*2\r\n*1\r\n:1\r\n$1\r\nx\r\n",
            "%1\r\n+a\r\n*1\r\n_\r\n",
            "|1\r\n+a\r\n+b\r\n:7\r\n",
            ">2\r\n$10\r\ninvalidate\r\n_\r\n",
        ];
        let all = messages.concat();
        let mut from = all.as_bytes();
        for expected in messages {
            assert_eq!(read(&mut from).unwrap().unwrap(), expected.as_bytes());
        }
        assert_eq!(read(&mut from).unwrap(), None);
    }

    #[test]
    fn half_a_message_is_an_error() {
        for half in ["+OK", "$5\r\nabc", "*2\r\n:1\r\n"] {
            assert!(read(&mut half.as_bytes()).is_err(), "{half:?}");
        }
    }

    #[test]
    fn a_command_is_known_by_its_name() {
        assert_eq!(command(b"*2\r\n$4\r\nmGet\r\n$1\r\nk\r\n"), "MGET");
        assert_eq!(command(b"+OK\r\n"), "");
        assert!(is_push(b">1\r\n+x\r\n") && !is_push(b"+x\r\n"));
    }
}
