//! A typed client of Doorward's REST API.
