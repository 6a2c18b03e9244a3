//! Where a request comes from, which a client must not be able to make up (CWE-348).

use std::net::{IpAddr, SocketAddr};
use std::str;

use actix_http::{HttpMessage as _, Request};
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::web::Data;
use ipnet::IpNet;

use crate::HttpSettings;

/// The one header that counts, and only as far as trusted proxies have written it. Whoever honours several, or
/// `Forwarded` beside it, lets a client choose one that its proxy does not overwrite.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Networks of the proxies whose word counts.
pub(crate) struct TrustedProxies(pub(crate) Vec<IpNet>);

/// The client's address, IPv4 as such; `None` where the connection has no addresses.
pub(super) fn of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let trusted = request.app_data::<Data<TrustedProxies>>().map_or(&[][..], |proxies| &proxies.0);
    Some(client(peer, request.headers(), trusted))
}

/// The same for a request that no application has seen yet.
pub(crate) fn client_of(request: &Request, settings: &HttpSettings) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    Some(client(peer, request.headers(), &settings.trusted_proxies))
}

/// Whether a peer's word counts.
pub(crate) fn is_trusted(peer: IpAddr, proxies: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    proxies.iter().any(|network| network.contains(&peer))
}

/// Goes from the peer on towards the client, as long as a trusted proxy tells who the next one was: each writes down
/// whom it was asked by, to the right of what it was told.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let lines = headers.get_all(X_FORWARDED_FOR).rev();
    let mut told = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')).map_while(address);
    let mut client = peer.to_canonical();
    while is_trusted(client, trusted)
        && let Some(before) = told.next()
    {
        client = before;
    }
    client
}

