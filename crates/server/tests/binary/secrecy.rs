//! What the service says about people, at its most talkative: nothing that identifies or lets in.

use std::path::Path;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Doorward, Place, http};

const ADDRESS: &str = "marked.address@example.com";
const PASSWORD: &str = "marked-password-one";
const NEW_PASSWORD: &str = "marked-password-two";
const WRONG_PASSWORD: &str = "marked-password-wrong";

async fn ask(
    service: &Doorward,
    method: Method,
    path: &str,
    token: &str,
    body: Value,
) -> (StatusCode, Value) {
    let request = http().request(method, service.url(path)).bearer_auth(token).json(&body);
    let response = request.header("user-agent", "marked-agent").send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

fn tokens(body: &Value) -> [String; 2] {
    ["access_token", "refresh_token"].map(|name| body["results"][name].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn log_01_no_secret_and_no_address_is_logged_at_any_level() {
    for format in ["text", "json"] {
        let place = Place::new();
        let settings =
            [("DOORWARD_LOG_LEVEL", Path::new("trace")), ("DOORWARD_LOG_FORMAT", Path::new(format))];
        let service = place.start_with(&settings);
        service.banner();
        let mut secrets: Vec<String> =
            [ADDRESS, PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, "marked-agent", "$2b$"]
                .map(str::to_owned)
                .to_vec();

        let account = json!({ "username": ADDRESS, "password": PASSWORD, "password_confirm": PASSWORD });
        assert_eq!(ask(&service, Method::POST, "/api/user", "-", account.clone()).await.0, 201);
        assert_eq!(ask(&service, Method::POST, "/api/user", "-", account).await.0, 409);
        let wrong = json!({ "username": ADDRESS, "password": WRONG_PASSWORD });
        assert_eq!(ask(&service, Method::POST, "/api/auth/login", "-", wrong).await.0, 401);
        let right = json!({ "username": ADDRESS, "password": PASSWORD });
        let (status, body) = ask(&service, Method::POST, "/api/auth/login", "-", right).await;
        assert_eq!(status, 200);
        let [access, refresh] = tokens(&body);
        let change = json!({
            "current_password": PASSWORD, "password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD,
        });
        let (status, body) = ask(&service, Method::PUT, "/api/user/me/password", &access, change).await;
        assert_eq!(status, 200);
        secrets.extend(tokens(&body));
        let own = format!("/api/user/{ADDRESS}");
        assert_eq!(ask(&service, Method::GET, &own, &access, json!({})).await.0, 200);
        assert_eq!(ask(&service, Method::GET, "/api/refresh", &refresh, json!({})).await.0, 401);
        // SES-09: a spent token that comes again is told to the operator.
        service.log_with("token_reused");
        assert_eq!(ask(&service, Method::GET, "/api/user/me", "marked.bad.token", json!({})).await.0, 401);
        secrets.extend([access, refresh, "marked.bad.token".to_owned()]);

        let (_, stdout, stderr) = service.stop();
        assert!(stderr.contains("request_id"), "nothing was logged:\n{stderr}");
        for secret in secrets {
            assert!(!stdout.contains(&secret) && !stderr.contains(&secret), "{secret} was logged:\n{stderr}");
        }
    }
}
