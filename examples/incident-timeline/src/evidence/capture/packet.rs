//! A captured packet: a TCP segment, a UDP datagram, bytes of a serial link, or a kind that nobody reads.

use std::net::IpAddr;

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::Linktype;

use crate::place::Address;

/// The captured part of a packet.
pub(super) struct Captured<'a> {
    pub(super) t_us: i64,
    pub(super) bytes: &'a [u8],
    /// How much more there was on the wire.
    pub(super) cut_len: usize,
}

/// The parts of a packet that concern a TCP connection.
pub(super) struct TcpPacket<'a> {
    pub(super) source: Address,
    pub(super) destination: Address,
    pub(super) sequence: u32,
    pub(super) acknowledgment: Option<u32>,
    pub(super) is_syn: bool,
    pub(super) is_fin: bool,
    pub(super) is_rst: bool,
    pub(super) window: u16,
    pub(super) payload: &'a [u8],
    /// The length of the payload on the wire; the capture may have cut it.
    pub(super) payload_len: u32,
}

/// A UDP datagram.
pub(super) struct UdpPacket<'a> {
    pub(super) source: Address,
    pub(super) destination: Address,
    pub(super) payload: &'a [u8],
    /// Whether the capture cut it.
    pub(super) is_cut: bool,
    /// The number that its sender gave to the IP packet; IPv6 has none.
    pub(super) identification: Option<u16>,
}

/// A packet by its kind.
pub(super) enum Packet<'a> {
    Tcp(TcpPacket<'a>),
    Udp(UdpPacket<'a>),
    /// Bytes of a link type that users give their own meaning.
    Serial(&'a [u8]),
    /// A kind that is not read, by its name.
    Unread(String),
}

/// Linux cooked captures: the protocol is at the end of a header of 16 bytes, or at the beginning of one of 20.
const SLL_LEN: usize = 16;
const SLL2_LEN: usize = 20;
const SLL2: Linktype = Linktype(276);
/// Loopback captures of BSD: four bytes of address family before IP.
const LOOP_LEN: usize = 4;
/// The link types that users give their own meaning.
const USER: std::ops::RangeInclusive<i32> = 147..=162;

impl<'a> Packet<'a> {
    pub(super) fn read(link: Linktype, captured: &Captured<'a>) -> Self {
        let bytes = captured.bytes;
        let short = || Self::Unread("packets that are too short for their headers".to_owned());
        let sliced = match link {
            Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(bytes).ok(),
            Linktype::NULL | Linktype::LOOP => {
                bytes.get(LOOP_LEN..).and_then(|rest| LaxSlicedPacket::from_ip(rest).ok())
            }
            Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 => LaxSlicedPacket::from_ip(bytes).ok(),
            Linktype::LINUX_SLL => bytes.split_first_chunk::<SLL_LEN>().map(|(header, rest)| {
                let [.., high, low] = *header;
                LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes([high, low])), rest)
            }),
            SLL2 => bytes.split_first_chunk::<SLL2_LEN>().map(|(header, rest)| {
                let [high, low, ..] = *header;
                LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes([high, low])), rest)
            }),
            Linktype(user) if USER.contains(&user) => return Self::Serial(bytes),
            Linktype(other) => return Self::Unread(format!("link type {other}")),
        };
        sliced.map_or_else(short, |sliced| Self::of(&sliced, captured))
    }

    fn of(sliced: &LaxSlicedPacket<'a>, captured: &Captured<'a>) -> Self {
        let mut identification = None;
        let (source, destination, ip_payload_len) = match &sliced.net {
            Some(LaxNetSlice::Ipv4(ip)) => {
                let header = ip.header();
                let header_len = header.slice().len();
                identification = Some(header.identification());
                let (source, destination) = (header.source_addr(), header.destination_addr());
                // Offloaded segments are captured before their length is known: 0.
                let len = usize::from(header.total_len()).checked_sub(header_len);
                (IpAddr::V4(source), IpAddr::V4(destination), len)
            }
            Some(LaxNetSlice::Ipv6(ip)) => {
                let header = ip.header();
                let extensions_len = ip.extensions().slice().len();
                let (source, destination) = (header.source_addr(), header.destination_addr());
                let len = usize::from(header.payload_length()).checked_sub(extensions_len);
                (IpAddr::V6(source), IpAddr::V6(destination), len.filter(|len| *len > 0))
            }
            Some(LaxNetSlice::Arp(_)) => return Self::Unread("ARP".to_owned()),
            None => return Self::Unread(ether_type(sliced)),
        };
        match &sliced.transport {
            Some(TransportSlice::Tcp(tcp)) => {
                let payload = tcp.payload();
                let header_len = tcp.slice().len() - payload.len();
                let by_header = ip_payload_len.and_then(|len| len.checked_sub(header_len));
                // The header may promise more than was ever on the wire; then it is wrong, and nothing was cut.
                let cut_len =
                    by_header.unwrap_or(0).saturating_sub(payload.len()).min(captured.cut_len);
                Self::Tcp(TcpPacket {
                    source: Address { ip: source, port: tcp.source_port() },
                    destination: Address { ip: destination, port: tcp.destination_port() },
                    sequence: tcp.sequence_number(),
                    acknowledgment: tcp.ack().then(|| tcp.acknowledgment_number()),
                    is_syn: tcp.syn(),
                    is_fin: tcp.fin(),
                    is_rst: tcp.rst(),
                    window: tcp.window_size(),
                    payload,
                    payload_len: u32::try_from(payload.len() + cut_len).unwrap_or(u32::MAX),
                })
            }
            Some(TransportSlice::Udp(udp)) => {
                let payload = udp.payload();
                let len = usize::from(udp.length()).saturating_sub(8);
                Self::Udp(UdpPacket {
                    source: Address { ip: source, port: udp.source_port() },
                    destination: Address { ip: destination, port: udp.destination_port() },
                    payload,
                    is_cut: captured.cut_len > 0 && len > payload.len(),
                    identification,
                })
            }
            Some(TransportSlice::Igmp(_)) => Self::Unread("IGMP".to_owned()),
            Some(TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_)) => {
                Self::Unread("ICMP".to_owned())
            }
            None => Self::Unread(protocol(sliced)),
        }
    }
}

