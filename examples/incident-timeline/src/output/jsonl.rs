//! The timeline for programs: one JSON object a line, the findings last.

use std::io::{self, BufWriter, Write};

use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};

use super::sink::{BUFFER_LEN, Sink};
use crate::describe::{Describe, Field, Hex, Value, Visitor};
use crate::event::Event;
use crate::evidence::unread::Unread;
use crate::finding::Finding;
use crate::place::{At, Place};

pub(super) struct JsonlSink<W: Write> {
    out: BufWriter<W>,
    is_live: bool,
}

impl<W: Write> JsonlSink<W> {
    pub(super) fn new(out: W, is_live: bool) -> Self {
        Self { out: BufWriter::with_capacity(BUFFER_LEN, out), is_live }
    }
}

impl<W: Write> Sink for JsonlSink<W> {
    fn begin_relative(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        write_event(&mut self.out, event)?;
        if self.is_live { self.out.flush() } else { Ok(()) }
    }

    fn finish(
        &mut self,
        unread: &[Unread],
        findings: &[Finding],
        _: &mut dyn Iterator<Item = String>,
    ) -> io::Result<()> {
        for unread in unread {
            write_line(&mut self.out, &UnreadLine(unread))?;
        }
        for finding in findings {
            write_line(&mut self.out, &FindingLine(finding))?;
        }
        self.out.flush()
    }
}

pub(super) fn write_event(out: &mut impl Write, event: &Event) -> io::Result<()> {
    write_line(out, &EventLine(event))
}

fn write_line(out: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

struct EventLine<'a>(&'a Event);
struct UnreadLine<'a>(&'a Unread);
struct FindingLine<'a>(&'a Finding);
struct PlaceObject<'a>(&'a Place);
struct Object<'a>(&'a dyn Describe);
struct Typed<'a>(Value<'a>);

impl Serialize for EventLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.0.what.event();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("lane", event.lane())?;
        map.serialize_entry("event", event.name())?;
        if let Some(t_us) = self.0.t_us {
            map.serialize_entry("t_us", &t_us)?;
        }
        if let Some(place) = &self.0.place {
            serialize_place(place, &mut map)?;
        }
        serialize_fields(event, &mut map)?;
        map.end()
    }
}

impl Serialize for UnreadLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Unread { source, what, packets, hint } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("lane", "unread")?;
        map.serialize_entry("event", "unread")?;
        map.serialize_entry("source", &**source)?;
        map.serialize_entry("what", what)?;
        map.serialize_entry("packets", packets)?;
        if let Some(hint) = hint {
            map.serialize_entry("try", hint)?;
        }
        map.end()
    }
}

impl Serialize for FindingLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let finding = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("lane", "finding")?;
        map.serialize_entry("event", finding.kind)?;
        map.serialize_entry("severity", finding.severity.name())?;
        map.serialize_entry("blame", finding.blame.name())?;
        map.serialize_entry("count", &finding.count)?;
        if let Some(t_us) = finding.t_us {
            map.serialize_entry("t_us", &t_us)?;
        }
        if let Some(last_us) = finding.last_us {
            map.serialize_entry("last_us", &last_us)?;
        }
        map.serialize_entry("state", finding.state.name())?;
        map.serialize_entry("text", &finding.text)?;
        map.serialize_entry("check", &finding.check)?;
        let evidence: Vec<_> = finding.evidence.iter().map(PlaceObject).collect();
        map.serialize_entry("evidence", &evidence)?;
        map.end()
    }
}

impl Serialize for PlaceObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_place(self.0, &mut map)?;
        map.end()
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        serialize_fields(self.0, &mut map)?;
        map.end()
    }
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Unsigned(number) => serializer.serialize_u64(*number),
            Value::Signed(number) => serializer.serialize_i64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Hex(bytes) => serializer.collect_str(&Hex(bytes)),
            Value::Bits { bytes, count } => serializer.collect_seq(Value::bits(bytes, *count)),
            Value::Words(bytes) => serializer.collect_seq(Value::words(bytes)),
            Value::Object(object) => Object(*object).serialize(serializer),
            Value::Objects(objects) => {
                serializer.collect_seq(objects.iter().map(|object| Object(*object)))
            }
        }
    }
}

fn serialize_place<M: SerializeMap>(place: &Place, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("source", &*place.source)?;
    match place.at {
        At::Packet(packet) => map.serialize_entry("packet", &packet)?,
        At::Row(row) | At::RowPart(row) => map.serialize_entry("row", &row)?,
        At::Offset => {}
    }
    map.serialize_entry("offset", &place.offset)?;
    map.serialize_entry("wire", place.wire.name())
}

fn serialize_fields<M: SerializeMap, D: Describe + ?Sized>(
    described: &D,
    map: &mut M,
) -> Result<(), M::Error> {
    let mut entries = Entries { map, result: Ok(()) };
    described.describe(&mut entries);
    entries.result
}

/// The entries of an object, up to the first that cannot be written.
struct Entries<'a, M: SerializeMap> {
    map: &'a mut M,
    result: Result<(), M::Error>,
}

impl<M: SerializeMap> Visitor for Entries<'_, M>
where
    M::Error: Error,
{
    fn field(&mut self, field: Field<'_>) {
        if self.result.is_ok() {
            self.result = self.map.serialize_entry(field.name, &Typed(field.value));
        }
    }
}