/// An element of the header: an address, perhaps with a port. Some proxies write other things, such as `unknown`.
fn address(element: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(element).ok()?.trim_ascii();
    let address = text.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    const PEER: &str = "192.0.2.1";
    /// That peer alone.
    const PROXY: &str = "192.0.2.1/32";

    fn networks(networks: &[&str]) -> Vec<IpNet> {
        networks.iter().map(|network| network.parse().unwrap()).collect()
    }

    /// Whose request it is that comes from a peer with these lines.
    fn client_of(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        client(peer.parse().unwrap(), &headers, &networks(trusted)).to_string()
    }

    #[test]
    fn aut_16_without_a_trusted_proxy_nothing_that_a_request_says_counts() {
        let mut request = TestRequest::get().peer_addr(SocketAddr::new(PEER.parse().unwrap(), 4711));
        for name in ["x-forwarded-for", "forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "via"] {
            request = request.insert_header((name, "198.51.100.7"));
        }
        assert_eq!(of(&request.to_http_request()), Some(PEER.parse().unwrap()));
    }

    #[test]
    fn aut_16_a_trusted_proxy_is_heard_in_its_own_header_alone() {
        let proxies = || Data::new(TrustedProxies(networks(&[PROXY])));
        let peer = SocketAddr::new(PEER.parse().unwrap(), 4711);
        let request = || TestRequest::get().peer_addr(peer).app_data(proxies());
        for name in ["forwarded", "x-real-ip", "x-client-ip"] {
            let request = request().insert_header((name, "198.51.100.7")).to_http_request();
            assert_eq!(of(&request), Some(peer.ip()), "{name}");
        }
        let request = request().insert_header(("x-forwarded-for", "198.51.100.7")).to_http_request();
        assert_eq!(of(&request), Some("198.51.100.7".parse().unwrap()));
    }

    #[test]
    fn a_connection_without_addresses_has_none() {
        let request = TestRequest::get().insert_header(("x-forwarded-for", "198.51.100.7")).to_http_request();
        assert_eq!(of(&request), None);
    }

    #[test]
    fn aut_16_the_right_most_address_that_no_trusted_proxy_has_is_the_client() {
        let trusted = ["192.0.2.0/24", "2001:db8:1::/48"];
        for (lines, client) in [
            (&[][..], PEER),
            (&["198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
            (&["203.0.113.9,198.51.100.7,192.0.2.2"], "198.51.100.7"),
            (&["203.0.113.9, 198.51.100.7", "192.0.2.2", " 192.0.2.3 "], "198.51.100.7"),
            (&["2001:db8:2::1, 2001:db8:1::1, 192.0.2.2"], "2001:db8:2::1"),
            (&["192.0.2.9, 192.0.2.2"], "192.0.2.9"),
        ] {
            assert_eq!(client_of(PEER, lines, &trusted), client, "{lines:?}");
        }
    }

    #[test]
    fn aut_16_whoever_is_no_trusted_proxy_is_not_heard() {
        let told = ["192.0.2.2, 198.51.100.7"];
        assert_eq!(client_of("203.0.113.1", &told, &["192.0.2.0/24"]), "203.0.113.1");
        assert_eq!(client_of("2001:db8::1", &told, &["192.0.2.0/24"]), "2001:db8::1");
    }

    #[test]
    fn aut_16_what_is_no_address_ends_the_way_at_whom_it_came_from() {
        for nonsense in ["unknown", "", "_hidden", "203.0.113.9:", "203.0.113.9/8", "1.2.3", "fe80::1%eth0"] {
            let line = format!("198.51.100.7, {nonsense}, 192.0.2.2");
            assert_eq!(client_of(PEER, &[&line], &["192.0.2.0/24"]), "192.0.2.2", "{nonsense:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_FOR, HeaderValue::from_bytes(b"198.51.100.7, \xff").unwrap());
        let peer = PEER.parse().unwrap();
        assert_eq!(client(peer, &headers, &networks(&[PROXY])), peer);
    }

    #[test]
    fn a_port_does_not_belong_to_an_address() {
        for (told, client) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("[::ffff:198.51.100.7]:4711", "198.51.100.7"),
        ] {
            assert_eq!(client_of(PEER, &[told], &[PROXY]), client);
        }
    }

    #[test]
    fn an_ipv4_peer_of_an_ipv6_socket_is_one_of_ipv4() {
        assert_eq!(client_of("::ffff:192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(client_of("::ffff:192.0.2.1", &["198.51.100.7"], &["192.0.2.0/24"]), "198.51.100.7");
    }

    fn line() -> impl Strategy<Value = String> {
        let anybody = any::<IpAddr>().prop_map(|address| address.to_string());
        let element = prop_oneof![anybody, Just("192.0.2.2".to_owned()), "[ -~]{0,20}"];
        prop::collection::vec(element, 0..5).prop_map(|elements| elements.join(", "))
    }

    proptest! {
        #[test]
        fn aut_16_no_header_moves_a_client_that_no_trusted_proxy_brings(
            peer: IpAddr,
            lines in prop::collection::vec(line(), 0..4),
        ) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let peer = peer.to_string();
            let alone = client_of(&peer, &[], &[]);
            prop_assert_eq!(client_of(&peer, &lines, &[]), alone.clone());
            prop_assume!(alone != PEER);
            prop_assert_eq!(client_of(&peer, &lines, &[PROXY]), alone);
        }

        #[test]
        fn aut_16_nothing_that_a_client_sends_hides_the_address_that_a_proxy_adds(
            forged in prop::collection::vec(line(), 0..4),
            address: IpAddr,
            proxies in 0_usize..3,
        ) {
            let trusted = ["192.0.2.0/24"];
            let address = address.to_canonical().to_string();
            prop_assume!(!address.starts_with("192.0.2."));
            let added = [address.as_str(), "192.0.2.2", "192.0.2.3"];
            let mut joined = forged.join(",");
            let mut lines: Vec<&str> = forged.iter().map(String::as_str).collect();
            for hop in added.iter().take(proxies + 1) {
                lines.push(hop);
                joined = format!("{joined}, {hop}");
            }
            // Whether the proxies add a line or to the last one.
            prop_assert_eq!(client_of(PEER, &lines, &trusted), address.clone());
            prop_assert_eq!(client_of(PEER, &[&joined], &trusted), address);
        }
    }
}
