//! A device on TCP, one thread a connection: `cargo run -p modbus-codec --example tcp_server -- 127.0.0.1:1502`.
#![allow(clippy::indexing_slicing)]

mod host;

use std::net::TcpListener;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:1502".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let memory = Arc::new(Mutex::new(host::Memory::new()));
    for stream in listener.incoming() {
        let (stream, memory) = (stream?, Arc::clone(&memory));
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_millis(100)))?;
        std::thread::spawn(move || {
            if let Err(error) = host::serve_tcp(stream, &memory, &AtomicBool::new(false)) {
                eprintln!("connection ended: {error}");
            }
        });
    }
    Ok(())
}
