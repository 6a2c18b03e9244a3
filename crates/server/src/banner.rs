//! What a person sees when the service is up: where everything is, and, once, the first admin's password.

use std::net::SocketAddr;

use doorward_domain::user::Password;

use crate::first_admin::{FirstAdmin, NewAdmin};
use crate::listen::reachable;

/// The banner for a service that listens on `bound`, which is called by `scheme`.
pub(crate) fn text(scheme: &str, bound: SocketAddr, docs: bool, admin: &FirstAdmin) -> String {
    let base = format!("{scheme}://{}", reachable(bound));
    let mut lines = vec![
        format!("Doorward {} is ready.", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  API        {base}/api/"),
    ];
    if docs {
        lines.push(format!("  Try it     {base}/docs/"));
    }
    lines.push(format!("  Readiness  {base}/readyz"));
    match admin {
        FirstAdmin::There => {}
        FirstAdmin::Made(admin) => lines.extend(introduction(admin)),
        FirstAdmin::Missing(obstacle) => lines.extend([
            String::new(),
            format!("  {}: {obstacle}.", obstacle.means().to_uppercase()),
            "  To make one, with an address of your own: doorward admin create ADDRESS".to_owned(),
        ]),
    }
    lines.push(String::new());
    lines.push("Ctrl-C stops it.\n".to_owned());
    lines.join("\n")
}

fn introduction(admin: &NewAdmin) -> Vec<String> {
    let username = admin.address.as_str();
    match admin.chosen.as_ref().map(Password::reveal) {
        None => {
            vec![String::new(), format!("  The first admin is {username}, with the password from your file.")]
        }
        Some(password) => vec![
            String::new(),
            "  There was no admin yet, so here is the first one's account:".to_owned(),
            String::new(),
            format!("    username  {username}"),
            format!("    password  {password}"),
            String::new(),
            "  This password is shown only now; only its hash is kept. Keep it safe, or change it."
                .to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use doorward_domain::user::Email;

    use super::*;
    use crate::first_admin::Obstacle;

    fn admin(chosen: Option<&str>) -> FirstAdmin {
        FirstAdmin::Made(NewAdmin {
            address: Email::parse("admin@doorward.example").unwrap(),
            chosen: chosen.map(|text| Password::parse(text).unwrap()),
        })
    }

    #[test]
    fn a_first_start_tells_the_chosen_password_once() {
        let text = text("http", ([127, 0, 0, 1], 8080).into(), true, &admin(Some("open sesame please")));
        assert_eq!(text.matches("open sesame please").count(), 1);
        assert!(text.contains("admin@doorward.example") && text.contains("shown only now"));
    }

    #[test]
    fn a_password_from_a_file_is_not_told() {
        let text = text("http", ([127, 0, 0, 1], 8080).into(), true, &admin(None));
        assert!(text.contains("admin@doorward.example") && !text.contains("password  "));
    }

    #[test]
    fn a_service_without_an_admin_tells_how_to_make_one() {
        for (obstacle, means) in [
            (Obstacle::AddressTaken, "THERE IS NO ADMIN"),
            (Obstacle::Overload, "THERE IS NO ADMIN"),
            (Obstacle::Database, "THERE MAY BE NO ADMIN: the database did not answer."),
        ] {
            let text = text("http", ([127, 0, 0, 1], 8080).into(), true, &FirstAdmin::Missing(obstacle));
            assert!(text.contains(means) && text.contains("doorward admin create"), "{text}");
        }
    }

    #[test]
    fn the_urls_can_be_opened_as_they_stand() {
        let everywhere = text("http", ([0, 0, 0, 0], 80).into(), true, &FirstAdmin::There);
        assert!(everywhere.contains("http://127.0.0.1:80/docs/"));
        let six = text("https", (Ipv6Addr::UNSPECIFIED, 80).into(), false, &FirstAdmin::There);
        assert!(six.contains("https://[::1]:80/api/") && !six.contains("/docs/"));
    }
}
