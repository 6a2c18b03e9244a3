//! The outcomes of use cases as failures: the one table from domain to HTTP.

use doorward_domain::accounts::{DeleteError, ListError, MemberField, RegisterError, UpdateError, ViewError};
use doorward_domain::audit::AuditError;
use doorward_domain::port::{HasherError, SignError, StoreError};
use doorward_domain::sessions::{AuthenticateError, ChangePasswordError, EndError, LoginError, RefreshError};

use super::{ApiError, Code};

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Unavailable(_) => Code::Unavailable,
            StoreError::Broken(_) => Code::Internal,
        };
        Self::caused_by(code, error)
    }
}

impl From<HasherError> for ApiError {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Overloaded => Code::Overloaded.into(),
            HasherError::Broken(_) => Self::caused_by(Code::Internal, error),
        }
    }
}

impl From<SignError> for ApiError {
    fn from(error: SignError) -> Self {
        // A node whose key was retired under it has none until an operator gives it another.
        let code = match error.0.downcast_ref() {
            Some(StoreError::Unavailable(_)) => Code::Unavailable,
            _ => Code::Internal,
        };
        Self::caused_by(code, error)
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => Code::InvalidCredentials.into(),
            LoginError::TooMany(refusal) => Self::too_many(Code::TooManyAttempts, refusal),
            LoginError::AccountDisabled => Code::AccountDisabled.into(),
            LoginError::Hasher(error) => error.into(),
            LoginError::Sign(error) => error.into(),
            LoginError::Store(error) => error.into(),
        }
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Invalid => Code::TokenInvalid.into(),
            AuthenticateError::Expired => Code::TokenExpired.into(),
            AuthenticateError::WrongType => Code::WrongTokenType.into(),
            AuthenticateError::Revoked => Code::TokenRevoked.into(),
            AuthenticateError::Store(error) => error.into(),
        }
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => Code::TokenInvalid.into(),
            RefreshError::Expired => Code::TokenExpired.into(),
            RefreshError::WrongType => Code::WrongTokenType.into(),
            RefreshError::Revoked => Code::TokenRevoked.into(),
            RefreshError::Reused => Code::TokenReused.into(),
            RefreshError::Sign(error) => error.into(),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for ApiError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => Code::WrongPassword.into(),
            ChangePasswordError::TooMany(refusal) => Self::too_many(Code::TooManyAttempts, refusal),
            ChangePasswordError::Weak(weakness) => Self::field("password", weakness.to_string()),
            ChangePasswordError::Stale => Code::Conflict.into(),
            ChangePasswordError::SessionEnded => Code::TokenRevoked.into(),
            ChangePasswordError::Hasher(error) => error.into(),
            ChangePasswordError::Sign(error) => error.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Closed => Code::RegistrationClosed.into(),
            RegisterError::Held => Code::Unavailable.into(),
            RegisterError::Password(weakness) => Self::field("password", weakness.to_string()),
            RegisterError::AddressTaken => Code::UsernameTaken.into(),
            RegisterError::Hasher(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<ViewError> for ApiError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Forbidden => Code::Forbidden.into(),
            ViewError::NotFound => Code::UserNotFound.into(),
            ViewError::Store(error) => error.into(),
        }
    }
}

impl From<UpdateError> for ApiError {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::Forbidden => Code::Forbidden.into(),
            UpdateError::SessionEnded => Code::TokenRevoked.into(),
            UpdateError::NotFound => Code::UserNotFound.into(),
            UpdateError::PasswordRequired => {
                Self::field("current_password", "is needed to change the e-mail address")
            }
            UpdateError::WrongPassword => Code::WrongPassword.into(),
            UpdateError::TooMany(refusal) => Self::too_many(Code::TooManyAttempts, refusal),
            UpdateError::TooOften(refusal) => Self::too_many(Code::RateLimited, refusal),
            UpdateError::AddressTaken => Code::UsernameTaken.into(),
            UpdateError::LastAdmin => Code::LastAdmin.into(),
            UpdateError::Busy => Code::Conflict.into(),
            UpdateError::Hasher(error) => error.into(),
            UpdateError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteError> for ApiError {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::Forbidden => Code::Forbidden.into(),
            DeleteError::SessionEnded => Code::TokenRevoked.into(),
            DeleteError::NotFound => Code::UserNotFound.into(),
            DeleteError::LastAdmin => Code::LastAdmin.into(),
            DeleteError::Store(error) => error.into(),
        }
    }
}

impl From<EndError> for ApiError {
    fn from(error: EndError) -> Self {
        match error {
            EndError::Forbidden => Code::Forbidden.into(),
            EndError::SessionEnded => Code::TokenRevoked.into(),
            EndError::UserNotFound => Code::UserNotFound.into(),
            EndError::SessionNotFound => Code::SessionNotFound.into(),
            EndError::Store(error) => error.into(),
        }
    }
}

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Forbidden => Code::Forbidden.into(),
            AuditError::Store(error) => error.into(),
        }
    }
}

impl From<ListError> for ApiError {
    fn from(error: ListError) -> Self {
        let only_admins = |field| Self::field(field, "is for admins only");
        match error {
            ListError::Forbidden => Code::Forbidden.into(),
            ListError::NotForMembers(MemberField::Role) => only_admins("role"),
            ListError::NotForMembers(MemberField::Active) => only_admins("active"),
            ListError::NotForMembers(MemberField::SortByUsername) => {
                Self::field("sort", "sorting by username is for admins only")
            }
            ListError::Store(error) => error.into(),
        }
    }
}
