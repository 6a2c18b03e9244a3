//! Counts requests for whoever watches over the service, a meter a worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::journal::{Entry, Outcome};

/// What a route is called that there is none of.
const NO_ROUTE: &str = "none";

/// What OpenTelemetry calls a method that nobody serves.
pub(super) const OTHER: &str = "_OTHER";

/// What came of these is counted by name.
const OUTCOMES: &[(&str, &str, &str)] = &[
    ("POST", "/api/auth/login", "doorward_logins_total"),
    ("GET", "/api/auth/refresh", "doorward_refreshes_total"),
    ("POST", "/api/auth/refresh", "doorward_refreshes_total"),
    ("POST", "/api/user", "doorward_registrations_total"),
];

/// The counters of a worker. Finding one by its labels takes longer than counting, so that those found are kept.
pub(super) struct Meter {
    routes: RefCell<HashMap<String, Vec<Operation>>>,
    failures: RefCell<HashMap<Outcome, Counter>>,
    in_flight: Gauge,
}

/// A method of a route.
struct Operation {
    method: &'static str,
    duration: Histogram,
    answers: Vec<(StatusCode, Counter)>,
    outcomes: Option<Outcomes>,
}

struct Outcomes {
    name: &'static str,
    counters: HashMap<Option<Outcome>, Counter>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self {
            routes: RefCell::default(),
            failures: RefCell::default(),
            in_flight: gauge!("doorward_http_requests_in_flight"),
        }
    }

    /// A request is being answered until what this returns is dropped.
    pub(super) fn begin(self: &Rc<Self>) -> InFlight {
        self.in_flight.increment(1.0);
        InFlight(self.clone())
    }

    pub(super) fn count(&self, entry: &Entry<'_>) {
        let code = entry.failure.map(|(code, _)| code);
        let route = entry.route.unwrap_or(NO_ROUTE);
        let mut routes = self.routes.borrow_mut();
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), Vec::new());
        }
        if let Some(operations) = routes.get_mut(route) {
            operation(operations, route, method_name(entry.method)).count(
                route,
                entry.status,
                code,
                entry.elapsed,
            );
        }
        if let Some(code) = code {
            let mut failures = self.failures.borrow_mut();
            let new = || counter!("doorward_http_failures_total", "code" => code.name());
            failures.entry(code).or_insert_with(new).increment(1);
        }
    }
}

/// A request that is being answered, until this is dropped.
pub(super) struct InFlight(Rc<Meter>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.decrement(1.0);
    }
}

fn operation<'a>(operations: &'a mut Vec<Operation>, route: &str, method: &'static str) -> &'a mut Operation {
    let found = operations.iter().position(|operation| operation.method == method);
    let place = found.unwrap_or_else(|| {
        operations.push(Operation::new(route, method));
        operations.len() - 1
    });
    #[expect(clippy::indexing_slicing, reason = "it was found or made there")]
    &mut operations[place]
}

impl Operation {
    fn new(route: &str, method: &'static str) -> Self {
        let counted = |row: &&(&str, &str, &str)| row.0 == method && row.1 == route;
        Self {
            method,
            duration: histogram!(
                "doorward_http_request_duration_seconds",
                "method" => method,
                "route" => route.to_owned()
            ),
            answers: Vec::new(),
            outcomes: OUTCOMES
                .iter()
                .find(counted)
                .map(|(_, _, name)| Outcomes { name, counters: HashMap::new() }),
        }
    }

    fn count(&mut self, route: &str, status: StatusCode, code: Option<Outcome>, elapsed: Duration) {
        self.duration.record(elapsed);
        if let Some((_, answers)) = self.answers.iter().find(|(other, _)| *other == status) {
            answers.increment(1);
        } else {
            let answers = counter!(
                "doorward_http_requests_total",
                "method" => self.method,
                "route" => route.to_owned(),
                "status" => status.as_str().to_owned()
            );
            answers.increment(1);
            self.answers.push((status, answers));
        }
        if let Some(Outcomes { name, counters }) = &mut self.outcomes {
            let outcome = code.map_or("ok", Outcome::name);
            let new = || counter!(*name, "outcome" => outcome);
            counters.entry(code).or_insert_with(new).increment(1);
        }
    }
}

/// A method that nobody serves is as good as any other: a client must not make a row for each word it thinks of.
pub(super) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => OTHER,
    }
}
