//! `GET /api/user/me` walked in this process: from a request that has been read to an answer that has not been written,
//! through all that the service has in between, and beside it a bare handler.

use actix_http::Request;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::Service;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Bytes;
use actix_web::{App, Error};
use criterion::{BatchSize, Criterion};
use doorward_bench::measure::{measure, require, runtime};
use doorward_bench::scene::{Answering, Scene};
use doorward_bench::{Trouble, floor};
use doorward_http::HttpSettings;
use doorward_http::bench::application;
use tokio::runtime::Runtime;

/// Requests that are made before so many are timed: few enough that actix-web has their heads at hand.
const AT_HAND: u64 = 64;

fn main() -> Result<(), Trouble> {
    measure(|criterion| {
        let runtime = runtime()?;
        let body = service(criterion, &runtime, "copies in the process", Answering::Copies)?;
        service(criterion, &runtime, "SQLite", Answering::Store)?;
        bare_handler(criterion, &runtime, &body)
    })
}

/// Answers the body of the document.
fn service(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    answering: Answering,
) -> Result<Bytes, Trouble> {
    let scene = runtime.block_on(Scene::open(answering))?;
    let service = runtime.block_on(application(scene.service.clone(), HttpSettings::default()));
    let service = service.ok_or("the application cannot be built")?;
    let bearer = format!("Bearer {}", scene.tokens.access);
    let request = || {
        let request = TestRequest::get().uri("/api/user/me");
        request.insert_header((AUTHORIZATION, bearer.as_str())).to_request()
    };
    let service = &service;
    let walk = move |request| async move { whole(service.call(request).await?.into_body()).await };
    let body = runtime.block_on(walk(request())).map_err(|error| error.to_string())?;
    require(body.starts_with(br#"{"status":true,"#), name)?;
    time(criterion, runtime, name, request, walk);
    Ok(body)
}

fn bare_handler(criterion: &mut Criterion, runtime: &Runtime, body: &Bytes) -> Result<(), Trouble> {
    let service = runtime.block_on(init_service(App::new().configure(floor::answering(body.clone()))));
    let request = || TestRequest::get().uri("/").to_request();
    let service = &service;
    let walk = move |request| async move { whole(service.call(request).await?.into_body()).await };
    let answered = runtime.block_on(walk(request())).map_err(|error| error.to_string())?;
    require(answered == *body, "a bare handler")?;
    time(criterion, runtime, "bare handler", request, walk);
    Ok(())
}

async fn whole(body: impl MessageBody) -> Result<Bytes, Error> {
    to_bytes(body).await.map_err(|error| actix_web::error::ErrorInternalServerError(error.into()))
}

fn time<F: Future<Output = Result<Bytes, Error>>>(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    request: impl Fn() -> Request,
    walk: impl Fn(Request) -> F,
) {
    criterion.bench_function(&format!("me/{name}"), |bencher| {
        let bencher = &mut bencher.to_async(runtime);
        bencher.iter_batched(&request, &walk, BatchSize::NumIterations(AT_HAND));
    });
}
