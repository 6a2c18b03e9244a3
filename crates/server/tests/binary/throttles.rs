//! How often one network may try, and what counts as one.

use std::net::IpAddr;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Doorward, Place};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";
const NOBODY: &str = "203.0.113.9";

/// More than a limit gives back while a test runs, however slow the machine is.
const SLACK: usize = 20;

/// Somebody at an address of this machine.
struct Person<'a> {
    service: &'a Doorward,
    client: Client,
}

impl<'a> Person<'a> {
    fn at(address: &str, service: &'a Doorward) -> Self {
        let address: IpAddr = address.parse().unwrap();
        Self { service, client: doorward_client::http().local_address(address).build().unwrap() }
    }

    /// Sends it with the address that a proxy, or a liar, would tell.
    async fn sends(&self, path: &str, told: &str, body: &Value) -> Response {
        let request = self.client.post(self.service.url(path)).header("x-forwarded-for", told);
        request.json(body).send().await.unwrap()
    }

    async fn logs_in(&self, told: &str, password: &str) -> StatusCode {
        self.sends("/api/auth/login", told, &json!({ "username": ADA, "password": password })).await.status()
    }

    /// Sends it until it is refused, which must not be before the limit nor long after it.
    async fn is_refused_after(&self, limit: usize, path: &str, told: &str, body: &Value) -> Response {
        let mut passed = 0;
        loop {
            let answer = self.sends(path, told, body).await;
            if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                assert!(passed >= limit, "only {passed} pass");
                return answer;
            }
            assert!(answer.status().is_client_error(), "{answer:?}");
            passed += 1;
            assert!(passed < limit + SLACK, "{passed} pass");
        }
    }
}

fn seconds(refusal: &Response) -> u64 {
    refusal.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

async fn code(refusal: Response) -> String {
    refusal.json::<Value>().await.unwrap()["results"]["code"].as_str().unwrap().to_owned()
}

fn wrong_password() -> Value {
    json!({ "username": ADA, "password": "wrong" })
}

#[tokio::test]
async fn aut_13_unless_set_otherwise_ten_wrong_passwords_from_one_network_are_compared() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let guesser = Person::at("127.0.0.1", &service);
    let refusal = guesser.is_refused_after(10, "/api/auth/login", NOBODY, &wrong_password()).await;
    assert!((1..=30).contains(&seconds(&refusal)), "{refusal:?}");
    assert_eq!(code(refusal).await, "too_many_attempts");
    let owner = Person::at("127.0.0.2", &service);
    assert_eq!(owner.logs_in(NOBODY, PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn dos_07_unless_set_otherwise_three_hundred_registrations_from_one_network_are_heard() {
    let place = Place::new();
    let service = place.start();
    service.banner();
    let crowd = Person::at("127.0.0.1", &service);
    let refusal = crowd.is_refused_after(300, "/api/user", NOBODY, &json!({})).await;
    assert!((1..=12).contains(&seconds(&refusal)), "{refusal:?}");
    assert_eq!(code(refusal).await, "rate_limited");
    let account = json!({ "username": ADA, "password": PASSWORD, "password_confirm": PASSWORD });
    let neighbour = Person::at("127.0.0.2", &service);
    assert_eq!(neighbour.sends("/api/user", NOBODY, &account).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn limits_are_settings() {
    let place = Place::new()
        .with("DOORWARD_THROTTLE_REFRESH", "3 per 1h, 5 per 1day")
        .with("DOORWARD_THROTTLE_REGISTRATION", "off");
    let service = place.start();
    let person = Person::at("127.0.0.1", &service);
    let refusal = person.is_refused_after(3, "/api/auth/refresh", NOBODY, &Value::Null).await;
    assert_eq!(code(refusal).await, "rate_limited");
    for _ in 0..301 {
        assert_eq!(person.sends("/api/user", NOBODY, &json!({})).await.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn aut_16_unless_a_proxy_is_trusted_nobody_is_who_they_say() {
    let place = Place::new().with("DOORWARD_THROTTLE_LOGIN_NETWORK", "3 per 1h");
    let service = place.start();
    let liar = Person::at("127.0.0.1", &service);
    for number in 0..3 {
        assert_eq!(liar.logs_in(&format!("198.51.100.{number}"), "wrong").await, StatusCode::UNAUTHORIZED);
    }
    for told in ["198.51.100.4", "127.0.0.2", "::1"] {
        assert_eq!(liar.logs_in(told, "wrong").await, StatusCode::TOO_MANY_REQUESTS, "{told}");
    }
}

#[tokio::test]
async fn aut_16_a_trusted_proxy_tells_who_it_was_asked_by_and_others_do_not() {
    let place = Place::new()
        .with("DOORWARD_THROTTLE_LOGIN_NETWORK", "2 per 1h")
        .with("DOORWARD_TRUSTED_PROXIES", "127.0.0.1");
    let service = place.start();
    let (proxy, liar) = (Person::at("127.0.0.1", &service), Person::at("127.0.0.2", &service));
    for told in ["198.51.100.1", "203.0.113.1, 198.51.100.1"] {
        assert_eq!(proxy.logs_in(told, "wrong").await, StatusCode::UNAUTHORIZED, "{told}");
    }
    assert_eq!(proxy.logs_in("203.0.113.2, 198.51.100.1", "wrong").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(proxy.logs_in("198.51.100.1, 198.51.100.2", "wrong").await, StatusCode::UNAUTHORIZED);
    for told in ["198.51.100.3", "198.51.100.4"] {
        assert_eq!(liar.logs_in(told, "wrong").await, StatusCode::UNAUTHORIZED, "{told}");
    }
    assert_eq!(liar.logs_in("198.51.100.5", "wrong").await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_address_is_kept_in_no_log() {
    let place = Place::new()
        .with("DOORWARD_LOG_LEVEL", "trace")
        .with("DOORWARD_THROTTLE_LOGIN_NETWORK", "1 per 1h")
        .with("DOORWARD_TRUSTED_PROXIES", "127.0.0.1");
    let service = place.start();
    let proxy = Person::at("127.0.0.1", &service);
    proxy.logs_in(NOBODY, "wrong").await;
    assert_eq!(proxy.logs_in(NOBODY, "wrong").await, StatusCode::TOO_MANY_REQUESTS);
    let (_, stdout, stderr) = service.stop();
    assert!(stderr.contains("status=429"), "{stderr}");
    assert!(!stdout.contains(NOBODY) && !stderr.contains(NOBODY) && !stderr.contains(ADA), "{stderr}");
}
