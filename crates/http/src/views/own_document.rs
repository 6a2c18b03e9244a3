//! The answer to whoever asks for their own account, which clients do more often than anything else.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use doorward_domain::user::{KeptDocument, UserDocument};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw, SecurityScheme};
use paperclip::v2::schema::Apiv2Schema;
use serde::ser::Error as _;

use super::UserView;
use super::envelope::Answer;
use crate::error::{ApiError, Code};

/// 200 with the document of the caller, byte for byte what `Answer<UserView>` says. It is written once as long as the copy
/// that was found of the document stays the same.
pub(crate) struct OwnDocument(pub(crate) Arc<KeptDocument>);

/// What stands around the document.
const HEAD: &[u8] = br#"{"status":true,"message":"Your account.","results":"#;
const TAIL: &[u8] = b"}";

fn write(document: &UserDocument) -> serde_json::Result<Vec<u8>> {
    let mut written = HEAD.to_vec();
    serde_json::to_writer(&mut written, &UserView::from(document))?;
    written.extend_from_slice(TAIL);
    Ok(written)
}

/// Adds the document alone, as [`UserView`] has it: it is written once for its owner and for all lists.
pub(super) fn write_alone(document: &KeptDocument, to: &mut Vec<u8>) -> serde_json::Result<()> {
    let written = document.written(write)?;
    let alone = written.strip_prefix(HEAD).and_then(|rest| rest.strip_suffix(TAIL));
    to.extend_from_slice(alone.ok_or_else(|| serde_json::Error::custom("a document without its envelope"))?);
    Ok(())
}

impl Responder for OwnDocument {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match self.0.written(write) {
            Ok(written) => {
                let json = header::HeaderValue::from_static("application/json");
                let mut response = HttpResponse::with_body(
                    actix_web::http::StatusCode::OK,
                    BoxBody::new(Bytes::from_owner(written)),
                );
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                response
            }
            Err(error) => HttpResponse::from_error(ApiError::caused_by(Code::Internal, error)),
        }
    }
}

impl Apiv2Schema for OwnDocument {}

/// To the API description it is what it stands for.
impl OperationModifier for OwnDocument {
    fn update_response(operation: &mut DefaultOperationRaw) {
        Answer::<UserView>::update_response(operation);
    }

    fn update_definitions(map: &mut BTreeMap<String, DefaultSchemaRaw>) {
        Answer::<UserView>::update_definitions(map);
    }

    fn update_security_definitions(_: &mut BTreeMap<String, SecurityScheme>) {}
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;
    use doorward_testkit::sample;

    use super::*;

    const MESSAGE: &str = "Your account.";

    async fn answered(answer: impl Responder) -> (String, Bytes) {
        let response = answer.respond_to(&TestRequest::get().to_http_request()).map_into_boxed_body();
        let head = format!("{:?}", (response.status(), response.headers()));
        (head, to_bytes(response.into_body()).await.ok().unwrap_or_default())
    }

    #[actix_web::test]
    async fn it_is_what_any_other_answer_with_the_document_would_be() {
        for user in [sample::user(1), sample::kucing_cakep(), sample::sari_lengkap()] {
            let other = answered(Answer::new(MESSAGE, UserView::from(&user))).await;
            let document = Arc::new(KeptDocument::from(user));
            for _ in 0..2 {
                assert!(answered(OwnDocument(document.clone())).await == other);
            }
            let mut alone = b"[".to_vec();
            write_alone(&document, &mut alone).unwrap();
            let view = serde_json::to_string(&UserView::from(&**document)).unwrap();
            assert_eq!(String::from_utf8(alone).unwrap(), format!("[{view}"));
        }
    }
}
