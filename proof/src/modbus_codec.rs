//! Every public function of `modbus-codec`, by its type and name: `api` looks for them here.
#![no_std]
#![no_main]

#[path = "modbus_codec/endpoints.rs"]
mod endpoints;

use core::hint::black_box;

use modbus_codec::device_identification::{
    self, ConformityLevel, DeviceIdentification, ReadDeviceIdCode,
};
use modbus_codec::diagnostics::{Diagnostics, SubFunction};
use modbus_codec::event_log::CommEventLog;
use modbus_codec::file_record::{FileData, FileRecord, ReadFileRecords, WriteFileRecords};
use modbus_codec::pdu::{self, Direction, Expected, Field};
use modbus_codec::stream::{Frame, Item, Reason, Timing};
use modbus_codec::tcp::{MbapHeader, TransactionId};
use modbus_codec::timing::Rtu;
use modbus_codec::{
    Address, Coils, Exception, ExceptionCode, FunctionCode, Quantity, Registers, Request, Response,
    UnitId, WordOrder, ascii, crc16, rtu, server_id, stream, tcp,
};
use proof::keep;

#[cortex_m_rt::entry]
fn main() -> ! {
    proof::run(call_everything)
}

fn call_everything(input: &[u8], output: &mut [u8], numbers: &[u64]) {
    let number = |index: usize| numbers.get(index).copied().unwrap_or(0);
    let now_us = number(0);
    let (byte, word) = (number(1) as u8, number(2) as u16);
    values(byte, word, number(3));
    views(input, output, word);
    bodies(input, output, byte, word);
    frames(input, output, byte);
    errors(input);
    streams(input, now_us, byte, number(4) as u32);
    endpoints::servers(input, now_us, byte, number(5) as u32);
    endpoints::clients(input, now_us, byte, number(6) as u32);
    keep(crc16(input));
}

fn values(byte: u8, word: u16, long: u64) {
    let unit = UnitId::from_raw(byte);
    keep((UnitId::new(byte), UnitId::as_raw(unit), UnitId::is_broadcast(unit)));
    keep(UnitId::is_reserved(unit));
    keep(Address::as_raw(Address::new(word)));
    keep(Quantity::<125>::new(word).map(Quantity::<125>::as_raw));
    let function = FunctionCode::new(byte);
    keep((FunctionCode::as_raw(function), FunctionCode::is_exception(function)));
    keep((FunctionCode::is_public(function), FunctionCode::is_user_defined(function)));
    keep((
        FunctionCode::name(function),
        FunctionCode::only_reads(function),
        FunctionCode::is_serial_line_only(function),
    ));
    keep((FunctionCode::to_exception(function), FunctionCode::to_request(function)));
    let code = ExceptionCode::new(byte);
    keep((ExceptionCode::as_raw(code), ExceptionCode::name(code)));
    let sub_function = SubFunction::new(word);
    keep((SubFunction::as_raw(sub_function), SubFunction::is_public(sub_function)));
    if let Some(level) = ConformityLevel::new(byte) {
        keep((ConformityLevel::as_raw(level), ConformityLevel::has_individual_access(level)));
    }
    let code = black_box(ReadDeviceIdCode::Basic);
    keep((ReadDeviceIdCode::as_raw(code), ReadDeviceIdCode::is_stream(code)));
    keep(TransactionId::as_raw(TransactionId::new(word)));
    let order = black_box(WordOrder::Abcd);
    keep(WordOrder::split_u32(order, long as u32));
    keep(WordOrder::split_u64(order, long));
    let line = Rtu::with_character_bits(Rtu::at_baud(long as u32), byte);
    keep((Rtu::t1_5_us(line), Rtu::t3_5_us(line)));
    keep((Rtu::characters_us(line, long as u32), Rtu::driver_enable_us(line, word)));
}

fn views(input: &[u8], output: &mut [u8], word: u16) {
    if let Ok(registers) = Registers::from_be_bytes(input) {
        let order = black_box(WordOrder::Cdab);
        Registers::iter(&registers).for_each(keep);
        Registers::u32(&registers, order).for_each(keep);
        Registers::i32(&registers, order).for_each(keep);
        Registers::f32(&registers, order).for_each(keep);
        Registers::u64(&registers, order).for_each(keep);
        Registers::i64(&registers, order).for_each(keep);
        Registers::f64(&registers, order).for_each(keep);
        Registers::swapped_text(&registers).for_each(keep);
        keep((Registers::get(&registers, word.into()), Registers::count(&registers)));
        keep((Registers::is_empty(&registers), Registers::as_bytes(&registers)));
        keep(Registers::to_str(&registers).ok());
    }
    keep(Registers::encode(black_box(&[1, 2, 3]), output).ok());
    if let Ok(coils) = Coils::from_bytes(input, word) {
        let first = Coils::first(&coils, word);
        Coils::iter(&first).for_each(keep);
        keep((Coils::get(&coils, word), Coils::quantity(&coils), Coils::as_bytes(&coils)));
    }
    keep(Coils::encode(black_box(&[true, false]), output).ok());
}

