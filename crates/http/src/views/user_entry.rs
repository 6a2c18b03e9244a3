//! A user in a list: whole for an admin, in public for a member.

use std::sync::Arc;

use doorward_domain::user::{KeptDocument, Profile, Role, User, UserDocument};
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use serde::{Serialize, Serializer};

use super::View;
use super::document::{EXAMPLE_ID, UserTypesView, UserView, example_channel, texts, written};
use super::own_document::write_alone;

/// A user in a list: whole for an admin, the public part for a member.
pub(crate) enum UserEntry {
    Whole(Arc<KeptDocument>),
    Public(PublicUserView),
}

impl UserEntry {
    /// `user` as `caller` may see them in a list.
    pub(crate) fn for_caller(user: Arc<KeptDocument>, caller: &User) -> Self {
        match caller.role {
            Role::Admin => Self::Whole(user),
            Role::User => Self::Public(PublicUserView::from(&**user)),
        }
    }
}

impl Serialize for UserEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(user) => UserView::from(&***user).serialize(serializer),
            Self::Public(user) => user.serialize(serializer),
        }
    }
}

/// Paperclip has no alternatives: the description's pass puts both in.
impl paperclip::v2::schema::Apiv2Schema for UserEntry {
    fn name() -> Option<String> {
        Some("UserEntry".to_owned())
    }

    fn raw_schema() -> DefaultSchemaRaw {
        <PublicUserView as paperclip::v2::schema::Apiv2Schema>::raw_schema()
    }
}

impl View for UserEntry {
    const LIST: &'static str = "Users.";

    fn example() -> Self {
        Self::Public(PublicUserView::example())
    }

    fn write(&self, to: &mut Vec<u8>) -> serde_json::Result<()> {
        match self {
            Self::Whole(user) => write_alone(user, to),
            Self::Public(user) => user.write(to),
        }
    }
}

/// A user, as other members see it: no address, no role, no times.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "PublicUser")]
pub(crate) struct PublicUserView {
    /// Never changes.
    id: String,
    /// streamer or seller: which user type is shown first.
    default_user_type: Option<String>,
    profile: Option<PublicProfileView>,
    user_type: UserTypesView,
    /// Titles, upper-case, once each.
    played_games: Vec<String>,
}

#[derive(Serialize, Apiv2Schema)]
struct PublicProfileView {
    fullname: Option<String>,
}

impl From<&UserDocument> for PublicUserView {
    fn from(user: &UserDocument) -> Self {
        let fullname = |profile: &Profile| PublicProfileView { fullname: written(profile.fullname.as_ref()) };
        Self {
            id: user.id.to_string(),
            default_user_type: user.default_user_type.map(|name| name.to_string()),
            profile: user.profile.as_ref().map(fullname),
            user_type: UserTypesView::from(&user.user_types),
            played_games: texts(user.played_games.titles()),
        }
    }
}

impl View for PublicUserView {
    fn example() -> Self {
        Self {
            id: EXAMPLE_ID.into(),
            default_user_type: Some("streamer".into()),
            profile: Some(PublicProfileView { fullname: Some("Kucing Cakep".into()) }),
            user_type: UserTypesView { streamer: Some(example_channel()), seller: None },
            played_games: vec!["MOBILE LEGENDS".into()],
        }
    }
}
