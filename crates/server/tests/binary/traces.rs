//! Traces, as a collector of OpenTelemetry gets them. It listens on another thread than the one that waits for the
//! service to end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Attribute;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use reqwest::{Client, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::support::Place;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse batt";

/// What a collector was sent: the head of each message, and what it says.
#[derive(Default)]
struct Sent {
    heads: Vec<String>,
    spans: Vec<Span>,
    resources: Vec<Vec<KeyValue>>,
}

impl Sent {
    /// What an attribute of each resource that sent something says.
    fn of_resources(&self, key: &str) -> Vec<String> {
        self.resources.iter().filter_map(|attributes| text_of(attributes, key)).collect()
    }
}

/// Listens as a collector does.
async fn collector() -> (SocketAddr, Arc<Mutex<Sent>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(Mutex::new(Sent::default()));
    let noted = sent.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, noted.clone()));
        }
    });
    (address, sent)
}

async fn take(mut stream: TcpStream, sent: Arc<Mutex<Sent>>) {
    let mut bytes = Vec::new();
    while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        let Some(body) = bytes.get(end + 4..end + 4 + length) else { continue };
        let message = ExportTraceServiceRequest::decode(body).unwrap();
        let mut sent = sent.lock().await;
        let resources = message.resource_spans.iter().filter_map(|spans| spans.resource.clone());
        sent.resources.extend(resources.map(|resource| resource.attributes));
        let spans = message.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        sent.heads.push(head);
        sent.spans.extend(spans.flat_map(|scope| scope.spans));
        drop(sent);
        bytes.drain(..end + 4 + length);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    }
}

fn text(span: &Span, key: &str) -> Option<String> {
    text_of(&span.attributes, key)
}

fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    let value = attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value?;
    match value {
        Attribute::StringValue(text) => Some(text),
        Attribute::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_from_the_request_through_the_use_case_to_the_store() {
    let (address, sent) = collector().await;
    let place = Place::new()
        .with("DOORWARD_OTLP_ENDPOINT", format!("http://{address}"))
        .with("DOORWARD_OTLP_HEADERS", "x-tenant=doors")
        .with("DOORWARD_TRUSTED_PROXIES", "127.0.0.1/32");
    let service = place.start();
    service.banner();
    service.register(ADA, PASSWORD).await;
    let entry = json!({ "username": ADA, "password": PASSWORD });
    let login = Client::new()
        .post(service.url("/api/auth/login"))
        .header("x-request-id", "traced")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .json(&entry);
    assert_eq!(login.send().await.unwrap().status(), StatusCode::OK);
    let (status, _, log) = service.stop();
    assert!(status.success(), "{log}");

    let sent = sent.lock().await;
    assert!(sent.heads.iter().all(|head| head.starts_with("post /v1/traces ")), "{:?}", sent.heads);
    assert!(sent.heads.iter().all(|head| head.contains("x-tenant: doors")), "{:?}", sent.heads);
    let request =
        sent.spans.iter().find(|span| text(span, "request_id").as_deref() == Some("traced")).unwrap();
    assert_eq!(request.name, "POST /api/auth/login");
    assert_eq!(request.trace_id, hexadecimal("0af7651916cd43dd8448eb211c80319c"));
    assert_eq!(request.parent_span_id, hexadecimal("b7ad6b7169203331"));
    assert_eq!(text(request, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(text(request, "http.route").as_deref(), Some("/api/auth/login"));
    let ours: Vec<&Span> = sent.spans.iter().filter(|span| span.trace_id == request.trace_id).collect();
    let named = |name: &str| {
        let found = ours.iter().find(|span| span.name == name);
        *found
            .unwrap_or_else(|| panic!("{name}: {:?}", ours.iter().map(|span| &span.name).collect::<Vec<_>>()))
    };
    assert_eq!(named("sessions.login").parent_span_id, request.span_id);
    for inner in ["store.find_by_address", "passwords.verify", "store.open"] {
        assert_eq!(named(inner).parent_span_id, named("sessions.login").span_id, "{inner}");
    }
    let told = format!("{:?}", sent.spans);
    assert!(!told.contains(ADA) && !told.contains("horse"), "{told}");
}

fn hexadecimal(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_does_not_choose_the_trace_of_a_request() {
    let (address, sent) = collector().await;
    let place = Place::new().with("DOORWARD_OTLP_ENDPOINT", format!("http://{address}"));
    let service = place.start();
    service.banner();
    let probe = Client::new()
        .get(service.url("/api/user/me"))
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_eq!(probe.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    service.stop();
    let sent = sent.lock().await;
    let request = sent.spans.iter().find(|span| span.name == "GET /api/user/me").unwrap();
    assert_ne!(request.trace_id, hexadecimal("0af7651916cd43dd8448eb211c80319c"));
    assert_eq!(text(request, "error.type").as_deref(), Some("token_missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_costs_nobody_an_answer() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let place = Place::new().with("DOORWARD_OTLP_ENDPOINT", format!("http://{nobody}"));
    let service = place.start();
    service.banner();
    let probe = Client::new().get(service.url("/readyz")).timeout(Duration::from_secs(20));
    assert_eq!(probe.send().await.unwrap().status(), StatusCode::OK);
    let (status, _, log) = service.stop();
    assert!(status.success(), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_process_is_an_instance_of_its_own_and_may_be_told_more_of_itself() {
    let (address, sent) = collector().await;
    let place = Place::new()
        .with("DOORWARD_OTLP_ENDPOINT", format!("http://{address}"))
        .with("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    for _ in 0..2 {
        let service = place.start();
        service.banner();
        assert_eq!(service.me("-").await, StatusCode::UNAUTHORIZED);
        service.stop();
    }
    let sent = sent.lock().await;
    let mut instances = sent.of_resources("service.instance.id");
    instances.sort();
    instances.dedup();
    assert_eq!(instances.len(), 2, "{instances:?}");
    assert!(sent.of_resources("service.name").iter().all(|name| name == "doorward"));
    assert!(sent.of_resources("deployment.environment.name").iter().all(|name| name == "test"));
    assert_eq!(sent.of_resources("deployment.environment.name").len(), sent.resources.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_without_tls_needs_no_authorities_on_this_machine() {
    let (address, sent) = collector().await;
    let place = Place::new();
    let empty = place.file("empty.crt", "");
    let place = place
        .with("SSL_CERT_FILE", &empty)
        .with("SSL_CERT_DIR", "/nowhere")
        .with("DOORWARD_OTLP_ENDPOINT", format!("http://{address}"));
    let service = place.start();
    service.banner();
    assert_eq!(service.me("-").await, StatusCode::UNAUTHORIZED);
    let (status, _, log) = service.stop();
    assert!(status.success() && !sent.lock().await.spans.is_empty(), "{log}");
    let refused = place.with("DOORWARD_OTLP_ENDPOINT", "https://127.0.0.1:1").ends_with(1, &["serve"]).1;
    assert!(refused.contains("TLS for otlp_endpoint cannot be set up"), "{refused}");
}
