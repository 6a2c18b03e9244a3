//! Certificates and keys from files, for TLS to clients and to stores.
