//! The rows of a file, one after the other: none is larger than memory has room for, whatever is in the file.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use doorward_http::exchange::{Columns, UnknownColumns};

use super::{Format, Source};

/// Far more than an account can have.
const LONGEST: usize = 4 * 1024 * 1024;

/// How much is read at once.
const BUFFER: usize = 256 * 1024;

/// A row as it stands in the file.
#[derive(Debug)]
pub(super) struct RawRow {
    /// The line in which it begins, from 1.
    pub(super) line: u64,
    pub(super) content: Content,
}

/// What stands in a row.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// What should be a JSON object.
    Json(Vec<u8>),
    /// The cells of a table.
    Cells(csv::StringRecord),
    /// Nothing that can be looked at; why.
    Unreadable(&'static str),
}

/// Why no more rows can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RowsError {
    /// The file cannot be read.
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    /// The first line of a table names no columns.
    #[error(transparent)]
    Columns(#[from] UnknownColumns),
    /// It is no array.
    #[error("it is no JSON array of objects (line {0})")]
    NoArray(u64),
    /// A row never ends: a quote is missing.
    #[error("the row that begins in line {0} has no end: is a quote missing?")]
    Endless(u64),
}

/// The rows of a file.
pub(super) enum Rows {
    Lines(Bytes),
    Elements { bytes: Bytes, has_begun: bool },
    Table { table: Box<csv::Reader<Bounded>>, left: Rc<Cell<usize>>, columns: Columns },
}

/// Bytes with the line they are in.
pub(super) struct Bytes {
    source: BufReader<Source>,
    line: u64,
}

/// Reads no more at a time than a row may have.
pub(super) struct Bounded {
    source: Source,
    left: Rc<Cell<usize>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        match self.left.get().checked_sub(count) {
            Some(left) => self.left.set(left),
            None => return Err(io::ErrorKind::FileTooLarge.into()),
        }
        Ok(count)
    }
}

impl Rows {
    pub(super) fn of(source: Source, format: Format) -> Result<Self, RowsError> {
        let bytes = |source| Bytes { source: BufReader::with_capacity(BUFFER, source), line: 1 };
        match format {
            Format::Ndjson => Ok(Self::Lines(bytes(source))),
            Format::Json => Ok(Self::Elements { bytes: bytes(source), has_begun: false }),
            Format::Csv => {
                let left = Rc::new(Cell::new(LONGEST + BUFFER));
                let bounded = Bounded { source, left: Rc::clone(&left) };
                let mut table =
                    csv::ReaderBuilder::new().flexible(true).buffer_capacity(BUFFER).from_reader(bounded);
                let names = table.headers().map_err(|error| of_csv(error, 1))?.clone();
                let columns = Columns::read(names.iter())?;
                Ok(Self::Table { table: Box::new(table), left, columns })
            }
        }
    }

    /// The columns of a table.
    pub(super) fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Table { columns, .. } => Some(columns),
            Self::Lines(_) | Self::Elements { .. } => None,
        }
    }

    /// The next row; `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<RawRow>, RowsError> {
        match self {
            Self::Lines(bytes) => Ok(bytes.next_line()?),
            Self::Elements { bytes, has_begun } => bytes.next_element(has_begun),
            Self::Table { table, left, .. } => {
                left.set(LONGEST + BUFFER);
                let mut record = csv::StringRecord::new();
                let before = table.position().line();
                match table.read_record(&mut record) {
                    Ok(false) => Ok(None),
                    Ok(true) => {
                        let line = record.position().map_or(before, csv::Position::line);
                        Ok(Some(RawRow { line, content: Content::Cells(record) }))
                    }
                    Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                        let line = error.position().map_or(before, csv::Position::line);
                        Ok(Some(RawRow { line, content: Content::Unreadable("must be UTF-8") }))
                    }
                    Err(error) => Err(of_csv(error, before)),
                }
            }
        }
    }
}

