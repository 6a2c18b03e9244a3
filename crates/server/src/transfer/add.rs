//! Adding to the target what it lacks.

use std::collections::BTreeSet;

use super::encoding::Encoding;
use super::row::{Row, part_behind};
use super::{BATCH, Pass, Step, Transfer, TransferError};

/// About how many bytes are written together: databases have limits for a statement, and accounts differ in size.
const BYTES: usize = 4 * 1024 * 1024;

/// Walks through the source, and looks at the target only to skip what is there already.
pub(super) async fn missing<R: Row>(transfer: &Transfer<'_>) -> Result<(), TransferError> {
    let step = Step { pass: Pass::Add, kind: R::KIND };
    transfer.observer.advanced(step, 0, 0.0);
    let mut rows = 0;
    let mut after = None;
    loop {
        transfer.go_on()?;
        let batch = R::after(transfer.source.archive, after, BATCH).await;
        let batch = batch.map_err(|error| transfer.unread(error))?;
        let Some(last) = batch.last().map(R::id) else {
            return Ok(());
        };
        rows += batch.len() as u64;
        // The target has nothing that the source has not, so this reaches as far as the batch.
        let there = R::after(transfer.target.archive, after, BATCH).await;
        let there = there.map_err(|error| transfer.unwritten(error))?;
        let there: BTreeSet<R::Id> = there.iter().map(R::id).collect();
        let missing: Vec<R> = batch.into_iter().filter(|row| !there.contains(&row.id())).collect();
        for piece in pieces(&missing) {
            R::add(transfer.target.archive, piece).await.map_err(|error| transfer.unwritten(error))?;
        }
        transfer.observer.advanced(step, rows, part_behind(R::number(last)));
        after = Some(last);
    }
}

/// The same rows in pieces that are not too large, or of a single row.
fn pieces<R: Row>(rows: &[R]) -> impl Iterator<Item = &[R]> {
    let mut size = 0;
    rows.chunk_by(move |one, _| {
        size += Encoding::of(one).bytes().len();
        let fits = size < BYTES;
        if !fits {
            size = 0;
        }
        fits
    })
}

#[cfg(test)]
mod tests {
    use doorward_domain::user::{Channel, StreamingHistory, User, UserTypes};
    use doorward_testkit::sample;

    use super::*;

    #[test]
    fn large_rows_go_into_smaller_pieces_and_none_is_lost() {
        let streams = vec![sample::text(&"x".repeat(100)); 1_000];
        let history = StreamingHistory::new(streams).unwrap();
        let channel = Channel { streamer_id: sample::text("x"), history };
        let user_types = UserTypes { streamer: Some(channel), seller: None };
        let rows: Vec<User> =
            (0..100).map(|n| User { user_types: user_types.clone(), ..sample::user(n) }).collect();
        let sizes: Vec<usize> = pieces(&rows).map(<[_]>::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 100);
        assert!(sizes.len() == 3 && sizes[0] == sizes[1], "{sizes:?}");
        assert_eq!(pieces(&rows[..3]).count(), 1);
        assert_eq!(pieces::<User>(&[]).count(), 0);
    }
}
