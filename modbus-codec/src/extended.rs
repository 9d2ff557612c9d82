//! The functions that only the feature `extended-functions` types.

pub mod device_identification;
pub mod diagnostics;
pub mod event_log;
pub mod fifo;
pub mod file_record;
pub mod server_id;
pub(crate) mod sub_function;
