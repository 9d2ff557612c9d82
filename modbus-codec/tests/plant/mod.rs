//! A device with something behind every function, for the tests of server and client.
#![allow(dead_code)] // Each test uses its own part.

use modbus_codec::file_record::FileRecord;
use modbus_codec::server::{CoilsMut, RegistersMut, Service, Table};
use modbus_codec::{Address, Coils, ExceptionCode, FunctionCode, Registers};

/// How many of each of the four tables there are, from address 0.
pub(crate) const COUNT: usize = 300;

pub(crate) struct Plant {
    pub(crate) coils: [bool; COUNT],
    pub(crate) inputs: [bool; COUNT],
    pub(crate) holding: [u16; COUNT],
    pub(crate) input: [u16; COUNT],
    pub(crate) file: [u16; 100],
    pub(crate) queue: Vec<u16>,
    pub(crate) objects: Vec<(u8, Vec<u8>)>,
    pub(crate) diagnostic_register: u16,
    /// The exception of the next call of a method.
    pub(crate) refuses: Option<ExceptionCode>,
    /// The calls, in order.
    pub(crate) calls: Vec<&'static str>,
    pub(crate) functions: fn(FunctionCode) -> bool,
}

impl Plant {
    pub(crate) fn new() -> Self {
        Self {
            coils: [false; COUNT],
            inputs: std::array::from_fn(|index| index % 3 == 0),
            holding: std::array::from_fn(|index| index as u16),
            input: std::array::from_fn(|index| 1000 + index as u16),
            file: std::array::from_fn(|index| 7 * index as u16),
            queue: vec![0x01B8, 0x1284],
            objects: [(0, "Pumps"), (1, "P-7"), (2, "V1.0"), (4, "Pump"), (0x80, "tank 3")]
                .map(|(id, value)| (id, value.as_bytes().to_vec()))
                .to_vec(),
            diagnostic_register: 0xA5C3,
            refuses: None,
            calls: Vec::new(),
            functions: FunctionCode::is_public,
        }
    }

    fn call(&mut self, name: &'static str) -> Result<(), ExceptionCode> {
        self.calls.push(name);
        self.refuses.take().map_or(Ok(()), Err)
    }
}

fn from(at: Address) -> usize {
    usize::from(at.as_raw())
}

impl Service for Plant {
    fn supports(&self, function: FunctionCode) -> bool {
        (self.functions)(function)
    }

    fn contains(&self, _table: Table, at: Address, quantity: u16) -> bool {
        from(at) + usize::from(quantity) <= COUNT
    }

    fn read_coils(&mut self, at: Address, out: &mut CoilsMut<'_>) -> Result<(), ExceptionCode> {
        self.call("read coils")?;
        out.fill(self.coils.iter().copied().skip(from(at)));
        Ok(())
    }

    fn read_discrete_inputs(
        &mut self,
        at: Address,
        out: &mut CoilsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        self.call("read inputs")?;
        out.fill_with(|index| self.inputs[from(at) + usize::from(index)]);
        Ok(())
    }

    fn read_holding_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        self.call("read registers")?;
        out.fill(self.holding.iter().copied().skip(from(at)));
        Ok(())
    }

    fn read_input_registers(
        &mut self,
        at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        self.call("read input registers")?;
        out.fill_with(|index| self.input[from(at) + index]);
        Ok(())
    }

    fn write_coils(&mut self, at: Address, coils: Coils<'_>) -> Result<(), ExceptionCode> {
        self.call("write coils")?;
        for (place, coil) in self.coils.iter_mut().skip(from(at)).zip(coils) {
            *place = coil;
        }
        Ok(())
    }

    fn write_registers(
        &mut self,
        at: Address,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        self.call("write registers")?;
        for (place, register) in self.holding.iter_mut().skip(from(at)).zip(registers) {
            *place = register;
        }
        Ok(())
    }

    fn read_exception_status(&mut self) -> Result<u8, ExceptionCode> {
        self.call("read exception status")?;
        Ok(0x6D)
    }

    fn diagnostic_register(&mut self) -> u16 {
        self.diagnostic_register
    }

    fn clear_diagnostic_register(&mut self) {
        self.diagnostic_register = 0;
    }

    fn report_server_id(&mut self, out: &mut [u8; 251]) -> Result<usize, ExceptionCode> {
        self.call("report server id")?;
        out[..3].copy_from_slice(&[0x2A, 0xFF, b'!']);
        Ok(3)
    }

    fn contains_record(&self, record: FileRecord) -> bool {
        record.file_number == 4
            && usize::from(record.record_number) + usize::from(record.record_length)
                <= self.file.len()
    }

    fn read_record(
        &mut self,
        record: FileRecord,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        self.call("read record")?;
        out.fill(self.file.iter().copied().skip(usize::from(record.record_number)));
        Ok(())
    }

    fn write_record(
        &mut self,
        record: FileRecord,
        registers: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        self.call("write record")?;
        let from = usize::from(record.record_number);
        for (place, register) in self.file.iter_mut().skip(from).zip(registers) {
            *place = register;
        }
        Ok(())
    }

    fn read_fifo_queue(
        &mut self,
        _at: Address,
        out: &mut RegistersMut<'_>,
    ) -> Result<usize, ExceptionCode> {
        self.call("read queue")?;
        out.fill(self.queue.iter().copied());
        Ok(self.queue.len())
    }

    fn identification(&self, object_id: u8) -> Option<&[u8]> {
        let object = self.objects.iter().find(|(id, _)| *id == object_id);
        object.map(|(_, value)| value.as_slice())
    }
}
