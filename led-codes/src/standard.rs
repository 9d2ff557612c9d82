//! The light codes of standards and makers: dialects and tables, with their sources.
//!
//! A time that a source says in words is taken as 250 ms for short, 1,000 ms for medium and 2,500 ms for long, and a long flash as
//! 1,000 ms: each such choice is named in [`DIALECTS`].

pub mod amsreader;
pub mod carrier;
pub mod cia_303_3;
pub mod dell;
pub mod etg_1300;
pub mod obd_1;
pub mod odva;
pub mod philips;
pub mod profinet;
pub mod raspberry_pi;
pub mod sew;

use crate::dialect::Dialect;
use crate::legend::View;

/// A dialect by its name, and where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// How numbers become flashes.
    pub dialect: Dialect,
    /// Who says so.
    pub source: &'static str,
    /// What the source leaves open, and what was chosen; empty if nothing.
    pub choice: &'static str,
}

/// The dialects that are in use.
pub const DIALECTS: [Named; 17] = [
    Named {
        name: "CiA 303-3 blinking",
        dialect: cia_303_3::BLINKING_DIALECT,
        source: "CiA 303-3; CANopenNode CO_LEDs.c",
        choice: "",
    },
    Named {
        name: "CiA 303-3 flickering",
        dialect: cia_303_3::FLICKERING_DIALECT,
        source: "CiA 303-3; CANopenNode CO_LEDs.c",
        choice: "",
    },
    Named {
        name: "CiA 303-3 flashes",
        dialect: cia_303_3::DIALECT,
        source: "CiA 303-3; CANopenNode CO_LEDs.c",
        choice: "",
    },
    Named {
        name: "Raspberry Pi",
        dialect: raspberry_pi::DIALECT,
        source: "Raspberry Pi documentation, LED warning flash codes",
        choice: "short flash 250 ms, long flash 1,000 ms, 250 ms dark, 1,000 ms between long and short",
    },
    Named {
        name: "Philips SDM",
        dialect: philips::SDM,
        source: "forum.eserviceinfo.com, topic 105675",
        choice: "1,500 ms dark after the start, 3,000 ms after the end",
    },
    Named {
        name: "Bryant, Carrier",
        dialect: carrier::DIALECT,
        source: "mikearnos/HVAC, decode_led.cpp",
        choice: "250 ms dark after a flash; of 2,250 and 2,500 ms between codes the longer",
    },
    Named {
        name: "OBD-I GM, Isuzu",
        dialect: obd_1::GM,
        source: "codes.rennacs.com",
        choice: "short 250 ms, medium 1,000 ms, long 2,500 ms",
    },
    Named {
        name: "OBD-I Nissan",
        dialect: obd_1::NISSAN,
        source: "codes.rennacs.com",
        choice: "short 250 ms, long flash 1,000 ms, 1,000 ms between long and short, long dark 2,500 ms",
    },
    Named {
        name: "OBD-I Holden",
        dialect: obd_1::HOLDEN,
        source: "codes.rennacs.com",
        choice: "short 250 ms, medium 1,000 ms, long 2,500 ms",
    },
    Named {
        name: "OBD-I Ford",
        dialect: obd_1::FORD,
        source: "codes.rennacs.com",
        choice: "short 250 ms, long flash 1,000 ms, medium 1,000 ms",
    },
    Named {
        name: "OBD-I Mitsubishi",
        dialect: obd_1::MITSUBISHI,
        source: "codes.rennacs.com",
        choice: "short 250 ms, long flash 1,000 ms, 1,000 ms dark after the start, long dark 2,500 ms; lowest bit first",
    },
    Named {
        name: "SEW",
        dialect: sew::DIALECT,
        source: "download.sew-eurodrive.com",
        choice: "short 250 ms, start 1,000 ms, 1,000 ms dark after it, 2,500 ms between codes",
    },
    Named {
        name: "ODVA MS, NS",
        dialect: odva::DIALECT,
        source: "Rockwell 1784-PCIDS manual",
        choice: "",
    },
    Named {
        name: "PROFINET DCP signal",
        dialect: profinet::DCP_SIGNAL,
        source: "Hilscher netIOT manual",
        choice: "",
    },
    Named {
        name: "PROFINET BF",
        dialect: profinet::BF_DIALECT,
        source: "Hilscher netIOT manual",
        choice: "",
    },
    Named {
        name: "amsreader",
        dialect: amsreader::DIALECT,
        source: "UtilitechAS/amsreader-firmware, issue 1201",
        choice: "2,500 ms between codes",
    },
    Named {
        name: "Dell",
        dialect: dell::DIALECT,
        source: "Dell, diagnostic LED codes",
        choice: "250 ms lit and dark, 1,000 ms between the colours, 2,500 ms between codes",
    },
];

/// The tables that are here, by their names.
pub const LEGENDS: [(&str, View<'static>); 11] = [
    ("cia-303-3-err", cia_303_3::ERR.view()),
    ("cia-303-3-run", cia_303_3::RUN.view()),
    ("dell", dell::BATTERY.view()),
    ("etg-1300-err", etg_1300::ERR.view()),
    ("etg-1300-run", etg_1300::RUN.view()),
    ("odva-ms", odva::MS.view()),
    ("odva-ns", odva::NS.view()),
    ("profinet-bf", profinet::BF.view()),
    ("profinet-sf", profinet::SF.view()),
    ("raspberry-pi", raspberry_pi::ACT.view()),
    ("amsreader", amsreader::LEGEND.view()),
];
