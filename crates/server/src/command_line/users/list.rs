//! `doorward users list`: a line an account.

use std::io;
use std::num::NonZeroUsize;

use clap::Args;
use doorward_domain::port::{Direction, Position, SortKey, UserFilter, UserQuery};
use doorward_domain::user::{Role, UserDocument, UserTypeName};

use super::{Output, UsersFailed};
use crate::command_line::terminal;
use crate::settings::Settings;
use crate::shared_keys::Date;
use crate::store::{Opening, Store};

/// How many accounts are read at a time: memory does not grow with the list.
const PAGE: usize = 500;

/// Which accounts. All that is given must hold.
#[derive(Args)]
pub(in crate::command_line) struct ListArguments {
    /// Whose full name, username or e-mail address begins with this
    #[arg(short, long)]
    query: Option<String>,
    /// user or admin
    #[arg(long)]
    role: Option<Role>,
    /// Open accounts alone, or closed ones
    #[arg(long)]
    active: Option<bool>,
    /// streamer or seller
    #[arg(long)]
    user_type: Option<UserTypeName>,
    /// Most accounts
    #[arg(long, value_name = "COUNT")]
    limit: Option<NonZeroUsize>,
    /// How they are written
    #[arg(long, value_enum, default_value_t = Output::Table)]
    format: Output,
}

/// Lists accounts by username, for as long as somebody reads.
pub(super) async fn list(settings: &Settings, arguments: ListArguments) -> Result<(), UsersFailed> {
    let store = Store::open_in_settings(settings, Opening::as_it_is(settings)).await?;
    let listed = walk(&store, arguments).await;
    store.close();
    listed
}

async fn walk(store: &Store, arguments: ListArguments) -> Result<(), UsersFailed> {
    let ListArguments { query, role, active, user_type, limit, format } = arguments;
    let filter = UserFilter {
        name_prefix: query,
        prefix_of_address: true,
        role,
        active,
        user_type,
        ..UserFilter::default()
    };
    let (mut after, mut left) = (None, limit.map_or(usize::MAX, NonZeroUsize::get));
    let mut head = if format == Output::Table { head() } else { String::new() };
    while left > 0 {
        let (sort, direction) = (SortKey::Username, Direction::Ascending);
        let page = UserQuery { filter: filter.clone(), sort, direction, after, limit: left.min(PAGE) };
        let users = store.users.list(&page).await?;
        let mut text = std::mem::take(&mut head);
        for user in &users {
            match format {
                Output::Table => text.push_str(&line(user)),
                Output::Json => {
                    text.push_str(&doorward_http::exchange::document_as_json(user)?);
                    text.push('\n');
                }
            }
        }
        if terminal::say_on(&mut io::stdout(), &text)?.is_break() || users.len() < page.limit {
            break;
        }
        left -= users.len();
        after = users.last().map(|last| Position::after(last, sort));
    }
    Ok(())
}

fn head() -> String {
    format!("{:<5}  {:<6}  {:<20}  {:<20}  USERNAME\n", "ROLE", "ACTIVE", "CREATED", "LAST LOGIN")
}

fn line(user: &UserDocument) -> String {
    let last_login = user.last_login.map_or_else(|| "-".to_owned(), |at| Date(at).to_string());
    let active = if user.active { "yes" } else { "no" };
    let also =
        if user.email == user.username { String::new() } else { format!("  ({})", user.email.as_str()) };
    format!(
        "{:<5}  {active:<6}  {:<20}  {last_login:<20}  {}{also}\n",
        user.role.as_str(),
        Date(user.created_at).to_string(),
        user.username.as_str()
    )
}
