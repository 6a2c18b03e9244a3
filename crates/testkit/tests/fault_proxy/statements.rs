//! Faults at statements.

use doorward_testkit::fault_proxy::{Action, Moment, Rule, fault};

use crate::scene::{Scene, add, add_in_transaction, code};

#[tokio::test]
async fn nothing_is_changed_where_no_rule_applies() {
    let Some(scene) = Scene::open().await else { return };
    add_in_transaction(&scene.client, "a").await.unwrap();
    assert_eq!(code(add(&scene.client, "a").await), "23505");
    assert_eq!(scene.things().await, ["a"]);
    let insert = "INSERT INTO things (name) VALUES ($1)";
    assert_eq!(scene.proxy.log().texts(), ["BEGIN", insert, "COMMIT", insert]);
}

#[tokio::test]
async fn a_statement_that_failed_has_failed_its_transaction_on_both_ends() {
    let Some(scene) = Scene::open().await else { return };
    let retry = Action::fail(fault::retry_write_too_old());
    scene.proxy.on(Moment::statement().nth(2), retry);
    scene.client.batch_execute("BEGIN").await.unwrap();
    add(&scene.client, "a").await.unwrap();
    assert_eq!(code(add(&scene.client, "b").await), "40001");
    // It is the server that says this.
    assert_eq!(code(add(&scene.client, "c").await), "25P02");
    scene.client.batch_execute("ROLLBACK").await.unwrap();
    add_in_transaction(&scene.client, "d").await.unwrap();
    assert_eq!(scene.things().await, ["d"]);
}

#[tokio::test]
async fn a_statement_outside_a_transaction_fails_alone() {
    let Some(scene) = Scene::open().await else { return };
    let nth = scene.proxy.on(Moment::statement().nth(1), Action::fail(fault::internal_error()));
    let timeout = Action::fail(fault::statement_timeout());
    scene.proxy.on(Moment::statement().containing("INSERT"), timeout);
    assert_eq!(code(add(&scene.client, "a").await), "57014");
    add(&scene.client, "b").await.unwrap();
    assert_eq!(scene.things().await, ["b"]);
    assert_eq!(nth.followed(), 0, "the rule for transactions");
}

#[tokio::test]
async fn a_statement_outside_a_transaction_may_fail_though_it_was_carried_out() {
    let Some(scene) = Scene::open().await else { return };
    let ambiguous = Action::fail(fault::ambiguous_replica_removed()).carried_out();
    scene.proxy.on(Moment::statement(), ambiguous);
    assert_eq!(code(add(&scene.client, "a").await), "40003");
    assert_eq!(scene.things().await, ["a"]);
    add(&scene.client, "b").await.unwrap();
}

#[tokio::test]
async fn a_statement_in_a_transaction_that_fails_though_it_was_carried_out_has_failed_the_transaction() {
    let Some(scene) = Scene::open().await else { return };
    let late = Action::fail(fault::retry_write_too_old()).carried_out();
    scene.proxy.on(Moment::statement().in_transaction(), late);
    scene.client.batch_execute("BEGIN").await.unwrap();
    assert_eq!(code(add(&scene.client, "a").await), "40001");
    assert_eq!(code(add(&scene.client, "b").await), "25P02");
    scene.client.batch_execute("ROLLBACK").await.unwrap();
    assert!(scene.things().await.is_empty());
}

