//! Networks that requests come from.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Form, Kind};

/// Addresses and networks: a list in a file, a text with commas elsewhere.
pub(in crate::settings) struct Networks;

impl Kind for Networks {
    type Value = Vec<IpNet>;

    fn allowed(&self) -> String {
        "a list of addresses and networks such as 10.0.0.5, 10.1.0.0/16 or 2001:db8:1::/48".to_owned()
    }

    fn form(&self) -> Form {
        Form::List { pattern: "[0-9A-Fa-f:.]+(/[0-9]{1,3})?", none: "" }
    }

    fn read(&self, text: &str) -> Option<Vec<IpNet>> {
        parse(text).ok()
    }

    fn read_list(&self, items: &[String]) -> Option<Vec<IpNet>> {
        self.read(&items.join(","))
    }

    fn reason(&self, text: &str) -> Option<String> {
        parse(text).err().flatten().map(str::to_owned)
    }
}

/// What is wrong, where more can be said than what a network should look like.
fn parse(text: &str) -> Result<Vec<IpNet>, Option<&'static str>> {
    if text.is_empty() { Ok(Vec::new()) } else { text.split(',').map(|item| network(item.trim())).collect() }
}

fn network(text: &str) -> Result<IpNet, Option<&'static str>> {
    let address = text.parse().map(|address: IpAddr| IpNet::from(address));
    let network = address.or_else(|_| text.parse()).map_err(|_| None)?;
    match network {
        _ if network.prefix_len() == 0 => {
            Err(Some("0.0.0.0/0 and ::/0 are everybody, and then every client could forge its address"))
        }
        _ if is_too_wide(network) => Err(Some(
            "a network wider than /8, or /16 of IPv6, is not one of proxies alone, and every other machine in it could \
             forge its address",
        )),
        _ if network != network.trunc() => Err(Some("the address of a network ends with its prefix")),
        // Such an address is compared as the one of IPv4 that it is.
        IpNet::V6(network) if network.addr().to_ipv4_mapped().is_some() => {
            Err(Some("addresses of IPv4 are written without ::ffff:"))
        }
        _ => Ok(network),
    }
}

/// Whether so many addresses belong to the proxies of nobody. Those of private networks are one's own (RFC 4193).
fn is_too_wide(network: IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() < 8,
        IpNet::V6(network) => network.prefix_len() < if network.addr().is_unique_local() { 7 } else { 16 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    fn read(text: &str) -> Vec<String> {
        Networks.read(text).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_address_is_a_network_of_its_own() {
        assert_eq!(
            read("10.0.0.5, 10.1.0.0/16,2001:db8::1"),
            ["10.0.0.5/32", "10.1.0.0/16", "2001:db8::1/128"]
        );
        assert_eq!(read(""), Vec::<String>::new());
        assert_eq!(read("10.0.0.0/8,2001::/16,fd00::/8"), ["10.0.0.0/8", "2001::/16", "fd00::/8"]);
        assert_eq!(Networks.read_list(&[]), Some(Vec::new()));
        let items = ["127.0.0.0/8", "::1"].map(str::to_owned);
        assert_eq!(Networks.read_list(&items), Networks.read("127.0.0.0/8,::1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let wrong =
            ["*", "all", "proxy.internal", "10.0.0", "10.0.0.0/33", "10.0.0.5:80", "10.0.0.5,", "[::1]"];
        assert_eq!(taken(&Networks, &wrong), Vec::<String>::new());
    }

    #[test]
    fn aut_16_nobody_can_trust_everybody() {
        for (text, reason) in [
            ("0.0.0.0/0", "could forge its address"),
            ("10.0.0.5, ::/0", "could forge its address"),
            ("0.0.0.0/1, 128.0.0.0/1", "every other machine in it could forge its address"),
            ("10.0.0.0/7", "wider than /8"),
            ("2000::/3", "wider than /8, or /16 of IPv6"),
            ("10.0.0.5/8", "ends with its prefix"),
            ("::ffff:10.0.0.5", "without ::ffff:"),
            ("::ffff:10.0.0.0/104", "without ::ffff:"),
        ] {
            assert_eq!(Networks.read(text), None, "{text}");
            let told = Networks.reason(text).unwrap();
            assert!(told.contains(reason), "{text}: {told}");
        }
        assert_eq!(Networks.reason("proxy.internal"), None);
    }
}
