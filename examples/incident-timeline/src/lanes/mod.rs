//! The lists that a lane joins: the lanes, the kinds of evidence, and the kinds of frames for `decode`.

pub(crate) mod led;
pub(crate) mod modbus;
pub(crate) mod state;
pub(crate) mod watchdog;

use crate::counts::Counts;
use crate::evidence::Kind;
use crate::evidence::capture::{Capture, SerialLink, is_capture};
use crate::evidence::log::{LaneLog, Log, is_log};
use crate::evidence::one::{Decode, OneKind};
use crate::evidence::raw_bytes::RawBytes;
use crate::evidence::serial_csv::{SerialCsv, is_serial_csv};
use crate::evidence::vcd::is_vcd;
use crate::finding::{Detector, Finding, Findings, LaneDetectors};
use crate::lanes::led::counts::LedCounts;
use crate::lanes::led::lights_csv::{LightsCsv, is_brightness_csv, is_edges_csv};
use crate::lanes::led::taps::{Taps, is_taps};
use crate::lanes::led::vcd::LightsVcd;
use crate::lanes::led::video::{Video, is_video};
use crate::lanes::modbus::counts::ModbusCounts;
use crate::lanes::modbus::decoding::{one, serial_line, tcp::Ports};
use crate::lanes::state::counts::StateCounts;
use crate::lanes::state::dump::{Dump, is_dump};
use crate::lanes::watchdog::counts::WatchdogCounts;

/// A lane.
pub(crate) struct LaneKind {
    pub(crate) name: &'static str,
    pub(crate) detectors: fn() -> Vec<Box<dyn Detector>>,
    /// Leaves out the findings that follow from others.
    pub(crate) explain: fn(Vec<Finding>) -> Vec<Finding>,
    pub(crate) counts: fn() -> Box<dyn Counts>,
}

/// All lanes.
pub(crate) const LANES: &[LaneKind] = &[
    LaneKind {
        name: "led",
        detectors: led::detectors::detectors,
        explain: |findings| findings,
        counts: || Box::new(LedCounts::default()),
    },
    LaneKind {
        name: "modbus",
        detectors: modbus::detectors::detectors,
        explain: modbus::cause::explain,
        counts: || Box::new(ModbusCounts::default()),
    },
    LaneKind {
        name: "state",
        detectors: state::detectors::detectors,
        explain: |findings| findings,
        counts: || Box::new(StateCounts::default()),
    },
    LaneKind {
        name: "watchdog",
        detectors: watchdog::detectors::detectors,
        explain: |findings| findings,
        counts: || Box::new(WatchdogCounts::default()),
    },
];

/// The detectors of all lanes.
pub(crate) fn findings() -> Findings {
    let lane =
        |lane: &LaneKind| LaneDetectors { detectors: (lane.detectors)(), explain: lane.explain };
    Findings::new(LANES.iter().map(lane).collect())
}

/// The lanes that have records in the log of a firmware.
pub(crate) const LOGS: &[LaneLog] = &[watchdog::log::LOG, state::log::LOG];

