//! What the copies beside the stores are asked and told, on fakes.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

mod hanging_up;
mod identifying;
mod revoked;
mod scene;
mod telling;
mod told;
mod untold;

use std::sync::Arc;

use doorward_domain::Copies;
use doorward_domain::port::{MockSessionRepository, MockUserRepository, StoreError};
use doorward_domain::sessions::{Login, SessionPorts, SessionRules, Sessions};
use doorward_domain::token::Claims;
use doorward_testkit::fake::{MapDocuments, MapRevocations, Service, SpawnedTasks};

const ADA: &str = "ada@example.com";

/// A service that keeps copies, and the copies.
struct Node {
    service: Service,
    revocations: Arc<MapRevocations>,
    documents: Arc<MapDocuments>,
}

impl Node {
    /// Ada has an account here and is logged in, and nobody has asked for her yet.
    async fn with_ada() -> (Self, Login) {
        let service = Service::default();
        let revocations = Arc::new(MapRevocations::new(service.clock.clone()));
        let documents = Arc::new(MapDocuments::default());
        let copies = Copies {
            revocations: revocations.clone(),
            documents: documents.clone(),
            tasks: Arc::new(SpawnedTasks),
        };
        let node = Self { service: service.with_copies(copies), revocations, documents };
        node.service.member(ADA).await;
        let login = node.service.login(ADA).await;
        (node, login)
    }

    /// Ada is logged in, and what is shown to her comes from a copy.
    async fn with_ada_known() -> (Self, Login, Claims) {
        let (node, login) = Self::with_ada().await;
        let claims = node.service.caller(&login).await.claims;
        node.service.sessions.identify(&login.tokens.access).await.unwrap();
        assert!(node.knows(&login).await);
        (node, login, claims)
    }

    /// The sessions of a node that keeps the same copies, and whose stores fail the test when they are asked: a mock
    /// that expects nothing.
    fn without_a_store(&self) -> Sessions {
        self.on(MockSessionRepository::new())
    }

    /// The sessions of a node that keeps the same copies, and these sessions.
    fn on(&self, sessions: MockSessionRepository) -> Sessions {
        let users = Arc::new(MockUserRepository::new());
        let ports = SessionPorts { users, sessions: Arc::new(sessions), ..self.service.session_ports() };
        Sessions::new(ports, SessionRules::default())
    }

    /// Whether a copy answers to this token while the store is out of reach.
    async fn knows(&self, login: &Login) -> bool {
        let mut sessions = MockSessionRepository::new();
        sessions.expect_find_live().returning(|_, _| Err(out_of_reach()));
        self.on(sessions).identify(&login.tokens.access).await.is_ok()
    }
}

fn out_of_reach() -> StoreError {
    StoreError::Unavailable("the network is down".into())
}