/// The name of what an Ethernet frame carries.
fn ether_type(sliced: &LaxSlicedPacket<'_>) -> String {
    let Some(payload) = sliced.ether_payload() else {
        return "packets that are too short for their headers".to_owned();
    };
    let EtherType(number) = payload.ether_type;
    match NAMES.iter().find(|(other, _)| *other == number) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("ethertype {number:04x}"),
    }
}

const NAMES: &[(u16, &str)] = &[
    (0x8892, "PROFINET (ethertype 8892)"),
    (0x88A4, "EtherCAT (ethertype 88a4)"),
    (0x88B8, "GOOSE (ethertype 88b8)"),
    (0x88BA, "sampled values (ethertype 88ba)"),
    (0x88CC, "LLDP (ethertype 88cc)"),
    (0x88F7, "PTP (ethertype 88f7)"),
];

/// The name of what an IP packet carries.
fn protocol(sliced: &LaxSlicedPacket<'_>) -> String {
    let Some(payload) = sliced.ip_payload() else {
        return "packets that are too short for their headers".to_owned();
    };
    if payload.fragmented {
        return "fragments of IP packets".to_owned();
    }
    match payload.ip_number.0 {
        4 | 41 => "IP in IP (a tunnel)".to_owned(),
        6 | 17 => "packets that are too short for their headers".to_owned(),
        47 => "GRE (a tunnel)".to_owned(),
        50 | 51 => "IPsec (a tunnel)".to_owned(),
        number => format!("IP protocol {number}"),
    }
}
