//! A request of the master, and what must become of it in a device.

use arbitrary::{Result, Unstructured};

use super::Mode;
use super::device::{Deed, closed, trap_registers};

/// A request: its PDU, what a device does for it, and the PDU of the answer.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) pdu: Vec<u8>,
    pub(super) deed: Deed,
    pub(super) answer: Vec<u8>,
}

impl Asked {
    /// Without a clock, what stands inside a damaged request is a request: so nothing does.
    pub(super) fn draw(u: &mut Unstructured<'_>, mode: Mode, only_writes: bool) -> Result<Self> {
        let at = u.int_in_range(0..=20_u8)?;
        let value: [u8; 2] = [u.int_in_range(0..=3)?, u.arbitrary()?];
        let head = |function: u8| vec![function, 0, at];
        let (pdu, what, data) = match u.int_in_range(0..=if only_writes { 4 } else { 5_u8 })? {
            0 => {
                let on: bool = u.arbitrary()?;
                let pdu = [head(5), vec![if on { 0xFF } else { 0 }, 0]].concat();
                (pdu, "write coils", vec![u8::from(on)])
            }
            1 => ([head(6), value.to_vec()].concat(), "write", value.to_vec()),
            2 => {
                let bits = vec![u8::from(value[1] & 1 != 0), u8::from(value[1] & 2 != 0)];
                ([head(0x0F), vec![0, 2, 1, value[1] & 3]].concat(), "write coils", bits)
            }
            3 if cfg!(feature = "extended-functions") => {
                let masks = [value, [0, 1]].concat();
                ([head(0x16), masks.clone()].concat(), "mask", masks)
            }
            3 | 4 => {
                let registers =
                    if mode == Mode::NoClock { vec![0x55; 8] } else { trap_registers(0, 4) };
                let data = [value.to_vec(), registers].concat();
                ([head(0x10), vec![0, 5, 10], data.clone()].concat(), "write", data)
            }
            _ => {
                let quantity = u.int_in_range(1..=125_u8)?;
                ([head(3), vec![0, quantity]].concat(), "read", vec![0, quantity])
            }
        };
        let answer = match pdu[0] {
            0x0F | 0x10 => pdu[..5].to_vec(),
            3 => {
                let count = usize::from(pdu[4]);
                [vec![3, 2 * pdu[4]], trap_registers(at.into(), count)].concat()
            }
            _ => pdu.clone(),
        };
        Ok(Self { pdu, deed: Deed(what, at.into(), data), answer })
    }

    pub(super) fn frame(&self, unit: u8) -> Vec<u8> {
        closed([&[unit], &self.pdu[..]].concat())
    }
}
