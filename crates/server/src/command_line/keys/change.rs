//! `doorward keys generate|rotate|retire`.

use super::{KeysFailed, as_it_is, rotation};
use crate::causes::with_causes;
use crate::command_line::terminal;
use crate::settings::Settings;
use crate::shared_keys::{Cost, Date, Retired, Rotated};

/// Makes a key that stands by.
pub(in crate::command_line) async fn generate(settings: &Settings) -> Result<(), KeysFailed> {
    let store = as_it_is(settings).await?;
    let key = rotation(settings, &store).generate(settings.token_algorithm).await?;
    store.close();
    terminal::say(&format!(
        "standby  {}  {}  {}\nIt signs after `doorward keys rotate`. Nodes with a directory of their own need this \
         file before that.\n",
        key.algorithm(),
        key.kid(),
        key.path().display()
    ))?;
    Ok(())
}

/// Has the standby key sign.
pub(in crate::command_line) async fn rotate(
    settings: &Settings,
    kid: Option<&str>,
    now: bool,
) -> Result<(), KeysFailed> {
    let store = as_it_is(settings).await?;
    let Rotated { new, old, halved, left } = rotation(settings, &store).rotate(kid, now).await?;
    store.close();
    terminal::say(&format!("active    {new}\n"))?;
    if let Some((old, end)) = old {
        let end = Date(end);
        terminal::say(&format!(
            "retiring  {old}\nWhat the old key has signed is good until {end} at the latest; then: doorward keys retire \
             {old}\nNodes with a directory of their own go on signing with the old key until it is rotated there.\n"
        ))?;
    }
    for kid in halved {
        terminal::say(&format!(
            "Of the earlier key {kid} the private half was still here; it is gone now.\n"
        ))?;
    }
    for why in left {
        terminal::complain(&format!("A key that signs no more is still here: {}", with_causes(&why)));
    }
    Ok(())
}

/// Ends a key.
pub(in crate::command_line) async fn retire(
    settings: &Settings,
    kid: &str,
    now: bool,
) -> Result<(), KeysFailed> {
    let store = as_it_is(settings).await?;
    let Retired { cost, left } = rotation(settings, &store).retire(kid, now).await?;
    store.close();
    let cost = match cost {
        Cost::Nothing => "No token of it is good any more.".to_owned(),
        Cost::Tokens(_) => "Whoever has a token of it has to log in again.".to_owned(),
    };
    terminal::say(&format!("retired  {kid}\n{cost}\n"))?;
    if let Some(why) = left {
        terminal::complain(&format!("Its file is used no more, but still there: {why}"));
    }
    Ok(())
}
