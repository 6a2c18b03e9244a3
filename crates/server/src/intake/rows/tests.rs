//! Rows of every form, whole and broken.

use super::*;

/// Line and text of every row, or why there are no more.
fn rows(text: impl Into<Vec<u8>>, format: Format) -> (Vec<(u64, String)>, Option<String>) {
    let mut met = Vec::new();
    let mut rows = match Rows::of(Source::of(io::Cursor::new(text.into()), None), format) {
        Ok(rows) => rows,
        Err(error) => return (met, Some(error.to_string())),
    };
    loop {
        match rows.next() {
            Ok(None) => return (met, None),
            Err(error) => return (met, Some(error.to_string())),
            Ok(Some(RawRow { line, content })) => met.push((
                line,
                match content {
                    Content::Json(text) => String::from_utf8(text).unwrap(),
                    Content::Cells(cells) => cells.iter().collect::<Vec<_>>().join("|"),
                    Content::Unreadable(why) => why.to_owned(),
                },
            )),
        }
    }
}

fn told(rows: &[(u64, &str)]) -> (Vec<(u64, String)>, Option<String>) {
    (rows.iter().map(|(line, text)| (*line, (*text).to_owned())).collect(), None)
}

#[test]
fn lines_are_counted_and_empty_ones_are_none() {
    let expected = told(&[(1, "{1}\r"), (4, "{2}"), (5, "{3}")]);
    assert_eq!(rows("\u{feff}{1}\r\n\n \n{2}\n{3}", Format::Ndjson), expected);
    assert_eq!(rows("", Format::Ndjson), told(&[]));
    assert_eq!(rows("\n\n", Format::Ndjson), told(&[]));
}

#[test]
fn elements_of_an_array_are_found_whatever_is_in_their_texts() {
    let text = "\u{feff}[\n {\"a\": \"}]\\\"{\\\\\"},\n\n {\"b\": {\"c\":\n [{}]}} , {}\n]\n";
    let expected = told(&[(2, "{\"a\": \"}]\\\"{\\\\\"}"), (4, "{\"b\": {\"c\":\n [{}]}}"), (5, "{}")]);
    assert_eq!(rows(text, Format::Json), expected);
    assert_eq!(rows("[]", Format::Json), told(&[]));
    for (text, why) in [
        ("", "no JSON array of objects (line 1)"),
        ("{}", "no JSON array"),
        ("[1]", "no JSON array"),
        ("[{}\n,]", "(line 2)"),
        ("[{} {}]", "no JSON array"),
        ("[{}] x", "no JSON array"),
        ("[{\"a\":\"\n", "begins in line 1 has no end"),
    ] {
        let (_, told) = rows(text, Format::Json);
        assert!(told.as_ref().is_some_and(|told| told.contains(why)), "{text}: {told:?}");
    }
}

#[test]
fn a_table_has_quoted_cells_and_lines_in_them() {
    let text =
        "\u{feff}username,profile.fullname\na@b.co,\"Ada, the\n\"\"first\"\"\"\nb@b.co,Bob,more\nc@b.co\n";
    let expected = told(&[(2, "a@b.co|Ada, the\n\"first\""), (4, "b@b.co|Bob|more"), (5, "c@b.co")]);
    assert_eq!(rows(text, Format::Csv), expected);
    let (met, told) = rows(b"username\n\xff\nb@b.co\n".to_vec(), Format::Csv);
    assert_eq!((met.len(), met[0].1.as_str(), told), (2, "must be UTF-8", None));
    assert!(rows("shoe_size\n", Format::Csv).1.unwrap().contains("no column"));
}

#[test]
fn a_row_without_end_does_not_fill_the_memory() {
    let long = "x".repeat(LONGEST + 1);
    let (met, _) = rows(format!("{{\"a\":\"{long}\"}}\n{{}}"), Format::Ndjson);
    assert_eq!(met, [(1, "is longer than 4 MiB".to_owned()), (2, "{}".to_owned())]);
    let (met, _) = rows(format!("[{{\"a\":\"{long}\"}},{{}}]"), Format::Json);
    assert_eq!(met, [(1, "is longer than 4 MiB".to_owned()), (1, "{}".to_owned())]);
    let (_, told) = rows(format!("username\na@b.co\n\"{}", long.repeat(2)), Format::Csv);
    assert!(told.unwrap().contains("line 3 has no end"));
}
