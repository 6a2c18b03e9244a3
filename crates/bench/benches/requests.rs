//! What a request is read into and what an answer is written from, without the network.

use std::hint::black_box;
use std::sync::Arc;

use actix_web::test::TestRequest;
use criterion::Criterion;
use doorward_bench::Trouble;
use doorward_bench::measure::{measure, require};
use doorward_crypto::{ChaChaCursorSeal, Pepper};
use doorward_domain::accounts::ListRequest;
use doorward_domain::port::{Position, SortValue};
use doorward_domain::user::{KeptDocument, User, UserDocument};
use doorward_http::bench as steps;
use doorward_testkit::sample;

const REGISTRATION: &[u8] = br#"{"username":"ada@example.com","password":"correct horse batt","password_confirm":"correct horse batt","name":"Ada Lovelace"}"#;

const LOGIN: &[u8] = br#"{"username":"ada@example.com","password":"correct horse batt"}"#;

const UPDATE: &[u8] = br#"{"profile":{"fullname":"Kucing Cakep","gender":"Male","city":"Sidoarjo"},"accounts":{"gmail":{"is_login":true}},"user_type":{"streamer":{"streamer_id":"UC-kucing","streaming_history":["stream-1","stream-2"]}},"played_games":["MOBILE LEGENDS"],"favorites":{"youtube":[{"id":"yt-1","name":"Streamer One","url":"https://video.example/one","favorited_at":"2026-01-01T12:00:00Z"}]}}"#;

const QUERY: &str =
    "limit=20&sort=-created_at&count=true&q=ada+l&user_type=streamer&created_after=2026-01-01T00:00:00Z";

const ADDRESS: &str = "ada%2Bstreams%40example.com";

fn main() -> Result<(), Trouble> {
    measure(|criterion| {
        reading(criterion)?;
        writing(criterion)?;
        cursors(criterion)
    })
}

fn reading(criterion: &mut Criterion) -> Result<(), Trouble> {
    let mut group = criterion.benchmark_group("read");
    for (name, read, body) in [
        ("a login", steps::read_login as fn(&[u8]) -> bool, LOGIN),
        ("a registration", steps::read_registration, REGISTRATION),
        ("an update", steps::read_update, UPDATE),
    ] {
        require(read(body), name)?;
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(body))));
    }
    require(steps::read_list_query(QUERY), "the query of a list")?;
    group.bench_function("the query of a list", |bencher| {
        bencher.iter(|| steps::read_list_query(black_box(QUERY)));
    });
    require(steps::decode_path(ADDRESS).is_some(), "an address in a path")?;
    group.bench_function("an address in a path", |bencher| {
        bencher.iter(|| steps::decode_path(black_box(ADDRESS)));
    });
    group.finish();
    Ok(())
}

/// Of somebody who has told nothing, of a person with something everywhere, and of one with as much as there may be.
fn people() -> [(&'static str, User); 3] {
    [("small", sample::user(1)), ("usual", sample::kucing_cakep()), ("largest", sample::sari_lengkap())]
}

fn writing(criterion: &mut Criterion) -> Result<(), Trouble> {
    let mut group = criterion.benchmark_group("write");
    let request = TestRequest::default().to_http_request();
    for (size, user) in people() {
        let document = UserDocument::from(user);
        steps::document(&document)?;
        group.bench_function(format!("a document, {size}"), |bencher| {
            bencher.iter(|| steps::document(black_box(&document)));
        });
        require(steps::answer(&document, &request).status().is_success(), "an answer")?;
        group.bench_function(format!("an answer, {size}"), |bencher| {
            bencher.iter(|| steps::answer(black_box(&document), &request));
        });
        let kept = Arc::new(KeptDocument::from(document));
        require(steps::own_answer(&kept, &request).status().is_success(), "the own answer")?;
        group.bench_function(format!("the own answer, {size}"), |bencher| {
            bencher.iter(|| steps::own_answer(black_box(&kept), &request));
        });
    }
    group.finish();
    Ok(())
}

fn cursors(criterion: &mut Criterion) -> Result<(), Trouble> {
    let seal = ChaChaCursorSeal::new(&Pepper::from_bytes([7; 32]));
    let list = ListRequest::default();
    let user = sample::user(1);
    let position = Position { value: SortValue::CreatedAt(user.created_at), id: user.id };
    let sealed = steps::seal_cursor(&seal, &list, &position);
    require(steps::open_cursor(&seal, &list, &sealed).as_ref() == Some(&position), "a cursor")?;

    let mut group = criterion.benchmark_group("cursor");
    group.bench_function("seal", |bencher| {
        bencher.iter(|| steps::seal_cursor(&seal, &list, black_box(&position)));
    });
    group.bench_function("open", |bencher| {
        bencher.iter(|| steps::open_cursor(&seal, &list, black_box(&sealed)));
    });
    group.finish();
    Ok(())
}