fn of_csv(error: csv::Error, line: u64) -> RowsError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => RowsError::Endless(line),
        csv::ErrorKind::Io(error) => RowsError::Read(error),
        other => RowsError::Read(io::Error::other(format!("{other:?}"))),
    }
}

impl Bytes {
    fn next_line(&mut self) -> io::Result<Option<RawRow>> {
        loop {
            let line = self.line;
            let mut text = Vec::new();
            let mut is_too_long = false;
            loop {
                let available = self.source.fill_buf()?;
                if available.is_empty() {
                    break;
                }
                let (part, ends) = match available.iter().position(|byte| *byte == b'\n') {
                    Some(end) => (available.get(..end).unwrap_or_default(), true),
                    None => (available, false),
                };
                is_too_long |= text.len() + part.len() > LONGEST;
                if is_too_long {
                    text = vec![b'{'];
                } else {
                    text.extend_from_slice(part);
                }
                let used = part.len() + usize::from(ends);
                self.source.consume(used);
                if ends {
                    self.line += 1;
                    break;
                }
            }
            let is_last = self.line == line;
            if line == 1 && text.starts_with(BYTE_ORDER_MARK) {
                text.drain(..BYTE_ORDER_MARK.len());
            }
            match text.trim_ascii() {
                [] if is_last => return Ok(None),
                [] => {}
                _ if is_too_long => return Ok(Some(RawRow { line, content: TOO_LONG })),
                _ => return Ok(Some(RawRow { line, content: Content::Json(text) })),
            }
        }
    }

    fn next_element(&mut self, has_begun: &mut bool) -> Result<Option<RawRow>, RowsError> {
        let expected = if *has_begun { b',' } else { b'[' };
        let is_first = !*has_begun;
        match self.next_mark(is_first)? {
            Some(byte) if byte == expected => *has_begun = true,
            Some(b']') if *has_begun => return self.end(),
            _ => return Err(RowsError::NoArray(self.line)),
        }
        match self.next_mark(false)? {
            Some(b']') if is_first => return self.end(),
            Some(b'{') => {}
            _ => return Err(RowsError::NoArray(self.line)),
        }
        let line = self.line;
        let content = self.object()?;
        Ok(Some(RawRow { line, content }))
    }

    /// Nothing stands behind an array.
    fn end(&mut self) -> Result<Option<RawRow>, RowsError> {
        match self.next_mark(false)? {
            None => Ok(None),
            Some(_) => Err(RowsError::NoArray(self.line)),
        }
    }

    /// The next byte that is no white space.
    fn next_mark(&mut self, may_have_mark: bool) -> io::Result<Option<u8>> {
        let mut may_have_mark = may_have_mark;
        while let Some(byte) = self.next_byte()? {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                byte if may_have_mark && BYTE_ORDER_MARK.contains(&byte) => continue,
                byte => return Ok(Some(byte)),
            }
            may_have_mark = false;
        }
        Ok(None)
    }

    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.source.fill_buf()?.first().copied();
        if byte.is_some() {
            self.source.consume(1);
        }
        Ok(byte)
    }

    /// What stands from a brace, which was read, to the one that closes it.
    fn object(&mut self) -> Result<Content, RowsError> {
        let begin = self.line;
        let (mut text, mut depth) = (vec![b'{'], 1_usize);
        let (mut in_text, mut is_escaped) = (false, false);
        let mut is_too_long = false;
        while depth > 0 {
            let byte = self.next_byte()?.ok_or(RowsError::Endless(begin))?;
            match byte {
                b'\n' => self.line += 1,
                _ if is_escaped => is_escaped = false,
                b'\\' if in_text => is_escaped = true,
                b'"' => in_text = !in_text,
                b'{' if !in_text => depth += 1,
                b'}' if !in_text => depth -= 1,
                _ => {}
            }
            is_too_long |= text.len() >= LONGEST;
            if !is_too_long {
                text.push(byte);
            }
        }
        Ok(if is_too_long { TOO_LONG } else { Content::Json(text) })
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const TOO_LONG: Content = Content::Unreadable("is longer than 4 MiB");