#[tokio::test]
async fn a_prepared_statement_is_known_by_its_text() {
    let Some(scene) = Scene::open().await else { return };
    let insert = scene.client.prepare("INSERT INTO things (name) VALUES ($1)").await.unwrap();
    let select = scene.client.prepare("SELECT name FROM things").await.unwrap();
    scene.proxy.on(Moment::statement().containing("FROM things"), Action::fail(fault::cached_plan()));
    scene.client.execute(&insert, &[&"a"]).await.unwrap();
    assert_eq!(code(scene.client.query(&select, &[]).await), "0A000");
    assert_eq!(scene.client.query(&select, &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_preparation_can_fail_too_and_is_no_statement() {
    let Some(scene) = Scene::open().await else { return };
    scene.proxy.on(Moment::preparation().containing("things"), Action::fail(fault::memory_budget()));
    assert_eq!(code(scene.client.prepare("SELECT name FROM things").await), "53200");
    scene.client.prepare("SELECT name FROM things").await.unwrap();
    assert!(scene.proxy.log().statements().is_empty());
}

#[tokio::test]
async fn pipelined_statements_are_answered_in_their_order() {
    let Some(scene) = Scene::open().await else { return };
    let select = scene.client.prepare("SELECT $1::INT4").await.unwrap();
    scene.proxy.add(Rule::new(Moment::statement(), Action::fail(fault::lock_timeout())).skip(1));
    let asked = async |number: i32| scene.client.query_one(&select, &[&number]).await;
    let (one, two, three) = tokio::join!(asked(1), asked(2), asked(3));
    assert_eq!((one.unwrap().get(0), code(two), three.unwrap().get(0)), (1, "55P03".to_owned(), 3));
}

#[tokio::test]
async fn what_is_pipelined_behind_a_fault_in_a_transaction_meets_a_failed_one() {
    let Some(scene) = Scene::open().await else { return };
    scene.client.prepare("INSERT INTO things (name) VALUES ($1)").await.unwrap();
    scene.proxy.on(Moment::statement().nth(1), Action::fail(fault::deadlock()));
    let begin = scene.client.batch_execute("BEGIN");
    let faulty = scene.client.batch_execute("INSERT INTO things VALUES ('a')");
    let behind = scene.client.batch_execute("INSERT INTO things VALUES ('b')");
    let commit = scene.client.batch_execute("COMMIT");
    let (begin, faulty, behind, commit) = tokio::join!(begin, faulty, behind, commit);
    begin.unwrap();
    assert_eq!((code(faulty), code(behind)), ("40P01".to_owned(), "25P02".to_owned()));
    commit.unwrap();
    assert!(scene.things().await.is_empty());
}

#[tokio::test]
async fn an_error_has_the_fields_that_it_should_and_no_others() {
    let Some(scene) = Scene::open().await else { return };
    scene.proxy.on(Moment::statement(), Action::fail(fault::unique_violation("things_pkey")));
    let error = add(&scene.client, "a").await.unwrap_err();
    let error = error.as_db_error().unwrap();
    assert_eq!((error.severity(), error.code().code()), ("ERROR", "23505"));
    assert_eq!(error.message(), "duplicate key value violates unique constraint \"things_pkey\"");
    assert_eq!(error.constraint(), Some("things_pkey"));
    assert_eq!((error.detail(), error.table(), error.hint()), (None, None, None));
}

#[tokio::test]
async fn a_statement_during_a_drain_fails_and_the_connection_ends() {
    let Some(scene) = Scene::open().await else { return };
    scene.proxy.on(Moment::statement().nth(1), Action::fail(fault::shutting_down_in_transaction()));
    scene.client.batch_execute("BEGIN").await.unwrap();
    assert_eq!(code(add(&scene.client, "a").await), "57P01");
    scene.proxy.until_open(0).await;
    assert_eq!(code(add(&scene.client, "a").await), "closed");
}

#[tokio::test]
async fn a_return_to_a_savepoint_can_fail() {
    let Some(scene) = Scene::open().await else { return };
    let retry = Action::fail(fault::retry_write_too_old());
    scene.proxy.on(Moment::statement().containing("ROLLBACK TO"), retry);
    scene.client.batch_execute("BEGIN").await.unwrap();
    scene.client.batch_execute("SAVEPOINT one").await.unwrap();
    assert_eq!(code(scene.client.batch_execute("SELECT 1/0").await), "22012");
    assert_eq!(code(scene.client.batch_execute("ROLLBACK TO SAVEPOINT one").await), "40001");
    assert_eq!(code(add(&scene.client, "a").await), "25P02");
    scene.client.batch_execute("ROLLBACK").await.unwrap();
}

#[tokio::test]
async fn a_large_answer_passes_unharmed() {
    let Some(scene) = Scene::open().await else { return };
    let many = "SELECT n::INT8, repeat(n::TEXT, 100) FROM generate_series(1, 20000) AS s (n)";
    let rows = scene.client.query(many, &[]).await.unwrap();
    assert_eq!(rows.len(), 20_000);
    assert!(
        rows.iter().zip(1_i64..).all(|(row, n)| {
            row.get::<_, i64>(0) == n && row.get::<_, &str>(1) == n.to_string().repeat(100)
        })
    );
}

#[tokio::test]
async fn a_large_request_passes_unharmed() {
    let Some(scene) = Scene::open().await else { return };
    let long = "é".repeat(1_000_000);
    let length = scene.client.query_one("SELECT octet_length($1::TEXT)::INT8", &[&long]).await.unwrap();
    assert_eq!(length.get::<_, i64>(0), 2_000_000);
}
