//! Packets that no lane reads: counted by their names, and told before the findings, so that a recording with them does not pass for healthy.

use std::collections::HashMap;
use std::rc::Rc;

/// Parts of an evidence that were not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) source: Rc<str>,
    /// The name of these packets: a port, a link type, a protocol.
    pub(crate) what: String,
    /// How many packets there were.
    pub(crate) packets: u64,
    /// The option with which these packets could be read.
    pub(crate) hint: Option<String>,
}

/// Counts of what is not read. Names beyond a limit are counted together.
#[derive(Debug, Default)]
pub(crate) struct UnreadCounts {
    counts: HashMap<String, u64>,
    others: u64,
    ports: HashMap<Port, PortCounts>,
}

/// A port of a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Port {
    pub(crate) transport: &'static str,
    pub(crate) port: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct PortCounts {
    packets: u64,
    alike: u64,
}

const NAMES_MAX: usize = 64;
const PORTS_MAX: usize = 4096;
/// So many ports are named.
const PORTS_SHOWN: usize = 6;
/// So many packets that look alike are no accident.
const ALIKE_MIN: u64 = 4;

impl UnreadCounts {
    /// A packet of this kind.
    pub(crate) fn packet(&mut self, what: String) {
        if self.counts.len() < NAMES_MAX || self.counts.contains_key(&what) {
            *self.counts.entry(what).or_default() += 1;
        } else {
            self.others += 1;
        }
    }

    /// A packet with data between two ports that nobody listens to, and whether it looks like what could be read. The lower port is the
    /// server's most often.
    pub(crate) fn port(&mut self, transport: &'static str, ports: [u16; 2], is_alike: bool) {
        let port = Port { transport, port: ports.into_iter().min().unwrap_or(0) };
        if self.ports.len() < PORTS_MAX || self.ports.contains_key(&port) {
            let counts = self.ports.entry(port).or_default();
            counts.packets += 1;
            counts.alike += u64::from(is_alike);
        } else {
            self.others += 1;
        }
    }

    /// All of it: first what looks as if it could be read, then the most frequent.
    pub(crate) fn told(&self, source: &Rc<str>) -> Vec<Unread> {
        let unread = |what, packets, hint| Unread { source: source.clone(), what, packets, hint };
        let mut told = Vec::new();
        let mut others: HashMap<&str, Vec<(u16, u64)>> = HashMap::new();
        for (Port { transport, port }, counts) in &self.ports {
            if counts.alike >= ALIKE_MIN && counts.alike * 2 > counts.packets {
                let what = format!("{transport} port {port}, which looks like Modbus");
                told.push(unread(what, counts.packets, Some(format!("--port {port}"))));
            } else {
                others.entry(transport).or_default().push((*port, counts.packets));
            }
        }
        for (transport, mut ports) in others {
            ports.sort_by_key(|(port, packets)| (std::cmp::Reverse(*packets), *port));
            let packets = ports.iter().map(|(_, packets)| packets).sum();
            let shown: Vec<String> =
                ports.iter().take(PORTS_SHOWN).map(|(port, _)| port.to_string()).collect();
            let more = if ports.len() > PORTS_SHOWN { ", ..." } else { "" };
            let noun = if ports.len() == 1 { "port" } else { "ports" };
            told.push(unread(
                format!("{transport} {noun} {}{more}", shown.join(", ")),
                packets,
                None,
            ));
        }
        for (what, packets) in &self.counts {
            told.push(unread(what.clone(), *packets, None));
        }
        if self.others > 0 {
            told.push(unread("of other kinds".to_owned(), self.others, None));
        }
        told.sort_by(|a, b| {
            (a.hint.is_none(), b.packets, &a.what).cmp(&(b.hint.is_none(), a.packets, &b.what))
        });
        told
    }
}
