//! A start without Redis, and with one that is not as it must be.

use doorward_testkit::redis::{self, RedisOptions, RedisServer};
use reqwest::StatusCode;

use super::{ADA, PASSWORD, SESAME, beside, until_in_use};
use crate::support::Place;

#[tokio::test]
async fn r01_redis_may_come_after_the_service_and_is_in_use_then() {
    if !redis::is_there() {
        return;
    }
    let mut redis = RedisServer::start(RedisOptions::new().password(SESAME));
    redis.kill();
    let place = beside(&redis, SESAME, Place::new());
    let service = place.start();
    service.banner();
    assert_eq!(service.state_of("redis").await, "degraded");
    service.register(ADA, PASSWORD).await;
    let [access, _] = service.tokens(ADA, PASSWORD).await;
    assert_eq!(service.me(&access).await, StatusCode::OK);
    redis.restart();
    until_in_use(&service).await;
    assert_eq!(service.me(&access).await, StatusCode::OK);
    let (status, _, log) = service.stop();
    assert!(status.success(), "{log}");
    assert_eq!(log.matches("Redis is not in use; the database answers instead").count(), 1, "{log}");
    assert_eq!(log.matches("Redis is in use").count(), 1, "{log}");
    assert!(!log.contains(SESAME), "{log}");
}

#[test]
fn f34_a_redis_that_throws_keys_away_ends_the_start() {
    if !redis::is_there() {
        return;
    }
    let redis = RedisServer::start(RedisOptions::new().password(SESAME).memory(1 << 20, "allkeys-lru"));
    let place = beside(&redis, SESAME, Place::new());
    let said =
        "throws keys away when its memory is full (maxmemory-policy allkeys-lru); it must be noeviction";
    for refused in [place.refuses_to_serve(), place.ends_with(2, &["config", "check", "--connect"]).1] {
        assert!(refused.contains(said) && !refused.contains(SESAME), "{refused}");
    }
}

#[test]
fn a_wrong_password_of_redis_ends_the_start_and_is_not_told() {
    if !redis::is_there() {
        return;
    }
    let redis = RedisServer::start(RedisOptions::new().password(SESAME));
    let place = beside(&redis, "close-sesame", Place::new());
    for refused in [place.refuses_to_serve(), place.ends_with(2, &["config", "check", "--connect"]).1] {
        assert!(refused.contains("WRONGPASS") && !refused.contains("sesame"), "{refused}");
    }
    let (said, _) = beside(&redis, SESAME, Place::new()).ends_with(0, &["config", "check", "--connect"]);
    assert!(said.contains("can be used") && !said.contains("sesame"), "{said}");
}

#[test]
fn f35_tokens_and_documents_are_not_kept_in_the_same_database() {
    let place = Place::new().with("DOORWARD_REDIS_URL", "redis://127.0.0.1:1/2");
    let place = place.with("DOORWARD_REDIS_DOCUMENTS_URL", "redis://127.0.0.1:1/2");
    let (_, refused) = place.ends_with(2, &["serve"]);
    let said =
        "redis_documents_url (from DOORWARD_REDIS_DOCUMENTS_URL) must not be the database of redis_url";
    assert!(refused.contains(said), "{refused}");
}
