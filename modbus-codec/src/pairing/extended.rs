//! The data of an answer beside those of its request.

use super::Mismatch;
use crate::body::Body;
use crate::extended::diagnostics::SubFunction;
use crate::functions::{Data, Part};
use crate::walk::Walk;

pub(super) fn answers(request: &Body<'_>, response: &Body<'_>) -> Result<(), Mismatch> {
    let [first, ..] = request.words;
    let is_same = match request.layout.data() {
        Data::Groups(Part::ReadGroup) => is_read(request.data, response.data),
        Data::Groups(_) => request.data == response.data,
        Data::Diagnostics if first == SubFunction::RETURN_QUERY_DATA.as_raw() => {
            request.data == response.data
        }
        _ => true,
    };
    if is_same { Ok(()) } else { Err(Mismatch::Echo) }
}

/// Whether each group brought as many registers as it was asked for.
fn is_read(groups: &[u8], sub_responses: &[u8]) -> bool {
    let mut groups = Walk::of_parts(Part::ReadGroup, groups, 0);
    let asked =
        core::iter::from_fn(|| groups.part()).map(|([.., len, _, _], _)| len.wrapping_mul(2));
    let mut sub_responses = Walk::of_parts(Part::SubResponse, sub_responses, 0);
    let came = core::iter::from_fn(|| sub_responses.part()).map(|(_, data)| data.len());
    asked.map(usize::from).eq(came)
}
