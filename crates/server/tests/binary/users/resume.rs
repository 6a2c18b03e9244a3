use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{accounts, new_path, people, results, told};
use crate::support::Place;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The same usernames as in the file, in its order, each with a result.
fn assert_whole(text: &str, count: usize) {
    let lines = results(text);
    assert_eq!(lines.len(), count);
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line["line"], json!(number + 1));
        assert_eq!(line["username"], json!(format!("person{number}@example.com")));
    }
}

#[test]
fn a_run_that_is_killed_corrupts_nothing_and_goes_on() {
    const COUNT: usize = 12_000;
    let place = Place::new();
    // Beside a service batches are small, so that some are done and some are not.
    let service = place.start();
    service.banner();
    let file = place.file("people.ndjson", &people(COUNT)).display().to_string();
    let kept = new_path(&place, "results.ndjson");
    let import = ["users", "import", &file, "--results", &kept, "--resume"];
    for round in 1..=3_u64 {
        let running = place.begin(&import);
        // Another moment each round, by what is done and not by time.
        until("some of it is done", || fs::metadata(&kept).is_ok_and(|file| file.len() > round * 250_000));
        running.signal("KILL");
        running.wait();
    }
    // The last line may be a part of one.
    let done = fs::read_to_string(&kept).unwrap().lines().count();
    assert!((1..COUNT).contains(&done), "{done}");
    let (said, complaint) = place.ends_with(0, &import);
    assert!(complaint.contains("rows have a result already"), "{complaint}");
    let text = fs::read_to_string(&kept).unwrap();
    assert_whole(&text, COUNT);
    assert_eq!(accounts(&place), COUNT, "{said}");
    let counts: usize =
        told(&place).iter().map(|details| details["count"].as_str().unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(counts, COUNT, "each account was told of once");
    drop(service);
    place.serves();
}

#[test]
fn whoever_interrupts_a_run_is_told_how_to_go_on() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let kept = new_path(&place, "results.ndjson");
    let mut command = place.command();
    command.args(["users", "import", "-", "--format", "ndjson", "--results", &kept]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(people(5_000).as_bytes()).unwrap();
    until("a batch is done", || fs::metadata(&kept).is_ok_and(|file| file.len() > 0));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{complaint}");
    let command = format!("users import - --format ndjson --results {kept} --resume");
    assert!(complaint.contains(&command), "{complaint}");
    drop(input);
    let file = place.file("people.ndjson", &people(5_000)).display().to_string();
    place.ends_with(0, &["users", "import", &file, "--results", &kept, "--resume"]);
    assert_whole(&fs::read_to_string(&kept).unwrap(), 5_000);
    assert_eq!(accounts(&place), 5_000);
}

#[test]
fn results_are_neither_overwritten_nor_taken_for_those_of_another_file() {
    let place = Place::new();
    place.serves();
    let file = place.file("people.ndjson", &people(3)).display().to_string();
    let kept = new_path(&place, "results.ndjson");
    place.ends_with(0, &["users", "import", &file, "--results", &kept]);
    let (_, said) = place.ends_with(1, &["users", "import", &file, "--results", &kept]);
    assert!(said.contains("--resume"), "{said}");
    let (said, _) = place.ends_with(0, &["users", "import", &file, "--results", &kept, "--resume"]);
    assert!(said.contains("3 created"), "what was done before counts: {said}");
    let other =
        place.file("others.ndjson", &people(9).replace("person2@", "somebody@")).display().to_string();
    let (_, said) = place.ends_with(1, &["users", "import", &other, "--results", &kept, "--resume"]);
    assert!(said.contains("those of another file") && !said.contains("goes on"), "{said}");
    let short = place.file("short.ndjson", &people(2)).display().to_string();
    let (_, said) = place.ends_with(1, &["users", "import", &short, "--results", &kept, "--resume"]);
    assert!(said.contains("those of another file"), "{said}");
    let rehearsed = new_path(&place, "rehearsed.ndjson");
    place.ends_with(0, &["users", "import", &other, "--results", &rehearsed, "--dry-run"]);
    let (_, said) = place.ends_with(1, &["users", "import", &other, "--results", &rehearsed, "--resume"]);
    assert!(said.contains("--dry-run"), "{said}");
    assert_eq!(accounts(&place), 3);
}

#[test]
fn a_store_that_is_away_passes() {
    let place = Place::new()
        .at("postgresql://doorward@127.0.0.1:1/doorward?sslmode=disable")
        .with("DOORWARD_DATABASE_START_TIMEOUT", "1s");
    let file = place.file("people.ndjson", &people(1)).display().to_string();
    place.ends_with(75, &["users", "import", &file]);
    place.ends_with(75, &["users", "disable", "ada@example.com"]);
    place.ends_with(75, &["users", "list"]);
}

#[test]
fn a_pipe_that_nobody_fills_is_left_on_a_signal() {
    let place = Place::new();
    place.serves();
    let mut command = place.command();
    command.args(["users", "import", "-", "--format", "csv"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"username,password\n").unwrap();
    // More than a pipe holds: when all of it is written somebody reads, and listens to signals.
    input.write_all(&vec![b'\n'; 1 << 20]).unwrap();
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{complaint}");
    assert!(complaint.contains("with the same rows on standard input"), "{complaint}");
    drop(input);
}

#[test]
fn a_file_that_is_no_results_is_not_emptied() {
    let place = Place::new();
    place.serves();
    let rows = people(3);
    let [file, other] = ["people.ndjson", "other.ndjson"].map(|name| place.file(name, &rows));
    let [file, other] = [&file, &other].map(|path| path.display().to_string());
    for (results, told) in
        [(&file, "it is the file that is read"), (&other, "line 1 of it is not the result")]
    {
        let (_, said) = place.ends_with(1, &["users", "import", &file, "--results", results, "--resume"]);
        assert!(said.contains(told) && !said.contains("This goes on"), "{said}");
        assert_eq!(fs::read_to_string(results).unwrap(), rows);
    }
    assert_eq!(accounts(&place), 0);
}
