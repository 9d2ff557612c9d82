//! A server on a serial line without 08, 0B and 0C.

use super::{CharacterError, Server};
use crate::ExceptionCode;
use crate::adu::LEN_MAX;
use crate::server::Service;
use crate::server::answer::serve;

/// No event is kept.
#[derive(Clone, Debug)]
pub(super) struct LineLog;

impl LineLog {
    pub(super) const NEW: Self = Self;

    pub(super) fn character_error(&mut self, _: CharacterError) {}

    pub(super) fn request(&mut self, _is_broadcast: bool, _is_listen_only: bool) {}

    pub(super) fn answer(&mut self, _: Option<ExceptionCode>) {}
}

impl Server {
    pub(super) fn serve(
        &mut self,
        request: &[u8],
        service: &mut impl Service,
        response: &mut [u8; LEN_MAX],
    ) -> Result<usize, ExceptionCode> {
        serve(service, request, response)
    }

    pub(super) fn restart_if_asked(&mut self, _request: &[u8], _is_done: bool) {}
}
