//! One direction of a TCP connection: segments in any order in; each byte of the stream out, once and in order.

use std::collections::VecDeque;

/// A piece of the stream.
#[derive(Clone, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) sequence: u32,
    pub(crate) bytes: &'a [u8],
    /// The length on the wire: more than `bytes` where the capture cut the packet.
    pub(crate) len: u32,
    pub(crate) packet: u64,
    pub(crate) t_us: i64,
}

#[derive(Clone, Debug)]
struct Kept {
    sequence: u32,
    bytes: Vec<u8>,
    len: u32,
    packet: u64,
    t_us: i64,
}

/// The next part of the stream.
#[derive(Debug)]
pub(crate) enum Piece<'a> {
    /// The bytes that follow.
    Bytes { bytes: &'a [u8], sequence: u32, packet: u64, t_us: i64 },
    /// The capture has a hole here: bytes of the stream are missing. The stream goes on at `t_us`.
    Hole { t_us: i64 },
    /// The capture cut the packet here.
    Cut { t_us: i64 },
}

/// How many segments wait for one that is missing.
const KEPT_MAX: usize = 64;
/// How long they wait.
const WAIT_US: i64 = 2_000_000;
/// A segment further ahead than the largest window without scaling does not wait for the bytes before it.
const AHEAD_MAX: u32 = 1 << 16;

/// The order of one direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Half {
    /// The sequence number that comes next.
    next: Option<u32>,
    /// The acknowledgement number that the other side sent last.
    acknowledged: Option<u32>,
    kept: VecDeque<Kept>,
    /// The last hole: the sequence numbers of its first byte, and after its last.
    hole: Option<(u32, u32)>,
    /// Whether the beginning of the stream was seen.
    has_beginning: bool,
}

impl Half {
    /// Whether a SYN with this sequence number begins another stream.
    pub(crate) fn is_other(&self, sequence: u32) -> bool {
        self.next.is_some() && !self.is_again(sequence)
    }

    /// Takes a SYN: the stream begins after `sequence`. A SYN that repeats the one of this stream changes nothing.
    pub(crate) fn begin(&mut self, sequence: u32) {
        if !self.is_again(sequence) {
            let next = Some(sequence.wrapping_add(1));
            *self = Self { next, has_beginning: true, ..Self::default() };
        }
    }

    fn is_again(&self, sequence: u32) -> bool {
        let first = sequence.wrapping_add(1);
        self.has_beginning && self.next.is_some_and(|at| at.wrapping_sub(first) < AHEAD_MAX)
    }

    /// Takes an acknowledgement: the receiver has every byte before `number`, so missing bytes before `number` will not come.
    pub(crate) fn acknowledge(&mut self, number: u32, take: &mut dyn FnMut(Piece<'_>)) {
        self.acknowledged = Some(number);
        while self.kept.front().is_some_and(|kept| is_within(kept.sequence, number)) {
            self.give_up(take);
        }
    }

    pub(crate) fn segment(&mut self, segment: &Segment<'_>, take: &mut dyn FnMut(Piece<'_>)) {
        if segment.len == 0 {
            return;
        }
        let Some(next) = self.next else {
            self.next = Some(segment.sequence);
            self.take(segment, take);
            return;
        };
        let is_late =
            self.kept.front().is_some_and(|kept| segment.t_us.saturating_sub(kept.t_us) > WAIT_US);
        if is_late {
            self.finish(take);
        }
        let next = self.next.unwrap_or(next);
        let ahead = segment.sequence.wrapping_sub(next);
        if ahead == 0 || ahead >= 1 << 31 {
            self.take(segment, take);
            self.take_kept(take);
            return;
        }
        let is_missing_for_good = ahead >= AHEAD_MAX
            || self.kept.len() >= KEPT_MAX
            || self.acknowledged.is_some_and(|number| is_within(segment.sequence, number));
        if is_missing_for_good {
            self.finish(take);
        }
        let next = self.next.unwrap_or(next);
        if is_missing_for_good || segment.sequence == next {
            if segment.sequence != next {
                take(Piece::Hole { t_us: segment.t_us });
                self.hole = Some((next, segment.sequence));
                self.next = Some(segment.sequence);
            }
            self.take(segment, take);
            return;
        }
        self.keep(segment);
    }

    /// The sequence number that comes next; nothing before the first segment.
    pub(crate) fn next(&self) -> Option<u32> {
        self.next
    }

    /// Whether a segment is in the last hole, and comes too late for the stream.
    pub(crate) fn is_in_hole(&self, segment: &Segment<'_>) -> bool {
        let is_it =
            |(from, to): (u32, u32)| segment.sequence.wrapping_sub(from) < to.wrapping_sub(from);
        segment.len > 0 && self.hole.is_some_and(is_it)
    }

    /// Nothing more comes, so that each hole stays one.
    pub(crate) fn finish(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        while !self.kept.is_empty() {
            self.give_up(take);
        }
    }

    /// Whether no segment waits for one that is missing.
    pub(crate) fn is_in_order(&self) -> bool {
        self.kept.is_empty()
    }

