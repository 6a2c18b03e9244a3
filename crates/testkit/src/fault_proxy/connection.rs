//! One client's connection, from being accepted to its end.

use tokio::net::TcpStream;
use tokio::select;

use super::conversation::Conversation;
use super::effect::{Effect, Ending};
use super::message::{self, Status};
use super::moment::{Deed, Occasion};
use super::open::Open;
use super::start_up::{self, Greeting};
use super::wire::Wire;

/// Serves a client until its connection ends.
pub(super) async fn serve(open: Open, stream: TcpStream) {
    let Ok(mut client) = Wire::new(stream) else { return };
    // The server's end is dropped first: a client that sees the cut finds the server told of it.
    let ending = select! {
        biased;
        ending = open.until_cut() => ending,
        ending = converse(&open, &mut client) => ending,
    };
    match ending {
        Ending::Reset => {
            // Where the client was quicker, there is nothing left to cut.
            let _ = client.reset();
        }
        Ending::Close => {
            let finished = client.finish().await;
            drop(open);
            if finished.is_ok() {
                // A socket that is dropped with something unread in it loses what was sent.
                client.until_gone().await;
            }
        }
    }
}

/// Everything from the first packet to the reason why it ends.
async fn converse(open: &Open, client: &mut Wire) -> Ending {
    match begin(open, client).await {
        Ok((server, status)) => Conversation::new(open, client, server, status).until_its_end().await,
        Err(ending) => ending,
    }
}

/// Brings client and server together, or does what a rule says.
async fn begin(open: &Open, client: &mut Wire) -> Result<(Wire, Status), Ending> {
    let address = &open.shared.server;
    let packet = match start_up::greeting(client).await? {
        Greeting::Conversation(packet) => packet,
        Greeting::Cancel(packet) => {
            start_up::server(address, &packet).await?.until_gone().await;
            return Err(Ending::Close);
        }
    };
    let connecting = Occasion { deed: Deed::Connecting, text: "", status: Status::Idle, place: 0 };
    if let Some(due) = open.shared.rules.due(&connecting) {
        due.done();
        match due.action.effect {
            Effect::Fail(fault) | Effect::FailBehind(fault) => {
                client.send(&message::error(&fault)).await?;
                return Err(Ending::Close);
            }
            Effect::Other(event) => event.befall(client).await?,
        }
    }
    let mut server = start_up::server(address, &packet).await?;
    let status = start_up::introduce(client, &mut server).await?;
    Ok((server, status))
}
