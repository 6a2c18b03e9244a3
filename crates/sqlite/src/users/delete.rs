//! Removing an account. Its addresses and sessions go with it: the tables say so.

use diesel::SqliteConnection;
use diesel::prelude::*;
use doorward_domain::port::DeleteUserError;
use doorward_domain::user::UserId;

use super::find;
use crate::error::Abort;
use crate::rows::Id;
use crate::schema::users;

pub(super) fn delete(connection: &mut SqliteConnection, id: UserId) -> Result<(), Abort<DeleteUserError>> {
    let had_admin = find::has_active_admin(connection)?;
    if diesel::delete(users::table.find(Id::from(id))).execute(connection)? == 0 {
        return Err(Abort::Refused(DeleteUserError::NotFound));
    }
    if had_admin && !find::has_active_admin(connection)? {
        return Err(Abort::Refused(DeleteUserError::LastAdmin));
    }
    Ok(())
}