    fn keep(&mut self, segment: &Segment<'_>) {
        let next = self.next.unwrap_or(segment.sequence);
        let ahead = segment.sequence.wrapping_sub(next);
        let at = self.kept.partition_point(|kept| kept.sequence.wrapping_sub(next) <= ahead);
        let kept = Kept {
            sequence: segment.sequence,
            bytes: segment.bytes.to_vec(),
            len: segment.len,
            packet: segment.packet,
            t_us: segment.t_us,
        };
        self.kept.insert(at, kept);
    }

    /// Tells the hole before the first segment that is kept, and goes on after the hole.
    fn give_up(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        if let Some(kept) = self.kept.front() {
            take(Piece::Hole { t_us: kept.t_us });
            self.hole = self.next.map(|next| (next, kept.sequence));
            self.next = Some(kept.sequence);
        }
        self.take_kept(take);
    }

    fn take_kept(&mut self, take: &mut dyn FnMut(Piece<'_>)) {
        while let Some(kept) = self.kept.front() {
            let ahead = kept.sequence.wrapping_sub(self.next.unwrap_or(kept.sequence));
            if ahead != 0 && ahead < 1 << 31 {
                return;
            }
            let Some(kept) = self.kept.pop_front() else {
                return;
            };
            let segment = Segment {
                sequence: kept.sequence,
                bytes: &kept.bytes,
                len: kept.len,
                packet: kept.packet,
                t_us: kept.t_us,
            };
            self.take(&segment, take);
        }
    }

    /// Takes the new bytes of a segment that begins at or before the next byte.
    fn take(&mut self, segment: &Segment<'_>, take: &mut dyn FnMut(Piece<'_>)) {
        let next = self.next.unwrap_or(segment.sequence);
        let old = next.wrapping_sub(segment.sequence);
        if old >= segment.len {
            // The whole segment was sent again.
            return;
        }
        let bytes = segment.bytes.get(old as usize..).unwrap_or_default();
        if !bytes.is_empty() {
            let (packet, t_us) = (segment.packet, segment.t_us);
            take(Piece::Bytes {
                bytes,
                sequence: segment.sequence.wrapping_add(old),
                packet,
                t_us,
            });
        }
        if segment.bytes.len() < segment.len as usize {
            take(Piece::Cut { t_us: segment.t_us });
        }
        self.next = Some(segment.sequence.wrapping_add(segment.len));
    }
}

/// Whether `sequence` is at or before `number`, by less than any window.
fn is_within(sequence: u32, number: u32) -> bool {
    number.wrapping_sub(sequence) < AHEAD_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(acts: impl FnOnce(&mut Half, &mut dyn FnMut(Piece<'_>))) -> String {
        let mut half = Half::default();
        let mut text = String::new();
        acts(&mut half, &mut |piece| match piece {
            Piece::Bytes { bytes, .. } => text.push_str(std::str::from_utf8(bytes).unwrap()),
            Piece::Hole { .. } => text.push('~'),
            Piece::Cut { .. } => text.push('|'),
        });
        text
    }

    fn send(half: &mut Half, sequence: u32, text: &str, take: &mut dyn FnMut(Piece<'_>)) {
        let bytes = text.as_bytes();
        let len = u32::try_from(bytes.len()).unwrap();
        half.segment(&Segment { sequence, bytes, len, packet: 1, t_us: 0 }, &mut |piece| {
            take(piece);
        });
    }

    #[test]
    fn segments_out_of_order_come_in_order_and_once() {
        let text = run(|half, take| {
            half.begin(99);
            send(half, 104, "ef", take);
            send(half, 102, "cd", take);
            send(half, 100, "ab", take);
            send(half, 100, "abcdef", take);
            send(half, 104, "efgh", take);
        });
        assert_eq!(text, "abcdefgh");
    }

    #[test]
    fn the_order_survives_the_wrap_of_the_sequence_number() {
        let text = run(|half, take| {
            half.begin(u32::MAX - 2);
            send(half, 0, "cd", take);
            send(half, u32::MAX - 1, "ab", take);
        });
        assert_eq!(text, "abcd");
    }

    #[test]
    fn a_hole_that_was_acknowledged_is_not_waited_for() {
        let text = run(|half, take| {
            half.begin(99);
            send(half, 100, "ab", take);
            send(half, 104, "ef", take);
            half.acknowledge(106, &mut |piece| take(piece));
            send(half, 102, "cd", take);
            send(half, 106, "gh", take);
        });
        assert_eq!(text, "ab~efgh");
    }

    #[test]
    fn a_cut_packet_says_so() {
        let text = run(|half, take| {
            let cut = Segment { sequence: 5, bytes: b"ab", len: 4, packet: 1, t_us: 0 };
            half.segment(&cut, &mut |piece| take(piece));
            send(half, 9, "ef", take);
        });
        assert_eq!(text, "ab|ef");
    }

    #[test]
    fn at_the_end_holes_are_holes() {
        let text = run(|half, take| {
            half.begin(99);
            send(half, 102, "cd", take);
            send(half, 106, "gh", take);
            half.finish(&mut |piece| take(piece));
        });
        assert_eq!(text, "~cd~gh");
    }
}
