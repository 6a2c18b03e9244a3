//! The snippet of docs/clients.md. The address of the service may be given.

use doorward_client::requests::{AccountFields, Change, ProfileChange};
use doorward_client::{Client, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or("http://127.0.0.1:8080".into());
    let session = Client::new(&address)?.login("ada@example.com", "correct horse batt").await?;
    let city = ProfileChange { city: Change::Set("London".into()), ..Default::default() };
    // Whenever the access token has expired, the session refreshes and asks again.
    let user = session.update_me(AccountFields { profile: Change::Set(city), ..Default::default() }).await?;
    assert_eq!(user.profile.and_then(|profile| profile.city).as_deref(), Some("London"));
    session.logout().await
}