fn bodies(input: &[u8], output: &mut [u8], byte: u8, word: u16) {
    let sub_function = SubFunction::new(word);
    if let Ok(body) = Diagnostics::new(sub_function, input) {
        Diagnostics::words(&body).for_each(keep);
        keep((Diagnostics::sub_function(&body), Diagnostics::data(&body)));
        keep(Diagnostics::is_answered(&body));
    }
    let record = FileRecord { file_number: word, record_number: word, record_length: word };
    keep(FileRecord::encode(&record, output).ok());
    if let Ok(records) = ReadFileRecords::from_bytes(input) {
        ReadFileRecords::iter(&records).for_each(keep);
        keep(ReadFileRecords::as_bytes(&records));
    }
    if let Ok(records) = WriteFileRecords::from_bytes(input) {
        WriteFileRecords::iter(&records).for_each(keep);
        keep(WriteFileRecords::as_bytes(&records));
    }
    if let Ok(data) = FileData::from_bytes(input) {
        FileData::iter(&data).for_each(keep);
        keep(FileData::as_bytes(&data));
    }
    if let Ok(log) = CommEventLog::new(byte == 1, word, word, input) {
        CommEventLog::events(&log).for_each(keep);
        keep(CommEventLog::raw_events(&log));
    }
    let code = black_box(ReadDeviceIdCode::Extended);
    if let Some(level) = ConformityLevel::new(byte)
        && let Ok(body) = DeviceIdentification::new(code, level, Some(byte), input)
    {
        DeviceIdentification::objects(&body).for_each(keep);
        keep(DeviceIdentification::number_of_objects(&body));
    }
    keep(device_identification::MEI_TYPE);
    keep(server_id::split(input, word.into()));
}

fn frames(input: &[u8], output: &mut [u8], byte: u8) {
    let header = MbapHeader { transaction: TransactionId::new(7), unit: UnitId::from_raw(byte) };
    if let Ok(request) = Request::decode(input) {
        keep((Request::function(&request), Request::is_answered(&request)));
        keep(Request::encoded_len(&request));
        keep(Request::encode(&request, output).ok());
        keep(rtu::encode_request(header.unit, &request, output).ok());
        keep(tcp::encode_request(header, &request, output).ok());
        keep(ascii::encode_request(header.unit, &request, byte, output).ok());
        if let Ok(Ok(response)) = Response::decode(input) {
            keep(Response::answers(&response, &request).ok());
        }
    }
    match Response::decode(input) {
        Ok(Ok(response)) => {
            keep((Response::function(&response), Response::encoded_len(&response)));
            keep(Response::encode(&response, output).ok());
            keep(rtu::encode_response(header.unit, &response, output).ok());
            keep(tcp::encode_response(header, &response, output).ok());
            keep(ascii::encode_response(header.unit, &response, byte, output).ok());
        }
        Ok(Err(exception)) => {
            keep(Exception::encode(&exception, output).ok());
            keep(rtu::encode_exception(header.unit, &exception, output).ok());
            keep(tcp::encode_exception(header, &exception, output).ok());
            keep(ascii::encode_exception(header.unit, &exception, byte, output).ok());
        }
        Err(error) => keep(error),
    }
    keep(&rtu::decode_request(input));
    keep(&rtu::decode_response(input));
    keep(&rtu::split(input));
    keep(rtu::frame_len(input, black_box(Direction::Request)));
    keep(&tcp::decode_request(input));
    keep(&tcp::decode_response(input));
    keep(&tcp::split_first(input));
    keep(&tcp::split(input));
    keep(&ascii::decode_request(output, byte));
    keep(&ascii::decode_response(output, byte));
    keep(&ascii::split(output, byte));
    keep(ascii::lrc(input));
}

fn errors(input: &[u8]) {
    if let Err(error) = Request::decode(input) {
        keep((pdu::Error::after(error, 7), pdu::Error::offset(error)));
        if let pdu::Error::Value { field, expected, got, .. } = error {
            keep((Field::name(field), Expected::allows(expected, got)));
        }
    }
    for field in pdu::fields(black_box(Direction::Response), input) {
        keep(field);
    }
}

fn streams(input: &[u8], now_us: u64, byte: u8, us: u32) {
    let timings = [
        Timing::Off,
        Timing::Content { character_us: us, frame_us: us, release_us: us },
        Timing::UnknownBaudRate { release_us: us },
        Timing::Strict(Rtu::at_baud(us)),
    ];
    let decoders = [
        stream::Decoder::both_directions(),
        stream::Decoder::lenient(stream::Decoder::requests()),
        stream::Decoder::passive(stream::Decoder::responses()),
    ];
    for (decoder, timing) in black_box(decoders).into_iter().zip(black_box(timings)) {
        let mut decoder = stream::Decoder::with_timing(decoder, timing);
        keep(stream::Decoder::push(&mut decoder, input, now_us));
        stream::Decoder::observe(&mut decoder, black_box(Direction::Response), input);
        stream::Decoder::elapse(&mut decoder, now_us);
        stream::Decoder::finish(&mut decoder);
        keep(stream::Decoder::next_deadline_us(&decoder));
        keep(stream::Decoder::undecided_len(&decoder));
        keep(stream::Decoder::undecided_offset(&decoder));
        while let Some(item) = stream::Decoder::next(&mut decoder) {
            match item {
                Item::Frame(frame) => {
                    keep(Frame::pdu(&frame));
                    keep(&Frame::request(&frame));
                    keep(&Frame::response(&frame));
                }
                Item::Discarded(discarded) => {
                    keep(Reason::name(discarded.reason));
                }
            }
        }
    }
    let decoder = ascii::Decoder::with_delimiter(ascii::Decoder::new(), byte);
    let mut decoder = black_box(ascii::Decoder::with_silence_us(decoder, us));
    keep(ascii::Decoder::push(&mut decoder, input, now_us));
    ascii::Decoder::elapse(&mut decoder, now_us);
    ascii::Decoder::finish(&mut decoder);
    keep(ascii::Decoder::next_deadline_us(&decoder));
    while let Some(item) = ascii::Decoder::next(&mut decoder) {
        keep(&item);
    }
}
