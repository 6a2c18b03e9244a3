//! Batches, put together by hand so that nothing depends on who is quicker.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::time::Duration;
use tempfile::TempDir;

use super::*;
use crate::threads::queue;

type Note = Answer<(), StoreError>;

/// A writer without a thread, and a table to write in.
fn writer() -> (TempDir, Writer) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let (file, mut connection) = DatabaseFile::open(&path, Duration::ZERO).unwrap();
    connection.batch_execute("CREATE TABLE notes (text TEXT NOT NULL) STRICT").unwrap();
    let (_, jobs) = queue(1, Duration::MAX);
    (directory, Writer::new(file, connection, jobs, Arc::default(), Arc::default()))
}

/// A job that writes a note and then does something else.
fn note(
    text: &'static str,
    then: impl FnOnce(&mut SqliteConnection) -> Result<(), Abort<StoreError>> + Send + 'static,
) -> (Box<dyn WriteJob>, Note) {
    write_job(move |connection: &mut SqliteConnection| {
        connection.batch_execute(&format!("INSERT INTO notes VALUES ('{text}')"))?;
        then(connection)
    })
}

fn carry_out<const N: usize>(
    writer: &mut Writer,
    notes: [(Box<dyn WriteJob>, Note); N],
) -> [Result<(), StoreError>; N] {
    let (jobs, answers): (Vec<_>, Vec<_>) = notes.into_iter().unzip();
    writer.carry_out(jobs);
    let answers: Vec<_> = answers.into_iter().map(|mut note| note.try_recv().unwrap().unwrap()).collect();
    answers.try_into().unwrap()
}

/// What another connection reads.
fn notes(writer: &Writer) -> Vec<String> {
    let mut connection = writer.file.connect(Access::Read).unwrap();
    sql::<Text>("SELECT text FROM notes ORDER BY rowid").load(&mut connection).unwrap()
}

#[test]
fn jobs_that_wait_together_are_all_on_disk_when_they_are_answered() {
    let (_directory, mut writer) = writer();
    let answers = carry_out(&mut writer, ["a", "b", "c"].map(|text| note(text, |_| Ok(()))));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(notes(&writer), ["a", "b", "c"]);
}

#[test]
fn a_job_that_fails_takes_back_only_what_it_did() {
    let (_directory, mut writer) = writer();
    let answers = carry_out(
        &mut writer,
        [
            note("a", |_| Ok(())),
            note("b", |_| Err(Error::NotFound.into())),
            note("c", |connection| Ok(connection.batch_execute("INSERT INTO notes VALUES (NULL)")?)),
            note("d", |_| Ok(())),
        ],
    );
    let [Ok(()), Err(StoreError::Broken(_)), Err(StoreError::Broken(_)), Ok(())] = answers else {
        panic!("{answers:?}");
    };
    assert_eq!(notes(&writer), ["a", "d"]);
}

#[test]
fn a_panic_is_an_error_of_its_own_job() {
    let (_directory, mut writer) = writer();
    let answers = carry_out(
        &mut writer,
        [note("a", |_| Ok(())), note("b", |_| panic!("at the {}", "disco")), note("c", |_| Ok(()))],
    );
    let [Ok(()), Err(StoreError::Broken(error)), Ok(())] = &answers else { panic!("{answers:?}") };
    assert_eq!(error.to_string(), "the step panicked: at the disco");
    assert_eq!(notes(&writer), ["a", "c"]);
}

#[test]
fn a_commit_that_fails_is_an_error_of_every_job() {
    let (_directory, mut writer) = writer();
    // A foreign key that is checked only now is the one way to have COMMIT itself refuse.
    let orphan = |connection: &mut SqliteConnection| {
        let orphan =
            "PRAGMA defer_foreign_keys = ON; INSERT INTO user_addresses VALUES ('a@b.example', x'00')";
        Ok(connection.batch_execute(orphan)?)
    };
    let answers = carry_out(&mut writer, [note("a", |_| Ok(())), note("b", orphan), note("c", |_| Ok(()))]);
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Broken(_)))), "{answers:?}");
    assert_eq!(notes(&writer), [""; 0]);

    let [answer] = carry_out(&mut writer, [note("d", |_| Ok(()))]);
    answer.unwrap();
    assert_eq!(notes(&writer), ["d"]);
}

#[test]
fn a_job_that_ends_the_transaction_spoils_its_batch_and_no_other() {
    let (_directory, mut writer) = writer();
    // SQLite does this by itself on some failures of the disk.
    let rollback = |connection: &mut SqliteConnection| {
        connection.batch_execute("ROLLBACK")?;
        Err(Error::NotFound.into())
    };
    let answers = carry_out(&mut writer, [note("a", |_| Ok(())), note("b", rollback), note("c", |_| Ok(()))]);
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Unavailable(_)))), "{answers:?}");
    assert_eq!(notes(&writer), [""; 0]);

    let [answer] = carry_out(&mut writer, [note("d", |_| Ok(()))]);
    answer.unwrap();
    assert_eq!(notes(&writer), ["d"]);
}

#[test]
fn a_full_disk_is_passing() {
    let (_directory, mut writer) = writer();
    let fill = |connection: &mut SqliteConnection| {
        connection
            .batch_execute("PRAGMA max_page_count = 1; INSERT INTO notes VALUES (hex(zeroblob(1000000)))")?;
        Ok(())
    };
    let [answer] = carry_out(&mut writer, [note("a", fill)]);
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(notes(&writer), [""; 0]);
    assert!(!writer.broken.load(Ordering::Acquire));
}

#[test]
fn nothing_is_written_after_a_commit_failed_on_disk() {
    let (_directory, mut writer) = writer();
    writer.give_up(&StatementError::from(Error::NotFound));
    let [answer] = carry_out(&mut writer, [note("a", |_| Ok(()))]);
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(notes(&writer), [""; 0]);
}
