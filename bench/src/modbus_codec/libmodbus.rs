//! libmodbus 3.1, C, without a system call: `read`, `write` and `select` are defined here, and are found before libc's.

use std::ffi::{c_char, c_int, c_long, c_void};
use std::ptr::{addr_of, addr_of_mut};

/// A file descriptor that no file has.
const FILE: c_int = 1000;

static mut COMES: [u8; 512] = [0; 512];
static mut COMES_LEN: usize = 0;
static mut COMES_AT: usize = 0;
static mut SENT: [u8; 512] = [0; 512];
static mut SENT_LEN: usize = 0;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
compile_error!("the numbers of read, write and select are those of Linux on x86-64");

/// # Safety
/// As read(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(file: c_int, to: *mut u8, len: usize) -> isize {
    unsafe {
        if file != FILE {
            return syscall(0, file, to, len) as isize;
        }
        let len = len.min(COMES_LEN - COMES_AT);
        std::ptr::copy_nonoverlapping(addr_of!(COMES).cast::<u8>().add(COMES_AT), to, len);
        COMES_AT += len;
        len as isize
    }
}

/// # Safety
/// As write(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(file: c_int, from: *const u8, len: usize) -> isize {
    unsafe {
        if file != FILE {
            return syscall(1, file, from, len) as isize;
        }
        std::ptr::copy_nonoverlapping(from, addr_of_mut!(SENT).cast::<u8>(), len);
        SENT_LEN = len;
        len as isize
    }
}

/// # Safety
/// As select(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn select(
    files: c_int,
    to_read: *mut c_void,
    to_write: *mut c_void,
    excepted: *mut c_void,
    timeout: *mut c_void,
) -> c_int {
    unsafe {
        if files != FILE + 1 {
            return syscall(23, files, to_read, to_write, excepted, timeout) as c_int;
        }
        (COMES_AT < COMES_LEN) as c_int
    }
}

#[repr(C)]
struct Mapping {
    counts: [c_int; 8],
    bits: *mut u8,
    input_bits: *mut u8,
    input_registers: *mut u16,
    registers: *mut u16,
}

enum Context {}

#[link(name = "modbus")]
unsafe extern "C" {
    fn modbus_new_rtu(
        device: *const c_char,
        baud: c_int,
        parity: c_char,
        data: c_int,
        stop: c_int,
    ) -> *mut Context;
    fn modbus_set_slave(context: *mut Context, unit: c_int) -> c_int;
    fn modbus_set_socket(context: *mut Context, file: c_int) -> c_int;
    fn modbus_receive_confirmation(context: *mut Context, response: *mut u8) -> c_int;
    fn modbus_receive(context: *mut Context, request: *mut u8) -> c_int;
    fn modbus_send_raw_request(context: *mut Context, raw: *const u8, len: c_int) -> c_int;
    fn modbus_reply(
        context: *mut Context,
        request: *const u8,
        len: c_int,
        mapping: *mut Mapping,
    ) -> c_int;
    fn modbus_mapping_new(
        bits: c_int,
        input_bits: c_int,
        registers: c_int,
        input_registers: c_int,
    ) -> *mut Mapping;
    fn modbus_mapping_free(mapping: *mut Mapping);
    fn modbus_free(context: *mut Context);
}

/// A context whose port is in memory.
pub struct Libmodbus {
    context: *mut Context,
    mapping: *mut Mapping,
    buffer: [u8; 260],
}

impl Libmodbus {
    /// A device with these holding registers.
    pub fn new(values: &[u16; 125]) -> Self {
        unsafe {
            let context = modbus_new_rtu(c"/dev/null".as_ptr(), 115_200, b'N' as c_char, 8, 1);
            assert!(!context.is_null());
            assert_eq!(modbus_set_slave(context, super::UNIT.into()), 0);
            assert_eq!(modbus_set_socket(context, FILE), 0);
            let mapping = modbus_mapping_new(0, 0, 125, 0);
            assert!(!mapping.is_null());
            std::ptr::copy_nonoverlapping(values.as_ptr(), (*mapping).registers, 125);
            Self { context, mapping, buffer: [0; 260] }
        }
    }

    /// Sets the bytes that come, each time again.
    pub fn load(&mut self, frame: &[u8]) {
        unsafe {
            std::ptr::copy_nonoverlapping(
                frame.as_ptr(),
                addr_of_mut!(COMES).cast::<u8>(),
                frame.len(),
            );
            COMES_LEN = frame.len();
        }
    }

    pub fn decode_registers(&mut self) -> u32 {
        unsafe {
            COMES_AT = 0;
            let len = modbus_receive_confirmation(self.context, self.buffer.as_mut_ptr());
            assert_eq!(len, 255);
        }
        let pairs = self.buffer[3..253].chunks_exact(2);
        pairs.map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum()
    }

    pub fn encode_registers(&mut self, request: &[u8]) {
        unsafe {
            let len = request.len() as c_int;
            assert_eq!(modbus_reply(self.context, request.as_ptr(), len, self.mapping), 255);
        }
    }

    pub fn decode_request(&mut self) -> u32 {
        unsafe {
            COMES_AT = 0;
            assert_eq!(modbus_receive(self.context, self.buffer.as_mut_ptr()), 8);
        }
        let word =
            |at: usize| u32::from(u16::from_be_bytes([self.buffer[at], self.buffer[at + 1]]));
        word(2) * 1000 + word(4)
    }

    pub fn encode_request(&mut self, raw: &[u8]) {
        unsafe {
            assert_eq!(modbus_send_raw_request(self.context, raw.as_ptr(), raw.len() as c_int), 8);
        }
    }

    pub fn sent(&self) -> Vec<u8> {
        unsafe { std::slice::from_raw_parts(addr_of!(SENT).cast::<u8>(), SENT_LEN).to_vec() }
    }
}

impl Drop for Libmodbus {
    fn drop(&mut self) {
        unsafe {
            modbus_mapping_free(self.mapping);
            modbus_free(self.context);
        }
    }
}
