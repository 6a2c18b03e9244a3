//! A flood of logins from one address, and somebody at another.

use std::net::IpAddr;

use reqwest::{Client, StatusCode};
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;

use crate::support::Place;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";

/// Far more than there are places.
const CROWD: usize = 32;

fn at(address: &str) -> Client {
    doorward_client::http().local_address(address.parse::<IpAddr>().unwrap()).build().unwrap()
}

async fn logs_in(client: &Client, url: &str) -> StatusCode {
    let body = json!({ "username": ADA, "password": PASSWORD });
    client.post(url).json(&body).send().await.unwrap().status()
}

#[tokio::test]
async fn dos_02_a_flood_from_one_address_keeps_nobody_else_from_logging_in() {
    let place =
        Place::new().without_throttles().with("DOORWARD_HASH_THREADS", "1").with("DOORWARD_HASH_QUEUE", "4");
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let (tell, mut told) = unbounded_channel();
    let mut flood = tokio::task::JoinSet::new();
    for _ in 0..CROWD {
        let (client, url, tell) = (at("127.0.0.1"), service.url("/api/auth/login"), tell.clone());
        flood.spawn(async move { while tell.send(logs_in(&client, &url).await).is_ok() {} });
    }
    let owner = at("127.0.0.2");
    for _ in 0..10 {
        // The queue was full a moment ago.
        while told.recv().await.unwrap() != StatusCode::SERVICE_UNAVAILABLE {}
        while told.try_recv().is_ok() {}
        assert_eq!(logs_in(&owner, &service.url("/api/auth/login")).await, StatusCode::OK);
    }
}
