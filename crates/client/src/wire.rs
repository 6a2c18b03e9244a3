//! One request and its answer: the address, the envelope, the failure.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answers::{FieldFault, Page, StoreState};
use crate::error::{Error, ErrorCode, Refusal};
use crate::routes::Route;
use crate::secret::Secret;

/// What is asked.
#[derive(Clone)]
pub(crate) struct Ask<'a> {
    pub(crate) route: Route,
    /// What stands for `{…}` in the path.
    pub(crate) name: Option<&'a str>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) timeout: Option<Duration>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(route: Route) -> Self {
        Self { route, name: None, query: Vec::new(), body: None, timeout: None }
    }

    pub(crate) fn named(self, name: &'a str) -> Self {
        Self { name: Some(name), ..self }
    }

    pub(crate) fn query(self, query: Vec<(&'static str, String)>) -> Self {
        Self { query, ..self }
    }

    pub(crate) fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub(crate) fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }
}

/// Where the service is, and how it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
}

#[derive(Deserialize)]
struct Envelope<T> {
    results: T,
}

#[derive(Deserialize)]
struct ListEnvelope<T> {
    results: Vec<T>,
    page: PagePart,
}

#[derive(Deserialize)]
struct PagePart {
    limit: u16,
    next: Option<String>,
    total: Option<u64>,
}

#[derive(Deserialize)]
struct FailureEnvelope {
    message: String,
    results: FailureResults,
}

#[derive(Deserialize)]
struct FailureResults {
    code: ErrorCode,
    #[serde(default)]
    fields: Vec<FieldFault>,
    #[serde(default)]
    stores: Vec<StoreState>,
}

impl Wire {
    /// The `results` of an answer.
    pub(crate) async fn results<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        token: Option<&Secret>,
    ) -> Result<T, Error> {
        self.answer::<Envelope<T>>(ask, token).await.map(|envelope| envelope.results)
    }

    /// A page of a list.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        token: Option<&Secret>,
    ) -> Result<Page<T>, Error> {
        let ListEnvelope { results, page } = self.answer(ask, token).await?;
        Ok(Page { entries: results, limit: page.limit, next: page.next, total: page.total })
    }

    /// The whole body of an answer.
    pub(crate) async fn answer<T: DeserializeOwned>(
        &self,
        ask: Ask<'_>,
        token: Option<&Secret>,
    ) -> Result<T, Error> {
        let mut request = self.http.request(ask.route.method.clone(), self.url(&ask));
        if let Some(token) = token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        if let Some(timeout) = ask.timeout {
            request = request.timeout(timeout);
        }
        read(request.send().await?).await
    }

    fn url(&self, ask: &Ask<'_>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            let segments = ask.route.path.trim_start_matches('/').split('/');
            path.pop_if_empty();
            path.extend(segments.map(|segment| {
                if segment.starts_with('{') { ask.name.unwrap_or_default() } else { segment }
            }));
        }
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&ask.query);
        }
        url
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Error> {
    let status = response.status();
    let (request_id, retry_after) =
        (text(response.headers(), "x-request-id"), text(response.headers(), RETRY_AFTER.as_str()));
    let body = response.bytes().await?;
    let foreign = |request_id| Error::Foreign { status: status.as_u16(), request_id };
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|_| foreign(request_id));
    }
    let Ok(FailureEnvelope { message, results }) = serde_json::from_slice(&body) else {
        return Err(foreign(request_id));
    };
    Err(Error::Refused(Box::new(Refusal {
        status: status.as_u16(),
        code: results.code,
        message,
        fields: results.fields,
        stores: results.stores,
        retry_after: retry_after.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs),
        request_id,
    })))
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn a_name_is_one_segment_of_the_path_whatever_is_in_it() {
        for (base, name, url) in [
            ("http://h", "ada@example.com", "http://h/api/user/ada@example.com/sessions"),
            ("http://h/below/", "a/b?c#d@e.f", "http://h/below/api/user/a%2Fb%3Fc%23d@e.f/sessions"),
        ] {
            let wire = Wire { http: crate::http().build().unwrap(), base: base.parse().unwrap() };
            assert_eq!(wire.url(&Ask::new(routes::END_SESSIONS_OF).named(name)).as_str(), url);
        }
    }
}