/// All kinds of evidence, in the order in which a file is tried.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "pcap, pcapng",
        examples: concat!(
            "  incident-timeline plant.pcapng                          Modbus TCP from a capture\n",
            "  incident-timeline --port 1502 plant.pcap                ... on another port\n",
            "  incident-timeline --rtu-over-tcp 4001 gateway.pcap      RTU frames through a TCP connection\n",
        ),
        is_absolute: true,
        is: |head, _| is_capture(head),
        open: |opening| {
            let options = opening.options;
            Ok(Box::new(Capture::new(
                opening,
                vec![
                    Box::new(Ports::rtu(&options.rtu_ports)),
                    Box::new(Ports::tcp(&options.ports)),
                ],
                SerialLink { is_frame: one::is_rtu_frame, listen: serial_line::listen },
            )?))
        },
    },
    Kind {
        name: "serial bytes as CSV (start_us,end_us,byte_hex,line)",
        examples: concat!(
            "  incident-timeline line.csv                              serial bytes: start_us,end_us,byte_hex,line\n",
            "  incident-timeline --align line.csv=1763776942000000 plant.pcap line.csv\n",
            "                                                          ... merged with a capture by time\n",
        ),
        is_absolute: false,
        is: |head, _| is_serial_csv(head),
        open: |opening| Ok(Box::new(SerialCsv::new(opening, serial_line::listen))),
    },
    Kind {
        name: "log of a firmware as CSV (t_us,record,name,value)",
        examples: concat!(
            "  incident-timeline boots.csv                             boot records and timing profiles of watchdog-core\n",
            "  incident-timeline journal.csv                           journals of safe-state, with the names\n",
        ),
        is_absolute: false,
        is: |head, _| is_log(head, LOGS),
        open: |opening| Ok(Box::new(Log::new(opening, LOGS))),
    },
    Kind {
        name: "journal of safe-state (SSJOURNL)",
        examples: "  incident-timeline journal.bin                           one journal, byte for byte\n",
        is_absolute: false,
        is: |head, _| is_dump(head),
        open: |opening| Ok(Box::new(Dump::new(opening))),
    },
    Kind {
        name: "edges of lights as CSV (time_us,level)",
        examples: concat!(
            "  incident-timeline --standard cia-303-3-err err.csv      a light: time_us,level\n",
            "  incident-timeline --legend press.toml err.csv           ... with the table of its codes\n",
        ),
        is_absolute: false,
        is: |head, _| is_edges_csv(head),
        open: |opening| Ok(Box::new(LightsCsv::new(opening)?)),
    },
    Kind {
        name: "brightness of lights as CSV (time_us,brightness)",
        examples: "  incident-timeline camera.csv                            a light as a camera or a photodiode saw it\n",
        is_absolute: false,
        is: |head, _| is_brightness_csv(head),
        open: |opening| Ok(Box::new(LightsCsv::new(opening)?)),
    },
    Kind {
        name: "VCD",
        examples: "  incident-timeline --signal ERR analyser.vcd             a light on a channel of a logic analyser\n",
        is_absolute: false,
        is: |head, _| is_vcd(head),
        open: |opening| Ok(Box::new(LightsVcd::new(opening)?)),
    },
    Kind {
        name: "video of lights (MP4, Matroska, AVI), with ffmpeg",
        examples: "  incident-timeline cabinet.mp4                           lights that blink in a video\n",
        is_absolute: false,
        is: |head, _| is_video(head),
        open: |opening| Ok(Box::new(Video::new(opening)?)),
    },
    Kind {
        name: "raw RTU bytes with --baud",
        examples: "  incident-timeline --baud 19200 line.bin                 raw RTU bytes without times\n",
        is_absolute: false,
        is: |_, options| options.baud.is_some(),
        open: |opening| {
            let baud = opening.options.baud.unwrap_or(1);
            Ok(Box::new(RawBytes::new(opening, baud, "rtu", serial_line::listen)))
        },
    },
    Kind {
        name: "flashes as somebody wrote them down (taps)",
        examples: "  incident-timeline taps.txt                              a light as somebody wrote it down: taps: .. ...\n",
        is_absolute: false,
        is: |head, _| is_taps(head),
        open: |opening| Ok(Box::new(Taps::new(opening)?)),
    },
];

/// All kinds of frames for `decode`.
pub(crate) const ONE_KINDS: &[OneKind] = &[
    OneKind {
        name: "rtu",
        help: "Modbus RTU, CRC included",
        examples: "  incident-timeline decode rtu 11 03 00 6B 00 03 76 87    one frame, at once\n",
        decode: Decode::Frame(one::rtu),
    },
    OneKind {
        name: "ascii",
        help: "Modbus ASCII; `:` and CR LF may be left out",
        examples: "  incident-timeline decode ascii :1103006B00037E\n",
        decode: Decode::Frame(one::ascii),
    },
    OneKind {
        name: "tcp",
        help: "Modbus TCP, MBAP header included",
        examples: "  incident-timeline decode tcp 00 01 00 00 00 06 11 03 00 6B 00 03\n",
        decode: Decode::Frame(one::tcp),
    },
    OneKind {
        name: "boot",
        help: "a boot record of watchdog-core",
        examples: "  incident-timeline decode boot 01 02 01 03 20 00 ...\n",
        decode: Decode::Frame(watchdog::one::boot),
    },
    OneKind {
        name: "journal",
        help: "a journal of safe-state, or one entry of it",
        examples: "  incident-timeline decode journal 74 00 00 00 00 00 00 00 00 00 01 01 CC 65 00 00\n",
        decode: Decode::Frame(state::one::journal),
    },
    OneKind {
        name: "profile",
        help: "a timing profile of watchdog-core",
        examples: "",
        decode: Decode::Frame(watchdog::one::profile),
    },
    OneKind {
        name: "led",
        help: "a light: files, a video, or --taps",
        examples: concat!(
            "  incident-timeline decode led --taps '.. ...'            flashes that somebody has counted\n",
            "  incident-timeline decode led --standard raspberry-pi --taps '....'\n",
        ),
        decode: Decode::Recordings(led::given),
    },
];
