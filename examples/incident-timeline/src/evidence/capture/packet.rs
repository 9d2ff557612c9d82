//! The TCP segment in a captured packet.

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
    pub(super) payload: &'a [u8],
    /// The length of the payload on the wire; the capture may have cut it.
    pub(super) payload_len: u32,
}

/// Linux cooked captures: the protocol is at the end of a header of 16 bytes, or at the beginning of one of 20.
const SLL_LEN: usize = 16;
const SLL2_LEN: usize = 20;
const SLL2: Linktype = Linktype(276);
/// Loopback captures of BSD: four bytes of address family before IP.
const LOOP_LEN: usize = 4;

impl<'a> TcpPacket<'a> {
    /// Nothing for packets of other protocols, and for fragments.
    pub(super) fn read(link: Linktype, captured: &Captured<'a>) -> Option<Self> {
        let bytes = captured.bytes;
        let sliced = match link {
            Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(bytes).ok()?,
            Linktype::NULL | Linktype::LOOP => {
                LaxSlicedPacket::from_ip(bytes.get(LOOP_LEN..)?).ok()?
            }
            Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 => {
                LaxSlicedPacket::from_ip(bytes).ok()?
            }
            Linktype::LINUX_SLL => {
                let (header, rest) = bytes.split_first_chunk::<SLL_LEN>()?;
                let [.., high, low] = *header;
                LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes([high, low])), rest)
            }
            SLL2 => {
                let (header, rest) = bytes.split_first_chunk::<SLL2_LEN>()?;
                let [high, low, ..] = *header;
                LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes([high, low])), rest)
            }
            _ => return None,
        };
        let TransportSlice::Tcp(tcp) = sliced.transport? else {
            return None;
        };
        let (source, destination, ip_payload_len) = match sliced.net? {
            LaxNetSlice::Ipv4(ip) => {
                let header = ip.header();
                let header_len = header.slice().len();
                let (source, destination) = (header.source_addr(), header.destination_addr());
                // Offloaded segments are captured before their length is known: 0.
                let len = usize::from(header.total_len()).checked_sub(header_len);
                (IpAddr::V4(source), IpAddr::V4(destination), len)
            }
            LaxNetSlice::Ipv6(ip) => {
                let header = ip.header();
                let extensions_len = ip.extensions().slice().len();
                let (source, destination) = (header.source_addr(), header.destination_addr());
                let len = usize::from(header.payload_length()).checked_sub(extensions_len);
                (IpAddr::V6(source), IpAddr::V6(destination), len.filter(|len| *len > 0))
            }
            LaxNetSlice::Arp(_) => return None,
        };
        let payload = tcp.payload();
        let header_len = tcp.slice().len() - payload.len();
        let by_header = ip_payload_len.and_then(|len| len.checked_sub(header_len));
        // The header may promise more than was ever on the wire; then it is wrong, and nothing was cut.
        let cut_len = by_header.unwrap_or(0).saturating_sub(payload.len()).min(captured.cut_len);
        let payload_len = payload.len() + cut_len;
        Some(Self {
            source: Address { ip: source, port: tcp.source_port() },
            destination: Address { ip: destination, port: tcp.destination_port() },
            sequence: tcp.sequence_number(),
            acknowledgment: tcp.ack().then(|| tcp.acknowledgment_number()),
            is_syn: tcp.syn(),
            is_fin: tcp.fin(),
            is_rst: tcp.rst(),
            payload,
            payload_len: u32::try_from(payload_len).ok()?,
        })
    }
}
