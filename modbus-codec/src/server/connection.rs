//! The server's end of one TCP connection.

use super::{Service, answer};
use crate::pdu::LEN_MAX;
use crate::tcp::{self, ADU_LEN_MAX, Adu, Inbox, Step};

/// Takes ADUs out of the bytes that a TCP client sends, and answers them.
///
/// Every unit is answered, as a device that owns its connection does; a gateway takes the ADUs itself, by
/// [`Connection::next`], and answers them when it can.
///
/// Spec: MODBUS Messaging on TCP/IP V1.0b, 4.4.2.
#[derive(Clone)]
pub struct Connection(Inbox);

impl Connection {
    /// A connection from which nothing has come.
    #[must_use]
    pub const fn new() -> Self {
        Self(Inbox::new())
    }

    /// Takes bytes in, and returns those that did not fit: poll, then give them again.
    #[must_use = "the bytes that did not fit must be given again"]
    pub fn receive<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        self.0.push(bytes)
    }

    /// The next ADU that is whole; only its header is checked.
    ///
    /// # Errors
    /// The stream is not Modbus, and cannot become Modbus again: the connection is to be closed.
    #[allow(clippy::should_implement_trait)] // The ADU borrows from the connection, which an iterator's cannot.
    pub fn next(&mut self) -> Result<Option<Adu<&[u8]>>, tcp::Error> {
        match self.0.next() {
            Step::Adu { adu, .. } => Ok(Some(adu)),
            Step::More { .. } => Ok(None),
            Step::Broken(error) => Err(error),
        }
    }

    /// Answers the next request: the bytes to send, or nothing until more come.
    ///
    /// # Errors
    /// As [`Connection::next`].
    pub fn poll<'b>(
        &mut self,
        service: &mut impl Service,
        tx: &'b mut [u8; ADU_LEN_MAX],
    ) -> Result<Option<&'b [u8]>, tcp::Error> {
        let (header, len) = loop {
            let Some(adu) = self.next()? else {
                return Ok(None);
            };
            let [_, _, _, _, _, _, _, response @ ..] = &mut *tx;
            let response: &mut [u8; LEN_MAX] = response;
            if let Some(response) = answer(service, adu.pdu, response) {
                break (adu.header, response.len());
            }
        };
        tcp::write_header(header, len, tx);
        Ok(tx.get(..tcp::HEADER_LEN.wrapping_add(len)))
    }
}

impl Default for Connection {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for Connection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Connection").field("len", &self.0.len()).finish_non_exhaustive()
    }
}
