//! What a person sees when the service is up: where everything is, and, once, the first admin's password.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use doorward_domain::user::Password;

use crate::first_admin::FirstAdmin;

/// The banner for a service that listens on `bound`.
pub(crate) fn text(bound: SocketAddr, docs: bool, admin: Option<&FirstAdmin>) -> String {
    let base = format!("http://{}", reachable(bound));
    let mut lines = vec![
        format!("Doorward {} is ready.", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  API        {base}/api/"),
    ];
    if docs {
        lines.push(format!("  Try it     {base}/docs/"));
    }
    lines.push(format!("  Readiness  {base}/readyz"));
    if let Some(admin) = admin {
        lines.push(String::new());
        lines.extend(introduction(admin));
    }
    lines.push(String::new());
    lines.push("Ctrl-C stops it.\n".to_owned());
    lines.join("\n")
}

fn introduction(admin: &FirstAdmin) -> Vec<String> {
    let username = admin.address.as_str();
    match admin.chosen.as_ref().map(Password::reveal) {
        None => vec![format!("  The first admin is {username}, with the password from your file.")],
        Some(password) => vec![
            "  There was no account yet, so here is the first admin's:".to_owned(),
            String::new(),
            format!("    username  {username}"),
            format!("    password  {password}"),
            String::new(),
            "  This password is shown only now; only its hash is kept. Keep it safe, or change it."
                .to_owned(),
        ],
    }
}

/// `0.0.0.0` and `[::]` are no addresses that a browser can open.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let host = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(host, bound.port())
}

#[cfg(test)]
mod tests {
    use doorward_domain::user::Email;

    use super::*;

    fn admin(chosen: Option<&str>) -> FirstAdmin {
        FirstAdmin {
            address: Email::parse("admin@doorward.example").unwrap(),
            chosen: chosen.map(|text| Password::parse(text).unwrap()),
        }
    }

    #[test]
    fn a_first_start_tells_the_chosen_password_once() {
        let text = text(([127, 0, 0, 1], 8080).into(), true, Some(&admin(Some("open sesame please"))));
        assert_eq!(text.matches("open sesame please").count(), 1);
        assert!(text.contains("admin@doorward.example") && text.contains("shown only now"));
    }

    #[test]
    fn a_password_from_a_file_is_not_told() {
        let text = text(([127, 0, 0, 1], 8080).into(), true, Some(&admin(None)));
        assert!(text.contains("admin@doorward.example") && !text.contains("password  "));
    }

    #[test]
    fn the_urls_can_be_opened_as_they_stand() {
        let everywhere = text(([0, 0, 0, 0], 80).into(), true, None);
        assert!(everywhere.contains("http://127.0.0.1:80/docs/"));
        let six = text((Ipv6Addr::UNSPECIFIED, 80).into(), false, None);
        assert!(six.contains("http://[::1]:80/api/") && !six.contains("/docs/"));
    }
}
