//! A proxy between a client and PostgreSQL that lets things go wrong at a chosen moment, as they do on CockroachDB.
//!
//! It understands the protocol: it knows which statement is carried out when a prepared one is named, how each
//! transaction stands, and which answer belongs to which request. It passes on one request at a time, also when a
//! client sends several without waiting; a client sees no difference. TLS is declined, and `COPY … FROM STDIN` is not
//! understood.
//!
//! ```no_run
//! # async fn example(database: doorward_testkit::postgres::TestDatabase) {
//! use doorward_testkit::fault_proxy::{Action, FaultProxy, Moment, Rule, fault};
//!
//! let proxy = FaultProxy::before(database.server().address()).await;
//! let url = database.url_through(proxy.address());
//! // … open the adapter on `url`, then:
//! let lost = proxy.on(Moment::commit(), Action::cut().carried_out());
//! let retry = Action::fail(fault::retry_write_too_old());
//! proxy.add(Rule::new(Moment::statement().nth(2), retry).times(3));
//! // … call the adapter, then:
//! assert_eq!(lost.followed(), 1);
//! assert_eq!(proxy.log().rollbacks(), 3);
//! # }
//! ```

mod action;
mod chance;
mod connection;
mod conversation;
mod effect;
mod exchange;
pub mod fault;
mod gate;
mod log;
mod message;
mod moment;
mod open;
mod proxy;
mod request;
mod rule;
mod rules;
mod shared;
mod soak;
mod start_up;
mod wire;

pub use action::Action;
pub use fault::Fault;
pub use gate::Gate;
pub use log::{Log, Statement};
pub use moment::Moment;
pub use proxy::FaultProxy;
pub use rule::Rule;
pub use rules::RuleHandle;
